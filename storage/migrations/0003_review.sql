-- What moderators decide: reviews, the log of decisions, words, blocks, reports.

-- one row each time somebody must look at a request; its id is also the id of its card in `posts`
CREATE TABLE reviews (
    id TEXT NOT NULL PRIMARY KEY,
    request_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    guild_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    stage TEXT NOT NULL,
    why TEXT NOT NULL,
    state TEXT NOT NULL,
    opened_at_ms BIGINT NOT NULL,
    due_at_ms BIGINT NOT NULL,
    ends_at_ms BIGINT NOT NULL,
    reminded_at_ms BIGINT NOT NULL,
    reports BIGINT NOT NULL,
    decided_by BIGINT NOT NULL,
    decided_at_ms BIGINT NOT NULL,
    reason TEXT NOT NULL,
    note TEXT NOT NULL,
    is_purged INTEGER NOT NULL,
    UNIQUE (request_id, number)
);
CREATE INDEX reviews_due ON reviews (due_at_ms) WHERE state = 'open';
CREATE INDEX reviews_queue ON reviews (guild_id, opened_at_ms, id) WHERE state = 'open';
CREATE INDEX reviews_member ON reviews (guild_id, user_id);

-- the log: kept when a request is deleted, never changed
CREATE TABLE decisions (
    id {auto_id},
    guild_id BIGINT NOT NULL,
    request_id TEXT NOT NULL,
    user_id BIGINT NOT NULL,
    actor_id BIGINT NOT NULL,
    action TEXT NOT NULL,
    reason TEXT NOT NULL,
    note TEXT NOT NULL,
    at_ms BIGINT NOT NULL
);
CREATE INDEX decisions_member ON decisions (guild_id, user_id, id);
CREATE INDEX decisions_request ON decisions (guild_id, request_id, id);

-- `folded` is the word as it is compared, so that one word stands there once
CREATE TABLE words (
    guild_id BIGINT NOT NULL,
    folded TEXT NOT NULL,
    word TEXT NOT NULL,
    by_id BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (guild_id, folded)
);

CREATE TABLE blocks (
    guild_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    by_id BIGINT NOT NULL,
    reason TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    until_ms BIGINT NOT NULL,
    PRIMARY KEY (guild_id, user_id)
);

-- one per member and video, for ever
CREATE TABLE reports (
    request_id TEXT NOT NULL,
    by_id BIGINT NOT NULL,
    guild_id BIGINT NOT NULL,
    review_id TEXT NOT NULL,
    reason TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (request_id, by_id)
);
CREATE INDEX reports_review ON reports (review_id);

-- how a posted video should look, and how it does
CREATE TABLE showings (
    request_id TEXT NOT NULL PRIMARY KEY,
    wanted TEXT NOT NULL,
    shown TEXT NOT NULL,
    is_purged INTEGER NOT NULL,
    due_at_ms BIGINT NOT NULL
);
CREATE INDEX showings_due ON showings (due_at_ms);

-- a message of the bot's is found by what a member points at
CREATE INDEX posts_message ON posts (message_id) WHERE kind = 'result' AND message_id > 0;
