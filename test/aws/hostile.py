"""Hostile input for a running gateway: slow, endless, malformed, too much.

After each attempt the gateway must have answered with an error that fits or
closed the connection, must answer a request for its health, and must have no
more memory than it was allowed. Signed attempts go through all of it, so the
access key has to be one that may create a queue.

Where it is say AWS_ENDPOINT_URL and QUEUE_GATEWAY_PID, or --address and --pid; its
access key AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_DEFAULT_REGION. It
should have been started with

    --request-timeout=2 --idle-timeout=2 --max-connections=1000 --max-memory=64MB

as this waits for its limits of time, and goes beyond the others. Needs nothing
but Python's own library, so that no client's checks stand in the way.
"""

import argparse
import asyncio
import datetime
import hashlib
import hmac
import json
import os
import random
import resource
import socket
import ssl
import struct
import sys
import traceback
import urllib.parse

# Seconds after which the gateway is said to hang. Not a measure of speed:
# nothing that works is near it.
LIMIT = 120

# More than any request may have, in bytes.
ENDLESS = 64 * 1024 * 1024

MB = 1024 * 1024
MAX_BODY = 8 * MB
JSON = 'application/x-amz-json-1.0'
FORM = 'application/x-www-form-urlencoded; charset=utf-8'
HALF_CLOSE = object()

arguments = None
count = 0
failed = 0


class Answer:
    """What came back for one request."""

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    def __repr__(self):
        return f'{self.status} {self.body[:200]!r}'


# ---------------------------------------------------------------- connections

async def connect():
    """A new connection, as a reader and a writer."""
    return await asyncio.open_connection(arguments.host, arguments.port, limit=MB)


async def read_answer(reader):
    """The next answer; None at the end of the connection."""
    while True:
        line = await reader.readline()
        if not line.endswith(b'\n'):
            return None
        if not line.startswith(b'HTTP/1.'):
            raise ValueError(f'no status line: {line[:200]!r}')
        status = int(line.split()[1])
        headers = {}
        while (line := (await reader.readline()).strip()):
            name, _, value = line.partition(b':')
            headers[name.strip().lower().decode()] = value.strip().decode()
        if status >= 200:
            break
    body = await reader.readexactly(int(headers.get('content-length', 0)))
    return Answer(status, headers, body)


async def read_answers(reader):
    """All answers until the connection ends, whichever way it does."""
    answers = []
    try:
        while (answer := await read_answer(reader)) is not None:
            answers.append(answer)
    except (ConnectionError, asyncio.IncompleteReadError):
        pass
    return answers


async def send(writer, pieces):
    """Send pieces one after the other, as far as they are taken."""
    try:
        for piece in pieces:
            if piece is HALF_CLOSE:
                writer.write_eof()
            else:
                writer.write(piece)
                await writer.drain()
    except (ConnectionError, OSError):
        pass


async def talk(pieces):
    """Send pieces on a connection of their own; the answers until it ends."""
    reader, writer = await connect()
    sender = asyncio.create_task(send(writer, pieces))
    try:
        answers = await read_answers(reader)
        if sender.done():
            sender.result()
        return answers
    finally:
        sender.cancel()
        writer.transport.abort()


async def dribble(data):
    """The same, byte by byte: the next goes out when nothing came for a while."""
    reader, writer = await connect()
    answers = asyncio.create_task(read_answers(reader))
    try:
        for byte in data:
            await send(writer, [bytes([byte])])
            done, _ = await asyncio.wait({answers}, timeout=0.02)
            if done:
                break
        else:
            raise ValueError(f'{len(data)} bytes were taken, however slow')
        return await answers
    finally:
        writer.transport.abort()


async def ask(data):
    """A request that is right, and the one answer to it."""
    reader, writer = await connect()
    try:
        writer.write(data)
        await writer.drain()
        return await read_answer(reader)
    finally:
        writer.transport.abort()


# ------------------------------------------------------------------- requests

def encode(value):
    """A string as bytes; bytes as they are."""
    return value if isinstance(value, bytes) else value.encode()


def request(method='GET', target='/health', headers=(), body=b'', close=True,
            length=True):
    """A request; whether it is right depends on what it is made of."""
    lines = [encode(method) + b' ' + encode(target) + b' HTTP/1.1',
             b'Host: ' + arguments.address.encode()]
    lines += [encode(name) + b': ' + encode(value) for name, value in headers]
    if length and (body or method == 'POST'):
        lines.append(b'Content-Length: %d' % len(body))
    if close:
        lines.append(b'Connection: close')
    return b'\r\n'.join(lines) + b'\r\n\r\n' + body


