"""Many queues: a call on one of them against a call where there is only one,
and the shared memory that an idle one takes. The many are in a cluster of
their own, so that both can be measured in turn."""

import statistics

import load
import measure
from systems import Queue

AT_ONCE = 250           # queues made or used in one transaction


def run(bench):
    many = bench.new_cluster(**{"max_locks_per_transaction": "256"})
    try:
        fill(bench, many)
        for cluster in (bench.cluster, many):
            bench.need_body(250, cluster)
        for number in bench.each_round():
            for op in ("send", "work"):
                bench.progress(f"round {number}: {op}")
                one_round(bench, number, op, many)
            if number == 1 or not bench.quick:
                spread(bench, number, many)
        memory(bench, many)
        problems = many.value("SELECT count(*) FROM sqs_check()")
        if problems:
            raise RuntimeError(f"sqs_check reports {problems} problems")
    finally:
        bench.clusters.remove(many)
        many.remove()


def fill(bench, many):
    """Makes the queues and uses each once, so that each is known."""
    many.sql("SET synchronous_commit = off")
    for start in range(1, bench.queues + 1, AT_ONCE):
        bench.progress(f"{start - 1} of {bench.queues} queues", often=True)
        end = min(start + AT_ONCE - 1, bench.queues)
        for statement in ("sqs_create_queue('many_' || n)", "sqs_send('many_' || n, 'x')",
                          "(sqs_pop('many_' || n)).body"):
            many.sql(f"SELECT count(r) FROM (SELECT {statement} AS r"
                     " FROM generate_series(%s, %s) AS n) AS made", start, end)
    many.sql("SET synchronous_commit = on")
    many.sql("VACUUM ANALYZE")


def one_round(bench, number, op, many):
    rows = measure.GUESS * 4 * bench.seconds if op == "work" else 0
    made = {"alone": Queue(bench), "among": Queue(bench, many)}
    try:
        for system in made.values():
            system.create()
            system.fill(rows, 250)
            system.vacuum()
        for scenario in measure.rotated(made, number):
            system = made[scenario]
            result = load.run(
                system.cluster, [system.script(f"{op}-1")], bench.clients, seconds=bench.seconds,
                variables={"size": 250, **system.variables()})
            bench.add(f"{op} {scenario}", "calls_per_s", result.tps, system="queue",
                      clients=bench.clients, batch=1, body=250, durability="durable",
                      round_=number)
            system.check()
    finally:
        for system in made.values():
            system.drop()


def spread(bench, number, many):
    """Sends to all of them in turn: each session has to know every table."""
    result = load.run(many, [Queue(bench, many).script("spread")], bench.clients,
                      seconds=bench.seconds, variables={"size": 250, "queues": bench.queues})
    bench.add("send spread", "calls_per_s", result.tps, system="queue", clients=bench.clients,
              batch=1, body=250, durability="durable", round_=number)


def memory(bench, many):
    bench.add("queues", "queues", bench.queues)
    if not many.has_memory_function():
        return
    sizes = [int(row[0]) for row in many.sql(
        "SELECT bytes FROM queue.memory() WHERE queue_name LIKE 'many%%'")]
    bench.add("idle", "shared_memory_bytes", statistics.median(sizes), system="queue")
    bench.add("idle", "shared_memory_bytes_most", max(sizes), system="queue")
