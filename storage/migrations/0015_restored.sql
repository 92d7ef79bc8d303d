-- After a restore: what may have happened since the copy was made.

-- an id that Discord gave before the copy was made; 0: not from a copy
ALTER TABLE requests ADD COLUMN restored_after_id BIGINT NOT NULL DEFAULT 0;
-- the state in which a restore found what it parked as uncertain
ALTER TABLE requests ADD COLUMN parked_from TEXT NOT NULL DEFAULT '';
