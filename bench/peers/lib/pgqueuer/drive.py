"""Drives PgQueuer by its own client and its own workers.

usage: drive.py prepare DSN
       drive.py load DSN N BODY
       drive.py run DSN send|work CLIENTS BATCH SECONDS BODY

A client is a connection: a sender with its Queries, or a worker with its
PgQueuer. One process of Python uses one core, so the clients are spread over
as many processes as there are cores, as its users do. The clock runs from the
moment when all are connected until the last of them has returned.
"""

import asyncio
import datetime
import hashlib
import json
import multiprocessing
import os
import shlex
import signal
import sys
import time

SCHEMA = "pgqueuer"
ENTRYPOINT = "bench"
CHUNK = 16 * 1024 * 1024        # bytes of a statement that loads, about
PATIENCE = 60                   # seconds until all clients are connected

# A worker that finds nothing, while others still have jobs in hand, looks
# again after this long. By default half a minute: more than a measurement.
LOOK = datetime.timedelta(seconds=0.05)

# PgQueuer reads it when it is imported.
os.environ["PGQUEUER_SCHEMA"] = SCHEMA

import asyncpg                                          # noqa: E402
import uvloop                                           # noqa: E402
from pgqueuer import PgQueuer, Queries                  # noqa: E402
from pgqueuer.db import AsyncpgDriver                   # noqa: E402
from pgqueuer.types import QueueExecutionMode           # noqa: E402


def connect(dsn):
    """A connection for a DSN of libpq."""
    names = {"host": "host", "port": "port", "dbname": "database", "user": "user"}
    pairs = dict(pair.split("=", 1) for pair in shlex.split(dsn))
    return asyncpg.connect(**{names[key]: value for key, value in pairs.items()
                              if key in names})


def payload(size):
    """The body of a message."""
    digests = (hashlib.md5(str(i).encode()).hexdigest() for i in range(size // 32 + 1))
    return "".join(digests)[:size].encode()


async def prepare(dsn):
    """Create the tables."""
    connection = await connect(dsn)
    await Queries(AsyncpgDriver(connection)).install(create_schema=False)
    await connection.close()


async def load(dsn, number, size):
    """Put so many jobs in."""
    connection = await connect(dsn)
    queries = Queries(AsyncpgDriver(connection))
    body = payload(size)
    most = max(1, min(1000, CHUNK // size))
    for done in range(0, number, most):
        part = min(most, number - done)
        await queries.enqueue([ENTRYPOINT] * part, [body] * part, [0] * part)
    await connection.close()


async def sender(connection, batch, body, end):
    """Send until the end; returns the numbers of calls and of messages."""
    queries = Queries(AsyncpgDriver(connection))
    calls = 0
    while time.monotonic() < end:
        if batch == 1:
            await queries.enqueue(ENTRYPOINT, body)
        else:
            await queries.enqueue([ENTRYPOINT] * batch, [body] * batch, [0] * batch)
        calls += 1
    return calls, calls * batch


async def worker(connection, batch, body, end):
    """Work until the end, or until nothing is left; returns as sender."""
    pgq = PgQueuer(AsyncpgDriver(connection))
    done = []

    @pgq.entrypoint(ENTRYPOINT)
    async def handle(job):
        done.append(len(job.payload) == len(body))

    late = asyncio.get_running_loop().call_later(end - time.monotonic(), pgq.shutdown.set)
    await pgq.run(batch_size=batch, mode=QueueExecutionMode.drain, dequeue_timeout=LOOK)
    late.cancel()
    if not all(done):
        sys.exit("pgqueuer: a job with another payload")
    return len(done), len(done)


def process(dsn, client, share, batch, seconds, size, barrier, results):
    """A process with its share of the clients."""

    async def clients():
        connections = [await connect(dsn) for _ in range(share)]
        body = payload(size)
        barrier.wait(PATIENCE)
        start = time.monotonic()
        done = await asyncio.gather(*(client(connection, batch, body, start + seconds)
                                      for connection in connections))
        took = time.monotonic() - start
        for connection in connections:
            await connection.close()
        return sum(calls for calls, _ in done), sum(messages for _, messages in done), took

    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    results.put(uvloop.run(clients()))


def run(dsn, operation, clients, batch, seconds, size):
    """Run the clients, and print what they did."""
    client = {"send": sender, "work": worker}[operation]
    # Leaving in order takes the processes along.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    count = min(clients, len(os.sched_getaffinity(0)))
    barrier = multiprocessing.Barrier(count)
    results = multiprocessing.SimpleQueue()
    processes = []
    for i in range(count):
        share = clients // count + (i < clients % count)
        processes.append(multiprocessing.Process(target=process, daemon=True, args=(
            dsn, client, share, batch, seconds, size, barrier, results)))
        processes[-1].start()
    for one in processes:
        one.join()
        if one.exitcode:
            sys.exit("pgqueuer: a process of clients has failed")
    calls, messages, took = zip(*(results.get() for _ in processes))
    note = "enqueue()"
    if operation == "work":
        note = f"a call is a job; batch_size {batch}"
    print(json.dumps({"calls": sum(calls), "messages": sum(messages),
                      "seconds": round(max(took), 3), "note": note}))


def main():
    verb, dsn, *rest = sys.argv[1:]
    if verb == "prepare":
        uvloop.run(prepare(dsn))
    elif verb == "load":
        uvloop.run(load(dsn, *map(int, rest)))
    else:
        run(dsn, rest[0], *map(int, rest[1:]))


if __name__ == "__main__":
    main()
