-- The provider's asset review of files: what was reviewed for a key, and the requests that need it.

CREATE TABLE asset_reviews (
    key_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    asset_id TEXT NOT NULL,
    state TEXT NOT NULL,
    tries BIGINT NOT NULL,
    submitted_at_ms BIGINT NOT NULL,
    due_at_ms BIGINT NOT NULL,
    checked_at_ms BIGINT NOT NULL,
    used_at_ms BIGINT NOT NULL,
    PRIMARY KEY (key_id, kind, sha256)
);
-- ids that wait for a verdict
CREATE INDEX asset_reviews_pending ON asset_reviews (key_id, asset_id) WHERE state = 'pending';
-- what nobody has used for long
CREATE INDEX asset_reviews_used ON asset_reviews (used_at_ms);

ALTER TABLE requests ADD COLUMN needs_audit INTEGER NOT NULL DEFAULT 0;
ALTER TABLE requests ADD COLUMN audits BIGINT NOT NULL DEFAULT 0;
ALTER TABLE requests ADD COLUMN audit_since_ms BIGINT NOT NULL DEFAULT 0;
-- requests whose files the provider reviews
CREATE INDEX requests_auditing ON requests (id) WHERE state = 'auditing';
