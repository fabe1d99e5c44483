-- Receive and delete one message in a call.
SELECT /* pop */ * FROM sqs_pop(:queue, 1) \gset
