#!/usr/bin/python3
"""Messages that only the holders of a key can read: client-side encryption for
queues, by a gateway or by a connection of PostgreSQL. ../client-side-encryption.md
explains it.

    envelope.py new-key KEYS ID             make a key, and seal with it from now on
    envelope.py send KEYS QUEUE [NAME=VALUE...]
                                            seal each line of the input, and send it
    envelope.py receive KEYS QUEUE          print what can be opened, and delete it

KEYS is a folder. --context names what the messages are of, if not the queue.
--dsn has the messages go by a connection of PostgreSQL; else they go to the gateway
at AWS_ENDPOINT_URL.
"""

import argparse
import base64
import json
import os
import re
import sys

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

ALGORITHM = 'AES-256-GCM+AES-256-KW'
PREFIX = 'Encryption.'
KEY_SIZE = 32                   # bytes: AES-256, both that wrap and that are wrapped
NONCE_SIZE = 12                 # bytes: what GCM is made for


class Refused(Exception):
    """A message that is not what somebody with a key has sealed."""


class KeyRing:
    """The keys that wrap: files ID.key of a folder, and in the file "current" the
    ID of the one to seal with. All are read at once, so that no ID that comes with
    a message ever becomes the name of a file."""

    def __init__(self, folder):
        self.keys = {}
        for name in os.listdir(folder):
            if name.endswith('.key'):
                with open(os.path.join(folder, name), 'rb') as file:
                    key = file.read()
                if len(key) != KEY_SIZE:
                    raise ValueError(f'{name} has {len(key)} bytes, and not {KEY_SIZE}')
                self.keys[name[:-len('.key')]] = key
        self.current = None
        current = os.path.join(folder, 'current')
        if os.path.exists(current):
            with open(current, encoding='ascii') as file:
                self.current = file.read().strip()

    @staticmethod
    def create(folder, key_id):
        """Make a key and its file, then make it the current one."""
        if not re.fullmatch(r'[A-Za-z0-9_-]{1,64}', key_id):
            raise ValueError('the ID of a key has letters, digits, hyphens and underscores')
        write_new(os.path.join(folder, f'{key_id}.key'), AESGCM.generate_key(8 * KEY_SIZE))
        new = os.path.join(folder, 'current.new')
        write_new(new, key_id.encode())
        os.rename(new, os.path.join(folder, 'current'))


