-- Receive one message and leave it in flight.
SELECT /* receive */ * FROM textbook.receive('messages', 3600, 1) \gset
