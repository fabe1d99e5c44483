"""What doc/migration.md shows works as it stands, but for the port: the lines
for boto3 and for the AWS CLI, and the loop that takes messages along, from one
queue to another, standard and FIFO."""

import os
import re
import subprocess
import tempfile

import boto3

import tap

ENDPOINT = os.environ['AWS_ENDPOINT_URL']
COUNT = 23                      # messages: two batches, and some

with open('migration.md', encoding='utf-8') as file:
    PAGE = file.read()


def block(heading, kind):
    """The first block of a kind under a heading, for this gateway."""
    section = re.search(rf'^##+ {re.escape(heading)}\n(.*?)(?=^##|\Z)', PAGE, re.M | re.S)[1]
    text = re.search(rf'^```{kind}\n(.*?)^```$', section, re.M | re.S)[1]
    return text.replace('http://127.0.0.1:9324', ENDPOINT)


def client():
    return boto3.client('sqs', endpoint_url=ENDPOINT, region_name='us-east-1')


def lines_for_boto3():
    found = {}
    exec(block('boto3', 'python'), found)
    tap.equal(found['sqs'].meta.endpoint_url, ENDPOINT, 'boto3 calls the gateway')
    url = found['sqs'].create_queue(QueueName='migration-boto3')['QueueUrl']
    tap.ok(url.startswith(ENDPOINT), 'and is answered by it')


def lines_for_the_cli():
    done = subprocess.run(['bash', '-euc', block('AWS CLI', 'console')], capture_output=True,
                          text=True, check=False)
    tap.ok(f'{ENDPOINT}/000000000000/migration-boto3' in done.stdout, 'the CLI lists the queue',
           done.stdout, done.stderr)


def environment(folder):
    """The profile of the page, and a CLI that finds AWS at this gateway, where
    it is not told of another endpoint."""
    with open(f'{folder}/credentials', 'w', encoding='ascii') as file:
        file.write('[queue]\nregion = us-east-1\n'
                   f'aws_access_key_id = {os.environ["AWS_ACCESS_KEY_ID"]}\n'
                   f'aws_secret_access_key = {os.environ["AWS_SECRET_ACCESS_KEY"]}\n')
    with open(f'{folder}/aws', 'w', encoding='ascii') as file:
        file.write('#!/bin/bash\n'
                   '[[ " $* " == *" --endpoint-url "* ]] || set -- --endpoint-url '
                   f'"{ENDPOINT}" "$@"\n'
                   'exec /usr/bin/aws "$@"\n')
    os.chmod(f'{folder}/aws', 0o755)
    return {**os.environ, 'PATH': f'{folder}:{os.environ["PATH"]}',
            'AWS_SHARED_CREDENTIALS_FILE': f'{folder}/credentials'}


def fill(sqs, url, fifo):
    """Messages with all that is to come along; what each is, by its body."""
    sent = {}
    for i in range(COUNT):
        body = f'job {i} \u00e9\r\n"\\'
        attributes = {'n': {'DataType': 'Number', 'StringValue': str(i)},
                      'b': {'DataType': 'Binary', 'BinaryValue': bytes([0, 255, i])}}
        if i % 3 == 0:
            attributes = {}
        group = {'MessageGroupId': f'group-{i % 2}', 'MessageDeduplicationId': str(i)} if fifo else {}
        sqs.send_message(QueueUrl=url, MessageBody=body, MessageAttributes=attributes, **group)
        sent[body] = (attributes, *group.values())
    return sent


def drain(sqs, url):
    """What has arrived, in the order in which it comes."""
    found = {}
    while messages := sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=['All'],
            MessageAttributeNames=['All']).get('Messages'):
        for message in messages:
            system = message['Attributes']
            found[message['Body']] = (
                message.get('MessageAttributes', {}),
                *(system[name] for name in ('MessageGroupId', 'MessageDeduplicationId')
                  if name in system))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message['ReceiptHandle'])
    return found


def messages(fifo):
    sqs = client()
    suffix, attributes = ('.fifo', {'FifoQueue': 'true'}) if fifo else ('', {})
    urls = [sqs.create_queue(QueueName=f'migration-{name}{suffix}', Attributes=attributes)['QueueUrl']
            for name in ('from', 'to')]
    sent = fill(sqs, urls[0], fifo)
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(['bash', '-c', block('Messages', 'bash'), 'loop', *urls],
                              capture_output=True, text=True, check=False, env=environment(folder))
    name = 'FIFO' if fifo else 'standard'
    tap.ok(done.returncode == 0, f'the loop ends, {name}', done.stdout, done.stderr)
    left = sqs.get_queue_attributes(QueueUrl=urls[0], AttributeNames=['All'])['Attributes']
    tap.equal([left['ApproximateNumberOfMessages'], left['ApproximateNumberOfMessagesNotVisible']],
              ['0', '0'], f'nothing is left, {name}')
    found = drain(sqs, urls[1])
    tap.equal(found, sent, f'bodies, attributes and groups have come along, {name}')
    if fifo:
        for group in ('group-0', 'group-1'):
            tap.equal([body for body in found if found[body][1] == group],
                      [body for body in sent if sent[body][1] == group],
                      f'in order within {group}')


tap.group(lines_for_boto3)
tap.group(lines_for_the_cli)
tap.group(messages, False)
tap.group(messages, True)
tap.finish()
