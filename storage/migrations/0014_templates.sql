-- Variations: several requests that one prompt stands for.

ALTER TABLE requests ADD COLUMN variation_of TEXT NOT NULL DEFAULT '';
ALTER TABLE requests ADD COLUMN variation BIGINT NOT NULL DEFAULT 0;
ALTER TABLE requests ADD COLUMN variations BIGINT NOT NULL DEFAULT 0;
-- the requests of one group
CREATE INDEX requests_variations ON requests (variation_of, variation) WHERE variation_of <> '';
