-- Receive and delete one message in a call.
SELECT /* pop */ * FROM fixed.pop(1) \gset
