-- Receive and delete one message in a call.
SELECT /* pop */ * FROM textbook.pop(1) \gset
