-- Times are UTC milliseconds, 0 means never; truth is 0 or 1; JSON stands in TEXT.
-- What each column means: storage/records.py.

CREATE TABLE requests (
    id TEXT NOT NULL PRIMARY KEY,
    interaction_id BIGINT NOT NULL UNIQUE,
    guild_id BIGINT NOT NULL,
    channel_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    state TEXT NOT NULL,
    model TEXT NOT NULL,
    seconds BIGINT NOT NULL,
    spec TEXT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    parent_channel_id BIGINT NOT NULL,
    locale TEXT NOT NULL,
    guild_locale TEXT NOT NULL,
    is_nsfw INTEGER NOT NULL,
    is_private INTEGER NOT NULL,
    upload_limit_bytes BIGINT NOT NULL,
    cost_micros BIGINT,
    updated_at_ms BIGINT NOT NULL,
    due_at_ms BIGINT NOT NULL,
    lease_owner TEXT NOT NULL,
    attempt BIGINT NOT NULL,
    acked_at_ms BIGINT NOT NULL,
    prepared_at_ms BIGINT NOT NULL,
    host TEXT NOT NULL,
    started_at_ms BIGINT NOT NULL,
    intent_at_ms BIGINT NOT NULL,
    slot_until_ms BIGINT NOT NULL,
    task_id TEXT NOT NULL,
    submitted_at_ms BIGINT NOT NULL,
    progress BIGINT NOT NULL,
    polled_at_ms BIGINT NOT NULL,
    result_url TEXT NOT NULL,
    result_path TEXT NOT NULL,
    result_bytes BIGINT NOT NULL,
    rendered_at_ms BIGINT NOT NULL,
    took_ms BIGINT NOT NULL,
    ended_at_ms BIGINT NOT NULL,
    failure TEXT NOT NULL,
    failure_note TEXT NOT NULL,
    provider_text TEXT NOT NULL
);
-- what a worker should look at next
CREATE INDEX requests_due ON requests (due_at_ms);
-- whose files are old
CREATE INDEX requests_ended ON requests (ended_at_ms);
CREATE INDEX requests_state ON requests (state);
-- who waits, who has a slot, and when a server and a member were last given one
CREATE INDEX requests_waiting ON requests (guild_id, user_id, created_at_ms) WHERE state = 'queued';
CREATE INDEX requests_slots ON requests (slot_until_ms);
CREATE INDEX requests_server_started ON requests (guild_id, started_at_ms);
CREATE INDEX requests_member_started ON requests (guild_id, user_id, started_at_ms);
-- a member's own list
CREATE INDEX requests_member ON requests (guild_id, user_id, created_at_ms, id);
-- how long such a video takes
CREATE INDEX requests_samples ON requests (model, seconds, rendered_at_ms) WHERE took_ms > 0;

CREATE TABLE inputs (
    request_id TEXT NOT NULL REFERENCES requests (id) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    role TEXT NOT NULL,
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    url TEXT NOT NULL,
    name TEXT NOT NULL,
    path TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size_bytes BIGINT NOT NULL,
    format TEXT NOT NULL,
    width BIGINT NOT NULL,
    height BIGINT NOT NULL,
    duration_ms BIGINT NOT NULL,
    provider_url TEXT NOT NULL,
    provider_url_at_ms BIGINT NOT NULL,
    PRIMARY KEY (request_id, position)
);

-- request_id is empty for messages that belong to no request
CREATE TABLE posts (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    request_id TEXT NOT NULL,
    guild_id BIGINT NOT NULL,
    channel_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL,
    nonce TEXT NOT NULL,
    intent_at_ms BIGINT NOT NULL,
    message_id BIGINT NOT NULL,
    sent_channel_id BIGINT NOT NULL,
    shown TEXT NOT NULL,
    due_at_ms BIGINT NOT NULL,
    lease_owner TEXT NOT NULL,
    attempt BIGINT NOT NULL,
    sent_at_ms BIGINT NOT NULL
);
CREATE INDEX posts_due ON posts (due_at_ms) WHERE state = 'owed';
CREATE INDEX posts_request ON posts (request_id, created_at_ms);
-- cards whose request may still move; a card that shows an end never changes again
CREATE INDEX posts_cards ON posts (request_id)
    WHERE kind = 'card' AND state = 'sent'
    AND shown NOT IN ('posted', 'failed', 'rejected', 'cancelled');

-- kept when a request is deleted: its sums still count
CREATE TABLE ledger (
    id {auto_id},
    request_id TEXT NOT NULL,
    account TEXT NOT NULL,
    kind TEXT NOT NULL,
    guild_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    videos BIGINT NOT NULL,
    seconds BIGINT NOT NULL,
    cost_micros BIGINT NOT NULL,
    reason TEXT NOT NULL,
    counts_at_ms BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    UNIQUE (request_id, account, kind)
);
CREATE INDEX ledger_member ON ledger (account, guild_id, user_id, counts_at_ms);
CREATE INDEX ledger_server ON ledger (account, guild_id, counts_at_ms);
CREATE INDEX ledger_bot ON ledger (account, counts_at_ms);

-- rows to queue up at before sums are read; `touched` only counts
CREATE TABLE accounts (
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    touched BIGINT NOT NULL,
    PRIMARY KEY (scope, key)
);

CREATE TABLE servers (
    guild_id BIGINT NOT NULL PRIMARY KEY,
    settings TEXT NOT NULL,
    joined_at_ms BIGINT NOT NULL
);

CREATE TABLE events (
    id {auto_id},
    request_id TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    action TEXT NOT NULL,
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    actor_id BIGINT NOT NULL,
    note TEXT NOT NULL
);
CREATE INDEX events_request ON events (request_id, id);

CREATE TABLE facts (
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL,
    at_ms BIGINT NOT NULL
);

CREATE TABLE workers (
    owner TEXT NOT NULL PRIMARY KEY,
    host TEXT NOT NULL,
    role TEXT NOT NULL,
    seen_at_ms BIGINT NOT NULL
);
CREATE INDEX workers_seen ON workers (seen_at_ms);
