-- When the bot was removed from a server; 0 while it is in it.
ALTER TABLE servers ADD COLUMN left_at_ms BIGINT NOT NULL DEFAULT 0;
