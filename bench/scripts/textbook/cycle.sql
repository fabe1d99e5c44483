-- Send one, receive the oldest, delete it: the queue stays as long as it is.
\if :loaded = 0
SELECT body FROM bench.bodies WHERE size = :size \gset
\set loaded 1
\endif
SELECT /* send */ textbook.send('messages', :body::text);
SELECT /* receive */ * FROM textbook.receive('messages', 30, 1) \gset
SELECT /* delete */ textbook.delete('messages', :id);
