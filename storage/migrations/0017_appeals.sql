-- Appeals, rejections that can be taken back, who looks at which card, and what was decided before.

-- until when the member may appeal, and the files are kept for that; when they did; when it went on
ALTER TABLE requests ADD COLUMN appeal_until_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE requests ADD COLUMN appealed_at_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE requests ADD COLUMN reopened_at_ms BIGINT NOT NULL DEFAULT 0;

-- rejections that can be appealed against
CREATE INDEX requests_appealable ON requests (appeal_until_ms) WHERE appeal_until_ms > 0;

-- the review that an appeal is against, and what the member says
ALTER TABLE reviews ADD COLUMN appeal_of TEXT NOT NULL DEFAULT '';
ALTER TABLE reviews ADD COLUMN appeal TEXT NOT NULL DEFAULT '';
-- a member's appeals
CREATE INDEX reviews_appeals ON reviews (user_id) WHERE appeal_of <> '';
-- who has decided anything of late
CREATE INDEX audit_log_recent ON audit_log (guild_id, at_ms);

-- when a moderator's rejection takes effect, who may take it back until then; 0: it has, or is none
ALTER TABLE reviews ADD COLUMN takes_effect_at_ms BIGINT NOT NULL DEFAULT 0;
CREATE INDEX reviews_pending ON reviews (takes_effect_at_ms) WHERE takes_effect_at_ms > 0;
-- who looks at an open one, and until when it is theirs alone
ALTER TABLE reviews ADD COLUMN claimed_by BIGINT NOT NULL DEFAULT 0;
ALTER TABLE reviews ADD COLUMN claimed_until_ms BIGINT NOT NULL DEFAULT 0;
CREATE INDEX reviews_claimed ON reviews (claimed_until_ms) WHERE claimed_until_ms > 0;
CREATE INDEX reviews_claimer ON reviews (claimed_by) WHERE claimed_by <> 0;

-- 64 bits of how a picture looks, hexadecimal
ALTER TABLE inputs ADD COLUMN look TEXT NOT NULL DEFAULT '';
-- what was decided about words and pictures, found by hashes alone
CREATE TABLE decided_content (
    request_id TEXT NOT NULL,
    lookup TEXT NOT NULL,
    guild_id BIGINT NOT NULL,
    hash TEXT NOT NULL,
    outcome TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (request_id, lookup)
);
CREATE INDEX decided_content_lookup ON decided_content (guild_id, lookup, at_ms);
CREATE INDEX decided_content_age ON decided_content (at_ms);

-- the log by moderator and by decision
CREATE INDEX audit_log_moderator ON audit_log (guild_id, actor_id, id);
CREATE INDEX audit_log_decision ON audit_log (guild_id, action, id);
