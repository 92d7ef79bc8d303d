-- Tables, columns and states take the names that the code has for them.

ALTER TABLE posts RENAME TO outbox;
ALTER TABLE films RENAME TO joined_films;
ALTER TABLE sketches RENAME TO saved_forms;
ALTER TABLE facts RENAME TO key_values;
ALTER TABLE told RENAME TO privacy_notices;
ALTER TABLE decisions RENAME TO audit_log;
ALTER TABLE showings RENAME TO visibility;
ALTER TABLE mentions RENAME TO message_mentions;
ALTER TABLE days RENAME TO daily_counts;
ALTER TABLE ended_days RENAME TO daily_ends;
ALTER TABLE saved_forms RENAME COLUMN wish TO video_request;
ALTER TABLE message_mentions RENAME COLUMN post_id TO outbox_id;

-- indexes have the names of their tables, and some hold the state that is renamed
DROP INDEX posts_due;
DROP INDEX posts_request;
DROP INDEX posts_cards;
DROP INDEX decisions_member;
DROP INDEX decisions_request;
DROP INDEX showings_due;
DROP INDEX posts_message;
DROP INDEX sketches_age;
DROP INDEX sketches_user;
DROP INDEX films_part;
DROP INDEX posts_film_message;
DROP INDEX posts_films_member;
DROP INDEX decisions_ownerless;
DROP INDEX showings_leased;
DROP INDEX posts_pseudonyms;
DROP INDEX posts_user;
DROP INDEX decisions_user;
DROP INDEX decisions_actor;
DROP INDEX told_user;
DROP INDEX posts_guild;
DROP INDEX sketches_guild;
DROP INDEX posts_review_cards;
DROP INDEX posts_orphaned;
DROP INDEX posts_films;
DROP INDEX mentions_post;
DROP INDEX days_age;
UPDATE outbox SET state = 'pending' WHERE state = 'owed';
CREATE INDEX outbox_due ON outbox (due_at_ms) WHERE state = 'pending';
CREATE INDEX outbox_request ON outbox (request_id, created_at_ms);
CREATE INDEX outbox_cards ON outbox (request_id)
    WHERE kind = 'card' AND state = 'sent'
    AND shown NOT IN ('posted', 'failed', 'rejected', 'cancelled');
CREATE INDEX audit_log_member ON audit_log (guild_id, user_id, id);
CREATE INDEX audit_log_request ON audit_log (guild_id, request_id, id);
CREATE INDEX visibility_due ON visibility (due_at_ms);
CREATE INDEX outbox_message ON outbox (message_id) WHERE kind = 'result' AND message_id > 0;
CREATE INDEX saved_forms_age ON saved_forms (created_at_ms);
CREATE INDEX saved_forms_user ON saved_forms (user_id);
CREATE INDEX joined_films_part ON joined_films (part_id);
CREATE INDEX outbox_film_message ON outbox (message_id) WHERE kind = 'film' AND message_id > 0;
CREATE INDEX outbox_films_member ON outbox (guild_id, user_id, created_at_ms) WHERE kind = 'film';
CREATE INDEX audit_log_ownerless ON audit_log (request_id)
    WHERE (actor_id < 0 OR user_id < 0)
    AND (note <> '' OR (reason <> '' AND action IN ('reported', 'blocked', 'unblocked')));
CREATE INDEX visibility_leased ON visibility (lease_owner) WHERE lease_owner <> '';
CREATE INDEX outbox_pseudonyms ON outbox (id) WHERE user_id < 0 AND state NOT IN ('pending', 'sent');
CREATE INDEX outbox_user ON outbox (user_id);
CREATE INDEX audit_log_user ON audit_log (user_id);
CREATE INDEX audit_log_actor ON audit_log (actor_id);
CREATE INDEX privacy_notices_user ON privacy_notices (user_id);
CREATE INDEX outbox_guild ON outbox ((guild_id + 0));
CREATE INDEX saved_forms_guild ON saved_forms (guild_id);
CREATE INDEX outbox_review_cards ON outbox (id)
    WHERE kind = 'review' AND state = 'sent' AND substr(shown, 1, 5) IN ('', 'open:');
CREATE INDEX outbox_orphaned ON outbox (again_at_ms, id)
    WHERE user_id < 0 AND state = 'sent' AND kind IN ('card', 'result', 'notice', 'direct', 'log');
CREATE INDEX outbox_joined_films ON outbox (again_at_ms, id) WHERE kind = 'film' AND state = 'sent';
CREATE INDEX message_mentions_post ON message_mentions (outbox_id);
CREATE INDEX daily_counts_age ON daily_counts (day);
