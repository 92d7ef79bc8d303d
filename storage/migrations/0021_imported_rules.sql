-- Keyword rules that a server's moderators read from its AutoMod, apart from its own word list.

-- keywords, allowed, exempt_roles and exempt_channels are JSON lists
CREATE TABLE imported_rules (
    guild_id BIGINT NOT NULL,
    rule_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    keywords TEXT NOT NULL,
    allowed TEXT NOT NULL,
    exempt_roles TEXT NOT NULL,
    exempt_channels TEXT NOT NULL,
    by_id BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (guild_id, rule_id)
);
CREATE INDEX imported_rules_by ON imported_rules (by_id);
