-- What was found by reading whole tables gets an index, or a sum that is kept beside the rows.

-- who has a provider's task
CREATE INDEX requests_task ON requests (task_id) WHERE task_id <> '';
-- failures by cause
CREATE INDEX requests_failed ON requests (ended_at_ms, failure, state) WHERE failure <> '';
-- all of a server, page by page
CREATE INDEX requests_guild ON requests (guild_id, id);
-- what a server has under way
CREATE INDEX requests_unfinished ON requests (guild_id, created_at_ms, id)
    WHERE state NOT IN ('posted', 'failed', 'rejected', 'cancelled');
-- deleted members' requests that are still to be erased, and those whose pseudonym may go
CREATE INDEX requests_ownerless ON requests (user_id, id) WHERE user_id < 0 AND erased_at_ms = 0;
CREATE INDEX requests_pseudonyms ON requests (ended_at_ms) WHERE user_id < 0 AND erased_at_ms > 0;
CREATE INDEX ledger_pseudonyms ON ledger (counts_at_ms) WHERE user_id < 0;
CREATE INDEX posts_pseudonyms ON posts (id) WHERE user_id < 0 AND state NOT IN ('owed', 'sent');
CREATE INDEX grants_pseudonyms ON grants (until_ms) WHERE user_id < 0;
CREATE INDEX resets_pseudonyms ON resets (at_ms) WHERE user_id < 0;
CREATE INDEX blocks_pseudonyms ON blocks (until_ms) WHERE user_id < 0;

-- one member's rows, in every server
CREATE INDEX posts_user ON posts (user_id);
CREATE INDEX events_actor ON events (actor_id) WHERE actor_id <> 0;
CREATE INDEX decisions_user ON decisions (user_id);
CREATE INDEX decisions_actor ON decisions (actor_id);
CREATE INDEX reviews_user ON reviews (user_id);
CREATE INDEX reports_by ON reports (by_id);
CREATE INDEX grants_user ON grants (user_id);
CREATE INDEX grants_by ON grants (by_id);
CREATE INDEX resets_user ON resets (user_id);
CREATE INDEX resets_by ON resets (by_id);
CREATE INDEX quotas_subject ON quotas (subject_id) WHERE scope = 'member';
CREATE INDEX quotas_set ON quotas (set_by);
CREATE INDEX words_by ON words (by_id);
CREATE INDEX blocks_user ON blocks (user_id);
CREATE INDEX blocks_by ON blocks (by_id);
CREATE INDEX told_user ON told (user_id);

-- one server's rows, for who deletes them all; `+ 0` keeps it from being taken for anything else
CREATE INDEX posts_guild ON posts ((guild_id + 0));
CREATE INDEX reports_guild ON reports (guild_id);
CREATE INDEX sketches_guild ON sketches (guild_id);

-- review cards that may still show something else than their review: what shows a decision is not
-- looked at again, and who takes its files away makes it blank
UPDATE posts SET shown = '' WHERE kind = 'review' AND state = 'sent' AND EXISTS (
  SELECT 1 FROM reviews AS review WHERE review.id = posts.id
    AND posts.shown <> review.state || ':' || CAST(review.reports AS TEXT)
      || ':' || CAST(review.is_purged AS TEXT));
CREATE INDEX posts_review_cards ON posts (id)
    WHERE kind = 'review' AND state = 'sent' AND substr(shown, 1, 5) IN ('', 'open:');

-- messages about somebody whose data was deleted: review cards and films have looks of their own
DROP INDEX posts_orphaned;
CREATE INDEX posts_orphaned ON posts (again_at_ms, id)
    WHERE user_id < 0 AND state = 'sent' AND kind IN ('card', 'result', 'notice', 'direct', 'log');
-- films that stand, those to be looked at first
DROP INDEX posts_films;
CREATE INDEX posts_films ON posts (again_at_ms, id) WHERE kind = 'film' AND state = 'sent';

-- which messages name a member in their text; what was owed before this migration is noted later
CREATE TABLE mentions (
    user_id BIGINT NOT NULL,
    post_id TEXT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    PRIMARY KEY (user_id, post_id)
);
CREATE INDEX mentions_post ON mentions (post_id);

-- the ledger's sums by the hour in which they count, of a server or (guild_id 0) of the whole bot;
-- `settled` counts the rows that settle
CREATE TABLE ledger_hours (
    account TEXT NOT NULL,
    guild_id BIGINT NOT NULL,
    hour BIGINT NOT NULL,
    videos BIGINT NOT NULL,
    seconds BIGINT NOT NULL,
    cost_micros BIGINT NOT NULL,
    settled BIGINT NOT NULL,
    PRIMARY KEY (account, guild_id, hour)
);
INSERT INTO ledger_hours (account, guild_id, hour, videos, seconds, cost_micros, settled)
SELECT account, guild_id, counts_at_ms / 3600000, SUM(videos), SUM(seconds), SUM(cost_micros),
  SUM(CASE WHEN kind = 'settle' THEN 1 ELSE 0 END)
FROM ledger WHERE guild_id <> 0 GROUP BY account, guild_id, counts_at_ms / 3600000;
INSERT INTO ledger_hours (account, guild_id, hour, videos, seconds, cost_micros, settled)
SELECT account, 0, counts_at_ms / 3600000, SUM(videos), SUM(seconds), SUM(cost_micros),
  SUM(CASE WHEN kind = 'settle' THEN 1 ELSE 0 END)
FROM ledger GROUP BY account, counts_at_ms / 3600000;

-- a server's figures of one day (since 1970, UTC) in which nothing can change any more, as JSON
CREATE TABLE days (
    guild_id BIGINT NOT NULL,
    day BIGINT NOT NULL,
    figures TEXT NOT NULL,
    PRIMARY KEY (guild_id, day)
);
CREATE INDEX days_age ON days (day);
-- how many requests ended on a day that is over, by how they ended
CREATE TABLE ended_days (
    day BIGINT NOT NULL,
    state TEXT NOT NULL,
    number BIGINT NOT NULL,
    PRIMARY KEY (day, state)
);
