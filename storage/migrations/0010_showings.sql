-- Who changes how a posted video is shown, how often that failed, and what is tried next.

ALTER TABLE showings ADD COLUMN lease_owner TEXT NOT NULL DEFAULT '';
ALTER TABLE showings ADD COLUMN attempt BIGINT NOT NULL DEFAULT 0;
ALTER TABLE showings ADD COLUMN version BIGINT NOT NULL DEFAULT 0;
ALTER TABLE showings ADD COLUMN is_edit_refused INTEGER NOT NULL DEFAULT 0;
ALTER TABLE showings ADD COLUMN limit_bytes BIGINT NOT NULL DEFAULT 0;
-- those that a worker has
CREATE INDEX showings_leased ON showings (lease_owner) WHERE lease_owner <> '';
