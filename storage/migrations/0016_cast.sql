-- The cast: named pictures of members (guild_id 0) and of servers (user_id 0).

CREATE TABLE cast_entries (
    id TEXT PRIMARY KEY,
    guild_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    folded TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    host TEXT NOT NULL,
    note TEXT NOT NULL,
    stored_bytes BIGINT NOT NULL,
    removed_at_ms BIGINT NOT NULL,
    due_at_ms BIGINT NOT NULL,
    lease_owner TEXT NOT NULL,
    attempt BIGINT NOT NULL
);
CREATE UNIQUE INDEX cast_entries_name ON cast_entries (guild_id, user_id, folded)
    WHERE removed_at_ms = 0;
CREATE INDEX cast_entries_owner ON cast_entries (guild_id, user_id);
-- those whose pictures are to be fetched
CREATE INDEX cast_entries_due ON cast_entries (due_at_ms) WHERE state = 'new';
-- those that a worker has
CREATE INDEX cast_entries_leased ON cast_entries (lease_owner) WHERE lease_owner <> '';
-- those whose files are to be removed
CREATE INDEX cast_entries_removed ON cast_entries (removed_at_ms) WHERE removed_at_ms > 0;

CREATE TABLE cast_pictures (
    cast_id TEXT NOT NULL,
    position BIGINT NOT NULL,
    source TEXT NOT NULL,
    url TEXT NOT NULL,
    name TEXT NOT NULL,
    path TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size_bytes BIGINT NOT NULL,
    format TEXT NOT NULL,
    width BIGINT NOT NULL,
    height BIGINT NOT NULL,
    PRIMARY KEY (cast_id, position)
);
