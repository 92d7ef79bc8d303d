-- Videos joined into one film.

-- what a film is made of; `film_id` is the id of its message in `posts`
CREATE TABLE films (
    film_id TEXT NOT NULL,
    part_id TEXT NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (film_id, part_id)
);
CREATE INDEX films_part ON films (part_id);
-- films that stand in a channel: those with a part that is gone must go too
CREATE INDEX posts_films ON posts (id) WHERE kind = 'film' AND state = 'sent';
-- a film is found by what a member points at
CREATE INDEX posts_film_message ON posts (message_id) WHERE kind = 'film' AND message_id > 0;
