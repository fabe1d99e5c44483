-- Receive one message, all of it, and then delete it by its id.
SELECT /* receive */ * FROM fixed.receive(30, 1) \gset
SELECT /* delete */ fixed.delete(:id);
