"""An event source mapping: batches of ten, and a function that inserts a row for each
message; against pgbench, with as many clients as the mapping has workers, and an INSERT
… SELECT of ten such rows in each transaction. Both are in a server of their own."""

import time

import load
import measure
from systems import HERE, Queue

BATCH = 10
MESSAGES_A_SECOND = 40_000      # about as many as a first round may expect
LIMIT = 300                     # seconds for the mapping to come to the end

TABLES = """
CREATE TABLE bench.done (message_id uuid PRIMARY KEY, body text NOT NULL);
CREATE TABLE bench.rows (message_id uuid PRIMARY KEY, body text NOT NULL);
CREATE FUNCTION bench.note(messages sqs_message[]) RETURNS void LANGUAGE sql AS
  'INSERT INTO bench.done SELECT message_id, body FROM unnest(messages)'
"""


def set_enabled(cluster, mapping, enabled):
    cluster.sql("SELECT sqs_update_event_source_mapping(%s, enabled => %s)", mapping, enabled)


def mapped(bench, cluster, number, rate):
    """Messages a second, from when the mapping begins to when the queue is empty."""
    messages = int(rate * bench.seconds)
    queue = Queue(bench, cluster)
    queue.create()
    mapping = cluster.value(
        "SELECT sqs_create_event_source_mapping(%s, 'bench.note', %s, max_concurrency => %s)",
        queue.queue, BATCH, bench.clients)
    try:
        set_enabled(cluster, mapping, False)
        queue.fill(messages, 250)
        queue.vacuum()
        cluster.sql("TRUNCATE bench.done")
        cluster.sql("CHECKPOINT")
        began = time.monotonic()
        set_enabled(cluster, mapping, True)
        while cluster.value("SELECT processed FROM sqs_event_source_mappings WHERE id = %s",
                            mapping) < messages:
            if time.monotonic() > began + LIMIT:
                raise RuntimeError("the mapping does not come to the end")
            time.sleep(0.01)
        reached = messages / (time.monotonic() - began)
        if cluster.value("SELECT count(*) FROM bench.done") != messages:
            raise RuntimeError("not each message was processed once")
        queue.check()
    finally:
        cluster.sql("SELECT sqs_delete_event_source_mapping(%s)", mapping)
        queue.drop()
    bench.add("mapping", "messages_per_s", reached, system="queue", **keys_of(bench, number))
    return reached


def inserted(bench, cluster, number):
    """Rows a second, by plain statements."""
    cluster.sql("TRUNCATE bench.rows")
    result = load.run(cluster, [f"{HERE}/scripts/plain/insert-select.sql"], bench.clients,
                      seconds=bench.seconds, variables={"size": 250, "n": BATCH})
    bench.add("mapping", "messages_per_s", result.tps * BATCH, system="plain",
              **keys_of(bench, number))


def keys_of(bench, number):
    return {"clients": bench.clients, "batch": BATCH, "body": 250, "durability": "durable",
            "round_": number}


def run(bench):
    cluster = bench.new_cluster(max_worker_processes=str(bench.clients + 8))
    bench.need_body(250, cluster)
    cluster.sql(TABLES)
    rate = MESSAGES_A_SECOND
    for number in bench.each_round():
        for name in measure.rotated({"queue": 0, "plain": 0}, number):
            bench.progress(f"round {number}: {name}")
            if name == "queue":
                rate = mapped(bench, cluster, number, rate)
            else:
                inserted(bench, cluster, number)
    cluster.stop()