def signature(method, path, query, headers, body):
    """The value of the header Authorization for a request."""
    secret = os.environ['AWS_SECRET_ACCESS_KEY']
    region = os.environ.get('AWS_DEFAULT_REGION', 'us-east-1')
    time = dict(headers)['x-amz-date']
    scope = [time[:8], region, 'sqs', 'aws4_request']
    signed = sorted((name.lower(), encode(value).strip()) for name, value in headers)
    names = ';'.join(name for name, _ in signed).encode()
    canonical = b'\n'.join(
        [method.encode(), path.replace('%', '%25').encode(), query.encode()] +
        [name.encode() + b':' + value for name, value in signed] +
        [b'', names, hashlib.sha256(body).hexdigest().encode()])
    key = ('AWS4' + secret).encode()
    for step in scope:
        key = hmac.digest(key, step.encode(), 'sha256')
    digest = hmac.new(key, '\n'.join([
        'AWS4-HMAC-SHA256', time, '/'.join(scope),
        hashlib.sha256(canonical).hexdigest()]).encode(), 'sha256').hexdigest()
    credential = os.environ['AWS_ACCESS_KEY_ID'] + '/' + '/'.join(scope)
    return (f'AWS4-HMAC-SHA256 Credential={credential}, '
            f'SignedHeaders={names.decode()}, Signature={digest}')


def signed_headers(headers, body, method='POST', path='/', query=''):
    """Headers, with those that a signature needs."""
    now = datetime.datetime.now(datetime.timezone.utc).strftime('%Y%m%dT%H%M%SZ')
    headers = [*headers, ('x-amz-date', now)]
    value = signature(method, path, query, [*headers, ('host', arguments.address)], body)
    return [*headers, ('Authorization', value)]


