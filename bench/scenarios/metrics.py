"""Metrics over time and alarms: what they take of a core on a server with many queues,
of which each is used each minute and has an alarm of one minute. It is the CPU of all of
the server's processes but that of the session that uses the queues: so it is of all
else that the worker does, too, and of writing what has changed."""

import time

from cluster import TICKS, stat_of

QUEUES = 1000
AT_ONCE = 100           # queues in one transaction
MINUTES = 2             # in a round
LIMIT = 90              # seconds for a sample to be taken

NAMES = "SELECT 'metrics-' || n AS name FROM generate_series(%s, %s) AS n"


def in_turn(cluster, statement):
    for start in range(1, QUEUES + 1, AT_ONCE):
        cluster.sql(f"SELECT count(r) FROM (SELECT {statement} AS r FROM ({NAMES}) AS q) AS done",
                    start, start + AT_ONCE - 1)


def use(cluster):
    """Sends to each queue, and consumes that."""
    in_turn(cluster, "sqs_send(name, 'x')")
    in_turn(cluster, "(sqs_pop(name)).body")


def used_by(cluster, pid):
    """Seconds of CPU that all processes have used but one."""
    own = stat_of(pid)
    return cluster.cpu() - (own[11] + own[12]) / TICKS


def wait_for_second(second):
    """Until a minute is so old: a sample is taken when it ends."""
    now = time.time()
    time.sleep((second - now) % 60)


def total(cluster):
    return cluster.value(
        "SELECT sum(s.sum) FROM sqs_metrics AS q, sqs_get_metric_statistics("
        "q.queue_name, 'NumberOfMessagesSent', '-infinity', 'infinity', 86400) AS s")


def one_round(bench, cluster, pid, number):
    sent = total(cluster)
    began, before = time.monotonic(), used_by(cluster, pid)
    for minute in range(MINUTES):
        bench.progress(f"round {number}: minute {minute + 1} of {MINUTES}")
        use(cluster)
        wait_for_second(20)
    taken = (used_by(cluster, pid) - before) / (time.monotonic() - began)
    bench.add("1,000 queues", "core_percent", 100 * taken, system="queue", clients=1,
              round_=number)
    if total(cluster) != sent + MINUTES * QUEUES:
        raise RuntimeError("not each message is in a point")


def run(bench):
    cluster = bench.new_cluster(**{"max_locks_per_transaction": "256"})
    pid = cluster.value("SELECT pg_backend_pid()")
    for start in range(1, QUEUES + 1, AT_ONCE):
        bench.progress(f"{start - 1} of {QUEUES} queues", often=True)
        for statement in ("sqs_create_queue(name)",
                          "sqs_put_metric_alarm(name, name, 'NumberOfMessagesSent', 'Sum',"
                          " 'GreaterThanOrEqualToThreshold', 1)::text"):
            cluster.sql(f"SELECT count({statement}) FROM ({NAMES}) AS q",
                        start, start + AT_ONCE - 1)
    use(cluster)
    until = time.monotonic() + LIMIT
    while (total(cluster) or 0) < QUEUES:
        if time.monotonic() > until:
            raise RuntimeError("no sample is taken")
        time.sleep(1)
    wait_for_second(20)
    for number in bench.each_round():
        one_round(bench, cluster, pid, number)
    if cluster.value("SELECT count(*) FROM sqs_alarms WHERE state = 'ALARM'") != QUEUES:
        raise RuntimeError("not each alarm has gone off")
    cluster.stop()
