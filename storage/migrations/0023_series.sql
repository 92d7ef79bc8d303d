-- Series: one film of several shots, each a request that begins with the last frame of the one before.

-- of a shot: its series, and its place in it from 1; a shot that is tried again is a new row
ALTER TABLE requests ADD COLUMN series_of TEXT NOT NULL DEFAULT '';
ALTER TABLE requests ADD COLUMN shot BIGINT NOT NULL DEFAULT 0;
-- of a series: how many shots it has
ALTER TABLE requests ADD COLUMN shots BIGINT NOT NULL DEFAULT 0;
-- the shots of one series
CREATE INDEX requests_series ON requests (series_of, shot) WHERE series_of <> '';
