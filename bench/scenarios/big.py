"""A big queue, filled once for three parts: calls at a large backlog, the
counters, and the first receive after a restart."""

import threading
import time

import load
import measure
from systems import Queue

SMALL = 1000
SESSIONS = 2            # that fill the big queue
LOOKS = 100             # at the counters


def big_queue(bench):
    """The filled queue, which the first part that needs it fills."""
    if bench.big is not None:
        return bench.big
    bench.need_body(250)
    big = Queue(bench)
    big.create()
    left = [bench.backlog]
    lock = threading.Lock()
    problems = []

    def fill():
        connection = bench.cluster.connect()
        try:
            with connection.cursor() as cursor:
                while True:
                    with lock:
                        part = min(10000, left[0])
                        left[0] -= part
                    if part == 0:
                        return
                    cursor.execute("SELECT count(*) FROM bench.bodies AS b, sqs_send_batch(%s,"
                                   " array_fill(b.body, ARRAY[%s])) WHERE b.size = 250",
                                   (big.queue, part))
        except Exception as problem:
            problems.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=fill, daemon=True) for _ in range(SESSIONS)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        bench.progress(f"filling: {bench.backlog - left[0]} of {bench.backlog}", often=True)
        for thread in threads:
            thread.join(5)
    if problems:
        raise problems[0]
    bench.add("fill", "messages_per_s", bench.backlog / (time.monotonic() - began),
              system="queue", clients=SESSIONS, batch=10000, body=250, durability="durable")
    bench.progress("vacuum")
    big.vacuum()
    bench.big = big
    return big


def backlog(bench):
    """Send, receive and delete, so that the backlog stays what it is."""
    big = big_queue(bench)
    for number in bench.each_round():
        bench.progress(f"round {number}")
        small = Queue(bench)
        small.create()
        try:
            small.fill(SMALL, 250)
            small.vacuum()
            systems = {"small": small, "big": big}
            for scenario in measure.rotated(systems, number):
                system = systems[scenario]
                result = load.run(
                    system.cluster, [system.script("cycle")], bench.clients,
                    seconds=bench.seconds, variables={"size": 250, **system.variables()})
                keys = {"system": "queue", "clients": bench.clients, "batch": 1, "body": 250,
                        "durability": "durable", "round_": number}
                bench.add(scenario, "calls_per_s", result.tps, **keys)
                for label, ms in result.ms.items():
                    bench.add(scenario, f"{label}_ms", ms, **keys)
            small.check()
        finally:
            small.drop()
    bench.add("big", "messages", bench.backlog)
    bench.add("small", "messages", SMALL)


def look(cursor, queue):
    """Milliseconds of a look at the counters, and what they say."""
    began = time.monotonic()
    cursor.execute("SELECT sqs_get_queue_attributes(%s)", (queue,))
    row = cursor.fetchone()
    ms = (time.monotonic() - began) * 1000
    return ms, int(row[0]["ApproximateNumberOfMessages"])


def counters(bench):
    big = big_queue(bench)
    bench.progress(f"{LOOKS} looks")
    connection = bench.cluster.connect()
    with connection.cursor() as cursor:
        look(cursor, big.queue)
        for number in bench.each_round():
            times = []
            for _ in range(LOOKS):
                ms, count = look(cursor, big.queue)
                times.append(ms)
                if abs(count - bench.backlog) > bench.clients:
                    raise RuntimeError(f"the counters say {count}, not {bench.backlog}")
            times.sort()
            bench.add("counters", "p50_ms", load.of_sorted(times, 0.5), round_=number)
            bench.add("counters", "p99_ms", load.of_sorted(times, 0.99), round_=number)
    connection.close()
    bench.add("counters", "messages", bench.backlog)


def restart(bench):
    """The time of the first receive alone, in a session that was opened before
    it; the files may still be in the system's cache."""
    big = big_queue(bench)
    for number in bench.each_round():
        for mode in ("fast", "immediate"):
            bench.progress(f"round {number}: {mode}")
            if mode == "immediate":
                bench.cluster.sql("CHECKPOINT")
            bench.cluster.restart(mode)
            connection = bench.cluster.connect()
            with connection.cursor() as cursor:
                for metric in ("first_receive_ms", "second_receive_ms"):
                    began = time.monotonic()
                    cursor.execute("SELECT receipt_handle FROM sqs_receive(%s)", (big.queue,))
                    rows = cursor.fetchall()
                    ms = (time.monotonic() - began) * 1000
                    if not rows:
                        raise RuntimeError("nothing was received after the restart")
                    cursor.execute("SELECT sqs_delete(%s, %s)", (big.queue, rows[0][0]))
                    bench.add(mode, metric, ms, system="queue", round_=number)
                bench.add(mode, "counters_after_ms", look(cursor, big.queue)[0], system="queue",
                          round_=number)
            connection.close()
    bench.add("restart", "messages", bench.backlog)
