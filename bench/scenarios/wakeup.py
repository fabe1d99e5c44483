"""How long a waiting receive takes to return after a send, while many others
wait on other queues. Sender and receiver are processes of their own. The time
is that from when the sender asks for the commit, so the flush to disk is in
it; from when the sender knows of the commit it is shorter, even negative."""

import multiprocessing
import threading
import time

import psycopg2

import load

POLLERS = 100
PAUSE = 0.005           # seconds between two samples
WAIT = 20


def run(bench):
    cluster = bench.cluster
    for n in range(POLLERS):
        cluster.sql("SELECT sqs_create_queue(%s)", f"idle_{n}")
    cluster.sql("SELECT sqs_create_queue('wakeup')")
    for number in bench.each_round():
        bench.progress(f"round {number}: {bench.samples} samples, {POLLERS} pollers idle")
        one_round(bench, number)
    problems = cluster.value("SELECT count(*) FROM sqs_check()")
    if problems:
        raise RuntimeError(f"sqs_check reports {problems} problems")
    for n in range(POLLERS):
        cluster.sql("SELECT sqs_delete_queue(%s)", f"idle_{n}")
    cluster.sql("SELECT sqs_delete_queue('wakeup')")
    cluster.sql("SELECT queue.sweep()")


def poll(connection, queue):
    """A poller: waits for messages that never come, until it is told to end."""
    try:
        while True:
            with connection.cursor() as cursor:
                cursor.execute("SELECT * FROM sqs_receive(%s, wait_time_seconds => %s)",
                               (queue, WAIT))
    except psycopg2.Error:
        connection.close()


def receive(dsn, samples, pipe):
    """The receiver: says after each message when it had it."""
    connection = psycopg2.connect(dsn)
    connection.autocommit = True
    cursor = connection.cursor()
    # The first call of a session opens the table.
    cursor.execute("SELECT * FROM sqs_receive('wakeup')")
    for _ in range(samples):
        pipe.send("ready")
        cursor.execute("SELECT receipt_handle FROM sqs_receive('wakeup',"
                       " wait_time_seconds => %s)", (WAIT,))
        rows = cursor.fetchall()
        at = time.monotonic_ns()
        pipe.send(at if rows else None)
        cursor.execute("SELECT sqs_delete('wakeup', %s)", rows[0])


def one_round(bench, number):
    cluster = bench.cluster
    pollers = []
    here, there = multiprocessing.Pipe()
    receiver = multiprocessing.Process(target=receive,
                                       args=(cluster.dsn(), bench.samples, there), daemon=True)
    receiver.start()
    try:
        for n in range(POLLERS):
            connection = cluster.connect()
            thread = threading.Thread(target=poll, args=(connection, f"idle_{n}"), daemon=True)
            thread.start()
            pollers.append(thread)
        time.sleep(1)
        asked, known = send(bench, here)
    finally:
        receiver.kill()
        receiver.join()
        cluster.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()")
        for thread in pollers:
            thread.join(10)
    keys = {"system": "queue", "clients": POLLERS + 1, "batch": 1, "durability": "durable",
            "round_": number}
    for share, name in ((0.5, "p50"), (0.99, "p99"), (1, "most")):
        bench.add("wakeup", f"{name}_ms", load.of_sorted(asked, share), **keys)
        bench.add("wakeup", f"{name}_ms_after_commit", load.of_sorted(known, share), **keys)
    bench.add("wakeup", "samples", len(asked), **keys)


def send(bench, pipe):
    """Sends one message after the other, each when the receiver waits for it.
    Milliseconds from asking for the commit, and from knowing of it."""
    asked, known = [], []
    connection = bench.cluster.connect()
    cursor = connection.cursor()
    for _ in range(bench.samples):
        expect(pipe)
        time.sleep(PAUSE)
        cursor.execute("BEGIN")
        cursor.execute("SELECT sqs_send('wakeup', 'x')")
        before = time.monotonic_ns()
        cursor.execute("COMMIT")
        after = time.monotonic_ns()
        at = expect(pipe)
        if at is None:
            raise RuntimeError("a waiting receive did not get its message")
        asked.append((at - before) / 1e6)
        known.append((at - after) / 1e6)
    connection.close()
    return sorted(asked), sorted(known)


def expect(pipe):
    if not pipe.poll(WAIT + 10):
        raise RuntimeError("the receiver does not answer")
    return pipe.recv()
