\echo Use "CREATE EXTENSION queue" to load this file. \quit

/*
 * The sqs_… functions and the type sqs_message go into the schema the
 * extension is created in; everything internal goes into schema queue.
 */
CREATE SCHEMA queue;
COMMENT ON SCHEMA queue IS
  'message queues: internal tables; CREATE on this schema is the right to create queues';

/* ---------------------------------------------------------------- tables */

CREATE SEQUENCE queue.queue_id_seq AS pg_catalog.int8;
COMMENT ON SEQUENCE queue.queue_id_seq IS 'numbers of queues';

CREATE SEQUENCE queue.message_id_seq AS pg_catalog.int8;
COMMENT ON SEQUENCE queue.message_id_seq IS
  'blocks of message ids: each value begins a block of 4096';

CREATE TABLE queue.queues (
  queue_id pg_catalog.int8 NOT NULL PRIMARY KEY,
  account_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  queue_name pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  owner pg_catalog.regrole NOT NULL,
  salt pg_catalog.uuid NOT NULL,
  fifo pg_catalog.bool NOT NULL,
  durability pg_catalog.text CHECK (durability IN ('logged', 'unlogged')),
  created_at pg_catalog.timestamptz NOT NULL,
  modified_at pg_catalog.timestamptz NOT NULL,
  purged_below pg_catalog.int8 NOT NULL DEFAULT 0,
  purged_at pg_catalog.timestamptz,
  segments pg_catalog.int4[] NOT NULL DEFAULT '{1}',
  rotations pg_catalog.int8 NOT NULL DEFAULT 0,
  delay_seconds pg_catalog.int4 NOT NULL
    CHECK (delay_seconds BETWEEN 0 AND 900),
  maximum_message_size pg_catalog.int4 NOT NULL
    CHECK (maximum_message_size BETWEEN 1024 AND 1048576),
  message_retention_period pg_catalog.int4 NOT NULL
    CHECK (message_retention_period BETWEEN 1 AND 1209600),
  receive_message_wait_time_seconds pg_catalog.int4 NOT NULL
    CHECK (receive_message_wait_time_seconds BETWEEN 0 AND 20),
  visibility_timeout pg_catalog.int4 NOT NULL
    CHECK (visibility_timeout BETWEEN 0 AND 43200),
  strict_receipt_handles pg_catalog.bool,
  content_based_deduplication pg_catalog.bool,
  deduplication_scope pg_catalog.text,
  fifo_throughput_limit pg_catalog.text,
  policy pg_catalog.text,
  redrive_policy pg_catalog.text,
  redrive_allow_policy pg_catalog.text,
  kms_master_key_id pg_catalog.text,
  kms_data_key_reuse_period_seconds pg_catalog.int4,
  sqs_managed_sse_enabled pg_catalog.bool NOT NULL,
  UNIQUE (account_id, queue_name)
);
COMMENT ON TABLE queue.queues IS 'one row a queue: its name, owner and attributes';

/*
 * No foreign key: a parallel restore would not always load the two tables in
 * its order.  Deleting a queue deletes its tags.
 */
CREATE TABLE queue.tags (
  queue_id pg_catalog.int8 NOT NULL,
  key pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  value pg_catalog.text NOT NULL,
  PRIMARY KEY (queue_id, key)
);
COMMENT ON TABLE queue.tags IS 'tags of queues';

CREATE TABLE queue.deleted_queues (
  queue_id pg_catalog.int8 NOT NULL PRIMARY KEY,
  account_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  queue_name pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  deleted_at pg_catalog.timestamptz NOT NULL
);
COMMENT ON TABLE queue.deleted_queues IS
  'deleted queues whose name is not free yet, or whose messages the worker has yet to drop';

/*
 * No foreign key, as with tags.  Queues are known by their numbers: one that was
 * deleted and created anew is another.
 */
CREATE TABLE queue.message_move_tasks (
  task_id pg_catalog.uuid NOT NULL PRIMARY KEY,
  source_id pg_catalog.int8 NOT NULL,
  account_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  destination_id pg_catalog.int8,
  destination_name pg_catalog.text COLLATE pg_catalog."C",
  max_messages_per_second pg_catalog.int4
    CHECK (max_messages_per_second BETWEEN 1 AND 500),
  started_by pg_catalog.regrole NOT NULL,
  started_at pg_catalog.timestamptz NOT NULL,
  status pg_catalog.text NOT NULL
    CHECK (status IN ('RUNNING', 'COMPLETED', 'CANCELLED', 'FAILED')),
  failure_reason pg_catalog.text,
  messages_to_move pg_catalog.int8 NOT NULL,
  messages_moved pg_catalog.int8 NOT NULL,
  next_id pg_catalog.int8 NOT NULL,
  moved_in_pass pg_catalog.int8 NOT NULL,
  next_at pg_catalog.timestamptz NOT NULL
);
COMMENT ON TABLE queue.message_move_tasks IS
  'tasks that move messages out of dead-letter queues: the running ones, and the last ten of each queue';

/*
 * Functions that are called with what is in queues.  One whose role or function
 * is gone is not dumped, as with access keys.  See eventsource.c.
 */
CREATE TABLE queue.event_source_mappings (
  mapping_id pg_catalog.uuid NOT NULL PRIMARY KEY,
  queue_id pg_catalog.int8 NOT NULL,
  account_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  queue_name pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  function pg_catalog.regprocedure NOT NULL,
  function_name pg_catalog.text NOT NULL,
  run_as pg_catalog.regrole NOT NULL,
  enabled pg_catalog.bool NOT NULL,
  batch_size pg_catalog.int4 NOT NULL
    CHECK (batch_size BETWEEN 1 AND 10000),
  batching_window_seconds pg_catalog.int4 NOT NULL
    CHECK (batching_window_seconds BETWEEN 0 AND 300),
  max_concurrency pg_catalog.int4 NOT NULL
    CHECK (max_concurrency BETWEEN 1 AND 1000),
  report_batch_item_failures pg_catalog.bool NOT NULL,
  filter pg_catalog.jsonpath,
  created_at pg_catalog.timestamptz NOT NULL,
  modified_at pg_catalog.timestamptz NOT NULL
);
COMMENT ON TABLE queue.event_source_mappings IS
  'event source mappings: functions that are called with the messages of queues, and the roles that they run as';

/*
 * The keys that clients of the gateway sign their requests with.  The secret is
 * encrypted with a key that is not in the database.  A key whose role is gone is
 * not dumped: a number is all that is left of the role, and elsewhere that may
 * be another role's.  See accesskey.c.
 */
CREATE TABLE queue.access_keys (
  access_key_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL PRIMARY KEY,
  role pg_catalog.regrole NOT NULL,
  secret pg_catalog.bytea NOT NULL,
  active pg_catalog.bool NOT NULL,
  created_at pg_catalog.timestamptz NOT NULL,
  last_used_at pg_catalog.timestamptz
) WITH (fillfactor = 70);
COMMENT ON TABLE queue.access_keys IS
  'access keys, which clients of the gateway sign their requests with, and the roles that they act as';

/*
 * What roles may do with queues, beside what is their own.  One whose role is
 * gone is not dumped, as with access keys.  See rolepolicy.c.
 */
CREATE TABLE queue.role_policies (
  role pg_catalog.regrole NOT NULL,
  policy_name pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  policy pg_catalog.jsonb NOT NULL,
  PRIMARY KEY (role, policy_name)
);
COMMENT ON TABLE queue.role_policies IS
  'policies of roles: what they may and may not do with queues';

/*
 * Accounts, and the roles that are in another than the one that the setting
 * queue.account_id names.  See account.c.
 */
CREATE TABLE queue.accounts (
  account_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL PRIMARY KEY,
  name pg_catalog.text NOT NULL,
  created_at pg_catalog.timestamptz NOT NULL
);
COMMENT ON TABLE queue.accounts IS
  'accounts, to which roles and queues belong';
CREATE TABLE queue.account_roles (
  role pg_catalog.regrole NOT NULL PRIMARY KEY,
  account_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL
);
COMMENT ON TABLE queue.account_roles IS
  'roles that were assigned to an account';

/*
 * The keys of SSE-KMS: where to turn to for having data keys encrypted and
 * decrypted.  None of the tables has a key that anything can be decrypted with.
 */
CREATE TABLE queue.keys (
  key_id pg_catalog.uuid NOT NULL PRIMARY KEY,
  account_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  alias pg_catalog.text COLLATE pg_catalog."C" NOT NULL UNIQUE,
  provider pg_catalog.text NOT NULL CHECK (provider IN ('file', 'command')),
  config pg_catalog.jsonb NOT NULL,
  state pg_catalog.text NOT NULL CHECK (state IN ('Enabled', 'Disabled', 'PendingDeletion')),
  version pg_catalog.int4 NOT NULL,
  created_at pg_catalog.timestamptz NOT NULL,
  rotated_at pg_catalog.timestamptz
);
COMMENT ON TABLE queue.keys IS
  'encryption keys of SSE-KMS: their names, their state, and which file or command has them';

