-- The showcase: votes for posted videos, and the best of them forwarded to a channel.

CREATE TABLE showcase_votes (
    request_id TEXT NOT NULL,
    user_id BIGINT NOT NULL,
    guild_id BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (request_id, user_id)
);
CREATE INDEX showcase_votes_member ON showcase_votes (user_id);
CREATE INDEX showcase_votes_guild ON showcase_votes (guild_id);
-- votes for videos that take none any more
CREATE INDEX showcase_votes_age ON showcase_votes (at_ms);

-- a row a video that was ever voted for; shown is the count on its button
CREATE TABLE showcase_entries (
    request_id TEXT NOT NULL PRIMARY KEY,
    guild_id BIGINT NOT NULL,
    votes BIGINT NOT NULL,
    shown BIGINT NOT NULL,
    is_private BIGINT NOT NULL,
    is_nsfw BIGINT NOT NULL,
    is_removed BIGINT NOT NULL,
    posted_at_ms BIGINT NOT NULL,
    attempt BIGINT NOT NULL,
    due_at_ms BIGINT NOT NULL
);
CREATE INDEX showcase_entries_posted ON showcase_entries (guild_id, posted_at_ms);
-- videos whose button shows another count, or whose forward is to be looked after
CREATE INDEX showcase_entries_due ON showcase_entries (due_at_ms)
    WHERE due_at_ms < 4611686018427387904;

-- forwards are taken down like every other message about a member whose data was deleted
DROP INDEX outbox_orphaned;
CREATE INDEX outbox_orphaned ON outbox (again_at_ms, id)
    WHERE user_id < 0 AND state = 'sent'
      AND kind IN ('card', 'result', 'notice', 'direct', 'log', 'forward');
