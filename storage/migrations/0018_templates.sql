-- Variations: several requests that one prompt stands for.

ALTER TABLE requests ADD COLUMN variation_of TEXT NOT NULL DEFAULT '';
ALTER TABLE requests ADD COLUMN variation BIGINT NOT NULL DEFAULT 0;
ALTER TABLE requests ADD COLUMN variations BIGINT NOT NULL DEFAULT 0;
-- the requests of one group
CREATE INDEX requests_variations ON requests (variation_of, variation) WHERE variation_of <> '';

-- Templates: prompts that a server's managers write for its members, and the panels that offer them.

-- the template by whose name a request was made
ALTER TABLE requests ADD COLUMN template TEXT NOT NULL DEFAULT '';

-- a removed one keeps its row while panels stand, so that adding its name again revives them
CREATE TABLE templates (
    id TEXT NOT NULL PRIMARY KEY,
    guild_id BIGINT NOT NULL,
    folded TEXT NOT NULL,
    name TEXT NOT NULL,
    prompt TEXT NOT NULL,
    picture TEXT NOT NULL,
    model TEXT NOT NULL,
    duration BIGINT NOT NULL,
    ratio TEXT NOT NULL,
    resolution TEXT NOT NULL,
    example_id TEXT NOT NULL,
    by_id BIGINT NOT NULL,
    version BIGINT NOT NULL,
    changed_at_ms BIGINT NOT NULL,
    removed_at_ms BIGINT NOT NULL
);
CREATE UNIQUE INDEX templates_name ON templates (guild_id, folded);
CREATE INDEX templates_by ON templates (by_id);
-- examples that may have to go
CREATE INDEX templates_examples ON templates (example_id) WHERE example_id <> '';

CREATE TABLE template_panels (
    outbox_id TEXT NOT NULL PRIMARY KEY,
    template_id TEXT NOT NULL,
    guild_id BIGINT NOT NULL,
    example_id TEXT NOT NULL,
    attempt BIGINT NOT NULL,
    due_at_ms BIGINT NOT NULL
);
CREATE INDEX template_panels_template ON template_panels (template_id);
CREATE INDEX template_panels_guild ON template_panels (guild_id);
-- panels that show an older version of their template
CREATE INDEX template_panels_due ON template_panels (due_at_ms) WHERE due_at_ms < 4611686018427387904;
