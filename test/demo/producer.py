"""The demo's producer: one message for each regular file under a folder.

usage: producer.py FOLDER

Prints the number of files before it sends the first message. It sends in
batches, each its own transaction: a batch is in the queue whole or not at
all, and consumers see it the moment it commits.
"""

import sys

import psycopg2

from files import QUEUE, path_to_body, regular_files

BATCH = 250


def main():
    bodies = [path_to_body(path) for path in regular_files(sys.argv[1])]
    print(len(bodies), flush=True)

    connection = psycopg2.connect(application_name="producer")
    connection.autocommit = True
    cursor = connection.cursor()
    for start in range(0, len(bodies), BATCH):
        cursor.execute("SELECT count(*) FROM sqs_send_batch(%s, %s::text[])",
                       (QUEUE, bodies[start:start + BATCH]))


if __name__ == "__main__":
    main()
