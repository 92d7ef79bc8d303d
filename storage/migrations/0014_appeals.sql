-- Appeals, rejections that can be taken back, who looks at which card, and what was decided before.

-- until when the member may appeal, and the files are kept for that; when they did; when it went on
ALTER TABLE requests ADD COLUMN appeal_until_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE requests ADD COLUMN appealed_at_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE requests ADD COLUMN reopened_at_ms BIGINT NOT NULL DEFAULT 0;

-- the review that an appeal is against, and what the member says
ALTER TABLE reviews ADD COLUMN appeal_of TEXT NOT NULL DEFAULT '';
ALTER TABLE reviews ADD COLUMN appeal TEXT NOT NULL DEFAULT '';
-- a member's appeals
CREATE INDEX reviews_appeals ON reviews (user_id) WHERE appeal_of <> '';
-- who has decided anything of late
CREATE INDEX audit_log_recent ON audit_log (guild_id, at_ms);
