"""Load over HTTP while the gateway, sessions of PostgreSQL and all of
PostgreSQL are killed, again and again: what was acknowledged is received in
the end, and everything recovers without anybody's help but that of a
supervisor that starts what has ended.
"""

import json
import multiprocessing
import os
import random
import signal
import subprocess
import threading
import time

import wire
from gateway import Gateway, sql
from tap import LIMIT, becomes, equal, finish, group, note, ok

ROUNDS = 3
SENDERS = 2
RECEIVERS = 2
THREADS = 8
# Acknowledged messages between two blows.
PROGRESS = 400
VISIBILITY = 3

DATA = os.environ['QUEUE_DATA']
LOG = os.environ['QUEUE_LOG_FOLDER']
QUEUE = f'kill-{os.getpid()}'
FIFO = f'kill-{os.getpid()}.fifo'


# What clients do, in processes of their own. Each writes lines to a file that
# the test reads in the end; a line is written after the answer has come.

def until_it_works(connection, stop, action, **parameters):
    """Repeat a request as SDKs do, until it is answered."""
    while not stop.is_set():
        try:
            return connection.call(action, **parameters)
        except OSError:
            stop.wait(0.05)
        except wire.Refused as error:
            if error.status < 500:
                raise
            stop.wait(0.05)
    return None


def sender(endpoint, number, thread, stop, count, lines):
    """Sends until it is told to stop."""
    connection = wire.Connection(endpoint)
    i = 0
    while not stop.is_set():
        i += 1
        body = f'{number}.{thread}.{i}'
        fifo = i % 4 == 0
        parameters = {'QueueUrl': QUEUE, 'MessageBody': body}
        if fifo:
            parameters.update(QueueUrl=FIFO, MessageDeduplicationId=body,
                              MessageGroupId=f'{number}.{thread}')
        answer = until_it_works(connection, stop, 'SendMessage', **parameters)
        if answer is None:
            break
        lines.append(('sent', 'fifo' if fifo else 'standard', body,
                      answer['MessageId']))
        with count.get_lock():
            count.value += 1


def receiver(endpoint, number, thread, stop, _, lines):
    """Receives and deletes until it is told to stop."""
    connection = wire.Connection(endpoint)
    kind, url = (('fifo', FIFO) if thread % 4 == 0 else ('standard', QUEUE))
    while not stop.is_set():
        answer = until_it_works(connection, stop, 'ReceiveMessage',
                                QueueUrl=url, MaxNumberOfMessages=10,
                                WaitTimeSeconds=1)
        messages = (answer or {}).get('Messages', [])
        if not messages:
            continue
        lines.extend(('got', kind, one['Body'], one['MessageId'])
                     for one in messages)
        try:
            connection.call('DeleteMessageBatch', QueueUrl=url, Entries=[
                {'Id': str(i), 'ReceiptHandle': one['ReceiptHandle']}
                for i, one in enumerate(messages)])
        except (OSError, wire.Refused):
            # They come again.
            pass


