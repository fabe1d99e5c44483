-- Receive and delete one message in a call.
SELECT /* pop */ * FROM textbook.pop('messages', 1) \gset
