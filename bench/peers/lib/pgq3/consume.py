"""Consumes the events of PgQ's queue "bench" as its one registered consumer.

usage: consume.py DSN CLIENTS SECONDS

A batch is what came between two ticks. It is asked for in a transaction of
its own, read through a cursor some hundred events at a time, and finished;
PgQ's own consumer in Python does it in these steps. Ends after SECONDS, or
when the consumer has seen all events.
"""

import json
import sys
import time

import psycopg2

FETCH = 300             # events at a time, as PgQ's own consumer
NAP = 0.02              # seconds until the next look for a batch

NEXT = "SELECT pgq.next_batch('bench', 'bench')"
EVENTS = "SELECT * FROM pgq.get_batch_cursor(%s, 'events', %s)"
MORE = f"FETCH {FETCH} FROM events"
FINISH = "SELECT pgq.finish_batch(%s)"
PENDING = "SELECT pending_events FROM pgq.get_consumer_info('bench', 'bench')"


def single(connection, cursor, query):
    """The one value of a query, in a transaction of its own."""
    cursor.execute(query)
    value = cursor.fetchone()[0]
    connection.commit()
    return value


def consume_batch(connection, cursor, batch):
    """Read and finish a batch; returns the number of its events."""
    events = 0
    cursor.execute(EVENTS, (batch, FETCH))
    rows = cursor.fetchall()
    while rows:
        events += len(rows)
        if len(rows) < FETCH:
            break
        cursor.execute(MORE)
        rows = cursor.fetchall()
    cursor.execute("CLOSE events")
    cursor.execute(FINISH, (batch,))
    connection.commit()
    return events


def main():
    dsn, clients, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    connection = psycopg2.connect(dsn)
    cursor = connection.cursor()
    batches = events = 0
    start = done = time.monotonic()
    while time.monotonic() - start < seconds:
        batch = single(connection, cursor, NEXT)
        if batch is not None:
            events += consume_batch(connection, cursor, batch)
            batches += 1
            done = time.monotonic()
        elif single(connection, cursor, PENDING) == 0:
            break
        else:
            time.sleep(NAP)
    note = "a call is a batch, all events between two ticks"
    if clients > 1:
        note += f"; one cursor for all of a consumer, so 1 client, not {clients}"
    print(json.dumps({"calls": batches, "messages": events,
                      "seconds": round(done - start, 3), "note": note}))


if __name__ == "__main__":
    main()
