-- What bounds spending and work: servers that are left, films per member.

-- when the bot was removed from a server; 0 while it is in it
ALTER TABLE servers ADD COLUMN left_at_ms BIGINT NOT NULL DEFAULT 0;
-- how many films a member had made of late
CREATE INDEX posts_films_member ON posts (guild_id, user_id, created_at_ms) WHERE kind = 'film';
