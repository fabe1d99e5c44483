-- The demo's tables: what the queue counted, how fast it went, and what
-- became of the messages of killed consumers.
\pset footer off
\pset null '-'

\pset title 'The queue'
SELECT m.number_of_messages_sent AS sent,
       m.number_of_messages_received AS received,
       (SELECT sum(receive_count - 1) FROM result) AS redelivered,
       m.number_of_messages_deleted AS deleted,
       (SELECT sum(visible + in_flight + delayed) FROM sqs_queues) AS "left"
FROM sqs_metrics AS m;

-- The rate of the results leaves out the redelivered ones: most of their time
-- is the visibility timeout of a dead consumer.
\pset title 'Speed (the time from send to result includes the wait in the queue)'
SELECT round(count(*) / nullif(extract(epoch FROM max(sent_at) - min(sent_at)),
                               0)) AS "sent/s",
       round(count(*) FILTER (WHERE receive_count = 1)
             / extract(epoch FROM max(done_at) FILTER (WHERE receive_count = 1)
                                  - min(sent_at))) AS "results/s",
       to_char(percentile_cont(0.5) WITHIN GROUP (ORDER BY done_at - sent_at),
               'MI:SS.MS') AS "p50 send to result",
       to_char(percentile_cont(0.99) WITHIN GROUP (ORDER BY done_at - sent_at),
               'MI:SS.MS') AS "p99 send to result"
FROM result;

SELECT count(*) > 0 AS any_killed FROM killed \gset
\if :any_killed
\pset title 'Killed consumers (leased: back after the visibility timeout; whole: back at once)'
SELECT k.consumer, k.mode, count(*) AS held,
       max(k.receive_count) AS "receive count then",
       max(r.receive_count) AS "at the result",
       to_char(min(r.done_at - k.killed_at), 'MI:SS.MS') AS "first done after",
       to_char(max(r.done_at - k.killed_at), 'MI:SS.MS') AS "last done after"
FROM killed AS k LEFT JOIN result AS r USING (message_id)
GROUP BY k.consumer, k.mode
ORDER BY k.consumer;
\endif

\pset title 'Consumers'
SELECT consumer, count(*) AS results,
       pg_size_pretty(sum(size)) AS "bytes read",
       sum(words) AS words
FROM result GROUP BY consumer ORDER BY consumer;