def write_new(path, content):
    """A file that was not there, that nobody else can read, and that is on disk
    before anything depends on it."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), 'wb') as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def associated_data(context, attributes):
    """What is bound to a ciphertext without being encrypted: the context, and each
    attribute with its name, type and value. The order of attributes is no part of a
    message, so they are sorted."""
    return json.dumps([context, [
        [name, value['DataType'], value.get('StringValue'), value.get('BinaryValue', b'').hex()]
        for name, value in sorted(attributes.items())]]).encode()


def seal(ring, context, text, attributes):
    """The body and the attributes of a message, by a data key of its own."""
    data_key = AESGCM.generate_key(8 * KEY_SIZE)
    nonce = os.urandom(NONCE_SIZE)
    attributes = {
        **attributes,
        PREFIX + 'Algorithm': {'DataType': 'String', 'StringValue': ALGORITHM},
        PREFIX + 'KeyId': {'DataType': 'String', 'StringValue': ring.current},
        PREFIX + 'WrappedKey': {'DataType': 'Binary',
                                'BinaryValue': aes_key_wrap(ring.keys[ring.current], data_key)},
        PREFIX + 'Nonce': {'DataType': 'Binary', 'BinaryValue': nonce}}
    sealed = AESGCM(data_key).encrypt(nonce, text.encode(), associated_data(context, attributes))
    return base64.b64encode(sealed).decode(), attributes


def unseal(ring, context, body, attributes):
    """The text of a message, and the attributes that came with it."""
    def value(name, kind):
        return attributes.get(PREFIX + name, {}).get(kind)

    if value('Algorithm', 'StringValue') != ALGORITHM:
        raise Refused('it is not encrypted as it should be')
    key_id = value('KeyId', 'StringValue')
    if key_id not in ring.keys:
        raise Refused(f'there is no key {key_id!r}')
    nonce = value('Nonce', 'BinaryValue') or b''
    try:
        if len(nonce) != NONCE_SIZE:
            raise InvalidTag
        data_key = aes_key_unwrap(ring.keys[key_id], value('WrappedKey', 'BinaryValue') or b'')
        text = AESGCM(data_key).decrypt(nonce, base64.b64decode(body, validate=True),
                                        associated_data(context, attributes))
    except (InvalidUnwrap, InvalidTag, ValueError) as error:
        raise Refused('it was changed, or sealed for another context') from error
    return text.decode(), {name: attributes[name] for name in attributes if not name.startswith(PREFIX)}


class Gateway:
    """A queue, by the protocol of SQS."""

    def __init__(self, name):
        import boto3

        # boto3 reads this variable by itself since 1.28.
        self.sqs = boto3.client('sqs', endpoint_url=os.environ.get('AWS_ENDPOINT_URL'))
        self.url = self.sqs.get_queue_url(QueueName=name)['QueueUrl']

    def send(self, body, attributes):
        """Send one message."""
        self.sqs.send_message(QueueUrl=self.url, MessageBody=body, MessageAttributes=attributes)

    def receive(self):
        """Up to ten messages: id, handle, body, attributes. All attributes, as each
        of them is bound."""
        answer = self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10, MessageAttributeNames=['All'])
        return [(message['MessageId'], message['ReceiptHandle'], message['Body'], message.get('MessageAttributes', {}))
                for message in answer.get('Messages', [])]

    def delete(self, handle):
        """Delete a message that was received."""
        self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=handle)

    def commit(self):
        """Every call has been done when it returns."""


class Database:
    """A queue, by a connection of PostgreSQL. In SQL, too, an attribute is an object
    with AWS's names; as JSON has no bytes, they are in base64."""

    def __init__(self, name, dsn):
        import psycopg2

        self.name = name
        self.connection = psycopg2.connect(dsn)
        self.cursor = self.connection.cursor()

    def send(self, body, attributes):
        """Send one message, when the transaction commits."""
        self.cursor.execute('SELECT sqs_send(%s, %s, message_attributes => %s)', (
            self.name, body,
            json.dumps(attributes, default=lambda value: base64.b64encode(value).decode())))

    def receive(self):
        """Up to ten messages: id, handle, body, attributes."""
        self.cursor.execute('SELECT message_id, receipt_handle, body, message_attributes FROM sqs_receive(%s, 10)',
                            (self.name,))
        messages = self.cursor.fetchall()
        for *_, attributes in messages:
            for value in (attributes or {}).values():
                if 'BinaryValue' in value:
                    value['BinaryValue'] = base64.b64decode(value['BinaryValue'])
        return [(*message, attributes or {}) for *message, attributes in messages]

    def delete(self, handle):
        """Delete a message, in the transaction that has received it."""
        self.cursor.execute('SELECT sqs_delete(%s, %s)', (self.name, handle))

    def commit(self):
        """What was sent, received and deleted since the last time, at once."""
        self.connection.commit()


def send(queue, ring, context, lines, attributes):
    """Seal and send each line."""
    for line in lines:
        queue.send(*seal(ring, context, line.rstrip('\n'), attributes))
    queue.commit()


def receive(queue, ring, context):
    """Print what can be opened, and delete it. The rest is left to become visible
    again, and to go to the dead-letter queue in the end; gives how many that are."""
    refused = 0
    while messages := queue.receive():
        for message_id, handle, body, attributes in messages:
            try:
                text, others = unseal(ring, context, body, attributes)
            except Refused as reason:
                print(f'{message_id} is refused: {reason}', file=sys.stderr)
                refused += 1
                continue
            print(text, *(f'{name}={value.get("StringValue")}' for name, value in sorted(others.items())), flush=True)
            queue.delete(handle)
        queue.commit()
    return refused


def main():
    """The commands."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--context')
    parser.add_argument('--dsn')
    parser.add_argument('command', choices=('new-key', 'send', 'receive'))
    parser.add_argument('keys')
    parser.add_argument('name', help='of the queue; the ID of the key for new-key')
    parser.add_argument('attributes', nargs='*', metavar='NAME=VALUE', help='attributes that everybody can read')
    arguments = parser.parse_args()

    if arguments.command == 'new-key':
        KeyRing.create(arguments.keys, arguments.name)
        return 0
    ring = KeyRing(arguments.keys)
    context = arguments.context or arguments.name
    queue = Database(arguments.name, arguments.dsn) if arguments.dsn else Gateway(arguments.name)
    if arguments.command == 'receive':
        return 1 if receive(queue, ring, context) else 0
    if ring.current not in ring.keys:
        parser.error('there is no current key to seal with: make one, or name it in the file "current"')
    send(queue, ring, context, sys.stdin, {
        name: {'DataType': 'String', 'StringValue': value}
        for name, value in (pair.split('=', 1) for pair in arguments.attributes)})
    return 0


if __name__ == '__main__':
    sys.exit(main())
