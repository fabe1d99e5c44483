"""Access keys of two accounts: queues of equal names are each account's own, and
another account's queue takes both sides to allow it.
"""

import json
import os
import re
import threading
import urllib.request

import botocore.exceptions

import metrics
import sqs as lib
from tap import equal, finish, group, ok

HERE = '000000000000'
THERE = '111111111111'

here = lib.client()
there = lib.client(os.environ['QUEUE_FOREIGN_ACCESS_KEY_ID'], os.environ['QUEUE_FOREIGN_SECRET_ACCESS_KEY'])
name = lib.unique('accounts')
urls = {}


def code_of(call, **arguments):
    """The error that a call has, or nothing."""
    try:
        call(**arguments)
    except botocore.exceptions.ClientError as error:
        return error.response['Error']['Code']
    return None


def own():
    """Each has its own queue of the name."""
    for account, client in ((HERE, here), (THERE, there)):
        url = client.create_queue(QueueName=name, tags={'account': account})['QueueUrl']
        urls[account] = url
        equal(url, f'{lib.ENDPOINT}/{account}/{name}', f'{account}: the URL has the account')
        equal(client.get_queue_url(QueueName=name)['QueueUrl'], url, f'{account}: so does that of GetQueueUrl')
        equal(client.list_queues(QueueNamePrefix=name).get('QueueUrls'), [url], f'{account}: and the list has no other')
        equal(lib.arn_of(client, url), f'arn:aws:sqs:{lib.REGION}:{account}:{name}', f'{account}: and the ARN')
        client.send_message(QueueUrl=url, MessageBody=account)
    for account, client in ((HERE, here), (THERE, there)):
        received = client.receive_message(QueueUrl=urls[account], MaxNumberOfMessages=10)
        equal([message['Body'] for message in received.get('Messages', [])], [account], f'{account}: receives its own')
        equal(client.list_queue_tags(QueueUrl=urls[account])['Tags'], {'account': account}, f'{account}: has its own tags')


def polls():
    """Long polls by the plain name wait for the queue of their own account."""
    found = {}

    def poll(account, client):
        answer = client.receive_message(QueueUrl=name, WaitTimeSeconds=20)
        found[account] = [message['Body'] for message in answer.get('Messages', [])]

    threads = [threading.Thread(target=poll, args=pair) for pair in ((HERE, here), (THERE, there))]
    for thread in threads:
        thread.start()
    there.send_message(QueueUrl=name, MessageBody='for there')
    here.send_message(QueueUrl=name, MessageBody='for here')
    for thread in threads:
        thread.join()
    equal(found, {HERE: ['for here'], THERE: ['for there']}, 'each poll is woken by its own queue')


def others():
    """The queue of the other account."""
    equal(code_of(there.get_queue_url, QueueName=name, QueueOwnerAWSAccountId=HERE), 'AccessDenied',
          'without a policy another account is denied')
    equal(code_of(there.send_message, QueueUrl=urls[HERE], MessageBody='x'), 'AccessDenied', 'by URL, too')
    here.add_permission(QueueUrl=urls[HERE], Label='there', AWSAccountIds=[THERE], Actions=['*'])
    equal(code_of(there.send_message, QueueUrl=urls[HERE], MessageBody='x'), 'AccessDenied',
          'and where only the queue allows it')
    policy = here.get_queue_attributes(QueueUrl=urls[HERE], AttributeNames=['Policy'])['Attributes']['Policy']
    statement = json.loads(policy)['Statement'][0]
    equal(statement['Principal'], {'AWS': f'arn:aws:iam::{THERE}:root'}, 'the policy names the account')
    equal(code_of(there.delete_queue, QueueUrl=urls[HERE]), 'AccessDenied', 'some actions are not for others at all')
    ok(code_of(here.send_message, QueueUrl=urls[THERE], MessageBody='x') == 'AccessDenied', 'and the other way round')


def labels():
    """Prometheus can tell the queues apart."""
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(metrics.URL, timeout=30) as answer:
        series = re.findall(r'^(\w+(?:{.*})?) ', answer.read().decode(), re.MULTILINE)
    own = [one for one in series if one.startswith('queue_messages_sent_total{') and f'queue="{name}"' in one]
    equal(len(own), 2, 'both queues have a metric')
    ok(any(f'account="{HERE}"' in one for one in own) and any(f'account="{THERE}"' in one for one in own),
       'with the account', own)
    equal(len(series), len(set(series)), 'no series is there twice')


group(own)
group(labels)
group(polls)
group(others)
for one, owner in ((HERE, here), (THERE, there)):
    owner.delete_queue(QueueUrl=urls[one])
finish()
