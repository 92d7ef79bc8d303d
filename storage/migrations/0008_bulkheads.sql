-- Slots for each kind of step, and files that are counted and go at the end of their request.

-- `host` names who has the inputs; who has the result is another matter where there are several
ALTER TABLE requests ADD COLUMN result_host TEXT NOT NULL DEFAULT '';
-- what a request's files take on a disk, as announced until they are fetched
ALTER TABLE requests ADD COLUMN stored_bytes BIGINT NOT NULL DEFAULT 0;
-- 'prepare': its file must be fetched or made first; 'ready': that is done
ALTER TABLE posts ADD COLUMN needs TEXT NOT NULL DEFAULT '';
-- whose disk has what was made for it
ALTER TABLE posts ADD COLUMN host TEXT NOT NULL DEFAULT '';
-- the size to try next after Discord refused one; -1: a link is all that is left
ALTER TABLE posts ADD COLUMN aim_bytes BIGINT NOT NULL DEFAULT 0;
-- when a sent message that could not be changed or taken away is tried again
ALTER TABLE posts ADD COLUMN again_at_ms BIGINT NOT NULL DEFAULT 0;

UPDATE requests SET result_host = host WHERE result_path <> '';
UPDATE requests SET host = '' WHERE erased_at_ms > 0;
UPDATE requests SET stored_bytes = CASE WHEN result_path <> '' THEN result_bytes ELSE 0 END + (
  SELECT COALESCE(SUM(inputs.size_bytes), 0) FROM inputs
  WHERE inputs.request_id = requests.id AND inputs.path <> '')
WHERE erased_at_ms = 0;

-- what a member's files take
CREATE INDEX requests_stored ON requests (user_id) WHERE stored_bytes > 0;
-- files that nobody needs any more
CREATE INDEX requests_leftover ON requests (ended_at_ms)
    WHERE stored_bytes > 0 AND state IN ('failed', 'rejected', 'cancelled');