/* A grant to a role that is gone is not dumped, as with access keys. */
CREATE TABLE queue.key_grants (
  key_id pg_catalog.uuid NOT NULL,
  role pg_catalog.regrole NOT NULL,
  operations pg_catalog.text[] NOT NULL,
  PRIMARY KEY (key_id, role)
);
COMMENT ON TABLE queue.key_grants IS
  'what roles may do with encryption keys: Encrypt, which sends, and Decrypt, which receives';

CREATE TABLE queue.data_keys (
  data_key_id pg_catalog.uuid NOT NULL PRIMARY KEY,
  key_id pg_catalog.uuid NOT NULL,
  version pg_catalog.int4 NOT NULL,
  queue_id pg_catalog.int8 NOT NULL,
  wrapped pg_catalog.bytea NOT NULL,
  created_at pg_catalog.timestamptz NOT NULL
);
CREATE INDEX data_keys_created_at ON queue.data_keys (created_at);
CREATE INDEX data_keys_queue_id_created_at ON queue.data_keys (queue_id, created_at);
COMMENT ON TABLE queue.data_keys IS
  'data keys that messages are encrypted with, encrypted by keys of SSE-KMS';

/*
 * What was sent to FIFO queues in the last minutes: see records.c for why there
 * are three.  The key is a deduplication id, with the message group before it
 * where the queue's DeduplicationScope is that.  Or it is, after a space, the
 * attempt id of a receive, and data is what it gave.
 */
CREATE TABLE queue.deduplication_0 (
  queue_id pg_catalog.int8 NOT NULL,
  key pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  id pg_catalog.int8 NOT NULL,
  sent_at pg_catalog.timestamptz NOT NULL,
  data pg_catalog.bytea,
  PRIMARY KEY (queue_id, key, id)
);
CREATE TABLE queue.deduplication_1 (LIKE queue.deduplication_0 INCLUDING ALL);
CREATE TABLE queue.deduplication_2 (LIKE queue.deduplication_0 INCLUDING ALL);
COMMENT ON TABLE queue.deduplication_0 IS 'deduplication ids of messages that were sent, in one of three slices of time';
COMMENT ON TABLE queue.deduplication_1 IS 'deduplication ids of messages that were sent, in one of three slices of time';
COMMENT ON TABLE queue.deduplication_2 IS 'deduplication ids of messages that were sent, in one of three slices of time';

/*
 * Metrics over time: see metric.c for what is in the arrays, and for why there are
 * four tables of each kind.  They are not dumped.
 */
CREATE TABLE queue.metrics_60_0 (
  queue_id pg_catalog.int8 NOT NULL,
  at pg_catalog.timestamptz NOT NULL,
  sums pg_catalog.int8[] NOT NULL,
  minima pg_catalog.int8[],
  maxima pg_catalog.int8[],
  samples pg_catalog.int8[],
  sizes pg_catalog.int8[]
);
CREATE INDEX ON queue.metrics_60_0 (queue_id, at);
CREATE INDEX ON queue.metrics_60_0 (at);
CREATE TABLE queue.metrics_60_1 (LIKE queue.metrics_60_0 INCLUDING ALL);
CREATE TABLE queue.metrics_60_2 (LIKE queue.metrics_60_0 INCLUDING ALL);
CREATE TABLE queue.metrics_60_3 (LIKE queue.metrics_60_0 INCLUDING ALL);
CREATE TABLE queue.metrics_300_0 (LIKE queue.metrics_60_0 INCLUDING ALL);
CREATE TABLE queue.metrics_300_1 (LIKE queue.metrics_60_0 INCLUDING ALL);
CREATE TABLE queue.metrics_300_2 (LIKE queue.metrics_60_0 INCLUDING ALL);
CREATE TABLE queue.metrics_300_3 (LIKE queue.metrics_60_0 INCLUDING ALL);
CREATE TABLE queue.metrics_3600_0 (LIKE queue.metrics_60_0 INCLUDING ALL);
CREATE TABLE queue.metrics_3600_1 (LIKE queue.metrics_60_0 INCLUDING ALL);
CREATE TABLE queue.metrics_3600_2 (LIKE queue.metrics_60_0 INCLUDING ALL);
CREATE TABLE queue.metrics_3600_3 (LIKE queue.metrics_60_0 INCLUDING ALL);
COMMENT ON TABLE queue.metrics_60_0 IS 'metrics over time: points of a minute, in one of four spans of time';
COMMENT ON TABLE queue.metrics_60_1 IS 'metrics over time: points of a minute, in one of four spans of time';
COMMENT ON TABLE queue.metrics_60_2 IS 'metrics over time: points of a minute, in one of four spans of time';
COMMENT ON TABLE queue.metrics_60_3 IS 'metrics over time: points of a minute, in one of four spans of time';
COMMENT ON TABLE queue.metrics_300_0 IS 'metrics over time: points of five minutes, in one of four spans of time';
COMMENT ON TABLE queue.metrics_300_1 IS 'metrics over time: points of five minutes, in one of four spans of time';
COMMENT ON TABLE queue.metrics_300_2 IS 'metrics over time: points of five minutes, in one of four spans of time';
COMMENT ON TABLE queue.metrics_300_3 IS 'metrics over time: points of five minutes, in one of four spans of time';
COMMENT ON TABLE queue.metrics_3600_0 IS 'metrics over time: points of an hour, in one of four spans of time';
COMMENT ON TABLE queue.metrics_3600_1 IS 'metrics over time: points of an hour, in one of four spans of time';
COMMENT ON TABLE queue.metrics_3600_2 IS 'metrics over time: points of an hour, in one of four spans of time';
COMMENT ON TABLE queue.metrics_3600_3 IS 'metrics over time: points of an hour, in one of four spans of time';

/* An alarm of a role that is gone is not dumped, as with access keys. */
CREATE TABLE queue.alarms (
  alarm_name pg_catalog.text COLLATE pg_catalog."C" NOT NULL PRIMARY KEY,
  owner pg_catalog.regrole NOT NULL,
  queue_id pg_catalog.int8 NOT NULL,
  metric pg_catalog.text NOT NULL,
  statistic pg_catalog.text NOT NULL,
  comparison_operator pg_catalog.text NOT NULL,
  threshold pg_catalog.float8 NOT NULL,
  period pg_catalog.int4 NOT NULL,
  evaluation_periods pg_catalog.int4 NOT NULL,
  datapoints_to_alarm pg_catalog.int4 NOT NULL,
  treat_missing_data pg_catalog.text NOT NULL,
  alarm_actions pg_catalog.text[] NOT NULL,
  ok_actions pg_catalog.text[] NOT NULL,
  insufficient_data_actions pg_catalog.text[] NOT NULL,
  actions_enabled pg_catalog.bool NOT NULL,
  state pg_catalog.text NOT NULL,
  state_reason pg_catalog.text NOT NULL,
  state_updated_at pg_catalog.timestamptz NOT NULL
);
COMMENT ON TABLE queue.alarms IS 'alarms: what they watch, what they do, and their state';

CREATE TABLE queue.alarm_history (
  alarm_name pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  owner pg_catalog.oid NOT NULL,
  at pg_catalog.timestamptz NOT NULL,
  type pg_catalog.text NOT NULL,
  summary pg_catalog.text NOT NULL
);
CREATE INDEX ON queue.alarm_history (alarm_name, at);
CREATE INDEX ON queue.alarm_history (at);
/* it has no key, and a publication FOR ALL TABLES has it */
ALTER TABLE queue.alarm_history REPLICA IDENTITY FULL;
COMMENT ON TABLE queue.alarm_history IS 'what became of alarms in the last month, and what they did';

/*
 * A queue's messages are in ordinary tables of this type, its segments, named
 * queue.messages_<queue_id>_<n>, so that pg_dump takes their rows.  Which of
 * them are in use, from the oldest to the one that messages are sent to, says
 * segments in queue.queues.  The columns up to stamp have a fixed width and are
 * never NULL: receiving a message changes them in place.  A body that is encrypted
 * is in sealed_body, and body is NULL; see body.c.
 */
