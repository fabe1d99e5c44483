-- Send one message.
\if :loaded = 0
SELECT body FROM bench.bodies WHERE size = :size \gset
\set loaded 1
\endif
SELECT /* send */ fixed.send(:body::text);
