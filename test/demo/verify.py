"""Checks the demo's results against the files, by other means than made them.

usage: verify.py FOLDER

find(1) lists the files and their sizes, sha256sum(1) hashes them, and a
pattern counts the words. Each file must have exactly one result, with the
same figures; the queue must be empty and sound; its counters must agree with
the results; and what a killed consumer held must have come back as
consumer.py says. Prints up to ten differences and fails if there is one.
"""

import collections
import re
import subprocess
import sys
from urllib.parse import unquote_to_bytes

import psycopg2

WORD = re.compile(rb"[^ \t\n\v\f\r]+")
AT_ONCE = 500           # files for one sha256sum
SHOWN = 10

# Each query gives one line of text for each thing that is wrong.
DATABASE_CHECKS = (
    """
    SELECT format('sqs_check, message %s: %s', message_id, problem)
    FROM sqs_check()
    """,
    """
    SELECT format('queue %s still has %s visible, %s in flight, %s delayed',
                  name, visible, in_flight, delayed)
    FROM sqs_queues WHERE visible + in_flight + delayed > 0
    """,
    """
    SELECT format('sqs_metrics says %s sent, %s received, %s deleted; '
                  'the results say %s, %s, %s',
                  m.sent, m.received, m.deleted, r.done, r.received, r.done)
    FROM (SELECT number_of_messages_sent AS sent,
                 number_of_messages_received AS received,
                 number_of_messages_deleted AS deleted FROM sqs_metrics) AS m,
         (SELECT count(*) AS done, sum(receive_count) AS received
          FROM result) AS r
    WHERE (m.sent, m.received, m.deleted)
          IS DISTINCT FROM (r.done, r.received, r.done)
    """,
    """
    SELECT format('message %s was received %s times, and no killed consumer held it',
                  message_id, receive_count)
    FROM result
    WHERE receive_count > 1 AND message_id NOT IN (SELECT message_id FROM killed)
    """,
    """
    SELECT format('message %s, held by a killed %s consumer at receive count '
                  '%s: %s results, receive count %s', message_id, k.mode,
                  k.receive_count, count(r), max(r.receive_count))
    FROM killed AS k LEFT JOIN result AS r USING (message_id)
    GROUP BY message_id, k.mode, k.receive_count
    HAVING count(r) <> 1
        OR max(r.receive_count) <> k.receive_count + (k.mode = 'leased')::int
    """,
)


def list_files(folder):
    """Size by path, in bytes, for each readable regular file."""
    found = subprocess.run(["find", folder, "-type", "f", "-readable",
                            "-printf", r"%s %p\0"],
                           check=True, stdout=subprocess.PIPE).stdout
    sizes = {}
    for entry in found.split(b"\0")[:-1]:
        size, path = entry.split(b" ", 1)
        sizes[path] = int(size)
    return sizes


def hash_files(paths):
    """SHA-256 in hexadecimal by path."""
    hashes = {}
    for start in range(0, len(paths), AT_ONCE):
        lines = subprocess.run(["sha256sum", "-z", "--",
                                *paths[start:start + AT_ONCE]],
                               check=True, stdout=subprocess.PIPE).stdout
        for line in lines.split(b"\0")[:-1]:
            hashes[line[66:]] = line[:64].decode()
    return hashes


def count_words(path):
    """Words of a file, as split by white space."""
    with open(path, "rb") as file:
        return sum(1 for _ in WORD.finditer(file.read()))


def compare(folder, results):
    """Yield a line for each difference between files and results."""
    sizes = list_files(folder)
    hashes = hash_files(list(sizes))
    for path, size in sizes.items():
        expected = (size, hashes[path], count_words(path))
        stored = results.pop(path, [])
        name = path.decode(errors="backslashreplace")
        if not stored:
            yield f"{name}: missing"
        elif len(stored) > 1:
            yield f"{name}: {len(stored)} results"
        elif stored[0] != expected:
            yield f"{name}: stored {stored[0]}, the file has {expected}"
    for path in results:
        yield f"{path.decode(errors='backslashreplace')}: no such file"


def main():
    cursor = psycopg2.connect(application_name="verify").cursor()
    cursor.execute("SELECT path, size, sha256, words FROM result")
    results = collections.defaultdict(list)
    for path, *figures in cursor:
        results[unquote_to_bytes(path)].append(tuple(figures))
    count = len(results)

    differences = list(compare(sys.argv[1], results))
    for check in DATABASE_CHECKS:
        cursor.execute(check)
        differences += [line for line, in cursor]
    for line in differences[:SHOWN]:
        print(f"demo: {line}")
    if differences:
        sys.exit(f"demo: {len(differences)} differences")
    print(f"demo: {count:,} files, all correct")


if __name__ == "__main__":
    main()
