"""What doc/client-side-encryption.md shows works as it stands, but for the port; the
server holds nothing but ciphertext, in no row, no file and no log; and a message that
was changed in whatever way is refused.
"""

import base64
import contextlib
import copy
import glob
import io
import os
import re
import secrets
import subprocess
import sys
import tempfile

import botocore.exceptions
import psycopg2

import envelope
import sqs as lib
from tap import equal, finish, group, ok

ADMIN = os.environ['QUEUE_ADMIN_DSN']
# Bytes of text that fit, by MaximumMessageSize, as the page has it.
LARGEST = {262144: 196457, 1048576: 786281}

folder = tempfile.TemporaryDirectory()
os.chdir(folder.name)
# What goes by SQL is done by the role that the access key is of.
os.environ['PGOPTIONS'] = '-c role=app'

sqs = lib.client()
with open(os.path.join(os.path.dirname(envelope.__file__), 'client-side-encryption.md'), encoding='utf-8') as file:
    PAGE = file.read()
with open(envelope.__file__, encoding='utf-8') as file:
    SCRIPT = file.read()


def query(text, *values):
    """The rows of a query of a superuser. Should it fail its text is not logged, as
    it may be a search for what no log may have."""
    connection = psycopg2.connect(ADMIN, options='-c log_min_error_statement=panic')
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(text, values)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def key_ring(*names):
    """A folder of keys, the last of which is current."""
    keys = tempfile.mkdtemp(dir=folder.name)
    for name in names:
        envelope.KeyRing.create(keys, name)
    return keys


def refusal(ring, context, body, attributes):
    """Why a message is refused, if it is."""
    try:
        envelope.unseal(ring, context, body, attributes)
    except envelope.Refused as reason:
        return str(reason)
    return None


# ---------------------------------------------------------------- the page

def run(command):
    """Run a block of the page: its output, and what else it says."""
    command = re.sub(r'\bpython3 envelope\.py', f'"{sys.executable}" "{envelope.__file__}"', command)
    done = subprocess.run(['bash', '-euo', 'pipefail', '-c', command.replace('http://127.0.0.1:9324', lib.ENDPOINT)],
                          capture_output=True, text=True, check=False, env={**os.environ, 'DSN': ADMIN})
    return done.returncode, done.stdout, done.stderr


def page():
    """Its blocks, in their order."""
    blocks = re.findall(r'^```(\w+)\n(.*?)^```$', PAGE, re.M | re.S)
    shown = [text for kind, text in blocks if kind == 'python']
    ok(len(shown) >= 3, 'the page shows code')
    for text in shown:
        ok(text in SCRIPT, f'{text.splitlines()[0]} is what the script has', text)
    create, count = (text for kind, text in blocks if kind == 'sql')
    subprocess.run(['psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', ADMIN], input=create, text=True, check=True,
                   stdout=subprocess.DEVNULL)
    url = sqs.get_queue_url(QueueName='orders')['QueueUrl']
    # So that what is refused is there again at once.
    sqs.set_queue_attributes(QueueUrl=url, Attributes={'VisibilityTimeout': '0'})

    commands = 0
    for index, (kind, text) in enumerate(blocks):
        if kind != 'bash':
            continue
        commands += 1
        status, output, errors = run(text)
        ok(status == 0, f'block {commands} runs', text, output, errors)
        if index + 1 < len(blocks) and blocks[index + 1][0] == 'text':
            equal(output, blocks[index + 1][1], f'block {commands} prints what is shown')
        elif 'nothing was opened' in text:
            equal(output, 'nothing was opened\n', 'without the key nothing is opened')
            equal(errors.count("is refused: there is no key '2026-01'"), 5, 'it is refused at each receive')
            equal(sqs.get_queue_attributes(QueueUrl=url + '-refused', AttributeNames=['All'])['Attributes'][
                'ApproximateNumberOfMessages'], '1', 'and is in the dead-letter queue')
        elif 'orders-refused' in text:
            equal(output, 'secret\n', 'where it can be opened with the key')
    equal(commands, 5, 'all blocks were run')
    for name in ('2026-01', '2026-07'):
        equal(os.stat(f'keys/{name}.key').st_mode & 0o777, 0o600, f'nobody else can read the key {name}')

    for name in ('2026-01', '2026-07', '2026-07'):
        with open('keys/current', 'w', encoding='ascii') as current:
            current.write(name)
        run('echo x | python3 envelope.py send keys orders')
    counted = subprocess.run(['psql', '-XAtF', ' ', ADMIN], input=count, capture_output=True, text=True, check=True)
    equal(counted.stdout, '2026-01 1\n2026-07 2\n', 'SQL counts the messages by their keys')
    for name in (url, url + '-refused'):
        sqs.delete_queue(QueueUrl=name)


