-- What managers allow. subject_id: a member, a role, or 0 for everyone; no amount is unlimited.
CREATE TABLE quotas (
    guild_id BIGINT NOT NULL,
    scope TEXT NOT NULL,
    subject_id BIGINT NOT NULL,
    unit TEXT NOT NULL,
    period TEXT NOT NULL,
    amount BIGINT,
    set_by BIGINT NOT NULL,
    set_at_ms BIGINT NOT NULL,
    PRIMARY KEY (guild_id, scope, subject_id, unit, period)
);

-- one interaction gives once, however often it is delivered
CREATE TABLE grants (
    interaction_id BIGINT NOT NULL PRIMARY KEY,
    guild_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    videos BIGINT NOT NULL,
    by_id BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    until_ms BIGINT NOT NULL
);
CREATE INDEX grants_member ON grants (guild_id, user_id, until_ms);

CREATE TABLE resets (
    interaction_id BIGINT NOT NULL PRIMARY KEY,
    guild_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    by_id BIGINT NOT NULL,
    at_ms BIGINT NOT NULL
);
CREATE INDEX resets_member ON resets (guild_id, user_id, at_ms);
