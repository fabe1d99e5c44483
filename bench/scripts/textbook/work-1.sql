-- Receive one message, all of it, and then delete it by its id.
SELECT /* receive */ * FROM textbook.receive('messages', 30, 1) \gset
SELECT /* delete */ textbook.delete('messages', :id);