# ---------------------------------------------------------------- the server

def forms(secret):
    """The ways in which bytes may be found: as they are, in hexadecimal, in base64
    wherever in a group of three bytes they begin."""
    found = [secret, secret.hex().encode()]
    for shift in range(3):
        encoded = base64.b64encode(bytes(shift) + secret)
        found.append(encoded[(0, 2, 3)[shift]:-4])
    return found


def of_tables(statement, *values):
    """What a statement gives for each table of the database that has messages, or
    is of the schema of the extension. Other tests drop theirs meanwhile."""
    for table, in query("SELECT relnamespace::regnamespace || '.' || quote_ident(relname) FROM pg_class "
                        "WHERE relkind = 'r' AND relpersistence <> 't' "
                        "AND (relnamespace = 'queue'::regnamespace OR reloftype = 'queue.message'::regtype)"):
        with contextlib.suppress(psycopg2.errors.UndefinedTable):
            yield from query(statement.format(table), *values)


def rows_with(secret):
    """How many rows of all tables have a secret in them."""
    patterns = []
    for form in forms(secret):
        with contextlib.suppress(UnicodeDecodeError):
            patterns.append(form.decode())
    return sum(number for number, in of_tables(
        'SELECT count(*) FROM {} AS t WHERE EXISTS (SELECT FROM unnest(%s) AS p WHERE strpos(t::text, p) > 0)', patterns))


def files_with(secret):
    """The files of the server, write-ahead log included, and the logs that have a
    secret in them."""
    query('CHECKPOINT')
    found = []
    for place in (os.environ['QUEUE_DATA'], os.environ['QUEUE_LOG_FOLDER']):
        for name in glob.glob(f'{place}/**', recursive=True):
            # One that is gone by now has nothing in it.
            with contextlib.suppress(FileNotFoundError, IsADirectoryError, PermissionError):
                with open(name, 'rb') as content:
                    text = content.read()
                if any(form in text for form in forms(secret)):
                    found.append(name)
    return found


def server():
    """Rows, files and logs have what is sent in the clear, and nothing that is not."""
    keys = key_ring('one')
    ring = envelope.KeyRing(keys)
    shop = {'shop': {'DataType': 'String', 'StringValue': 'K\u00f6ln'}}
    # or the server would encrypt, too, and nothing could be found
    url = lib.make_queue(sqs, 'encryption', {'VisibilityTimeout': 0, 'SqsManagedSseEnabled': 'false'})
    name = url.rsplit('/', 1)[1]
    gateway, database = envelope.Gateway(name), envelope.Database(name, ADMIN)

    # What must be found, so that what is not found says something.
    plain = secrets.token_hex(16)
    gateway.send(f'in the clear: {plain}', {})
    ok(rows_with(plain.encode()) == 1, 'a text in the clear is in a row')
    ok(files_with(plain.encode()), 'and in files')
    gateway.delete(gateway.receive()[0][1])

    texts = {gateway: f'by the gateway: {secrets.token_hex(16)}', database: f'by SQL: {secrets.token_hex(16)}'}
    for queue, text in texts.items():
        envelope.send(queue, ring, name, [text], shop)
    for text in texts.values():
        secret = text.rsplit(' ', 1)[1].encode()
        equal(rows_with(secret), 0, f'{text.split(":")[0]}: no row has the text')
        equal(files_with(secret), [], 'nor has a file or a log')
    equal(rows_with(ring.keys['one']), 0, 'no row has the key')
    equal(files_with(ring.keys['one']), [], 'nor has a file or a log')
    stored = query('SELECT body, message_attributes FROM sqs_peek(%s)', name)
    equal({tuple(sorted(attributes)) for _, attributes in stored},
          {('Encryption.Algorithm', 'Encryption.KeyId', 'Encryption.Nonce', 'Encryption.WrappedKey', 'shop')},
          'the attributes are there to be read')
    for column in ('WrappedKey', 'Nonce'):
        equal(len({attributes[f'Encryption.{column}']['BinaryValue'] for _, attributes in stored}), 2,
              f'no two messages have the same {column}')

    # Each way opens what was sent by either, and its attributes are there.
    for word, queue in (('the gateway', gateway), ('SQL', database)):
        opened = [envelope.unseal(ring, name, body, attributes) for _, _, body, attributes in queue.receive()]
        queue.commit()
        equal(sorted(opened, key=str), sorted(((text, shop) for text in texts.values()), key=str),
              f'{word} has both messages')
    database.connection.close()
    sqs.delete_queue(QueueUrl=url)


