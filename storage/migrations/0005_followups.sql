-- Requests made from others, and what waits for a form.

-- what it was made from and how, such as `again:<request id>`; empty for a fresh one
ALTER TABLE requests ADD COLUMN origin TEXT NOT NULL DEFAULT '';
CREATE INDEX requests_origin ON requests (origin, user_id) WHERE origin <> '';

-- what a member gave with a command that opened a form, or that was refused; for minutes only
CREATE TABLE sketches (
    id TEXT NOT NULL PRIMARY KEY,
    guild_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    wish TEXT NOT NULL,
    suggestion TEXT NOT NULL,
    origin TEXT NOT NULL,
    created_at_ms BIGINT NOT NULL
);
CREATE INDEX sketches_age ON sketches (created_at_ms);
CREATE INDEX sketches_user ON sketches (user_id);
