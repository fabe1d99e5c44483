"""queue-gateway: calls over HTTP, signed, by a client that shares the machine.
Against the same call by SQL, against servers that stand in for SQS in tests of
applications, and by itself: latency, long polls, memory."""

import os
import subprocess
import time

import load
import measure
from scenarios.peers import skip
from servers import POOL, Gateway, Standin, master_key

CONNECTIONS = 64
PGBENCH_CLIENTS = 8
LEAST = 2               # seconds of a measurement
IDLE_QUEUES = 10
IDLE_POLLS = 100
POLLS = 10_000
POLL_QUEUES = 100
WAIT = 20               # seconds of a long poll
WARM_UP = 20            # seconds of work that a server has before the first round
SETTLE = 5              # seconds after the last poll was asked for
SHARES = ("p50_ms", "p99_ms", "p999_ms")
# Messages that a second of work begins with before it is known better.
GUESS = 5000


def run(bench):
    folder = os.path.join(bench.work, "gateway")
    os.mkdir(folder)
    cluster = bench.new_cluster(**{"queue.master_key_file": master_key(folder)})
    bench.need_body(250, cluster)
    gateway = Gateway(cluster)
    servers = [gateway]
    try:
        gateway.start()
        servers += standins(bench)
        warm_up(bench, gateway)
        # messages a second that were worked, by server
        rates = {server.name: server.rate for server in servers}
        for number in bench.each_round():
            sends(bench, number, gateway)
            works(bench, number, servers, rates)
            wakeups(bench, number, gateway)
        waiting(bench, gateway)
        problems = cluster.value("SELECT count(*) FROM sqs_check()")
        if problems:
            raise RuntimeError(f"sqs_check reports {problems} problems")
    finally:
        for server in servers:
            server.stop()


def standins(bench):
    """Those that can be had, each with a queue that has seen some work."""
    found = []
    for standin in (Standin(bench, "moto", 4, 100), Standin(bench, "elasticmq", 64, 1_000_000)):
        try:
            reason = standin.why_not()
            if not reason:
                bench.progress(f"starting {standin.name}")
                standin.start()
                found.append(standin)
                standin.queue = standin.create_queue("bench")
                done = work(standin, min(standin.backlog, 5 * GUESS), WARM_UP)
                standin.rate = done["messages"] / done["seconds"]
        except (RuntimeError, OSError, ValueError, subprocess.TimeoutExpired) as problem:
            reason = problem
            if standin in found:
                found.remove(standin)
            standin.stop()
        if reason:
            skip(bench, standin.name, "all of it", reason)
    return found


def keys(system, number, clients, batch=1):
    return {"system": system, "clients": clients, "batch": batch, "body": 250,
            "durability": "durable", "round_": number}


class Owned(measure.SYSTEMS["queue"]):
    """A queue of the application whose access key the load has."""

    def create(self, durability="durable", **_):
        self.durability = durability
        self.cluster.sql("SET ROLE bench_application")
        self.cluster.sql("SELECT sqs_create_queue(%s)", self.queue)
        self.cluster.sql("RESET ROLE")
        self.number = self.cluster.value(
            "SELECT queue_id FROM queue.queues WHERE queue_name = %s", self.queue)


def expect(system, rows):
    found = measure.count_until(system, rows)
    if found != rows:
        raise RuntimeError(f"{system.queue} has {found} messages, and should have {rows}")


def sends(bench, number, gateway):
    """SendMessage at full load, in turn with sqs_send by pgbench; then at half
    of what the gateway just bore, at random times, each timed from when it was
    due."""
    seconds = max(bench.seconds, LEAST)
    system = Owned(bench, gateway.cluster)
    system.create()
    try:
        sent = 0
        for name in measure.rotated(("gateway", "queue"), number):
            bench.progress(f"round {number}: send, {name}")
            if name == "queue":
                result = load.run(gateway.cluster, [system.script("send-1")], PGBENCH_CLIENTS,
                                  seconds=seconds,
                                  variables={"size": 250, **system.variables()})
                sent += result.transactions
                bench.add("send", "calls_per_s", result.tps,
                          **keys(name, number, PGBENCH_CLIENTS))
                continue
            gateway.cluster.sql("CHECKPOINT")
            done = gateway.load("send", gateway.queue_url(system.queue), seconds=seconds)
            sent += done["calls"]
            rate = done["calls"] / done["seconds"]
            bench.add("send", "calls_per_s", rate, **keys(name, number, CONNECTIONS))
            bench.add("send", "load_cpu_us_per_call", done["cpu_seconds"] * 1e6 / done["calls"],
                      **keys(name, number, CONNECTIONS))
            for share in SHARES:
                bench.add("send", share, done[share], **keys(name, number, CONNECTIONS))
        expect(system, sent)

        bench.progress(f"round {number}: send at half load")
        done = gateway.load("send", gateway.queue_url(system.queue), seconds=seconds + 1,
                            rate=rate / 2)
        sent += done["calls"]
        bench.add("send at half load", "calls_per_s", done["calls"] / done["seconds"],
                  **keys("gateway", number, CONNECTIONS))
        for share in ("samples", *SHARES):
            bench.add("send at half load", share, done[share],
                      **keys("gateway", number, CONNECTIONS))
        expect(system, sent)
        system.check()
    finally:
        system.drop()


