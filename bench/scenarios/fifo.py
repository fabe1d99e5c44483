"""FIFO queues against standard ones; dead-letter policies; fair queues."""

import os
import time

import load
import measure
from cluster import Cluster

GROUPS = 1_000
MANY = 1_000_000
BLOCKED = 100_000
TURNS = 4               # measurements of each build in a round
LONG = 43_200           # seconds of visibility timeout
FEW = 200               # messages of the noisy tenant that wait, at least
NOISY = 100_000
IN_FLIGHT = 60          # ... and more that are in flight
BEFORE = os.environ.get("BENCH_BEFORE_BIN", "")


def run(bench):
    """Send, receive and delete, by the number of groups."""
    bench.need_body(250)
    many = 100_000 if bench.quick else MANY
    blocked = 20_000 if bench.quick else BLOCKED
    for number in bench.each_round():
        bench.progress(f"round {number}: groups")
        groups(bench, number, many)
        bench.progress(f"round {number}: blocked groups")
        front(bench, number, blocked)
        bench.progress(f"round {number}: one group")
        one(bench, number)


def record(bench, number, scenario, system, result, clients, batch=1):
    keys = {"system": system.name, "clients": clients, "batch": batch, "body": 250,
            "durability": "durable", "round_": number}
    bench.add(scenario, "calls_per_s", result.tps, **keys)
    for label, ms in result.ms.items():
        bench.add(scenario, f"{label}_ms", ms, **keys)


def cycle(bench, number, scenario, system, **options):
    clients = options.pop("clients", bench.clients)
    batch = options.pop("batch", 1)
    result = load.run(system.cluster, [system.script(options.pop("script", f"cycle-{batch}"))],
                      clients, seconds=bench.seconds,
                      variables={"size": 250, **options, **system.variables()})
    record(bench, number, scenario, system, result, clients, batch)
    return result


def groups(bench, number, many):
    """1,000 messages in 1,000 groups, a million in a million, and in none."""
    standard, few, lots = (measure.SYSTEMS[name](bench) for name in ("queue", "fifo", "fifo"))
    bench.add("groups", "groups", many, round_=number)
    try:
        for system in (standard, few, lots):
            system.create()
        standard.fill(GROUPS, 250)
        few.fill(GROUPS, 250, groups=GROUPS)
        lots.fill(many, 250, groups=many)
        for system in (standard, few, lots):
            system.vacuum()
        turns = [("standard", standard, {"script": "cycle"}),
                 ("1,000 groups", few, {"groups": GROUPS}), ("many groups", lots, {"groups": many})]
        for scenario, system, options in measure.rotated(turns, number):
            cycle(bench, number, scenario, system, **options)
            system.check()
    finally:
        for system in (standard, few, lots):
            system.drop()


def front(bench, number, blocked):
    """Groups of which one message is in flight and one waits behind it, before
    the first that can be had."""
    bench.add("blocked", "groups", blocked, round_=number)
    made = {}
    try:
        for scenario in ("none blocked", "blocked in front"):
            made[scenario] = system = measure.SYSTEMS["fifo"](bench)
            system.create()
            if scenario == "blocked in front":
                block(system, blocked)
            system.fill(measure.GUESS * 4 * bench.seconds, 250, groups=10 * GROUPS)
            system.vacuum()
            pass_by(bench, number, scenario, system)
        for scenario in measure.rotated(made, number):
            system = made[scenario]
            result = load.run(system.cluster, [system.script("work-1")], bench.clients,
                              seconds=bench.seconds,
                              variables={"size": 250, **system.variables()})
            record(bench, number, scenario, system, result, bench.clients)
            system.check()
    finally:
        for system in made.values():
            system.drop()


def block(system, groups_):
    """Puts the first message of each group in flight: one call takes from a
    group what there is, so the second is there only afterwards."""
    system.fill(groups_, 250, groups=groups_, prefix="blocked")
    system.take(groups_, LONG)
    system.fill(groups_, 250, groups=groups_, prefix="blocked")


def pass_by(bench, number, scenario, system):
    """The first receive meets each message that is blocked, once."""
    began = time.monotonic()
    system.take(1, LONG)
    bench.add(scenario, "first_receive_ms", (time.monotonic() - began) * 1000,
              system=system.name, round_=number)


