"""One of the demo's consumers: receives, measures the files, stores, deletes.

usage: consumer.py NAME whole|leased

There are two ways to use a queue that lives in the database, and both give
each file exactly one result:

whole   Receive, work and delete are one transaction. If the consumer dies,
        the server rolls back, and the messages are there again at once, as
        if nobody had received them: the receive count does not rise. Right
        for short work.

leased  The receive commits first, as with SQS over the wire, and the work
        happens outside any transaction. If the consumer dies, the messages
        come back when their visibility timeout ends, with a higher receive
        count. Right for long work: no transaction stays open meanwhile.

Either way the result is stored and the message deleted in one transaction,
and a result is stored only where sqs_delete() says that it removed the
message just now. A leased consumer that was too slow may find that another
one has done the message; then it stores nothing. To a whole one that cannot
happen.

A consumer needs no way to be stopped: it may be killed at any moment. One
moment is of interest, the one with messages in hand, so that pipeline.py need
not be lucky: after SIGUSR1 the consumer goes to sleep over the next messages
it receives, printing their ids and receive counts, and waits for the kill.
"""

import hashlib
import json
import signal
import sys

import psycopg2
from psycopg2.extras import execute_values

from files import QUEUE, body_to_path, path_to_text

MODES = ("whole", "leased")
MAX_MESSAGES = 10
VISIBILITY_TIMEOUT = 10
WAIT_TIME = 5
READY = "ready"         # printed when connected, before the first receive

RECEIVE = """
    SELECT message_id, receipt_handle, body, receive_count, sent_at
    FROM sqs_receive(%s, %s, visibility_timeout => %s, wait_time_seconds => %s)
"""

STORE = f"""
    INSERT INTO result (path, size, sha256, words, message_id, receive_count,
                        consumer, sent_at)
    SELECT path, size, sha256, words, message_id, receive_count,
           consumer, sent_at
    FROM (VALUES %s) AS done (receipt_handle, path, size, sha256, words,
                              message_id, receive_count, consumer, sent_at)
    WHERE sqs_delete('{QUEUE}', receipt_handle)
"""

STORE_ROW = "(%s, %s, %s, %s, %s, %s::uuid, %s, %s, %s::timestamptz)"


def sleep_over(messages):
    """Say which messages these are, and do nothing until killed."""
    print(json.dumps({message_id: count for message_id, _, _, count, _ in messages}),
          flush=True)
    while True:
        signal.pause()


def measure(path):
    """Size, SHA-256 and number of words (as split by white space) of a file."""
    with open(path, "rb") as file:
        data = file.read()
    return len(data), hashlib.sha256(data).hexdigest(), len(data.split())


def consume(connection, name, mode, sleepy):
    """One turn: wait for messages, work through them, store and delete."""
    cursor = connection.cursor()
    cursor.execute(RECEIVE, (QUEUE, MAX_MESSAGES, VISIBILITY_TIMEOUT, WAIT_TIME))
    messages = cursor.fetchall()
    if mode == "leased" or not messages:
        connection.commit()
    if not messages:
        return
    if sleepy:
        sleep_over(messages)

    done = []
    for message_id, handle, body, count, sent_at in messages:
        path = body_to_path(body)
        done.append((handle, path_to_text(path), *measure(path),
                     message_id, count, name, sent_at))
    execute_values(cursor, STORE, done, template=STORE_ROW)
    if mode == "whole" and cursor.rowcount < len(done):
        sys.exit(f"consumer: {len(done)} messages received in this transaction, "
                 f"and only {cursor.rowcount} of them deleted")
    connection.commit()


def main():
    name, mode = sys.argv[1:]
    if mode not in MODES:
        sys.exit(f"consumer: mode is {' or '.join(MODES)}, not {mode}")
    sleepy = []
    signal.signal(signal.SIGUSR1, lambda *_: sleepy.append(True))
    connection = psycopg2.connect(application_name=name)
    print(READY, flush=True)
    while True:
        consume(connection, name, mode, sleepy)


if __name__ == "__main__":
    main()
