-- What is stored of members, and how it ends.

-- when prompt, references and results were removed; 0 while they are there
ALTER TABLE requests ADD COLUMN erased_at_ms BIGINT NOT NULL DEFAULT 0;
CREATE INDEX requests_unerased ON requests (guild_id, ended_at_ms) WHERE erased_at_ms = 0;
-- all of a member, in every server
CREATE INDEX requests_user ON requests (user_id);
CREATE INDEX ledger_user ON ledger (user_id);
-- messages about somebody whose data was deleted: to be taken down
CREATE INDEX posts_orphaned ON posts (id) WHERE user_id < 0 AND state = 'sent';

-- who has been told where prompts and pictures go; user_id is a pseudonym from the start
CREATE TABLE told (
    guild_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (guild_id, user_id)
);
