"""What doc/client-side-encryption.md shows works as it stands, but for the port:
the server has ciphertext only, and what was changed does not decrypt."""

import base64
import contextlib
import io
import os
import re
import subprocess
import sys
import tempfile

import boto3

from tap import equal, finish, group, ok

ENDPOINT = os.environ['AWS_ENDPOINT_URL']
SECRET = 'to the moon'

with open('client-side-encryption.md', encoding='utf-8') as file:
    PROGRAM, USE = re.findall(r'^```python\n(.*?)^```$', file.read(), re.M | re.S)

folder = tempfile.mkdtemp()
os.chdir(folder)
os.mkdir('keys')
with open('envelope.py', 'w', encoding='utf-8') as file:
    file.write(PROGRAM)
sys.path.insert(0, folder)
import envelope  # noqa: E402 pylint: disable=wrong-import-position,import-error

keys = envelope.Keys('keys')
keys.create('2026-01')
orders = envelope.Envelope(keys, 'orders')
sqs = boto3.client('sqs', endpoint_url=ENDPOINT, region_name='us-east-1')
url = sqs.create_queue(QueueName='client-encryption', Attributes={'VisibilityTimeout': '0'})['QueueUrl']


def receive():
    """The messages that are there, as the server has them."""
    received = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=['All'])
    return received.get('Messages', [])


def consume(one):
    """What a consumer handles, and what it says of the others."""
    handled = []
    with contextlib.redirect_stdout(io.StringIO()) as said:
        envelope.consume(sqs, url, one, handled.append)
    return handled, said.getvalue()


def refused(message):
    """Whether a message does not decrypt."""
    try:
        orders.open(message)
    except envelope.CannotDecrypt:
        return True
    return False


def use():
    """The lines of the page."""
    with contextlib.redirect_stdout(io.StringIO()) as said:
        exec(USE.replace('http://127.0.0.1:9324', ENDPOINT), {})
    equal(said.getvalue(), SECRET + '\n', 'what was sent is received')


def at_the_server():
    """What the server has."""
    envelope.send(sqs, url, orders, SECRET)
    message = receive()[0]
    text = repr(message)
    ok(SECRET not in text and base64.b64encode(SECRET.encode()).decode() not in text, 'the message has no plain text')
    rows = subprocess.run(
        ['psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', '-d', os.environ['QUEUE_ADMIN_DSN'],
         '-c', "SELECT m FROM sqs_peek('client-encryption') AS m"],
        capture_output=True, text=True, check=True).stdout
    ok(message['MessageId'] in rows and SECRET not in rows, 'nor has what SQL sees of it', rows)
    equal(consume(orders), ([SECRET], ''), 'its consumer reads it')


def changed():
    """What was changed, and what was made for something else."""
    envelope.send(sqs, url, orders, SECRET)
    message = receive()[0]
    ok(not refused(message), 'as it is, it decrypts')
    for name in ('Encryption', 'KeyId'):
        text = message['MessageAttributes'][name]['StringValue']
        message['MessageAttributes'][name]['StringValue'] = 'AES-256-CBC'
        ok(refused(message), f'{name}: changed, it does not')
        message['MessageAttributes'][name]['StringValue'] = text
    for name in ('WrappedKey', 'Nonce'):
        value = message['MessageAttributes'][name]['BinaryValue']
        message['MessageAttributes'][name]['BinaryValue'] = bytes([value[0] ^ 1]) + value[1:]
        ok(refused(message), f'{name}: with one bit changed, it does not')
        message['MessageAttributes'][name]['BinaryValue'] = value
    body = base64.b64decode(message['Body'])
    for place in (0, len(body) - 1):
        some = bytearray(body)
        some[place] ^= 1
        ok(refused({**message, 'Body': base64.b64encode(some).decode()}), f'nor with one bit of byte {place} changed')
    ok(refused({**message, 'Body': SECRET}), 'nor if the body is no ciphertext')
    ok(refused({'MessageId': 'x', 'Body': message['Body']}), 'nor without attributes')

    handled, said = consume(envelope.Envelope(keys, 'bills'))
    ok(not handled and message['MessageId'] in said, 'for another purpose it is not handled')
    equal(consume(orders), ([SECRET], ''), 'and is still there')


def without_key():
    """A consumer that does not have the key; a new key."""
    os.mkdir('none')
    others = envelope.Keys('none')
    others.create('2026-01')
    envelope.send(sqs, url, orders, 'old key')
    equal(consume(envelope.Envelope(others, 'orders'))[0], [], 'with another key of the name nothing is read')
    keys.create('2027-01')
    envelope.send(sqs, url, orders, 'new key')
    names = {message['MessageAttributes']['KeyId']['StringValue'] for message in receive()}
    equal(names, {'2026-01', '2027-01'}, 'after a change of the key both are under way')
    equal(sorted(consume(orders)[0]), ['new key', 'old key'], 'and both are read')
    os.unlink('keys/2026-01')
    envelope.send(sqs, url, orders, 'only the new key')
    equal(consume(orders)[0], ['only the new key'], 'the old one can go')


for checks in (use, at_the_server, changed, without_key):
    group(checks)
sqs.delete_queue(QueueUrl=url)
finish()
