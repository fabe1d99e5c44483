-- Receive one message and leave it in flight.
SELECT /* receive */ * FROM fixed.receive(3600, 1) \gset