# ---------------------------------------------------------------- tampering

def changes(message, other):
    """What can be done to a message: a word for it, and the message after it."""
    body, attributes = message
    raw = bytearray(base64.b64decode(body))
    for word, place in (('first byte', 0), ('tag', -1)):
        flipped = bytearray(raw)
        flipped[place] ^= 1
        yield f'{word} of the body flipped', base64.b64encode(flipped).decode(), attributes
    yield 'body cut short', base64.b64encode(raw[:-1]).decode(), attributes
    yield 'body of less than a tag', 'AAAA', attributes
    yield 'body that is no base64', 'h\u00e9llo', attributes
    yield 'body that is base64 with more', body + '\n', attributes
    yield 'body of another message', other[0], attributes
    for name in sorted(attributes):
        kind = 'BinaryValue' if 'BinaryValue' in attributes[name] else 'StringValue'
        changed = copy.deepcopy(attributes)
        value = changed[name][kind]
        changed[name][kind] = bytes([value[0] ^ 1]) + value[1:] if kind == 'BinaryValue' else value + 'x'
        yield f'{name} changed', body, changed
        changed = copy.deepcopy(attributes)
        changed[name]['DataType'] += '.x'
        yield f'type of {name} changed', body, changed
        changed = copy.deepcopy(attributes)
        del changed[name]
        yield f'{name} taken away', body, changed
        if attributes[name] != other[1][name]:
            yield f'{name} of another message', body, {**attributes, name: other[1][name]}
    yield 'attribute added', body, {**attributes, 'more': {'DataType': 'String', 'StringValue': 'x'}}
    yield 'attribute renamed', body, {
        'store' if name == 'shop' else name: value for name, value in attributes.items()}
    for key_id in ('two', '../one', 'one.key', './one', ''):
        changed = copy.deepcopy(attributes)
        changed['Encryption.KeyId']['StringValue'] = key_id
        yield f'key {key_id!r} named', body, changed


def tampering():
    """Each change, of messages that come and go by the gateway."""
    ring = envelope.KeyRing(key_ring('two', 'one'))
    url = lib.make_queue(sqs, 'encryption', {'SqsManagedSseEnabled': 'false'})
    name = url.rsplit('/', 1)[1]
    queue = envelope.Gateway(name)
    shop = {'shop': {'DataType': 'String', 'StringValue': 'Berlin'}}
    envelope.send(queue, ring, name, ['first', 'second'], shop)
    messages = [(body, attributes) for _, _, body, attributes in receive(queue, 2)]
    for body, attributes in messages:
        ok(refusal(ring, name, body, attributes) is None, 'as it was sent it is opened')
        ok(refusal(ring, 'another', body, attributes), 'in another context it is not')
    for word, body, attributes in changes(*messages):
        try:
            queue.send(body, attributes)
        except botocore.exceptions.ClientError as error:
            # What no queue takes, its server could still hand out.
            equal(error.response['Error']['Code'], 'InvalidParameterValue', f'{word}: not taken')
        else:
            (_, _, body, attributes), = receive(queue, 1)
        ok(refusal(ring, name, body, attributes), f'{word}: refused')

    # The administrator of the database changes a row; the receiver goes on with
    # the next message, and leaves this one.
    envelope.send(queue, ring, name, ['to be changed', 'to be left'], shop)
    stored, = query('SELECT body FROM sqs_peek(%s, 1)', name)[0]
    changed = stored[:-8] + ('x' if stored[-8] != 'x' else 'y') + stored[-7:]
    table, = {table for table, in of_tables("SELECT '{0}' FROM {0} AS t WHERE strpos(t::text, %s) > 0", stored)}
    query(f'UPDATE {table} SET body = %s WHERE body = %s', changed, stored)
    equal(query('SELECT body FROM sqs_peek(%s, 1)', name), [(changed,)], 'a row was changed')
    with contextlib.redirect_stdout(io.StringIO()) as output, contextlib.redirect_stderr(io.StringIO()) as errors:
        refused = envelope.receive(queue, ring, name)
    equal(refused, 1, 'it is refused')
    equal(output.getvalue(), 'to be left shop=Berlin\n', 'and the message after it is received')
    ok('it was changed' in errors.getvalue(), 'the receiver says why', errors.getvalue())
    sqs.delete_queue(QueueUrl=url)