def call(action, body, **options):
    """A signed call in JSON; the body may be bytes of any kind."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = [('content-type', JSON), ('x-amz-target', b'AmazonSQS.' + encode(action))]
    return request('POST', '/', signed_headers(headers, data), data, **options)


def form(body):
    """A signed call as a form."""
    data = encode(body)
    return request('POST', '/', signed_headers([('content-type', FORM)], data), data)


def chunked(chunks, end=b'0\r\n\r\n', headers=()):
    """A signed call whose body comes in these chunks, whatever they are."""
    body = b'{"QueueNamePrefix": "hostile-none"}'
    all_headers = signed_headers([('content-type', JSON), ('x-amz-target', 'AmazonSQS.ListQueues')],
                                 body)
    return request('POST', '/', [*all_headers, ('Transfer-Encoding', 'chunked'), *headers],
                   length=False) + chunks(body) + end


def pieces_of(size):
    """Chunks of a size, as they should be."""
    def chunks(body):
        return b''.join(b'%x\r\n%s\r\n' % (len(body[i:i + size]), body[i:i + size])
                        for i in range(0, len(body), size))
    return chunks


# --------------------------------------------------------------------- checks

def ok(condition, name, *remarks):
    """A check: prints its line, and the remarks where it failed."""
    global count, failed
    count += 1
    failed += not condition
    print(f"{'ok' if condition else 'not ok'} {count} - {name}")
    if not condition:
        for remark in remarks:
            print('\n'.join('#   ' + line[:1000] for line in str(remark).splitlines()))
    sys.stdout.flush()


def memory(field):
    """Bytes of memory that the gateway has, or had at most."""
    with open(f'/proc/{arguments.pid}/status', encoding='ascii') as file:
        for line in file:
            if line.startswith(field + ':'):
                return int(line.split()[1]) * 1024
    raise ValueError(f'no {field}')


async def well():
    """What is wrong with the gateway; None if nothing is."""
    try:
        answer = await asyncio.wait_for(ask(request()), LIMIT)
        if answer is None or answer.status != 200:
            return f'health: {answer}'
        used = memory('VmRSS')
        if used > arguments.memory * MB:
            return f'{used} bytes of memory'
    except (OSError, ValueError, asyncio.TimeoutError, asyncio.IncompleteReadError) as problem:
        return f'health: {problem!r}'
    return None


async def attempt(name, statuses, conversation):
    """
    Check that all answers of a conversation are of these statuses, or that it
    ended without one, and that the gateway is well afterwards.
    """
    try:
        answers = await asyncio.wait_for(conversation, LIMIT)
        wrong = [answer for answer in answers if answer.status not in statuses]
    except Exception:  # whatever it is, it is reported
        wrong = traceback.format_exc()
    illness = await well()
    ok(not wrong and not illness, name, f'answers: {wrong}', f'gateway: {illness}')


async def answers_are(name, conversation, expected):
    """Check that a conversation has these answers, by a text in each."""
    answers = []
    try:
        answers = await asyncio.wait_for(conversation, LIMIT)
    except Exception:  # as above
        answers = traceback.format_exc()
    right = len(answers) == len(expected) and all(
        text in answer.body for answer, text in zip(answers, expected))
    illness = await well()
    ok(right and not illness, name, f'answers: {answers}', f'gateway: {illness}')


async def becomes(name, question, expected):
    """Check that the answer to a question becomes what is expected."""
    async def ask_until():
        while (got := question()) != expected:
            await ask(request())
        return got
    try:
        got = await asyncio.wait_for(ask_until(), LIMIT)
    except asyncio.TimeoutError:
        got = question()
    ok(got == expected, name, f'got: {got}', f'expected: {expected}')


# ------------------------------------------------------------------- attempts

async def slow():
    """What comes too slowly, or never."""
    head = request(close=False)[:-4]
    stalled = {
            'nothing at all': [],
            'a letter': [b'G'],
            'a line': [b'GET /health HTTP/1.1\r\n'],
            'headers without an end': [head],
            'a line end short of a request': [head + b'\r\n'],
            'half a body': [request('POST', '/', body=b'x' * 1000)[:-500]],
            'a body that is not sent': [request('POST', '/', [('Content-Length', '1000')],
                                                length=False)],
            'half a chunk': [request('POST', '/', [('Transfer-Encoding', 'chunked')],
                                     length=False) + b'3e8\r\nxxx'],
            'no last chunk': [request('POST', '/', [('Transfer-Encoding', 'chunked')],
                                      length=False) + b'1\r\nx\r\n']}
    dribbled = {
        'headers': head + b'x' * 10000,
        'a body': request('POST', '/', body=b'x' * 10000),
        'chunks': request('POST', '/', [('Transfer-Encoding', 'chunked')],
                          length=False) + b'1\r\nx\r\n' * 2000}
    await asyncio.gather(
        *[attempt('slow: ' + name, {408}, talk(data)) for name, data in stalled.items()],
        *[attempt(f'slow: {name} byte by byte', {408}, dribble(data))
          for name, data in dribbled.items()],
        attempt('slow: half of a second request', {200}, talk([request(close=False), head])))


def repeat(first, piece):
    """Something, and then the same over and over."""
    yield first
    sent = 0
    while sent < ENDLESS:
        yield piece
        sent += len(piece)
    raise ValueError(f'{sent} bytes were taken')


async def endless():
    """What has no end, or is larger than it may be."""
    head = request(close=False)[:-2]
    post = request('POST', '/', [('Content-Length', str(10 ** 10))], length=False)
    in_chunks = request('POST', '/', [('Transfer-Encoding', 'chunked')], length=False)
    for name, first, piece in [
            ('headers', head, b'x-a: b\r\n' * 1000),
            ('one header', head + b'x-a: ', b'b' * 10000),
            ('the name of a header', head, b'x' * 10000),
            ('a line of a header that is folded', head + b'x-a: b', b'\r\n b' * 1000),
            ('a path', b'GET /', b'x' * 10000),
            ('a query string', b'GET /?', b'a=b&' * 1000),
            ('a method', b'', b'G' * 10000),
            ('blank lines', b'', b'\r\n' * 1000),
            ('NULs', b'', b'\0' * 10000)]:
        await attempt('endless: ' + name, {400, 413, 414, 431}, talk(repeat(first, piece)))
    for name, first, piece in [
            ('a body', post, b'x' * 65536),
            ('chunks', in_chunks, b'1000\r\n' + b'x' * 4096 + b'\r\n'),
            ('a chunk', in_chunks + b'ffffffffff\r\n', b'x' * 65536),
            ('the size of a chunk', in_chunks, b'0' * 10000),
            ('an extension of a chunk', in_chunks + b'1;', b'x' * 10000),
            ('a trailer', in_chunks + b'0\r\n', b'x-a: b\r\n' * 1000)]:
        await attempt('endless: ' + name, {400, 413, 431}, talk(repeat(first, piece)))
    await attempt('endless: no length, and a body', {400, 403, 413, 414, 431},
                  talk([request('POST', '/', length=False, close=False), b'x' * MB]))
    for size in (MAX_BODY + 1, 10 ** 10):
        await attempt(f'endless: a body of {size} bytes is announced', {413},
                      talk([request('POST', '/', [('Content-Length', str(size))], length=False)]))
    await attempt('a body as large as may be, not signed', {403},
                  talk([request('POST', '/', [('Content-Type', JSON)], b'x' * MAX_BODY)]))
    await attempt('a body as large as may be', {400}, talk([call('SendMessage', b' ' * MAX_BODY)]))


async def chunks():
    """Chunked bodies, good and bad."""
    for name, data in {
            'one chunk': chunked(pieces_of(1000)),
            'a chunk for each byte': chunked(pieces_of(1)),
            'sizes with noughts before': chunked(
                lambda body: b'%08X\r\n%s\r\n' % (len(body), body), b'000\r\n\r\n'),
            'an extension': chunked(lambda body: b'%x;a="b"\r\n%s\r\n' % (len(body), body)),
            'trailers': chunked(pieces_of(7), b'0\r\nx-a: b\r\nx-c: d\r\n\r\n')}.items():
        await attempt('chunks: ' + name, {200}, talk([data]))
        await answers_are('chunks: the answer to ' + name, talk([data]), [b'{}'])
    for name, data in {
            'no size': chunked(lambda body: b'\r\n' + body + b'\r\n'),
            'a size of no digits': chunked(lambda body: b'zz\r\n' + body + b'\r\n'),
            'a size with a sign': chunked(lambda body: b'-%x\r\n%s\r\n' % (len(body), body)),
            'a size with a plus sign': chunked(lambda body: b'+%x\r\n%s\r\n' % (len(body), body)),
            'a size with 0x': chunked(lambda body: b'0x%x\r\n%s\r\n' % (len(body), body)),
            'a size that overflows': chunked(
                lambda body: b'1%016x\r\n%s\r\n' % (len(body), body)),
            'a size as large as can be': chunked(
                lambda body: b'ffffffffffffffff\r\n' + body + b'\r\n'),
            'a size that is too small': chunked(lambda body: b'3\r\n' + body + b'\r\n'),
            'no line end after a chunk': chunked(lambda body: b'%x\r\n%s' % (len(body), body)),
            'an end of another kind': chunked(pieces_of(9), b'0\r\nxx\r\n\r\n'),
            'NULs in a size': chunked(lambda body: b'%x\0\r\n%s\r\n' % (len(body), body)),
            'a NUL chunk': chunked(lambda body: b'\0\r\n' + body)}.items():
        await attempt('chunks: ' + name, {400, 403, 413}, talk([data]))
    for name, value in {'gzip': 'gzip', 'chunked twice': 'chunked, chunked',
                        'chunked before gzip': 'chunked, gzip', 'no name': '',
                        'a tab in it': 'chun\tked', 'a NUL in it': 'chunked\0'}.items():
        await attempt('coding: ' + name, {400, 403, 501},
                      talk([request('POST', '/', [('Transfer-Encoding', value)],
                                    length=False) + b'0\r\n\r\n']))


async def lengths():
    """Content-Length: what is no length must not be taken for one."""
    # A NUL is not among them: the library takes it for the end of a header.
    for value in ('-1', '+2', '0x2', '2a', '2 2', '2,2', '2, 3', '', ' ', '2.0', '1e1', '٢',
                  '18446744073709551616', '18446744073709551618', '9' * 400, '-18446744073709551614'):
        await attempt(f'length: {value[:30]!r}', {400, 413},
                      talk([request('GET', '/health', [('Content-Length', value)]) + b'{}']))
    for one, other in (('2', '3'), ('3', '2'), ('0', '20')):
        await attempt(f'length: {one} and {other}', {400, 413},
                      talk([request('GET', '/health', [('Content-Length', one), ('Content-Length', other)])
                            + b'GET /health HTTP/1.1\r\n\r\n']))
    await attempt('length: one, and chunks', {400},
                  talk([request('GET', '/health', [('Content-Length', '5'), ('Transfer-Encoding', 'chunked')])
                        + b'0\r\n\r\n' + request()]))


async def pipelines():
    """Many requests at once: the answers come in their order."""
    texts = [b"'number-%d'" % number for number in range(200)]
    many = [request('POST', '/', [('Authorization', f'AWS4-HMAC-SHA256 number-{number}')],
                    b'x' * (number * 37 % 999), close=number == 199) for number in range(200)]
    whole = b''.join(many)
    await answers_are('pipeline: 200 requests in one piece', talk([whole]), texts)
    await answers_are('pipeline: one by one', talk(many), texts)
    await answers_are('pipeline: in pieces of 7 bytes',
                      talk([whole[i:i + 7] for i in range(0, len(whole), 7)]), texts)
    await answers_are('pipeline: half-closed after them', talk([whole, HALF_CLOSE]), texts)
    await attempt('pipeline: 100,000 requests, and no answer is read', {200, 403},
                  unread(request(close=False) * 100, 1000))

    url = await create_queue('pipeline')
    poll = call('ReceiveMessage', {'QueueUrl': url, 'WaitTimeSeconds': 1}, close=False)
    message = call('SendMessage', {'QueueUrl': url, 'MessageBody': 'm', 'DelaySeconds': 900},
                   close=False)
    await answers_are('pipeline: an answer that has to wait is waited for',
                      talk([message + poll + request(close=False) + message + request()]),
                      [b'"MessageId"', b'{}', b'"ok"', b'"MessageId"', b'"ok"'])
    await answers_are('pipeline: what comes before an error is answered',
                      talk([request(close=False) + call('ListQueues', {'QueueNamePrefix': 'none-'}, close=False)
                            + b'\0\0\0\r\n\r\n' + request()]),
                      [b'"ok"', b'{}', b''])
    await ask(call('DeleteQueue', {'QueueUrl': url}))


async def unread(data, times):
    """Send the same many times, read no answer, and go away."""
    _, writer = await connect()
    sender = asyncio.create_task(send(writer, [data] * times))
    await asyncio.wait({sender}, timeout=3)
    sender.cancel()
    writer.transport.abort()
    return []


async def create_queue(name, attributes=None):
    """A queue to try things on, and its URL."""
    answer = await ask(call('CreateQueue', {'QueueName': f'hostile-{name}-{os.getpid()}',
                                            'Attributes': attributes or {}}))
    return json.loads(answer.body)['QueueUrl']


async def heads():
    """Request lines and headers that are none."""
    host = f'Host: {arguments.address}\r\n\r\n'.encode()
    close = b'\r\nConnection: close\r\n'
    for name, line in {
            'no version': b'GET /health',
            'nothing but a method': b'GET',
            'a version that is none': b'GET /health HTTP/x',
            'version 9.9': b'GET /health HTTP/9.9',
            'version 2': b'PRI * HTTP/2.0',
            'a number for a version': b'GET /health 1.1',
            'blanks alone': b'   ',
            'no path': b'GET  HTTP/1.1',
            'a path without a slash': b'GET health HTTP/1.1',
            'a NUL in the method': b'GE\0T /health HTTP/1.1',
            'a NUL in the path': b'GET /\0health HTTP/1.1',
            'a NUL escaped': b'GET /health%00 HTTP/1.1',
            'a NUL in the version': b'GET /health HTTP/1.1\0',
            'a tab': b'GET\t/health\tHTTP/1.1',
            'a carriage return': b'GET /health\r HTTP/1.1',
            'an escape of no digits': b'GET /%zz?%=%q HTTP/1.1',
            'an escape that is cut off': b'GET /%?a=%2 HTTP/1.1',
            'dots': b'GET /../../../../etc/passwd HTTP/1.1',
            'dots, escaped': b'GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1',
            'bytes that are no ASCII': b'GET /\xff\xfe\x80?\xc3\x28=\xa0 HTTP/1.1',
            'another host': b'GET http://example.com/x HTTP/1.1',
            'a long path': b'GET /' + b'a' * 15000 + b' HTTP/1.1',
            'too long a path': b'GET /' + b'a' * 30000 + b' HTTP/1.1',
            'a long query string': b'GET /?' + b'a&' * 7500 + b' HTTP/1.1',
            'a long method': b'A' * 10000 + b' / HTTP/1.1',
            'another method': b'BREW /health HTTP/1.1',
            'a method in lower case': b'get /health HTTP/1.1',
            'DELETE': b'DELETE /health HTTP/1.1',
            'TRACE': b'TRACE /health HTTP/1.1',
            'OPTIONS': b'OPTIONS * HTTP/1.1',
            'CONNECT': b'CONNECT example.com:443 HTTP/1.1'}.items():
        await attempt('line: ' + name, {400, 403, 404, 405, 414, 431, 501, 505},
                      talk([line + close + host]))
    await attempt('line: HTTP/0.9', {200, 400, 505}, talk([b'GET /health\r\n\r\n']))
    for name, lines in {
            'no colon': b'x-a\r\n',
            'no name': b': b\r\n',
            'a NUL in a name': b'x\0a: b\r\n',
            'a NUL in a value': b'x-a: b\0c\r\n',
            'a blank before the colon': b'Content-Length : 5\r\n',
            'a blank before the first': b' x-a: b\r\n',
            'a line that is folded': b'x-a: b\r\n c\r\n',
            'a carriage return alone': b'x-a: b\rx-c: d\r\n',
            'line ends without one': b'x-a: b\nx-c: d\n',
            'bytes that are no ASCII': b'x-\xff\xfe: \x80\xc3\x28\r\n',
            'control characters': b'x-a: ' + bytes(c for c in range(1, 32) if c not in b'\r\n') + b'\r\n',
            'two hosts': b'Host: example.com\r\n',
            'a host that is none': b'Host: "><script>\r\n',
            'an expectation': b'Expect: 100-continue\r\n',
            'another expectation': b'Expect: the unexpected\r\n',
            'an upgrade': b'Connection: upgrade\r\nUpgrade: h2c\r\n',
            '15,000 bytes': b'x-a: ' + b'b' * 15000 + b'\r\n',
            'a cookie': b'Cookie: ' + b'a=b; ' * 2000 + b'\r\n'}.items():
        await attempt('header: ' + name, {200, 400, 403, 413, 417, 431},
                      talk([b'GET /health HTTP/1.1\r\n' + lines + b'Connection: close\r\n' + host]))
    for name, lines in {'1,000 headers': b'x-a: b\r\n' * 1000,
                        '5,000 headers of 3 bytes': b'a:\r\n' * 5000,
                        'a header of 30,000 bytes': b'x-a: ' + b'b' * 30000 + b'\r\n'}.items():
        await attempt('header: ' + name, {400, 413, 431},
                      talk([b'GET /health HTTP/1.1\r\n' + lines + b'Connection: close\r\n' + host]))
    for name, value in {
            'the longest': 'AWS4-HMAC-SHA256 ' + 'Credential=/,' * 1000,
            'slashes': 'AWS4-HMAC-SHA256 Credential=' + '/' * 10000 + ',SignedHeaders=host,Signature=0',
            'semicolons': 'AWS4-HMAC-SHA256 Credential=a/b/c/d/e,SignedHeaders=' + ';' * 10000 + ',Signature=0',
            'control characters': b'AWS4-HMAC-SHA256 \x01\x1f\x7f\xff',
            'an element of XML': 'AWS4-HMAC-SHA256 <x>&amp;"\\'}.items():
        await attempt('Authorization: ' + name, {400, 403},
                      talk([request('POST', '/', [('Authorization', value), ('X-Amz-Date', '20260101T000000Z')])]))


async def garbage():
    """Bytes that are no HTTP."""
    chance = random.Random(5)
    for number in range(20):
        data = chance.randbytes(chance.randrange(1, 20000))
        await attempt(f'garbage {number}', {400, 413, 414, 431, 505}, talk([data, HALF_CLOSE]))
    good = call('ListQueues', {'QueueNamePrefix': 'hostile-none'})
    for number in range(100):
        data = bytearray(good)
        for _ in range(chance.randrange(1, 4)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        await attempt(f'a request with bytes changed {number}', {200, 400, 403, 404, 405, 413, 417, 431, 501, 505},
                      talk([bytes(data), HALF_CLOSE]))
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    try:
        ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname='sqs').do_handshake()
    except ssl.SSLWantReadError:
        pass
    await attempt('TLS to a port without', {400}, talk([outgoing.read()]))


async def bodies():
    """Signed bodies that are none."""
    deep = 100000
    url = await create_queue('bodies')
    target = json.dumps(url).encode()
    for name, data in {
            'nothing': b'', 'blanks': b' ' * 1000, 'a word': b'hello', 'a NUL': b'\0',
            'NULs': b'\0' * 1000, 'a null': b'null', 'an array': b'[]', 'a string': b'"x"',
            'a number': b'1', 'half an object': b'{"QueueUrl": ', 'two objects': b'{} {}',
            'an object and a NUL': b'{"QueueUrl": ' + target + b'}\0',
            'UTF-16': '\ufeff{}'.encode('utf-16'), 'a byte order mark': b'\xef\xbb\xbf{}',
            'a comment': b'{/* x */}', 'single quotes': b"{'a': 1}", 'a comma too many': b'{"a": 1,}',
            'NaN': b'{"DelaySeconds": NaN}', 'a large number': b'{"DelaySeconds": 1' + b'0' * 10000 + b'}',
            'a large exponent': b'{"DelaySeconds": 1e999999999}',
            '100,000 arrays': b'[' * deep, '100,000 arrays that end': b'[' * deep + b']' * deep,
            '100,000 objects': b'{"a":' * deep,
            '100,000 objects that end': b'{"a":' * deep + b'1' + b'}' * deep,
            '100,000 arrays in a member': b'{"QueueUrl": ' + target + b', "MessageBody": '
                                          + b'[' * deep + b']' * deep + b'}',
            'a million commas': b'[' + b',' * 10 ** 6, 'a million quotes': b'"' * 10 ** 6,
            'a million backslashes': b'{"' + b'\\' * 10 ** 6}.items():
        await attempt('JSON: ' + name, {400}, talk([call('SendMessage', data)]))
    for name, text in {
            'a byte that is none': b'\xff', 'an overlong NUL': b'\xc0\x80', 'a surrogate': b'\xed\xa0\x80',
            'a character cut off': b'\xe2\x82', 'more than there are': b'\xf4\x90\x80\x80',
            'a continuation': b'\x80', 'half a surrogate, escaped': b'\\ud800',
            'two in the wrong order': b'\\udc00\\ud800', 'a NUL': b'\0', 'an escaped NUL': b'\\u0000',
            'a line end': b'\n', 'an escape that is none': b'\\x'}.items():
        data = b'{"QueueUrl": ' + target + b', "MessageBody": "a' + text + b'b"}'
        await attempt('UTF-8: ' + name, {400}, talk([call('SendMessage', data)]))
        data = b'{"QueueUrl": ' + target + b', "a' + text + b'b": 1, "MessageBody": "\\ufffe"}'
        await attempt('UTF-8: in a name: ' + name, {400}, talk([call('SendMessage', data)]))
        data = (b'Action=SendMessage&QueueUrl=' + urllib.parse.quote(url, '').encode() + b'&MessageBody=a'
                + urllib.parse.quote(text.replace(b'\\u0000', b'\0').replace(b'\\', b'\x01')
                                     .replace(b'\n', b'\x02')).encode() + b'b')
        await attempt('UTF-8: in a form: ' + name, {400}, talk([form(data)]))
    for action in ('', 'X', 'SendMessage\0', 'SendMessage/../', 'a' * 10000, b'\xff\xfe', 'SendMessage.X', ' '):
        await attempt(f'an action that is none: {action[:20]!r}', {400, 403, 404},
                      talk([call(action, {})]))

    value = {'DataType': 'String', 'StringValue': 'v'}
    many = range(10000)
    for name, action, members in [
            ('message attributes', 'SendMessage',
             {'MessageBody': 'm', 'MessageAttributes': {f'a{i}': value for i in many}}),
            ('entries of a batch', 'SendMessageBatch',
             {'Entries': [{'Id': str(i), 'MessageBody': 'm'} for i in many]}),
            ('entries without anything', 'SendMessageBatch', {'Entries': [{} for _ in many]}),
            ('entries to delete', 'DeleteMessageBatch',
             {'Entries': [{'Id': str(i), 'ReceiptHandle': 'x' * 100} for i in many]}),
            ('attributes', 'SetQueueAttributes', {'Attributes': {f'a{i}': 'b' for i in many}}),
            ('tags', 'TagQueue', {'Tags': {f'a{i}': 'b' for i in many}}),
            ('names of attributes', 'GetQueueAttributes', {'AttributeNames': [f'a{i}' for i in many]})]:
        await attempt(f'JSON: 10,000 {name}', {400}, talk([call(action, {'QueueUrl': url, **members})]))
    await attempt('JSON: 100,000 members that are not known', {200, 400},
                  talk([call('ListQueues', {f'a{i}': i for i in range(100000)})]))

    begin = '&Version=2012-11-05&QueueUrl=' + urllib.parse.quote(url, '') + '&'
    for name, action, data in [
            ('message attributes', 'SendMessage', 'MessageBody=m&' + '&'.join(
                f'MessageAttribute.{i}.Name=a{i}&MessageAttribute.{i}.Value.DataType=String&'
                f'MessageAttribute.{i}.Value.StringValue=v' for i in range(1, 10001))),
            ('entries of a batch', 'SendMessageBatch', '&'.join(
                f'SendMessageBatchRequestEntry.{i}.Id={i}&SendMessageBatchRequestEntry.{i}.MessageBody=m'
                for i in range(1, 10001))),
            ('attributes', 'SetQueueAttributes', '&'.join(
                f'Attribute.{i}.Name=a{i}&Attribute.{i}.Value=b' for i in range(1, 10001)))]:
        await attempt(f'form: 10,000 {name}', {400}, talk([form('Action=' + action + begin + data)]))
    for name, data in {
            'an index that is too large': 'Attribute.99999999999999999999.Name=a&Attribute.1.Value=b',
            'an index of 4 thousand million': 'Attribute.4294967297.Name=a&Attribute.4294967297.Value=b',
            'an index below nought': 'Attribute.-1.Name=a&Attribute.-1.Value=b',
            'an index of no digits': 'Attribute.x.Name=a&Attribute.x.Value=b',
            'no index': 'Attribute..Name=a&Attribute..Value=b',
            'half an attribute': 'Attribute.1.Name=a',
            'the deepest name': 'Attribute' + '.1' * 50000 + '=a',
            'dots': '.' * 100000 + '=a'}.items():
        await attempt('form: ' + name, {200, 400}, talk([form('Action=SetQueueAttributes' + begin + data)]))
    for name, data in {
            'nothing': '', 'no action': 'Version=2012-11-05', 'two actions': 'Action=ListQueues&Action=DeleteQueue',
            'an action that is none': 'Action=' + 'x' * 10000, 'a NUL': 'Action=ListQueues%00',
            'escapes that are none': 'Action=%zz%', 'equals signs': '=' * 100000,
            'ampersands': '&' * 100000}.items():
        await attempt('form: ' + name, {400, 404}, talk([form(data)]))
    for name, data in {
            '10,000 parameters that are not known': 'Action=ListQueues&' + 'a=b&' * 10000,
            'a prefix that is none': 'Action=ListQueues&QueueNamePrefix=%zz%&%=%',
            'a million parameters': 'Action=ListQueues&' + 'a&' * 10 ** 6}.items():
        await attempt('form: ' + name, {200, 400}, talk([form(data)]))
    for query in ('Action=ListQueues&QueueNamePrefix=%zz', 'Action=ListQueues&a=%', '%', '&' * 1000, '=' * 1000,
                  'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=%'):
        await attempt(f'query string: {query[:50]}', {400, 403, 404}, talk([request('GET', '/?' + query)]))
    await ask(call('DeleteQueue', {'QueueUrl': url}))


def abort(writer):
    """Reset a connection."""
    writer.get_extra_info('socket').setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    writer.transport.abort()


async def leave(data):
    """Send something and reset the connection."""
    _, writer = await connect()
    writer.write(data)
    abort(writer)
    return []


async def gone():
    """Clients that close half of a connection, or all."""
    good = call('ListQueues', {'QueueNamePrefix': 'hostile-none'})
    await attempt('half-closed after a request', {200}, talk([good, HALF_CLOSE]))
    for name, data in {'nothing': b'', 'a line': b'GET /health HTTP/1.1\r\n', 'headers': good[:-50],
                       'half a request': good[:len(good) // 2]}.items():
        await attempt('half-closed after ' + name, {400, 408}, talk([data, HALF_CLOSE]))

    url = await create_queue('gone')
    poll = call('ReceiveMessage', {'QueueUrl': url, 'WaitTimeSeconds': 20, 'VisibilityTimeout': 600})
    await attempt('half-closed while waiting for a message', {200}, talk([poll, HALF_CLOSE]))
    for name, data in {'a request': good, 'half a request': good[:-20], 'a poll': poll}.items():
        for _ in range(50):
            await leave(data)
        await attempt(f'reset after {name}, 50 times', set(), leave(data))
    await ask(call('SendMessage', {'QueueUrl': url, 'MessageBody': 'still there'}))
    await answers_are('none of them took a message', talk([poll]), [b'still there'])
    await ask(call('DeleteQueue', {'QueueUrl': url}))


async def neglect(number, data):
    """Connections that ask for the same, see an answer come and read no more of
    it; the answers that are none."""
    opened = []
    refused = []
    loop = asyncio.get_running_loop()
    try:
        for _ in range(number):
            client = socket.socket()
            opened.append(client)
            client.setblocking(False)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
            await loop.sock_connect(client, (arguments.host, arguments.port))
            await loop.sock_sendall(client, data)
            status = int((await loop.sock_recv(client, 32)).split()[1])
            if status != 200:
                refused.append(Answer(status, {}, b''))
        if not refused:
            raise ValueError(f'all {number} have been answered')
        return refused
    finally:
        for client in opened:
            client.close()


async def neglected():
    """Clients that ask for large messages and do not read them."""
    url = await create_queue('neglected', {'MaximumMessageSize': str(MB)})
    body = 'x' * (MB - 1000)
    for _ in range(10):
        await ask(call('SendMessage', {'QueueUrl': url, 'MessageBody': body}))
    large = call('ReceiveMessage', {'QueueUrl': url, 'MaxNumberOfMessages': 10, 'VisibilityTimeout': 0})
    # 30 answers of 10 MB are asked for, of which 64 MB may be there
    await attempt('30 answers that are not read, together more than may be', {503}, neglect(30, large))
    await becomes('what was not read is given up',
                  lambda: memory('VmRSS') <= arguments.memory * MB // 2, True)
    await attempt('another is answered', {200}, talk([large]))
    await ask(call('DeleteQueue', {'QueueUrl': url}))


async def flood(number, data):
    """
    Many connections at a time, each of which sends the same and waits. One that
    was there before has to be answered meanwhile.
    """
    reader, writer = await connect()
    opened = []

    async def one():
        try:
            connection = await connect()
        except OSError:
            return []
        opened.append(connection)
        await send(connection[1], [data])
        return await read_answers(connection[0])

    clients = [asyncio.create_task(one()) for _ in range(number)]
    try:
        writer.write(request())
        answer = await read_answer(reader)
        if answer is None or answer.status != 200:
            raise ValueError(f'in a flood: {answer}')
        return [answer for answers in await asyncio.gather(*clients) for answer in answers]
    finally:
        writer.transport.abort()
        for _, other in opened:
            other.transport.abort()


async def floods():
    """More connections, and more bodies, than are allowed."""
    beyond = arguments.connections + 100
    head = request('POST', '/', [('x-a', 'b' * 12000)])[:-2]
    await attempt(f'{beyond} connections that send nothing', set(), flood(beyond, b''))
    await attempt(f'{beyond} connections that send a letter', {408}, flood(beyond, b'P'))
    await attempt(f'{beyond} connections that send headers', {408}, flood(beyond, head))
    await attempt(f'{beyond} connections that send a request', {403},
                  flood(beyond, request('POST', '/', body=b'x' * 1000)))
    large = request('POST', '/', body=b'x' * (MAX_BODY - 1))[:-1]
    await attempt('40 bodies, together more than may be', {408, 503}, flood(40, large))
    in_chunks = request('POST', '/', [('Transfer-Encoding', 'chunked')], length=False)
    in_chunks += (b'10000\r\n' + b'x' * 65536 + b'\r\n') * 120
    await attempt('40 bodies in chunks', {408, 503}, flood(40, in_chunks))


async def main():
    """All of it, and the plan."""
    open_files = f'/proc/{arguments.pid}/fd'
    illness = await well()
    if illness:
        print(f'Bail out! The gateway is not well: {illness}')
        sys.exit(1)
    answer = await ask(call('ListQueues', {'QueueNamePrefix': 'hostile-none'}))
    if answer.status != 200:
        print(f'Bail out! The access key is not taken: {answer}')
        sys.exit(1)
    before = len(os.listdir(open_files))

    for attempts in (slow, endless, chunks, lengths, pipelines, heads, garbage, bodies, gone, neglected, floods):
        if arguments.only and attempts.__name__ not in arguments.only:
            continue
        print(f'# {attempts.__name__}: {attempts.__doc__}')
        try:
            await attempts()
        except Exception:  # as above
            ok(False, f'{attempts.__name__} ends', traceback.format_exc())

    await becomes('no descriptor is left open', lambda: len(os.listdir(open_files)), before)
    peak = memory('VmHWM')
    ok(peak <= arguments.memory * MB, f'never had more than {arguments.memory} MB', f'{peak} bytes')
    print(f'# {peak // 1024} kB at most')
    print(f'1..{count}')
    sys.exit(1 if failed else 0)


parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument('--address', help='where it listens, without TLS', default=urllib.parse.urlsplit(
    os.environ.get('AWS_ENDPOINT_URL', 'http://127.0.0.1:9324')).netloc)
parser.add_argument('--pid', type=int, help='its process id', default=os.environ.get('QUEUE_GATEWAY_PID'))
parser.add_argument('--connections', type=int, default=1000, help='its setting max_connections')
parser.add_argument('--memory', type=int, default=256, help='memory it may have, in MB')
parser.add_argument('only', nargs='*', help='groups of attempts; all if none is named')
arguments = parser.parse_args()
if arguments.pid is None:
    parser.error('the process id of the gateway is not known')
arguments.host, _, arguments.port = arguments.address.rpartition(':')
arguments.port = int(arguments.port)
_, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
asyncio.run(main())
