-- What the demo's pipeline needs beside the queue: the results, and a record
-- of what each killed consumer held.

CREATE EXTENSION queue;

SELECT sqs_create_queue('docs') AS queue_url;

-- One row for each file worked through. Nothing here is unique, on purpose:
-- that no file is done twice must come from the queue, and a constraint would
-- hide it if it did not.
CREATE TABLE result (
  path text NOT NULL,             -- as in the message: %XX for odd bytes
  size bigint NOT NULL,
  sha256 text NOT NULL,
  words bigint NOT NULL,
  message_id uuid NOT NULL,
  receive_count int NOT NULL,     -- 2 and more: redelivered
  consumer text NOT NULL,
  sent_at timestamptz NOT NULL,
  done_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- The messages that a consumer held when kill -9 met it.
CREATE TABLE killed (
  consumer text NOT NULL,
  mode text NOT NULL,             -- leased or whole, see consumer.py
  killed_at timestamptz NOT NULL,
  message_id uuid NOT NULL,
  receive_count int NOT NULL      -- of the receive that the kill cut short
);
