-- Gateway processes that share the shards of one bot, as each last said of itself.

CREATE TABLE gateways (
    owner TEXT PRIMARY KEY,
    host TEXT NOT NULL,
    first_shard BIGINT NOT NULL,
    last_shard BIGINT NOT NULL,
    total_shards BIGINT NOT NULL,
    -- a JSON object: each shard that is not connected, and since when
    down TEXT NOT NULL,
    seen_at_ms BIGINT NOT NULL
);
