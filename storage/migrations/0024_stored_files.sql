-- What lies in the media store (MEDIA_STORE); without one this table is empty.
CREATE TABLE stored_files (
    -- the key below the store's prefix, and the path below a scratch folder
    path TEXT PRIMARY KEY,
    -- the request, or the name of the cast, that it belongs to
    owner_id TEXT NOT NULL,
    size_bytes BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    stored_at_ms BIGINT NOT NULL,
    -- when what it belongs to was erased; the object goes next
    erased_at_ms BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX stored_files_owner ON stored_files (owner_id);
CREATE INDEX stored_files_erased ON stored_files (erased_at_ms, path) WHERE erased_at_ms > 0;