def works(bench, number, servers, rates):
    """ReceiveMessage of ten, then DeleteMessageBatch, until the time is over;
    where a server is filled with less than it works off in that, it is filled
    again, which does not count."""
    seconds = max(bench.seconds, LEAST)
    for server in measure.rotated(servers, number):
        bench.progress(f"round {number}: receive+delete, {server.name}")
        messages = int(1.5 * seconds * rates[server.name])
        if server.name == "gateway":
            done = work_through(bench, server, messages, seconds)
        else:
            done = work(server, min(messages, server.backlog), seconds)
        rates[server.name] = done["messages"] / done["seconds"]
        bench.add("receive+delete", "messages_per_s", rates[server.name],
                  **keys(server.name, number, server.connections, 10))


def work_through(bench, gateway, messages, seconds):
    """The same, of a queue that is made for it and filled once."""
    system = Owned(bench, gateway.cluster)
    system.create()
    try:
        url = gateway.queue_url(system.queue)
        gateway.load("fill", url, messages=messages)
        gateway.cluster.sql("CHECKPOINT")
        done = gateway.load("work", url, seconds=seconds)
        expect(system, messages - done["messages"])
        system.check()
    finally:
        system.drop()
    return done


def warm_up(bench, gateway):
    """As much work for the gateway as the others had, each turn as long as the
    one before lets expect."""
    gateway.rate = 10 * GUESS
    spent = 0
    while spent < WARM_UP:
        bench.progress(f"warming up {gateway.name}")
        done = work_through(bench, gateway, int(1.5 * LEAST * gateway.rate), LEAST)
        gateway.rate = done["messages"] / done["seconds"]
        spent += done["seconds"]


def work(standin, messages, seconds):
    """What was done in all turns; nothing is left in the queue."""
    total = {"messages": 0, "seconds": 0}
    while total["seconds"] < seconds:
        standin.load("fill", standin.queue, messages=messages)
        done = standin.load("work", standin.queue, seconds=seconds)
        total = {name: total[name] + done[name] for name in total}
    standin.load("work", standin.queue, seconds=60)
    return total


def wakeups(bench, number, gateway):
    """A long poll on one connection, a send on another; others wait meanwhile,
    on other queues."""
    bench.progress(f"round {number}: {bench.samples} wake-ups, {IDLE_POLLS} polls idle")
    made = [Owned(bench, gateway.cluster) for _ in range(1 + IDLE_QUEUES)]
    try:
        for system in made:
            system.create()
        done = gateway.load("wakeup", *(gateway.queue_url(system.queue) for system in made),
                            connections=2 + IDLE_POLLS, messages=bench.samples, wait=WAIT)
        expect(made[0], 0)
    finally:
        for system in made:
            system.drop()
    for share in ("samples", *SHARES):
        bench.add("wakeup", share, done[share], **keys("gateway", number, 2 + IDLE_POLLS))


def waiting(bench, gateway):
    """What long polls take of the gateway's memory, and of the database's
    connections. A new gateway: memory that others have used does not count."""
    bench.progress(f"{POLLS:,} polls of {WAIT} s on {POLL_QUEUES} queues")
    gateway.stop()
    gateway.start()
    made = [Owned(bench, gateway.cluster) for _ in range(POLL_QUEUES)]
    try:
        for system in made:
            system.create()
        before = gateway.memory("VmRSS")
        process = gateway.start_load(
            "poll", [gateway.queue_url(system.queue) for system in made],
            connections=POLLS, wait=WAIT)
        try:
            process.stdout.readline()       # all have been asked for
            time.sleep(SETTLE)
            during = gateway.memory("VmRSS")
            sessions = gateway.database_connections()
        finally:
            done = gateway.end_load(process, WAIT)
    finally:
        for system in made:
            system.drop()
    about = {"system": "gateway", "clients": POLLS}
    bench.add("waiting", "polls", done["calls"], **about)
    bench.add("waiting", "resident_mb_before", before / 1e6, **about)
    bench.add("waiting", "resident_mb", during / 1e6, **about)
    bench.add("waiting", "resident_mb_most", gateway.memory("VmHWM") / 1e6, **about)
    bench.add("waiting", "database_connections", sessions, **about)
    if not 1 <= sessions <= POOL + 12:
        raise RuntimeError(f"the gateway has {sessions} database connections")