CREATE TYPE queue.message AS (
  id pg_catalog.int8,
  visible_at pg_catalog.timestamptz,
  first_received_at pg_catalog.timestamptz,
  received_at pg_catalog.timestamptz,
  sent_at pg_catalog.timestamptz,
  receive_count pg_catalog.int4,
  stamp pg_catalog.int4,
  group_id pg_catalog.text,
  deduplication_id pg_catalog.text,
  message_id pg_catalog.uuid,
  sender_id pg_catalog.text,
  trace_header pg_catalog.text,
  dead_letter_source pg_catalog.text,
  attributes pg_catalog.jsonb,
  body pg_catalog.text,
  moved_at pg_catalog.timestamptz,
  sealed_body pg_catalog.bytea
);
COMMENT ON TYPE queue.message IS 'a stored message: the row type of every table of messages';

SELECT pg_catalog.pg_extension_config_dump('queue.queues', '');
SELECT pg_catalog.pg_extension_config_dump('queue.tags', '');
SELECT pg_catalog.pg_extension_config_dump('queue.deleted_queues', '');
SELECT pg_catalog.pg_extension_config_dump('queue.message_move_tasks', '');
SELECT pg_catalog.pg_extension_config_dump('queue.event_source_mappings',
  $$WHERE run_as::pg_catalog.text OPERATOR(pg_catalog.!~) '^[0-9]+$' AND function::pg_catalog.text OPERATOR(pg_catalog.!~) '^[0-9]+$'$$);
SELECT pg_catalog.pg_extension_config_dump('queue.access_keys',
  $$WHERE role::pg_catalog.text OPERATOR(pg_catalog.!~) '^[0-9]+$'$$);
SELECT pg_catalog.pg_extension_config_dump('queue.role_policies',
  $$WHERE role::pg_catalog.text OPERATOR(pg_catalog.!~) '^[0-9]+$'$$);
SELECT pg_catalog.pg_extension_config_dump('queue.accounts', '');
SELECT pg_catalog.pg_extension_config_dump('queue.account_roles',
  $$WHERE role::pg_catalog.text OPERATOR(pg_catalog.!~) '^[0-9]+$'$$);
SELECT pg_catalog.pg_extension_config_dump('queue.keys', '');
SELECT pg_catalog.pg_extension_config_dump('queue.key_grants',
  $$WHERE role::pg_catalog.text OPERATOR(pg_catalog.!~) '^[0-9]+$'$$);
SELECT pg_catalog.pg_extension_config_dump('queue.data_keys', '');
SELECT pg_catalog.pg_extension_config_dump('queue.alarms',
  $$WHERE owner::pg_catalog.text OPERATOR(pg_catalog.!~) '^[0-9]+$'$$);
