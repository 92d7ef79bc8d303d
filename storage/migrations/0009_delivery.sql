-- Where the search for a message begins.

-- an id that Discord gave before the first try; our clock is not Discord's
ALTER TABLE posts ADD COLUMN after_id BIGINT NOT NULL DEFAULT 0;

-- what was under way when this came: from its interaction on, or from an hour before its intent
UPDATE posts SET after_id = (intent_at_ms - 1420070400000 - 3600000) * 4194304
WHERE state = 'owed' AND intent_at_ms > 1420074000000;
UPDATE posts SET after_id = COALESCE(
    (SELECT interaction_id FROM requests WHERE requests.id = posts.request_id), after_id)
WHERE state = 'owed' AND intent_at_ms > 0;
