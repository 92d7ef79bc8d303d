-- A report of a video in the showcase is of the message that was forwarded there.
CREATE INDEX outbox_forward_message ON outbox (message_id)
WHERE kind = 'forward' AND message_id > 0;
