-- What the operator's check said of a request's pictures and of its result; no picture itself.
CREATE TABLE safety_checks (
    request_id TEXT NOT NULL,
    stage TEXT NOT NULL,
    guild_id BIGINT NOT NULL,
    checker TEXT NOT NULL,
    -- a hash of what was looked at: the same is not checked twice
    digest TEXT NOT NULL,
    outcome TEXT NOT NULL,
    -- the highest score, in hundredths
    top_score BIGINT NOT NULL,
    -- JSON: what was flagged, most surely first
    findings TEXT NOT NULL,
    checked_at_ms BIGINT NOT NULL,
    PRIMARY KEY (request_id, stage)
);
-- what was flagged in a server of late
CREATE INDEX safety_checks_flagged ON safety_checks (guild_id, checked_at_ms)
    WHERE outcome = 'flagged';
-- all of a server, for its deletion
CREATE INDEX safety_checks_guild ON safety_checks (guild_id);
