-- Send one, receive the oldest, delete it: the queue stays as long as it is.
\if :loaded = 0
SELECT body FROM bench.bodies WHERE size = :size \gset
\set loaded 1
\endif
SELECT /* send */ fixed.send(:body::text);
SELECT /* receive */ * FROM fixed.receive(30, 1) \gset
SELECT /* delete */ fixed.delete(:id);
