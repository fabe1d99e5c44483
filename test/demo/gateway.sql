-- The roles of the gateway: it may act as the client, whose queues are its own.

\set ON_ERROR_STOP on

CREATE ROLE :client NOLOGIN;
CREATE ROLE :gateway LOGIN;
GRANT :client TO :gateway;
GRANT CREATE ON SCHEMA queue TO :client;

GRANT USAGE ON SCHEMA queue TO :gateway;
GRANT EXECUTE ON FUNCTION queue.perform(text, text, text[], boolean, text[]),
  queue.signing_key(text, text, text), queue.note_access_keys(text[]) TO :gateway;
GRANT EXECUTE ON PROCEDURE queue.watch(text[], text[], integer, text[]) TO :gateway;
