"""Ten thousand long polls at a time: messages to random queues wake the right
ones, and they cost little memory, few descriptors and hardly a connection to
the database. Clients that vanish take no message with them.
"""

import asyncio
import json
import os
import random
import resource
import subprocess
import sys
import time

import metrics
import wire
from gateway import Gateway, sql
from tap import LIMIT, becomes, equal, finish, group, note, ok

POLLS = 10000
QUEUES = 1000
CLIENTS = 2
MESSAGES = 500
MEMORY = 300
CONNECTIONS = 16

PREFIX = f'polls-{os.getpid()}'


def raise_limit():
    """As many descriptors as we may have."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


# What a client does, in a process of its own.

async def poll(host, queue, opening):
    """Poll a queue until there is a message; say which, and when the poll
    that got it began."""
    address, _, port = host.partition(':')
    async with opening:
        reader, writer = await asyncio.open_connection(address, int(port),
                                                       limit=4096)
    while True:
        began = time.time()
        writer.write(wire.request(host, 'ReceiveMessage', {
            'QueueUrl': queue, 'WaitTimeSeconds': 20}))
        head = await reader.readuntil(b'\r\n\r\n')
        status, length = wire.status_and_length(head)
        answer = json.loads(await reader.readexactly(length) or b'{}')
        if status != 200:
            print(json.dumps({'error': answer}), flush=True)
            return
        for message in answer.get('Messages', []):
            print(json.dumps({'queue': queue, 'body': message['Body'],
                              'began': began}), flush=True)


async def polls(host, prefix, first, step):
    """A share of all the polls."""
    # A backlog of connections that nobody has taken yet has a bound.
    opening = asyncio.Semaphore(200)
    await asyncio.gather(*(
        poll(host, f'{prefix}-{number % QUEUES}', opening)
        for number in range(first, POLLS, step)))


if len(sys.argv) > 1:
    raise_limit()
    asyncio.run(polls(sys.argv[1], sys.argv[2], int(sys.argv[3]), CLIENTS))
    sys.exit(0)


# The test.

gateway = Gateway('polls')
connection = wire.Connection(gateway.endpoint)
clients = []
got = []


def start_clients():
    """Start the processes that poll."""
    for number in range(CLIENTS):
        clients.append(subprocess.Popen(
            [sys.executable, __file__, connection.host, PREFIX, str(number)],
            stdout=subprocess.PIPE))
        os.set_blocking(clients[-1].stdout.fileno(), False)


pending = {}


def read_clients():
    """What they have said since; gives how many messages that are so far."""
    for client in clients:
        data = pending.get(client, b'') + (client.stdout.read() or b'')
        *lines, pending[client] = data.split(b'\n')
        got.extend(json.loads(line) for line in lines)
    return len(got)


def make_queues():
    """The queues; a message that is taken stays away for the test."""
    for number in range(QUEUES):
        connection.call('CreateQueue', QueueName=f'{PREFIX}-{number}',
                        Attributes={'VisibilityTimeout': '43200'})
    ok(True, f'{QUEUES} queues are made')


def waiting():
    """Start to poll, and see what it costs."""
    before = gateway.memory()
    start_clients()
    becomes(lambda: metrics.read('queue_gateway_connections') >= POLLS, True,
            f'{POLLS} clients are connected')
    # Those whose wait is over ask anew: a few may be between two polls.
    becomes(lambda: metrics.waiting_polls() >= POLLS * 0.99, True,
            'their polls wait')
    memory = gateway.memory()
    connections = int(sql("SELECT count(*) FROM pg_stat_activity WHERE "
                          "usename = 'queue_gateway'"))
    note(f'memory of the gateway: {before:.0f} MB before, {memory:.0f} MB with '
         f'{metrics.waiting_polls()} polls, {gateway.descriptors()} '
         f'descriptors, {connections} connections to PostgreSQL')
    ok(memory < MEMORY, f'with less than {MEMORY} MB of memory', memory)
    ok(connections <= CONNECTIONS,
       f'on at most {CONNECTIONS} connections to PostgreSQL', connections)


def waking():
    """Each message goes to one poll of its queue."""
    sent = {}
    chosen = random.sample(range(QUEUES), MESSAGES)
    for queue in chosen:
        sent[f'{PREFIX}-{queue}'] = time.time()
        connection.call('SendMessage', QueueUrl=f'{PREFIX}-{queue}',
                        MessageBody=f'for {PREFIX}-{queue}')
    becomes(lambda: read_clients() >= MESSAGES, True,
            f'{MESSAGES} messages are received')
    equal([one for one in got if 'error' in one], [], 'without an error')
    equal(sorted((one['queue'], one['body']) for one in got),
          sorted((queue, f'for {queue}') for queue in sent),
          'each once, by a poll of its queue')
    woken = sum(one['began'] < sent[one['queue']] for one in got)
    note(f'{woken} of them by a poll that had begun before they were sent')
    ok(woken >= MESSAGES * 0.9, 'polls are woken, not asked anew', woken)
    ok(gateway.memory() < MEMORY, f'still with less than {MEMORY} MB',
       gateway.memory())


def vanishing():
    """All clients are gone at once; messages are for others."""
    for client in clients:
        client.kill()
        client.wait()
    chosen = random.sample(range(QUEUES), 200)
    for queue in chosen:
        connection.call('SendMessage', QueueUrl=f'{PREFIX}-{queue}',
                        MessageBody=f'after {queue}')
    bodies = []
    for queue in chosen:
        answer = connection.call('ReceiveMessage', WaitTimeSeconds=20,
                                 QueueUrl=f'{PREFIX}-{queue}')
        bodies += [message['Body'] for message in answer.get('Messages', [])]
    equal(bodies, [f'after {queue}' for queue in chosen],
          'what is sent after clients have vanished is received by others')
    becomes(metrics.waiting_polls, 0, 'no poll waits for a client that is gone')
    becomes(lambda: metrics.read('queue_gateway_connections') < 10, True,
            'and no connection is kept')


def closing():
    """A client that closes its connection, one after the other."""
    lost = []
    url = f'{PREFIX}-0'
    for number in range(100):
        other = wire.Connection(gateway.endpoint)
        other.send('ReceiveMessage', QueueUrl=url, WaitTimeSeconds=20)
        metrics.wait_for_polls(0, 1)
        other.close()
        connection.call('SendMessage', QueueUrl=url, MessageBody=str(number))
        answer = connection.call('ReceiveMessage', QueueUrl=url,
                                 WaitTimeSeconds=20)
        for message in answer.get('Messages', []):
            connection.call('DeleteMessage', QueueUrl=url,
                            ReceiptHandle=message['ReceiptHandle'])
        if [one['Body'] for one in answer.get('Messages', [])] != [str(number)]:
            lost.append((number, answer))
            break
        becomes_none()
    equal(lost, [], 'a client that closes its connection while it polls takes '
          'no message with it')


def becomes_none():
    """Wait until no poll waits."""
    end = time.monotonic() + LIMIT
    while metrics.waiting_polls() and time.monotonic() < end:
        time.sleep(0.01)


limit = raise_limit()
ok(limit >= POLLS + 500, 'this machine allows enough descriptors', limit)
gateway.start()
try:
    gateway.wait()
    for test in (make_queues, waiting, waking, vanishing, closing):
        group(test)
    equal(gateway.stop(), 0, 'the gateway stops when it is told to')
finally:
    for one in clients:
        one.kill()
    if gateway.process.poll() is None:
        gateway.kill()
finish()
