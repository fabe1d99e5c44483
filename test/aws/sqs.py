"""What the tests with boto3 share: clients, and SQS's own digests.

It works with boto3 as it is today, which speaks JSON, and with that of Debian
12, which speaks the Query protocol.
"""

import hashlib
import os
import struct

import boto3
import botocore
import botocore.config

ENDPOINT = os.environ['AWS_ENDPOINT_URL']
REGION = os.environ.get('AWS_DEFAULT_REGION', 'us-east-1')

_made = 0


def client(key=None, secret=None, endpoint=None, attempts=1, pool=50,
           timeout=60, **options):
    """A client; without a key, that of the environment."""
    if key is not None:
        options.update(aws_access_key_id=key, aws_secret_access_key=secret)
    return boto3.session.Session().client(
        'sqs', region_name=REGION, endpoint_url=endpoint or ENDPOINT,
        config=botocore.config.Config(
            retries={'total_max_attempts': attempts, 'mode': 'standard'},
            max_pool_connections=pool, read_timeout=timeout), **options)


def speaks_json(sqs):
    """Whether a client speaks JSON."""
    return sqs.meta.service_model.metadata['protocol'] == 'json'


def unique(word, suffix=''):
    """A name for a queue that no other test has."""
    global _made
    _made += 1
    return f'{word}-{os.getpid()}-{_made}{suffix}'


def make_queue(sqs, word, attributes=None, **options):
    """A new queue of this process; gives its URL."""
    attributes = {name: str(value)
                  for name, value in (attributes or {}).items()}
    suffix = '.fifo' if 'FifoQueue' in attributes else ''
    return sqs.create_queue(QueueName=unique(word, suffix),
                            Attributes=attributes, **options)['QueueUrl']


def arn_of(sqs, url):
    """A queue's ARN."""
    answer = sqs.get_queue_attributes(QueueUrl=url,
                                      AttributeNames=['QueueArn'])
    return answer['Attributes']['QueueArn']


def md5(text):
    """The digest of a body."""
    return hashlib.md5(text.encode()).hexdigest()


def md5_of_attributes(attributes):
    """The digest of message attributes, as SQS documents it."""
    digest = hashlib.md5()

    def add(value):
        digest.update(struct.pack('>I', len(value)) + value)

    for name in sorted(attributes, key=str.encode):
        value = attributes[name]
        add(name.encode())
        add(value['DataType'].encode())
        if value['DataType'].startswith('Binary'):
            digest.update(b'\2')
            add(value['BinaryValue'])
        else:
            digest.update(b'\1')
            add(value['StringValue'].encode())
    return digest.hexdigest()


def receive(sqs, url, **options):
    """The messages of a receive."""
    return sqs.receive_message(QueueUrl=url, **options).get('Messages', [])


def bodies(messages):
    """The bodies of messages."""
    return [message['Body'] for message in messages]


def receive_all(sqs, url, number, **options):
    """As many messages as are said to be there, in their order."""
    messages = []
    while len(messages) < number:
        some = receive(sqs, url, MaxNumberOfMessages=10, WaitTimeSeconds=20,
                       **options)
        if not some:
            break
        messages += some
    return messages


def delete(sqs, url, messages):
    """Delete messages that were received."""
    for message in messages:
        sqs.delete_message(QueueUrl=url,
                           ReceiptHandle=message['ReceiptHandle'])
