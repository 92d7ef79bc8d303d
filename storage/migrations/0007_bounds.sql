-- What bounds spending and work: servers that are left, films per member.

-- when the bot was removed from a server; 0 while it is in it
ALTER TABLE servers ADD COLUMN left_at_ms BIGINT NOT NULL DEFAULT 0;
-- how many films a member had made of late
CREATE INDEX posts_films_member ON posts (guild_id, user_id, created_at_ms) WHERE kind = 'film';
-- words of forgotten members, kept while a report is open
CREATE INDEX reports_ownerless ON reports (review_id) WHERE by_id < 0 AND reason <> '';
CREATE INDEX decisions_ownerless ON decisions (request_id)
    WHERE (actor_id < 0 OR user_id < 0)
    AND (note <> '' OR (reason <> '' AND action IN ('reported', 'blocked', 'unblocked')));
CREATE INDEX reviews_decided ON reviews (decided_by) WHERE decided_by <> 0;
