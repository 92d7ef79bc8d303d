-- What the provider says each task cost, and what its key has used.

-- the last cost said, and when that was asked; no cost: it never said one
ALTER TABLE requests ADD COLUMN billed_micros BIGINT;
ALTER TABLE requests ADD COLUMN billed_at_ms BIGINT NOT NULL DEFAULT 0;
-- its task failed and cost nothing
ALTER TABLE requests ADD COLUMN is_unbilled INTEGER NOT NULL DEFAULT 0;
-- the last note of the key's use when its intent was recorded
ALTER TABLE requests ADD COLUMN key_usage_id BIGINT NOT NULL DEFAULT 0;

-- every change of a cost; it happened between since_ms and at_ms
CREATE TABLE task_costs (
    id {auto_id},
    request_id TEXT NOT NULL,
    task_id TEXT NOT NULL,
    cost_micros BIGINT NOT NULL,
    change_micros BIGINT NOT NULL,
    source TEXT NOT NULL,
    since_ms BIGINT NOT NULL,
    at_ms BIGINT NOT NULL
);
CREATE INDEX task_costs_request ON task_costs (request_id, id);
CREATE INDEX task_costs_at ON task_costs (at_ms);

-- tasks that are asked again because their cost is not known for good; left_at_ms: until then
CREATE TABLE cost_checks (
    request_id TEXT NOT NULL PRIMARY KEY,
    due_at_ms BIGINT NOT NULL,
    tries BIGINT NOT NULL,
    left_at_ms BIGINT NOT NULL
);
CREATE INDEX cost_checks_due ON cost_checks (due_at_ms) WHERE left_at_ms = 0;
CREATE INDEX cost_checks_left ON cost_checks (left_at_ms) WHERE left_at_ms > 0;

-- what a key had used in all, at a moment between asking and the answer
CREATE TABLE key_usage (
    id {auto_id},
    key_id TEXT NOT NULL,
    used_micros BIGINT NOT NULL,
    asked_at_ms BIGINT NOT NULL,
    answered_at_ms BIGINT NOT NULL
);
CREATE INDEX key_usage_key ON key_usage (key_id, answered_at_ms);
CREATE INDEX key_usage_age ON key_usage (answered_at_ms);

-- a request may have several adjustments, each for one change of its cost
CREATE TABLE ledger_rows (
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
    cost_id BIGINT NOT NULL DEFAULT 0,
    UNIQUE (request_id, account, kind, cost_id)
);
INSERT INTO ledger_rows (request_id, account, kind, guild_id, user_id, videos, seconds, cost_micros,
  reason, counts_at_ms, at_ms)
SELECT request_id, account, kind, guild_id, user_id, videos, seconds, cost_micros, reason,
  counts_at_ms, at_ms
FROM ledger ORDER BY id;
DROP TABLE ledger;
ALTER TABLE ledger_rows RENAME TO ledger;
CREATE INDEX ledger_member ON ledger (account, guild_id, user_id, counts_at_ms);
CREATE INDEX ledger_server ON ledger (account, guild_id, counts_at_ms);
CREATE INDEX ledger_bot ON ledger (account, counts_at_ms);
CREATE INDEX ledger_user ON ledger (user_id);
CREATE INDEX ledger_pseudonyms ON ledger (counts_at_ms) WHERE user_id < 0;