def work(target, endpoint, number, stop, count, path):
    """A process of clients."""
    lines = []
    threads = [threading.Thread(target=target, args=(
        endpoint, number, thread, stop, count, lines))
        for thread in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with open(path, 'w', encoding='utf-8') as file:
        json.dump(lines, file)


# The test.

gateway = Gateway('kill')
stopping = threading.Event()


def supervise():
    """Starts the gateway when it has ended, as systemd would."""
    while not stopping.wait(0.02):
        if gateway.process.poll() is not None:
            gateway.start()


def start_postgresql():
    """Start the server as soon as what is left of the last one is gone."""
    end = time.monotonic() + LIMIT
    while subprocess.run(
            ['pg_ctl', '-D', DATA, '-l', f'{LOG}/server.log', '-w', 'start'],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL, check=False).returncode != 0:
        if time.monotonic() > end:
            raise TimeoutError('PostgreSQL does not start')


def kill_gateway():
    """The gateway, in the middle of what it does."""
    gateway.process.kill()


def kill_session():
    """A session of the gateway: PostgreSQL then ends all of them."""
    pids = sql("SELECT pid FROM pg_stat_activity WHERE usename = "
               "'queue_gateway'").split()
    os.kill(int(random.choice(pids)), signal.SIGKILL)


def kill_postgresql():
    """The server itself, which somebody starts again."""
    with open(f'{DATA}/postmaster.pid', encoding='utf-8') as file:
        pid = int(file.readline())
    os.kill(pid, signal.SIGKILL)
    start_postgresql()


def stop_postgresql():
    """The server, as an administrator restarts it."""
    subprocess.run(['pg_ctl', '-D', DATA, '-l', f'{LOG}/server.log', '-w',
                    '-m', 'fast', 'restart'], check=True,
                   stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)


def test(folder):
    """All of it."""
    connection = wire.Connection(gateway.endpoint)
    never = threading.Event()
    connection.call('CreateQueue', QueueName=QUEUE, Attributes={
        'VisibilityTimeout': str(VISIBILITY)})
    connection.call('CreateQueue', QueueName=FIFO, Attributes={
        'VisibilityTimeout': str(VISIBILITY), 'FifoQueue': 'true'})
    stop_sending = multiprocessing.Event()
    stop_receiving = multiprocessing.Event()
    count = multiprocessing.Value('l', 0)
    senders = []
    receivers = []
    for target, list_, number, stop in (
            (sender, senders, SENDERS, stop_sending),
            (receiver, receivers, RECEIVERS, stop_receiving)):
        for i in range(number):
            path = f'{folder}/{target.__name__}.{i}'
            process = multiprocessing.Process(target=work, args=(
                target, gateway.endpoint, i, stop, count, path))
            process.start()
            list_.append((process, path))

    def goes_on(what):
        seen = count.value
        return becomes(lambda: count.value >= seen + PROGRESS, True, what)

    try:
        if goes_on('messages are sent'):
            for number in range(1, ROUNDS + 1):
                for blow in (kill_gateway, kill_session, kill_postgresql):
                    blow()
                    if not goes_on(f'it goes on after {blow.__name__}, '
                                   f'{number}'):
                        break
            stop_postgresql()
            goes_on('it goes on after a restart of PostgreSQL')
    finally:
        stop_sending.set()
        for process, _ in senders:
            process.join(LIMIT)

    def left():
        total = 0
        for queue in (QUEUE, FIFO):
            answer = until_it_works(
                connection, never, 'GetQueueAttributes', QueueUrl=queue,
                AttributeNames=['ApproximateNumberOfMessages',
                                'ApproximateNumberOfMessagesNotVisible'])
            total += sum(map(int, answer['Attributes'].values()))
        return total
    becomes(left, 0, 'all that is left is received and deleted')
    stop_receiving.set()
    for process, _ in receivers:
        process.join(LIMIT)

    lines = []
    for _, path in senders + receivers:
        with open(path, encoding='utf-8') as file:
            lines += json.load(file)
    sent = {(kind, body): message for what, kind, body, message in lines
            if what == 'sent'}
    got = {}
    for what, kind, body, message in lines:
        if what == 'got':
            got.setdefault((kind, body), set()).add(message)
    note(f'{len(sent)} messages were acknowledged, {len(got)} received')
    equal([key for key in sent if key not in got][:10], [],
          'each message that was acknowledged is received')
    equal([key for key in sent if key in got and sent[key] not in got[key]][:10],
          [], 'with the id that was told')
    equal([key for key in got if key[0] == 'fifo' and len(got[key]) > 1][:10],
          [], 'and in a FIFO queue a send that was repeated is one message')
    equal(sql(f"SELECT * FROM sqs_check('{QUEUE}') UNION ALL "
              f"SELECT * FROM sqs_check('{FIFO}')"), '', 'the queues are sound')
    ok(gateway.is_ready(), 'the gateway says that it is well')


def down():
    """While the database is away, clients are told to come again."""
    connection = wire.Connection(gateway.endpoint)
    subprocess.run(['pg_ctl', '-D', DATA, '-w', '-m', 'fast', 'stop'],
                   check=True, stdout=subprocess.DEVNULL)
    try:
        try:
            connection.call('SendMessage', QueueUrl=QUEUE, MessageBody='x')
            ok(False, 'a request without a database is refused')
        except wire.Refused as error:
            ok(error.status == 503 and 'ServiceUnavailable' in str(error),
               'a request without a database is refused', error)
        equal(gateway.is_ready(), False, 'the gateway says that it is not well')
    finally:
        start_postgresql()
    answer = until_it_works(connection, threading.Event(), 'SendMessage',
                            QueueUrl=QUEUE, MessageBody='x')
    ok(answer['MessageId'], 'and is let in when it is repeated')
    for queue in (QUEUE, FIFO):
        connection.call('DeleteQueue', QueueUrl=queue)


def main():
    """Start, test, stop."""
    folder = f'{LOG}/kill'
    os.makedirs(folder, exist_ok=True)
    gateway.start()
    supervisor = threading.Thread(target=supervise)
    try:
        gateway.wait()
        supervisor.start()
        group(test, folder)
        group(down)
    finally:
        stopping.set()
        if supervisor.ident is not None:
            supervisor.join()
        if gateway.process.poll() is None:
            equal(gateway.stop(), 0, 'the gateway stops when it is told to')
    finish()


if __name__ == '__main__':
    main()
