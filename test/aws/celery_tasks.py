"""A worker of Celery, with the gateway for its broker: tasks run once each,
delayed ones and such that are tried again; tasks of a worker that is killed
go to another one.
"""

import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

import sqs as lib
from tap import LIMIT, becomes, equal, finish, group, note, ok

folder = pathlib.Path(tempfile.mkdtemp())
prefix = lib.unique('celery') + '-'
os.environ.update(QUEUE_CELERY_RESULTS=str(folder), QUEUE_CELERY_PREFIX=prefix)

import celery_app  # noqa: E402 # it reads what was set above

client = lib.client()


def worker(number):
    """Start a worker."""
    with open(folder / f'.worker-{number}.log', 'wb') as log:
        return subprocess.Popen(
            [sys.executable, '-m', 'celery', '-A', 'celery_app', 'worker',
             '--concurrency', '2', '--loglevel', 'INFO', '--without-gossip',
             '--without-mingle', '--without-heartbeat',
             '--hostname', f'worker{number}@localhost'],
            stdout=log, stderr=subprocess.STDOUT, start_new_session=True)


def results(name):
    """What the runs of a task have noted, in order."""
    files = [path for path in folder.glob(f'{name}.*')]
    return [path.read_bytes().decode() for path in
            sorted(files, key=lambda path: path.stat().st_mtime_ns)]


def left():
    """Messages that the queues of the application still have."""
    names = ['ApproximateNumberOfMessages',
             'ApproximateNumberOfMessagesNotVisible',
             'ApproximateNumberOfMessagesDelayed']
    total = 0
    for url in client.list_queues(QueueNamePrefix=prefix).get('QueueUrls', []):
        values = client.get_queue_attributes(
            QueueUrl=url, AttributeNames=names)['Attributes']
        total += sum(int(value) for value in values.values())
    return total


def many():
    """Tasks are run, each once."""
    for i in range(100):
        celery_app.add.delay(i, i, 1)
    becomes(lambda: len(list(folder.glob('add-*'))), 100, 'a hundred tasks run')
    equal([results(f'add-{i}') for i in range(100)],
          [[str(i + 1)] for i in range(100)], 'each once, with its result')


def bodies():
    """Arguments come as they were."""
    text = 'grüße <a>&amp;\r\n"\t</a> 😀' * 1000
    celery_app.echo.delay('echo', text)
    becomes(lambda: results('echo'), [text], 'arguments are as they were')


def later():
    """Tasks for later, and tasks that come again."""
    started = time.time()
    celery_app.echo.apply_async(('later', 'later'), countdown=2)
    celery_app.echo.apply_async(('sooner', 'sooner'))
    becomes(lambda: results('later'), ['later'], 'a delayed task is run')
    ran = [path.stat().st_mtime for path in folder.glob('later.*')]
    ok(ran and ran[0] >= started + 2, 'not before its time', ran, started)
    equal(results('sooner'), ['sooner'], 'and another before it')
    celery_app.stubborn.delay()
    becomes(lambda: results('stubborn'), ['0', '1', '2'],
            'a task that fails is tried again')


def chain():
    """A task that is followed by another."""
    (celery_app.first.s('first') | celery_app.second.s('second'))()
    becomes(lambda: results('chain'), ['first, then second'],
            'a task hands on what it gives')


def nothing_left():
    """What was done is deleted."""
    becomes(left, 0, 'no message is left')


def other_worker():
    """A worker that is killed leaves its messages to another one."""
    global process
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for i in range(20):
        celery_app.echo.delay(f'orphan-{i}', 'orphan')
    process = worker(2)
    becomes(lambda: len(list(folder.glob('orphan-*'))), 20,
            'what was sent meanwhile is done by another worker')
    becomes(left, 0, 'and deleted')


# The workers are not to outlive us.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
process = worker(1)
try:
    for test in (many, bodies, later, chain, nothing_left, other_worker):
        group(test)
    process.send_signal(signal.SIGTERM)
    try:
        status = process.wait(LIMIT)
    except subprocess.TimeoutExpired:
        status = 'still running'
    equal(status, 0, 'a worker stops when it is told to')
finally:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    for log in sorted(folder.glob('.worker-*')):
        for line in log.read_text().splitlines():
            if 'ERROR' in line or 'CRITICAL' in line or 'Traceback' in line:
                note(line)
for url in client.list_queues(QueueNamePrefix=prefix).get('QueueUrls', []):
    client.delete_queue(QueueUrl=url)
finish()