def receive(queue, number):
    """So many messages, which are then deleted."""
    messages = []
    while len(messages) < number:
        for message in queue.receive():
            queue.delete(message[1])
            messages.append(message)
    return messages


# ---------------------------------------------------------------- keys, sizes

def keys_of_a_ring():
    """Making keys, and doing without one."""
    keys = key_ring('one')
    ring = envelope.KeyRing(keys)
    old = envelope.seal(ring, 'c', 'old', {})
    envelope.KeyRing.create(keys, 'two')
    ring = envelope.KeyRing(keys)
    new = envelope.seal(ring, 'c', 'new', {})
    equal([old[1]['Encryption.KeyId']['StringValue'], new[1]['Encryption.KeyId']['StringValue']], ['one', 'two'],
          'the newest key seals')
    equal([envelope.unseal(ring, 'c', *message)[0] for message in (old, new)], ['old', 'new'], 'both open')
    for name in ('one', 'two'):
        try:
            envelope.KeyRing.create(keys, name)
            ok(False, 'a key is made twice')
        except FileExistsError:
            ok(True, f'the key {name} is not overwritten')
    for name in ('', '../x', 'a/b', '.hidden', 'x' * 65):
        try:
            envelope.KeyRing.create(keys, name)
            ok(False, f'a key named {name!r} is made')
        except ValueError:
            ok(True, f'no key is named {name!r}')
    os.unlink(os.path.join(keys, 'one.key'))
    ring = envelope.KeyRing(keys)
    equal(refusal(ring, 'c', *old), "there is no key 'one'", 'when the old key is gone so is what it sealed')
    equal(refusal(ring, 'c', *new), None, 'and nothing else')
    with open(os.path.join(keys, 'short.key'), 'wb') as short:
        short.write(b'x' * 16)
    try:
        envelope.KeyRing(keys)
        ok(False, 'a short key is taken')
    except ValueError:
        ok(True, 'a short key is an error')
    os.unlink(os.path.join(keys, 'current'))
    os.unlink(os.path.join(keys, 'short.key'))
    status, _, errors = run(f'echo x | python3 envelope.py send {keys} none')
    ok(status != 0, 'without a current key nothing is sent', errors)


def sizes():
    """The longest text."""
    ring = envelope.KeyRing(key_ring('2026-01'))
    for limit, largest in LARGEST.items():
        ok(f'{largest:,} bytes' in PAGE, f'the page tells what fits into {limit} bytes')
        url = lib.make_queue(sqs, 'encryption', {'MaximumMessageSize': limit})
        queue = envelope.Gateway(url.rsplit('/', 1)[1])
        envelope.send(queue, ring, 'c', ['x' * largest], {})
        (_, _, body, attributes), = receive(queue, 1)
        ok(envelope.unseal(ring, 'c', body, attributes)[0] == 'x' * largest, f'{largest} bytes come and go')
        try:
            envelope.send(queue, ring, 'c', ['x' * (largest + 1)], {})
            ok(False, 'a longer text is taken')
        except botocore.exceptions.ClientError as error:
            equal(error.response['Error']['Code'], 'InvalidParameterValue', 'one byte more does not')
        sqs.delete_queue(QueueUrl=url)


for checks in (page, server, tampering, keys_of_a_ring, sizes):
    group(checks)
os.chdir('/')
folder.cleanup()
finish()