SELECT pg_catalog.pg_extension_config_dump('queue.deduplication_0', '');
SELECT pg_catalog.pg_extension_config_dump('queue.deduplication_1', '');
SELECT pg_catalog.pg_extension_config_dump('queue.deduplication_2', '');
SELECT pg_catalog.pg_extension_config_dump('queue.queue_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('queue.message_id_seq', '');

REVOKE ALL ON queue.queues, queue.tags, queue.deleted_queues, queue.message_move_tasks FROM PUBLIC;
REVOKE ALL ON queue.event_source_mappings FROM PUBLIC;
REVOKE ALL ON queue.access_keys FROM PUBLIC;
REVOKE ALL ON queue.role_policies FROM PUBLIC;
REVOKE ALL ON queue.accounts, queue.account_roles FROM PUBLIC;
REVOKE ALL ON queue.keys, queue.key_grants, queue.data_keys FROM PUBLIC;
REVOKE ALL ON queue.deduplication_0, queue.deduplication_1, queue.deduplication_2 FROM PUBLIC;
REVOKE ALL ON queue.metrics_60_0, queue.metrics_60_1, queue.metrics_60_2, queue.metrics_60_3,
  queue.metrics_300_0, queue.metrics_300_1, queue.metrics_300_2, queue.metrics_300_3,
  queue.metrics_3600_0, queue.metrics_3600_1, queue.metrics_3600_2, queue.metrics_3600_3 FROM PUBLIC;
REVOKE ALL ON queue.alarms, queue.alarm_history FROM PUBLIC;
REVOKE ALL ON queue.queue_id_seq, queue.message_id_seq FROM PUBLIC;

/* -------------------------------------------------------------- messages */

CREATE TYPE @extschema@.sqs_message AS (
  message_id pg_catalog.uuid,
  receipt_handle pg_catalog.text,
  body pg_catalog.text,
  message_attributes pg_catalog.jsonb,
  message_group_id pg_catalog.text,
  message_deduplication_id pg_catalog.text,
  sequence_number pg_catalog.text,
  sent_at pg_catalog.timestamptz,
  first_received_at pg_catalog.timestamptz,
  receive_count pg_catalog.int4,
  visible_at pg_catalog.timestamptz,
  sender_id pg_catalog.text,
  dead_letter_source pg_catalog.text,
  trace_header pg_catalog.text
);
COMMENT ON TYPE @extschema@.sqs_message IS 'a message as receive, pop and peek return it';

CREATE FUNCTION @extschema@.sqs_send(
  queue pg_catalog.text,
  body pg_catalog.text,
  delay_seconds pg_catalog.int4 DEFAULT NULL,
  message_attributes pg_catalog.jsonb DEFAULT NULL,
  message_group_id pg_catalog.text DEFAULT NULL,
  message_deduplication_id pg_catalog.text DEFAULT NULL,
  message_system_attributes pg_catalog.jsonb DEFAULT NULL
) RETURNS pg_catalog.uuid
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sqs_send';
COMMENT ON FUNCTION @extschema@.sqs_send(pg_catalog.text, pg_catalog.text, pg_catalog.int4, pg_catalog.jsonb, pg_catalog.text, pg_catalog.text, pg_catalog.jsonb) IS
  'send a message and return its id; it exists when the transaction commits';

CREATE FUNCTION @extschema@.sqs_send(
  queue pg_catalog.text,
  body pg_catalog.jsonb,
  delay_seconds pg_catalog.int4 DEFAULT NULL,
  message_attributes pg_catalog.jsonb DEFAULT NULL,
  message_group_id pg_catalog.text DEFAULT NULL,
  message_deduplication_id pg_catalog.text DEFAULT NULL,
  message_system_attributes pg_catalog.jsonb DEFAULT NULL
) RETURNS pg_catalog.uuid
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sqs_send_jsonb';
COMMENT ON FUNCTION @extschema@.sqs_send(pg_catalog.text, pg_catalog.jsonb, pg_catalog.int4, pg_catalog.jsonb, pg_catalog.text, pg_catalog.text, pg_catalog.jsonb) IS
  'send a message whose body is a JSON document and return its id; it exists when the transaction commits';

CREATE FUNCTION @extschema@.sqs_send_batch(
  queue pg_catalog.text,
  bodies pg_catalog.text[],
  delay_seconds pg_catalog.int4 DEFAULT NULL,
  message_attributes pg_catalog.jsonb[] DEFAULT NULL,
  message_group_ids pg_catalog.text[] DEFAULT NULL,
  message_deduplication_ids pg_catalog.text[] DEFAULT NULL
) RETURNS SETOF pg_catalog.uuid
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sqs_send_batch';
COMMENT ON FUNCTION @extschema@.sqs_send_batch(pg_catalog.text, pg_catalog.text[], pg_catalog.int4, pg_catalog.jsonb[], pg_catalog.text[], pg_catalog.text[]) IS
  'send up to 10,000 messages, all or none, and return their ids in order';

CREATE FUNCTION @extschema@.sqs_send_batch(
  queue pg_catalog.text,
  bodies pg_catalog.jsonb[],
  delay_seconds pg_catalog.int4 DEFAULT NULL,
  message_attributes pg_catalog.jsonb[] DEFAULT NULL,
  message_group_ids pg_catalog.text[] DEFAULT NULL,
  message_deduplication_ids pg_catalog.text[] DEFAULT NULL
) RETURNS SETOF pg_catalog.uuid
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sqs_send_batch_jsonb';
COMMENT ON FUNCTION @extschema@.sqs_send_batch(pg_catalog.text, pg_catalog.jsonb[], pg_catalog.int4, pg_catalog.jsonb[], pg_catalog.text[], pg_catalog.text[]) IS
  'send up to 10,000 messages whose bodies are JSON documents, all or none, and return their ids in order';

CREATE FUNCTION @extschema@.sqs_receive(
  queue pg_catalog.text,
  max_messages pg_catalog.int4 DEFAULT 1,
  visibility_timeout pg_catalog.int4 DEFAULT NULL,
  wait_time_seconds pg_catalog.int4 DEFAULT NULL,
  receive_request_attempt_id pg_catalog.text DEFAULT NULL
) RETURNS SETOF @extschema@.sqs_message
LANGUAGE C VOLATILE PARALLEL UNSAFE ROWS 10 AS 'MODULE_PATHNAME', 'sqs_receive';
COMMENT ON FUNCTION @extschema@.sqs_receive(pg_catalog.text, pg_catalog.int4, pg_catalog.int4, pg_catalog.int4, pg_catalog.text) IS
  'receive up to max_messages messages, hidden from others for visibility_timeout seconds; waits up to wait_time_seconds for one';

CREATE FUNCTION @extschema@.sqs_pop(
  queue pg_catalog.text,
  max_messages pg_catalog.int4 DEFAULT 1,
  wait_time_seconds pg_catalog.int4 DEFAULT NULL
) RETURNS SETOF @extschema@.sqs_message
LANGUAGE C VOLATILE PARALLEL UNSAFE ROWS 10 AS 'MODULE_PATHNAME', 'sqs_pop';
COMMENT ON FUNCTION @extschema@.sqs_pop(pg_catalog.text, pg_catalog.int4, pg_catalog.int4) IS
  'receive and delete up to max_messages messages in one call';

CREATE FUNCTION @extschema@.sqs_peek(
  queue pg_catalog.text,
  max_messages pg_catalog.int4 DEFAULT 10
) RETURNS SETOF @extschema@.sqs_message
LANGUAGE C VOLATILE PARALLEL UNSAFE ROWS 10 AS 'MODULE_PATHNAME', 'sqs_peek';
COMMENT ON FUNCTION @extschema@.sqs_peek(pg_catalog.text, pg_catalog.int4) IS
  'look at up to max_messages receivable messages and change nothing; no receipt handle';

CREATE FUNCTION @extschema@.sqs_delete(
  queue pg_catalog.text,
  receipt_handle pg_catalog.text
) RETURNS pg_catalog.bool
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sqs_delete';
COMMENT ON FUNCTION @extschema@.sqs_delete(pg_catalog.text, pg_catalog.text) IS
  'delete a received message; true if it was removed now';

CREATE FUNCTION @extschema@.sqs_delete_batch(
  queue pg_catalog.text,
  receipt_handles pg_catalog.text[]
) RETURNS pg_catalog.int4
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sqs_delete_batch';
COMMENT ON FUNCTION @extschema@.sqs_delete_batch(pg_catalog.text, pg_catalog.text[]) IS
  'delete received messages; how many were removed now';

CREATE FUNCTION @extschema@.sqs_change_visibility(
  queue pg_catalog.text,
  receipt_handle pg_catalog.text,
  visibility_timeout pg_catalog.int4
) RETURNS pg_catalog.timestamptz
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sqs_change_visibility';
COMMENT ON FUNCTION @extschema@.sqs_change_visibility(pg_catalog.text, pg_catalog.text, pg_catalog.int4) IS
  'hide a received message for visibility_timeout seconds from now, 0 shows it at once; when it becomes visible';

CREATE FUNCTION @extschema@.sqs_change_visibility_batch(
  queue pg_catalog.text,
  receipt_handles pg_catalog.text[],
  visibility_timeout pg_catalog.int4
) RETURNS pg_catalog.int4
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sqs_change_visibility_batch';
COMMENT ON FUNCTION @extschema@.sqs_change_visibility_batch(pg_catalog.text, pg_catalog.text[], pg_catalog.int4) IS
  'change the visibility of received messages; how many were changed';

CREATE PROCEDURE @extschema@.sqs_wait(
  queue pg_catalog.text,
  wait_time_seconds pg_catalog.int4
)
LANGUAGE C AS 'MODULE_PATHNAME', 'sqs_wait';
COMMENT ON PROCEDURE @extschema@.sqs_wait(pg_catalog.text, pg_catalog.int4) IS
  'wait, holding no snapshot, until a message is receivable or wait_time_seconds have passed; not inside a transaction block';

CREATE PROCEDURE @extschema@.sqs_wait(
  queues pg_catalog.text[],
  wait_time_seconds pg_catalog.int4
)
LANGUAGE C AS 'MODULE_PATHNAME', 'sqs_wait_any';
COMMENT ON PROCEDURE @extschema@.sqs_wait(pg_catalog.text[], pg_catalog.int4) IS
  'wait, holding no snapshot, until a message is receivable in one of the queues or wait_time_seconds have passed; not inside a transaction block';

/* ---------------------------------------------------------------- queues */

CREATE FUNCTION @extschema@.sqs_create_queue(
  queue_name pg_catalog.text,
  attributes pg_catalog.jsonb DEFAULT '{}',
  tags pg_catalog.jsonb DEFAULT '{}'
) RETURNS pg_catalog.text
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sqs_create_queue';
COMMENT ON FUNCTION @extschema@.sqs_create_queue(pg_catalog.text, pg_catalog.jsonb, pg_catalog.jsonb) IS
  'create a queue, or find the one of that name with these attributes, and return its URL';

CREATE FUNCTION @extschema@.sqs_delete_queue(queue pg_catalog.text)
RETURNS pg_catalog.void
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sqs_delete_queue';
COMMENT ON FUNCTION @extschema@.sqs_delete_queue(pg_catalog.text) IS
  'delete a queue with all its messages';

CREATE FUNCTION @extschema@.sqs_get_queue_url(
  queue_name pg_catalog.text,
  account_id pg_catalog.text DEFAULT NULL
) RETURNS pg_catalog.text
LANGUAGE C STABLE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sqs_get_queue_url';
COMMENT ON FUNCTION @extschema@.sqs_get_queue_url(pg_catalog.text, pg_catalog.text) IS
  'the URL of a queue';

CREATE FUNCTION @extschema@.sqs_list_queues(prefix pg_catalog.text DEFAULT NULL)
RETURNS SETOF pg_catalog.text
LANGUAGE C STABLE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sqs_list_queues';
COMMENT ON FUNCTION @extschema@.sqs_list_queues(pg_catalog.text) IS
  'URLs of the queues the caller may use whose names begin with prefix, by name';

CREATE FUNCTION @extschema@.sqs_list_dead_letter_source_queues(queue pg_catalog.text)
RETURNS SETOF pg_catalog.text
LANGUAGE C STABLE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sqs_list_dead_letter_source_queues';
COMMENT ON FUNCTION @extschema@.sqs_list_dead_letter_source_queues(pg_catalog.text) IS
  'URLs of the queues the caller may use whose RedrivePolicy names this queue, by name';

CREATE FUNCTION @extschema@.sqs_get_queue_attributes(
  queue pg_catalog.text,
  names pg_catalog.text[] DEFAULT '{All}'
) RETURNS pg_catalog.jsonb
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sqs_get_queue_attributes';
COMMENT ON FUNCTION @extschema@.sqs_get_queue_attributes(pg_catalog.text, pg_catalog.text[]) IS
  'attributes of a queue by name; every value is a string, as in SQS';

CREATE FUNCTION @extschema@.sqs_set_queue_attributes(
  queue pg_catalog.text,
  attributes pg_catalog.jsonb
) RETURNS pg_catalog.void
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sqs_set_queue_attributes';
COMMENT ON FUNCTION @extschema@.sqs_set_queue_attributes(pg_catalog.text, pg_catalog.jsonb) IS
  'change attributes of a queue';

CREATE FUNCTION @extschema@.sqs_purge_queue(queue pg_catalog.text)
RETURNS pg_catalog.void
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sqs_purge_queue';
COMMENT ON FUNCTION @extschema@.sqs_purge_queue(pg_catalog.text) IS
  'delete all messages of a queue, whatever their state';

CREATE FUNCTION @extschema@.sqs_tag_queue(
  queue pg_catalog.text,
  tags pg_catalog.jsonb
) RETURNS pg_catalog.void
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sqs_tag_queue';
COMMENT ON FUNCTION @extschema@.sqs_tag_queue(pg_catalog.text, pg_catalog.jsonb) IS
  'add tags to a queue, or change them';

CREATE FUNCTION @extschema@.sqs_untag_queue(
  queue pg_catalog.text,
  tag_keys pg_catalog.text[]
) RETURNS pg_catalog.void
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sqs_untag_queue';
COMMENT ON FUNCTION @extschema@.sqs_untag_queue(pg_catalog.text, pg_catalog.text[]) IS
  'remove tags from a queue';

CREATE FUNCTION @extschema@.sqs_list_queue_tags(queue pg_catalog.text)
RETURNS pg_catalog.jsonb
LANGUAGE C STABLE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sqs_list_queue_tags';
COMMENT ON FUNCTION @extschema@.sqs_list_queue_tags(pg_catalog.text) IS
  'tags of a queue';

/* ---------------------------------------------------- dead-letter queues */

CREATE FUNCTION @extschema@.sqs_start_message_move_task(
  source pg_catalog.text,
  destination pg_catalog.text DEFAULT NULL,
  max_messages_per_second pg_catalog.int4 DEFAULT NULL
) RETURNS pg_catalog.text
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sqs_start_message_move_task';
COMMENT ON FUNCTION @extschema@.sqs_start_message_move_task(pg_catalog.text, pg_catalog.text, pg_catalog.int4) IS
  'have the messages of a dead-letter queue moved to another queue, or back to where they came from; the handle of the task';

CREATE FUNCTION @extschema@.sqs_list_message_move_tasks(
  source pg_catalog.text,
  max_results pg_catalog.int4 DEFAULT 1,
  OUT task_handle pg_catalog.text,
  OUT status pg_catalog.text,
  OUT source_arn pg_catalog.text,
  OUT destination_arn pg_catalog.text,
  OUT max_number_of_messages_per_second pg_catalog.int4,
  OUT approximate_number_of_messages_moved pg_catalog.int8,
  OUT approximate_number_of_messages_to_move pg_catalog.int8,
  OUT failure_reason pg_catalog.text,
  OUT started_timestamp pg_catalog.int8
) RETURNS SETOF record
LANGUAGE C STABLE PARALLEL UNSAFE ROWS 10 AS 'MODULE_PATHNAME', 'sqs_list_message_move_tasks';
COMMENT ON FUNCTION @extschema@.sqs_list_message_move_tasks(pg_catalog.text, pg_catalog.int4) IS
  'the last tasks that moved, or move, messages out of a queue, the latest first';

CREATE FUNCTION @extschema@.sqs_cancel_message_move_task(task_handle pg_catalog.text)
RETURNS pg_catalog.int8
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sqs_cancel_message_move_task';
COMMENT ON FUNCTION @extschema@.sqs_cancel_message_move_task(pg_catalog.text) IS
  'cancel a task that moves messages; how many it has moved';

CREATE FUNCTION @extschema@.sqs_add_permission(
  queue pg_catalog.text,
  label pg_catalog.text,
  account_ids pg_catalog.text[],
  actions pg_catalog.text[]
) RETURNS pg_catalog.void
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sqs_add_permission';
COMMENT ON FUNCTION @extschema@.sqs_add_permission(pg_catalog.text, pg_catalog.text, pg_catalog.text[], pg_catalog.text[]) IS
  'add a statement to the access policy of a queue, which allows accounts some actions';

CREATE FUNCTION @extschema@.sqs_remove_permission(
  queue pg_catalog.text,
  label pg_catalog.text
) RETURNS pg_catalog.void
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sqs_remove_permission';
COMMENT ON FUNCTION @extschema@.sqs_remove_permission(pg_catalog.text, pg_catalog.text) IS
  'remove a statement from the access policy of a queue';

/* -------------------------------------------------------------- accounts */

CREATE FUNCTION @extschema@.sqs_create_account(
  account_id pg_catalog.text,
  name pg_catalog.text
) RETURNS pg_catalog.void
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sqs_create_account';
COMMENT ON FUNCTION @extschema@.sqs_create_account(pg_catalog.text, pg_catalog.text) IS
  'create an account, of 12 digits, that roles can be assigned to; for superusers';

CREATE FUNCTION @extschema@.sqs_delete_account(account_id pg_catalog.text)
RETURNS pg_catalog.void
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sqs_delete_account';
COMMENT ON FUNCTION @extschema@.sqs_delete_account(pg_catalog.text) IS
  'delete an account that has no roles and no queues; for superusers';

CREATE FUNCTION @extschema@.sqs_assign_account(
  role pg_catalog.regrole,
  account_id pg_catalog.text
) RETURNS pg_catalog.void
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sqs_assign_account';
COMMENT ON FUNCTION @extschema@.sqs_assign_account(pg_catalog.regrole, pg_catalog.text) IS
  'assign a role to an account, or with NULL to none but that of its groups or the setting; for superusers';

CREATE VIEW @extschema@.sqs_accounts AS
SELECT a.account_id, a.name, a.created_at,
       ARRAY(SELECT r.role FROM queue.account_roles AS r
             WHERE r.account_id OPERATOR(pg_catalog.=) a.account_id
             ORDER BY r.role::pg_catalog.text) AS roles,
       (SELECT pg_catalog.count(*) FROM queue.queues AS q
        WHERE q.account_id OPERATOR(pg_catalog.=) a.account_id) AS queues
FROM queue.accounts AS a
ORDER BY a.account_id;
COMMENT ON VIEW @extschema@.sqs_accounts IS
  'accounts, the roles that were assigned to them, and how many queues each has; for superusers';
REVOKE ALL ON @extschema@.sqs_accounts FROM PUBLIC;

/* ----------------------------------------------------------- access keys */

CREATE FUNCTION @extschema@.sqs_create_access_key(
  role pg_catalog.regrole,
  OUT access_key_id pg_catalog.text,
  OUT secret_access_key pg_catalog.text
) RETURNS SETOF record
LANGUAGE C VOLATILE PARALLEL UNSAFE ROWS 1 AS 'MODULE_PATHNAME', 'sqs_create_access_key';
COMMENT ON FUNCTION @extschema@.sqs_create_access_key(pg_catalog.regrole) IS
  'create an access key that acts as a role; the secret is shown this once';

CREATE FUNCTION @extschema@.sqs_update_access_key(
  access_key_id pg_catalog.text,
  active pg_catalog.bool
) RETURNS pg_catalog.void
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sqs_update_access_key';
COMMENT ON FUNCTION @extschema@.sqs_update_access_key(pg_catalog.text, pg_catalog.bool) IS
  'disable an access key, or enable it again';

CREATE FUNCTION @extschema@.sqs_delete_access_key(access_key_id pg_catalog.text)
RETURNS pg_catalog.void
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sqs_delete_access_key';
COMMENT ON FUNCTION @extschema@.sqs_delete_access_key(pg_catalog.text) IS
  'delete an access key';

CREATE FUNCTION @extschema@.sqs_list_access_keys(
  role pg_catalog.regrole DEFAULT NULL
) RETURNS TABLE (
  access_key_id pg_catalog.text,
  role pg_catalog.regrole,
  active pg_catalog.bool,
  created_at pg_catalog.timestamptz,
  last_used_at pg_catalog.timestamptz
)
LANGUAGE C STABLE PARALLEL UNSAFE ROWS 10 AS 'MODULE_PATHNAME', 'sqs_list_access_keys';
COMMENT ON FUNCTION @extschema@.sqs_list_access_keys(pg_catalog.regrole) IS
  'the access keys of a role, or all that the caller may manage, without their secrets, the oldest first';

CREATE FUNCTION queue.signing_key(
  access_key_id pg_catalog.text,
  date pg_catalog.text,
  region pg_catalog.text
) RETURNS pg_catalog.bytea
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'queue_signing_key';
COMMENT ON FUNCTION queue.signing_key(pg_catalog.text, pg_catalog.text, pg_catalog.text) IS
  'the key that AWS Signature Version 4 signs requests of a day (yyyymmdd) to a region with; NULL if there is no such access key, or it is not active';
REVOKE ALL ON FUNCTION queue.signing_key(pg_catalog.text, pg_catalog.text, pg_catalog.text) FROM PUBLIC;

CREATE FUNCTION queue.note_access_keys(access_key_ids pg_catalog.text[])
RETURNS pg_catalog.void
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'queue_note_access_keys';
COMMENT ON FUNCTION queue.note_access_keys(pg_catalog.text[]) IS
  'note that access keys were used just now';
REVOKE ALL ON FUNCTION queue.note_access_keys(pg_catalog.text[]) FROM PUBLIC;

/* ------------------------------------------------------- encryption keys */

CREATE FUNCTION @extschema@.sqs_create_key(
  alias pg_catalog.text,
  provider pg_catalog.text,
  config pg_catalog.jsonb
) RETURNS pg_catalog.text
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sqs_create_key';
COMMENT ON FUNCTION @extschema@.sqs_create_key(pg_catalog.text, pg_catalog.text, pg_catalog.jsonb) IS
  'create an encryption key for queues, which a file or a command has; its ARN';
REVOKE ALL ON FUNCTION @extschema@.sqs_create_key(pg_catalog.text, pg_catalog.text, pg_catalog.jsonb) FROM PUBLIC;

CREATE FUNCTION @extschema@.sqs_set_key_state(
  key pg_catalog.text,
  state pg_catalog.text
) RETURNS pg_catalog.void
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sqs_set_key_state';
COMMENT ON FUNCTION @extschema@.sqs_set_key_state(pg_catalog.text, pg_catalog.text) IS
  'enable an encryption key, disable it, or mark it for deletion: Enabled, Disabled, PendingDeletion';
REVOKE ALL ON FUNCTION @extschema@.sqs_set_key_state(pg_catalog.text, pg_catalog.text) FROM PUBLIC;

CREATE FUNCTION @extschema@.sqs_rotate_key(key pg_catalog.text)
RETURNS pg_catalog.void
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sqs_rotate_key';
COMMENT ON FUNCTION @extschema@.sqs_rotate_key(pg_catalog.text) IS
  'have what is sent from now on encrypted with what the provider of an encryption key uses now';
REVOKE ALL ON FUNCTION @extschema@.sqs_rotate_key(pg_catalog.text) FROM PUBLIC;

CREATE FUNCTION @extschema@.sqs_grant_key(
  key pg_catalog.text,
  role pg_catalog.regrole,
  operations pg_catalog.text[]
) RETURNS pg_catalog.void
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sqs_grant_key';
COMMENT ON FUNCTION @extschema@.sqs_grant_key(pg_catalog.text, pg_catalog.regrole, pg_catalog.text[]) IS
  'let a role and its members use an encryption key for these operations and no others: Encrypt, Decrypt';
REVOKE ALL ON FUNCTION @extschema@.sqs_grant_key(pg_catalog.text, pg_catalog.regrole, pg_catalog.text[]) FROM PUBLIC;

CREATE FUNCTION @extschema@.sqs_revoke_key(
  key pg_catalog.text,
  role pg_catalog.regrole
) RETURNS pg_catalog.void
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sqs_revoke_key';
COMMENT ON FUNCTION @extschema@.sqs_revoke_key(pg_catalog.text, pg_catalog.regrole) IS
  'take back what sqs_grant_key() has granted a role';
REVOKE ALL ON FUNCTION @extschema@.sqs_revoke_key(pg_catalog.text, pg_catalog.regrole) FROM PUBLIC;

CREATE FUNCTION @extschema@.sqs_list_keys() RETURNS TABLE (
  key_arn pg_catalog.text,
  alias pg_catalog.text,
  provider pg_catalog.text,
  state pg_catalog.text,
  created_at pg_catalog.timestamptz,
  rotated_at pg_catalog.timestamptz
)
LANGUAGE C STABLE PARALLEL UNSAFE ROWS 10 AS 'MODULE_PATHNAME', 'sqs_list_keys';
COMMENT ON FUNCTION @extschema@.sqs_list_keys() IS
  'the encryption keys that the caller may use, or all for superusers, the oldest first';

/*
 * Whoever could write these tables could have the server run commands, or act as
 * another role.
 */
CREATE FUNCTION queue.superusers_only()
RETURNS pg_catalog.trigger
LANGUAGE C AS 'MODULE_PATHNAME', 'queue_superusers_only';
COMMENT ON FUNCTION queue.superusers_only() IS
  'trigger: refuse to change a table of keys to all but superusers';
REVOKE ALL ON FUNCTION queue.superusers_only() FROM PUBLIC;

CREATE TRIGGER superusers_only BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON queue.keys
  FOR EACH STATEMENT EXECUTE FUNCTION queue.superusers_only();
CREATE TRIGGER superusers_only BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON queue.key_grants
  FOR EACH STATEMENT EXECUTE FUNCTION queue.superusers_only();
CREATE TRIGGER superusers_only BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON queue.data_keys
  FOR EACH STATEMENT EXECUTE FUNCTION queue.superusers_only();
CREATE TRIGGER superusers_only BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON queue.access_keys
  FOR EACH STATEMENT EXECUTE FUNCTION queue.superusers_only();

/* -------------------------------------------------------------- policies */

CREATE FUNCTION @extschema@.sqs_put_role_policy(
  role pg_catalog.regrole,
  policy_name pg_catalog.text,
  policy pg_catalog.jsonb
) RETURNS pg_catalog.void
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sqs_put_role_policy';
COMMENT ON FUNCTION @extschema@.sqs_put_role_policy(pg_catalog.regrole, pg_catalog.text, pg_catalog.jsonb) IS
  'give a role a policy, which says what it and its members may and may not do with queues';
REVOKE ALL ON FUNCTION @extschema@.sqs_put_role_policy(pg_catalog.regrole, pg_catalog.text, pg_catalog.jsonb) FROM PUBLIC;

CREATE FUNCTION @extschema@.sqs_delete_role_policy(
  role pg_catalog.regrole,
  policy_name pg_catalog.text
) RETURNS pg_catalog.void
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sqs_delete_role_policy';
COMMENT ON FUNCTION @extschema@.sqs_delete_role_policy(pg_catalog.regrole, pg_catalog.text) IS
  'delete a policy of a role';
REVOKE ALL ON FUNCTION @extschema@.sqs_delete_role_policy(pg_catalog.regrole, pg_catalog.text) FROM PUBLIC;

CREATE FUNCTION @extschema@.sqs_list_role_policies(
  role pg_catalog.regrole
) RETURNS TABLE (
  policy_name pg_catalog.text,
  policy pg_catalog.jsonb
)
LANGUAGE C STABLE PARALLEL UNSAFE ROWS 10 AS 'MODULE_PATHNAME', 'sqs_list_role_policies';
COMMENT ON FUNCTION @extschema@.sqs_list_role_policies(pg_catalog.regrole) IS
  'the policies of a role itself, by name';

CREATE FUNCTION @extschema@.sqs_simulate_policy(
  role pg_catalog.regrole,
  action pg_catalog.text,
  queue pg_catalog.text,
  context pg_catalog.jsonb DEFAULT '{}'
) RETURNS TABLE (
  decision pg_catalog.text,
  statement pg_catalog.jsonb
)
LANGUAGE C VOLATILE PARALLEL UNSAFE ROWS 1 AS 'MODULE_PATHNAME', 'sqs_simulate_policy';
COMMENT ON FUNCTION @extschema@.sqs_simulate_policy(pg_catalog.regrole, pg_catalog.text, pg_catalog.text, pg_catalog.jsonb) IS
  'whether a role may do an action with a queue: allowed, explicitDeny or implicitDeny, and the statement that decided';

/* -------------------------------------------------------------- programs */

CREATE FUNCTION @extschema@.sqs_action(
  action pg_catalog.text,
  request pg_catalog.jsonb
) RETURNS pg_catalog.jsonb
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sqs_action';
COMMENT ON FUNCTION @extschema@.sqs_action(pg_catalog.text, pg_catalog.jsonb) IS
  'do an action by its AWS name: request and answer are those of the AWS JSON protocol';

CREATE FUNCTION queue.perform(
  access_key_id pg_catalog.text,
  action pg_catalog.text,
  requests pg_catalog.text[],
  last pg_catalog.bool DEFAULT true,
  clients pg_catalog.text[] DEFAULT NULL,
  OUT error pg_catalog.text,
  OUT answer pg_catalog.text,
  OUT wait_seconds pg_catalog.int4
) RETURNS SETOF record
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'queue_perform';
COMMENT ON FUNCTION queue.perform(pg_catalog.text, pg_catalog.text, pg_catalog.text[], pg_catalog.bool, pg_catalog.text[]) IS
  'do an action as sqs_action() does, for each of many requests, on behalf of an access key; for the gateway';
REVOKE ALL ON FUNCTION queue.perform(pg_catalog.text, pg_catalog.text, pg_catalog.text[], pg_catalog.bool, pg_catalog.text[]) FROM PUBLIC;

CREATE PROCEDURE queue.watch(
  add pg_catalog.text[],
  remove pg_catalog.text[],
  seconds pg_catalog.int4,
  INOUT ready pg_catalog.text[] DEFAULT NULL
)
LANGUAGE C AS 'MODULE_PATHNAME', 'queue_watch';
COMMENT ON PROCEDURE queue.watch(pg_catalog.text[], pg_catalog.text[], pg_catalog.int4, pg_catalog.text[]) IS
  'watch queues from now on, and others no longer; wait, holding no snapshot, until some of them have a message; for the gateway; not inside a transaction block';
REVOKE ALL ON PROCEDURE queue.watch(pg_catalog.text[], pg_catalog.text[], pg_catalog.int4, pg_catalog.text[]) FROM PUBLIC;

/* -------------------------------------------------------------- triggers */

CREATE FUNCTION @extschema@.sqs_enqueue()
RETURNS pg_catalog.trigger
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sqs_enqueue';
COMMENT ON FUNCTION @extschema@.sqs_enqueue() IS
  'trigger function: send each changed row to the queue named by the first argument; optional: columns to take, column that is the message group id';

/* -------------------------------------------------- event source mappings */

CREATE FUNCTION @extschema@.sqs_create_event_source_mapping(
  queue pg_catalog.text,
  function pg_catalog.regproc,
  batch_size pg_catalog.int4 DEFAULT 10,
  batching_window_seconds pg_catalog.int4 DEFAULT 0,
  max_concurrency pg_catalog.int4 DEFAULT 2,
  report_batch_item_failures pg_catalog.bool DEFAULT false,
  filter pg_catalog.jsonpath DEFAULT NULL,
  run_as pg_catalog.regrole DEFAULT NULL
) RETURNS pg_catalog.uuid
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sqs_create_event_source_mapping';
COMMENT ON FUNCTION @extschema@.sqs_create_event_source_mapping(pg_catalog.text, pg_catalog.regproc, pg_catalog.int4, pg_catalog.int4, pg_catalog.int4, pg_catalog.bool, pg_catalog.jsonpath, pg_catalog.regrole) IS
  'have background workers call a function, which takes sqs_message[], with the messages of a queue, and delete them in the same transaction; the id of the mapping';

CREATE FUNCTION @extschema@.sqs_update_event_source_mapping(
  id pg_catalog.uuid,
  enabled pg_catalog.bool DEFAULT NULL,
  batch_size pg_catalog.int4 DEFAULT NULL,
  max_concurrency pg_catalog.int4 DEFAULT NULL
) RETURNS pg_catalog.void
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sqs_update_event_source_mapping';
COMMENT ON FUNCTION @extschema@.sqs_update_event_source_mapping(pg_catalog.uuid, pg_catalog.bool, pg_catalog.int4, pg_catalog.int4) IS
  'pause an event source mapping, have it go on, or change its limits';

CREATE FUNCTION @extschema@.sqs_delete_event_source_mapping(id pg_catalog.uuid)
RETURNS pg_catalog.void
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sqs_delete_event_source_mapping';
COMMENT ON FUNCTION @extschema@.sqs_delete_event_source_mapping(pg_catalog.uuid) IS
  'delete an event source mapping; messages stay in the queue';

CREATE FUNCTION queue.event_source_status(
  OUT id pg_catalog.uuid,
  OUT queue pg_catalog.text,
  OUT function pg_catalog.text,
  OUT state pg_catalog.text,
  OUT state_reason pg_catalog.text,
  OUT batch_size pg_catalog.int4,
  OUT batching_window_seconds pg_catalog.int4,
  OUT concurrency pg_catalog.int4,
  OUT max_concurrency pg_catalog.int4,
  OUT report_batch_item_failures pg_catalog.bool,
  OUT filter pg_catalog.jsonpath,
  OUT run_as pg_catalog.regrole,
  OUT processed pg_catalog.int8,
  OUT failed pg_catalog.int8,
  OUT last_processed pg_catalog.timestamptz,
  OUT last_error pg_catalog.text,
  OUT last_error_at pg_catalog.timestamptz,
  OUT created pg_catalog.timestamptz,
  OUT modified pg_catalog.timestamptz
) RETURNS SETOF record
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'queue_event_source_status';
COMMENT ON FUNCTION queue.event_source_status() IS
  'the event source mappings that the caller may change, and how they do; what the view sqs_event_source_mappings shows';

CREATE VIEW @extschema@.sqs_event_source_mappings AS
SELECT s.* FROM queue.event_source_status() AS s;
COMMENT ON VIEW @extschema@.sqs_event_source_mappings IS
  'the event source mappings that the caller may change: their state, how many workers each has, what became of messages';
GRANT SELECT ON @extschema@.sqs_event_source_mappings TO PUBLIC;

/* -------------------------------------------------------- administration */

CREATE FUNCTION queue.queue_status(
  OUT queue_id pg_catalog.int8,
  OUT account_id pg_catalog.text,
  OUT queue_name pg_catalog.text,
  OUT queue_url pg_catalog.text,
  OUT fifo pg_catalog.bool,
  OUT durability pg_catalog.text,
  OUT owner pg_catalog.regrole,
  OUT created_at pg_catalog.timestamptz,
  OUT visible pg_catalog.int8,
  OUT in_flight pg_catalog.int8,
  OUT delayed pg_catalog.int8,
  OUT oldest_message_age pg_catalog.int8,
  OUT message_retention_period pg_catalog.int4,
  OUT visibility_timeout pg_catalog.int4,
  OUT redrive_policy pg_catalog.text,
  OUT size pg_catalog.int8,
  OUT messages_sent pg_catalog.int8,
  OUT messages_received pg_catalog.int8,
  OUT messages_deleted pg_catalog.int8,
  OUT empty_receives pg_catalog.int8,
  OUT sent_message_size pg_catalog.int8,
  OUT stats_reset pg_catalog.timestamptz,
  OUT messages_deduplicated pg_catalog.int8,
  OUT noisy_groups pg_catalog.int8
) RETURNS SETOF record
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'queue_status';
COMMENT ON FUNCTION queue.queue_status() IS
  'state of each queue the caller may use; what the views sqs_queues and sqs_metrics show';

CREATE FUNCTION queue.groups_in_flight(queue_id pg_catalog.int8)
RETURNS pg_catalog.int8
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'queue_groups_in_flight';
COMMENT ON FUNCTION queue.groups_in_flight(pg_catalog.int8) IS
  'message groups of a FIFO queue with messages in flight; part of the view sqs_metrics';

CREATE VIEW @extschema@.sqs_queues AS
SELECT s.queue_name AS name,
       s.queue_url AS url,
       CASE WHEN s.fifo THEN 'fifo' ELSE 'standard' END AS kind,
       s.visible,
       s.in_flight,
       s.delayed,
       pg_catalog.make_interval(secs => s.oldest_message_age) AS oldest_message_age,
       pg_catalog.make_interval(secs => s.message_retention_period) AS retention,
       pg_catalog.make_interval(secs => s.visibility_timeout) AS visibility_timeout,
       s.redrive_policy::pg_catalog.json OPERATOR(pg_catalog.->>) 'deadLetterTargetArn' AS dead_letter_queue,
       pg_catalog.pg_size_pretty(s.size) AS size,
       s.created_at AS created
FROM queue.queue_status() AS s;
COMMENT ON VIEW @extschema@.sqs_queues IS
  'the queues the caller may use, one row each, for people';

CREATE VIEW @extschema@.sqs_metrics AS
SELECT s.queue_name,
       s.oldest_message_age AS approximate_age_of_oldest_message,
       s.visible AS approximate_number_of_messages_visible,
       s.in_flight AS approximate_number_of_messages_not_visible,
       s.delayed AS approximate_number_of_messages_delayed,
       queue.groups_in_flight(s.queue_id) AS approximate_number_of_groups_with_inflight_messages,
       s.noisy_groups AS approximate_number_of_noisy_groups,
       s.messages_sent AS number_of_messages_sent,
       s.messages_deduplicated AS number_of_deduplicated_sent_messages,
       s.messages_received AS number_of_messages_received,
       s.messages_deleted AS number_of_messages_deleted,
       s.empty_receives AS number_of_empty_receives,
       s.sent_message_size,
       s.stats_reset,
       s.account_id
FROM queue.queue_status() AS s;
COMMENT ON VIEW @extschema@.sqs_metrics IS
  'metrics of the queues the caller may use, by their CloudWatch names: gauges now, totals since stats_reset';

GRANT SELECT ON @extschema@.sqs_queues, @extschema@.sqs_metrics TO PUBLIC;

CREATE FUNCTION @extschema@.sqs_get_metric_statistics(
  queue pg_catalog.text,
  metric pg_catalog.text,
  start_time pg_catalog.timestamptz,
  end_time pg_catalog.timestamptz,
  period pg_catalog.int4 DEFAULT 60,
  OUT "timestamp" pg_catalog.timestamptz,
  OUT sample_count pg_catalog.float8,
  OUT sum pg_catalog.float8,
  OUT average pg_catalog.float8,
  OUT minimum pg_catalog.float8,
  OUT maximum pg_catalog.float8
) RETURNS SETOF record
LANGUAGE C STABLE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sqs_get_metric_statistics';
COMMENT ON FUNCTION @extschema@.sqs_get_metric_statistics(pg_catalog.text, pg_catalog.text, pg_catalog.timestamptz, pg_catalog.timestamptz, pg_catalog.int4) IS
  'statistics of a metric of a queue, by its CloudWatch name, in periods of so many seconds; each row is of the start of its period';

CREATE FUNCTION @extschema@.sqs_get_metric_statistics(
  queue pg_catalog.text,
  metric pg_catalog.text,
  start_time pg_catalog.timestamptz,
  end_time pg_catalog.timestamptz,
  period pg_catalog.int4,
  statistics pg_catalog.text[],
  OUT "timestamp" pg_catalog.timestamptz,
  OUT statistic pg_catalog.text,
  OUT value pg_catalog.float8
) RETURNS SETOF record
LANGUAGE C STABLE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sqs_get_metric_statistics_named';
COMMENT ON FUNCTION @extschema@.sqs_get_metric_statistics(pg_catalog.text, pg_catalog.text, pg_catalog.timestamptz, pg_catalog.timestamptz, pg_catalog.int4, pg_catalog.text[]) IS
  'statistics of a metric of a queue by their CloudWatch names, percentiles such as p99 among them, in periods of so many seconds: a row for each period and statistic';

CREATE FUNCTION queue.metric_sparklines(
  OUT queue_name pg_catalog.text,
  OUT metric pg_catalog.text,
  OUT last_hour pg_catalog.text,
  OUT minimum pg_catalog.int8,
  OUT maximum pg_catalog.int8,
  OUT latest pg_catalog.int8,
  OUT account_id pg_catalog.text
) RETURNS SETOF record
LANGUAGE C STABLE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'queue_metric_sparklines';
COMMENT ON FUNCTION queue.metric_sparklines() IS
  'what the view sqs_metric_sparklines shows';

CREATE VIEW @extschema@.sqs_metric_sparklines AS
SELECT s.queue_name, s.metric, s.last_hour, s.minimum, s.maximum, s.latest, s.account_id
FROM queue.metric_sparklines() AS s;
COMMENT ON VIEW @extschema@.sqs_metric_sparklines IS
  'the last hour of the queues the caller may use, drawn with a character for each minute: a row for each metric that was not 0 all the time';
GRANT SELECT ON @extschema@.sqs_metric_sparklines TO PUBLIC;

CREATE FUNCTION queue.sample_metrics(at pg_catalog.timestamptz)
RETURNS pg_catalog.int4
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'queue_sample_metrics';
COMMENT ON FUNCTION queue.sample_metrics(pg_catalog.timestamptz) IS
  'take a sample of all queues now, as the background worker does each minute, and store it as points of the minute of some time; how many';
REVOKE ALL ON FUNCTION queue.sample_metrics(pg_catalog.timestamptz) FROM PUBLIC;

CREATE FUNCTION @extschema@.sqs_put_metric_alarm(
  alarm_name pg_catalog.text,
  queue pg_catalog.text,
  metric pg_catalog.text,
  statistic pg_catalog.text,
  comparison_operator pg_catalog.text,
  threshold pg_catalog.float8,
  period pg_catalog.int4 DEFAULT 60,
  evaluation_periods pg_catalog.int4 DEFAULT 1,
  datapoints_to_alarm pg_catalog.int4 DEFAULT NULL,
  treat_missing_data pg_catalog.text DEFAULT 'missing',
  alarm_actions pg_catalog.text[] DEFAULT '{}',
  ok_actions pg_catalog.text[] DEFAULT '{}',
  insufficient_data_actions pg_catalog.text[] DEFAULT '{}'
) RETURNS pg_catalog.void
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sqs_put_metric_alarm';
COMMENT ON FUNCTION @extschema@.sqs_put_metric_alarm(pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.float8, pg_catalog.int4, pg_catalog.int4, pg_catalog.int4, pg_catalog.text, pg_catalog.text[], pg_catalog.text[], pg_catalog.text[]) IS
  'create an alarm on a metric of a queue, or replace it, by CloudWatch''s names; an action is notify:CHANNEL, queue:QUEUE or function:NAME';

CREATE FUNCTION @extschema@.sqs_delete_alarm(alarm_name pg_catalog.text)
RETURNS pg_catalog.void
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sqs_delete_alarm';
COMMENT ON FUNCTION @extschema@.sqs_delete_alarm(pg_catalog.text) IS 'delete an alarm';

CREATE FUNCTION @extschema@.sqs_enable_alarm_actions(alarm_name pg_catalog.text)
RETURNS pg_catalog.void
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sqs_enable_alarm_actions';
COMMENT ON FUNCTION @extschema@.sqs_enable_alarm_actions(pg_catalog.text) IS
  'have an alarm do its actions again';

CREATE FUNCTION @extschema@.sqs_disable_alarm_actions(alarm_name pg_catalog.text)
RETURNS pg_catalog.void
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sqs_disable_alarm_actions';
COMMENT ON FUNCTION @extschema@.sqs_disable_alarm_actions(pg_catalog.text) IS
  'have an alarm do none of its actions; its state still changes';

CREATE FUNCTION queue.alarm_state(
  points pg_catalog.text,
  evaluation_periods pg_catalog.int4,
  datapoints_to_alarm pg_catalog.int4,
  treat_missing_data pg_catalog.text,
  current pg_catalog.text
) RETURNS pg_catalog.text
LANGUAGE C IMMUTABLE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'queue_alarm_state';
COMMENT ON FUNCTION queue.alarm_state(pg_catalog.text, pg_catalog.int4, pg_catalog.int4, pg_catalog.text, pg_catalog.text) IS
  'the state that an alarm would have by some periods: X breaches, 0 does not, - is missing';

CREATE VIEW @extschema@.sqs_alarms WITH (security_barrier) AS
SELECT a.alarm_name, q.queue_name, a.metric, a.statistic, a.comparison_operator, a.threshold, a.period,
       a.evaluation_periods, a.datapoints_to_alarm, a.treat_missing_data, a.alarm_actions, a.ok_actions,
       a.insufficient_data_actions, a.actions_enabled, a.state, a.state_reason, a.state_updated_at, a.owner,
       q.account_id
FROM queue.alarms AS a LEFT JOIN queue.queues AS q ON q.queue_id OPERATOR(pg_catalog.=) a.queue_id
WHERE pg_catalog.pg_has_role(a.owner::pg_catalog.oid, 'USAGE');
COMMENT ON VIEW @extschema@.sqs_alarms IS
  'the alarms of roles whose privileges the caller has';

CREATE VIEW @extschema@.sqs_alarm_history WITH (security_barrier) AS
SELECT h.alarm_name, h.at, h.type, h.summary
FROM queue.alarm_history AS h
WHERE pg_catalog.pg_has_role(h.owner, 'USAGE');
COMMENT ON VIEW @extschema@.sqs_alarm_history IS
  'what became of the alarms of roles whose privileges the caller has, in the last month, and what they did';
GRANT SELECT ON @extschema@.sqs_alarms, @extschema@.sqs_alarm_history TO PUBLIC;

CREATE FUNCTION @extschema@.sqs_check(
  queue pg_catalog.text DEFAULT NULL,
  OUT queue_name pg_catalog.text,
  OUT message_id pg_catalog.uuid,
  OUT problem pg_catalog.text
) RETURNS SETOF record
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sqs_check';
COMMENT ON FUNCTION @extschema@.sqs_check(pg_catalog.text) IS
  'compare what shared memory says of a queue, or of all, with its rows; no row means sound';

CREATE FUNCTION @extschema@.sqs_health(
  OUT severity pg_catalog.text,
  OUT finding pg_catalog.text,
  OUT object pg_catalog.text,
  OUT since pg_catalog.timestamptz,
  OUT advice pg_catalog.text
) RETURNS SETOF record
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sqs_health';
COMMENT ON FUNCTION @extschema@.sqs_health() IS
  'what hurts the queues that the caller may use, and for members of pg_monitor what hurts the server, with what to do; no row means healthy';

CREATE FUNCTION queue.memory(
  OUT queue_name pg_catalog.text,
  OUT bytes pg_catalog.int8
) RETURNS SETOF record
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'queue_memory';
COMMENT ON FUNCTION queue.memory() IS
  'bytes of shared memory that each queue of this database takes';
REVOKE ALL ON FUNCTION queue.memory() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION queue.memory() TO pg_monitor;

CREATE FUNCTION queue.sweep()
RETURNS pg_catalog.void
LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'queue_sweep';
COMMENT ON FUNCTION queue.sweep() IS
  'do now, in this database, what the background worker does in one round';
REVOKE ALL ON FUNCTION queue.sweep() FROM PUBLIC;

CREATE PROCEDURE queue.rotate(
  queue pg_catalog.text DEFAULT NULL,
  steps pg_catalog.int4 DEFAULT NULL
)
LANGUAGE C AS 'MODULE_PATHNAME', 'queue_rotate';
COMMENT ON PROCEDURE queue.rotate(pg_catalog.text, pg_catalog.int4) IS
  'do now what the background worker does with the segments of a queue, or of all: up to so many steps, each a transaction of its own; not inside a transaction block';
REVOKE ALL ON PROCEDURE queue.rotate(pg_catalog.text, pg_catalog.int4) FROM PUBLIC;