def one(bench, number):
    """One group allows one consumer at a time, so there is one client."""
    made = {}
    try:
        for name in ("queue", "fifo"):
            made[name] = measure.SYSTEMS[name](bench)
            made[name].create()
        for name in measure.rotated(made, number):
            cycle(bench, number, "one group", made[name], clients=1, batch=10)
    finally:
        for system in made.values():
            system.drop()


def run_dead(bench):
    """What a dead-letter policy costs a receive that moves nothing."""
    bench.need_body(250)
    for number in bench.each_round():
        bench.progress(f"round {number}")
        made = {}
        try:
            for scenario in ("none", "policy", "target"):
                made[scenario] = measure.SYSTEMS["queue"](bench)
                made[scenario].create()
            bench.cluster.sql(
                "SELECT sqs_set_queue_attributes(%s, jsonb_build_object('RedrivePolicy',"
                " jsonb_build_object('maxReceiveCount', 5, 'deadLetterTargetArn',"
                " sqs_get_queue_attributes(%s) ->> 'QueueArn')::text))",
                made["policy"].queue, made["target"].queue)
            for scenario in ("none", "policy"):
                made[scenario].fill(measure.GUESS * 4 * bench.seconds, 250)
                made[scenario].vacuum()
            for scenario in measure.rotated(("none", "policy"), number):
                system = made[scenario]
                result = load.run(system.cluster, [system.script("work-1")], bench.clients,
                                  seconds=bench.seconds,
                                  variables={"size": 250, **system.variables()})
                record(bench, number, scenario, system, result, bench.clients)
        finally:
            for system in made.values():
                system.drop()


def run_fair(bench):
    """A quiet tenant's message beside a noisy one's backlog, small and large;
    what fair queues cost one that does not use them, against an earlier
    revision."""
    bench.need_body(250)
    for number in bench.each_round():
        for scenario, backlog in measure.rotated((("few", FEW), ("many", NOISY)), number):
            bench.progress(f"round {number}: a quiet tenant beside {backlog} messages")
            quiet(bench, number, scenario, backlog + IN_FLIGHT)
        if BEFORE:
            bench.progress(f"round {number}: without group ids, now and before")
            unused(bench, number)
        else:
            bench.progress("no earlier revision to compare with: BEFORE is not set")


def quiet(bench, number, scenario, backlog):
    """How long a quiet tenant's message waits while consumers are at work on a
    noisy one's. Who receives it writes that down."""
    system = measure.SYSTEMS["queue"](bench)
    sql = bench.cluster.sql
    try:
        sql("CREATE UNLOGGED TABLE bench.waits (ms float8)")
        system.create()
        for part in system.chunks(backlog, 250):
            sql("SELECT count(*) FROM bench.bodies AS b, sqs_send_batch(%s,"
                " array_fill(b.body, ARRAY[%s]),"
                " message_group_ids => array_fill('loud'::text, ARRAY[%s])) WHERE b.size = 250",
                system.queue, part, part)
        system.take(IN_FLIGHT, LONG)

        def look(_):
            """One message, now and then."""
            sql("SELECT sqs_send(%s, 'quiet', message_group_id => 'quiet')", system.queue)
            time.sleep(0.02)

        load.run(system.cluster, [system.script("tenants")], bench.clients,
                 seconds=bench.seconds, variables={"size": 250, **system.variables()},
                 meanwhile=look)
        system.check()
        waits = [row[0] for row in sql("SELECT ms FROM bench.waits ORDER BY ms")]
    finally:
        system.drop()
        sql("DROP TABLE bench.waits")
    for share in (0.5, 0.99):
        bench.add(scenario, f"p{share * 100:.0f}_ms", load.of_sorted(waits, share),
                  system="queue", round_=number)
    bench.add(scenario, "samples", len(waits), system="queue", round_=number)


def unused(bench, number):
    """The same load on two builds of the extension, each with its own server."""
    if not hasattr(bench, "before"):
        bench.before = Cluster(os.path.join(bench.work, "before"), BEFORE)
        bench.clusters.append(bench.before)
        bench.need_body(250, bench.before)
    made = {}
    try:
        for scenario, cluster in (("now", bench.cluster), ("before", bench.before)):
            made[scenario] = system = measure.SYSTEMS["queue"](bench, cluster)
            system.create()
            system.fill(GROUPS, 250)
            system.vacuum()
        for turn in range(TURNS):
            for scenario in measure.rotated(made, number + turn):
                cycle(bench, TURNS * number + turn, scenario, made[scenario], script="cycle")
    finally:
        for system in made.values():
            system.drop()
