"""Policies as clients meet them: the cases of test/sql/policy_statements.sql, and
conditions on what a request itself shows, each by a real call of a role that has no
right but the policy of the queue. Only the queue's policy changes, set by its owner.
"""

import datetime
import json
import os
import re

import botocore.exceptions

import sqs as lib
from tap import finish, group, ok

HERE = os.path.dirname(os.path.abspath(__file__))
ROLE = 'stranger'
ROLE_ARN = f'arn:aws:iam::000000000000:role/{ROLE}'
QUEUE = 'policy-orders'

owner = lib.client()
other = lib.client(os.environ['QUEUE_OTHER_ACCESS_KEY_ID'], os.environ['QUEUE_OTHER_SECRET_ACCESS_KEY'])
url = owner.create_queue(QueueName=QUEUE, tags={'team': 'blue'})['QueueUrl']
arn = lib.arn_of(owner, url)
handles = []
for purpose in ('to be changed', 'to be deleted'):
    owner.send_message(QueueUrl=url, MessageBody=purpose)
    handles.append(lib.receive(owner, url, VisibilityTimeout=600)[0]['ReceiptHandle'])

CALLS = {
    'ChangeMessageVisibility': ('change_message_visibility', {'ReceiptHandle': handles[0], 'VisibilityTimeout': 600}),
    'ChangeMessageVisibilityBatch': ('change_message_visibility_batch',
                                     {'Entries': [{'Id': '1', 'ReceiptHandle': handles[0], 'VisibilityTimeout': 600}]}),
    'DeleteMessageBatch': ('delete_message_batch', {'Entries': [{'Id': '1', 'ReceiptHandle': handles[1]}]}),
    'DeleteQueue': ('delete_queue', {}),
    'GetQueueAttributes': ('get_queue_attributes', {'AttributeNames': ['QueueArn']}),
    'GetQueueUrl': ('get_queue_url', {}),
    'ListDeadLetterSourceQueues': ('list_dead_letter_source_queues', {}),
    'ListQueueTags': ('list_queue_tags', {}),
    'PurgeQueue': ('purge_queue', {}),
    'ReceiveMessage': ('receive_message', {'VisibilityTimeout': 0}),
    'SendMessage': ('send_message', {'MessageBody': 'x'}),
    'SendMessageBatch': ('send_message_batch', {'Entries': [{'Id': '1', 'MessageBody': 'x'}]}),
    'SetQueueAttributes': ('set_queue_attributes', {'Attributes': {'DelaySeconds': '0'}}),
    'TagQueue': ('tag_queue', {'Tags': {'team': 'blue'}}),
    'UntagQueue': ('untag_queue', {'TagKeys': ['none']}),
}
BY_LOWER = {name.lower(): name for name in CALLS}


def allowed(client, action, **more):
    """Whether a call is allowed; any other error than AccessDenied is raised."""
    method, arguments = CALLS[action]
    where = {'QueueName': QUEUE} if action == 'GetQueueUrl' else {'QueueUrl': url}
    try:
        getattr(client, method)(**where, **{**arguments, **more})
    except botocore.exceptions.ClientError as error:
        if error.response['Error']['Code'] not in ('AccessDenied', 'AccessDeniedException'):
            raise
        return False
    return True


def put(effect, elements, version='2012-10-17'):
    """A policy of one statement; one that denies has another that allows all. It is
    about the role, so that the owner can change it again."""
    statements = [{'Effect': effect, **elements}]
    if effect == 'Deny':
        statements.append({'Effect': 'Allow', 'Action': '*', 'Resource': '*'})
    for statement in statements:
        if 'Principal' not in statement and 'NotPrincipal' not in statement:
            statement['Principal'] = {'AWS': ROLE_ARN}
    owner.set_queue_attributes(QueueUrl=url, Attributes={
        'Policy': json.dumps({'Version': version, 'Statement': statements})})


def rows(table):
    """The rows of a table of cases, as Python has their values."""
    with open(os.path.join(HERE, 'policy_statements.sql'), encoding='utf-8') as file:
        text = file.read()
    block = re.search(rf'INSERT INTO {table} \(.*?\) VALUES\n(.*?);\n', text, re.S).group(1)
    for line in block.splitlines():
        fields = re.findall(r"'((?:[^']|'')*)'|(true|false)", line)
        yield [string.replace("''", "'") if not flag else flag == 'true' for string, flag in fields]


def check(effect, matches, action, name):
    """One case."""
    wanted = matches if effect == 'Allow' else not matches
    ok(allowed(other, action) == wanted, f'{effect} {name}')


def actions():
    """Action and NotAction."""
    for element, value, action, matches in rows('actions'):
        action = BY_LOWER[action.split(':')[-1].lower()]
        for effect in ('Allow', 'Deny'):
            if action == 'DeleteQueue' and matches == (effect == 'Allow'):
                continue        # it would be deleted
            put(effect, {element: json.loads(value), 'Resource': '*'})
            check(effect, matches, action, f'{element} {value}: {action}')


def resources():
    """Resource and NotResource; but for keys that only a simulation can have."""
    for element, value, version, matches in rows('resources'):
        if 'aws:part' in value or 'aws:star' in value:
            continue
        for effect in ('Allow', 'Deny'):
            put(effect, {element: json.loads(value), 'Action': 'sqs:SendMessage'}, version)
            check(effect, matches, 'SendMessage', f'{element} {value} ({version})')


def principals():
    """Principal and NotPrincipal, for the role that there is here."""
    for element, value, role, matches in rows('principals'):
        if role != 'regress_policy_app' or 'regress_policy_group' in value:
            continue
        value = value.replace('regress_policy_app', ROLE)
        for effect in ('Allow', 'Deny'):
            put(effect, {element: json.loads(value), 'Action': 'sqs:SendMessage', 'Resource': '*'})
            check(effect, matches, 'SendMessage', f'{element} {value}')


def moment(days):
    """A time so many days from now."""
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)).strftime('%Y-%m-%dT%H:%M:%SZ')


def conditions():
    """Keys that a request has, and some that none has."""
    for matches, condition in (
            (True, {'IpAddress': {'aws:SourceIp': '127.0.0.0/8'}}),
            (True, {'IpAddress': {'aws:SourceIp': ['192.0.2.1', '127.0.0.1']}}),
            (False, {'IpAddress': {'aws:SourceIp': '192.0.2.0/24'}}),
            (False, {'NotIpAddress': {'aws:SourceIp': '127.0.0.1/32'}}),
            (True, {'NotIpAddress': {'aws:SourceIp': '::/0'}}),
            (True, {'Bool': {'aws:SecureTransport': 'false'}}),
            (False, {'Bool': {'aws:SecureTransport': 'true'}}),
            (True, {'StringLike': {'aws:UserAgent': '*Boto*'}}),
            (False, {'StringLike': {'aws:UserAgent': 'curl/*'}}),
            (False, {'StringNotLike': {'aws:useragent': '*boto?/*'}, 'Null': {'aws:UserAgent': 'true'}}),
            (True, {'Null': {'aws:UserAgent': 'false', 'aws:SourceArn': 'true'}}),
            (True, {'DateGreaterThan': {'aws:CurrentTime': moment(-1)}, 'DateLessThan': {'aws:CurrentTime': moment(1)}}),
            (False, {'DateGreaterThan': {'aws:CurrentTime': moment(1)}}),
            (True, {'NumericGreaterThan': {'aws:EpochTime': '1000000000'}}),
            (False, {'NumericLessThan': {'aws:EpochTime': '1000000000'}}),
            (True, {'ArnEquals': {'aws:PrincipalArn': ROLE_ARN}}),
            (True, {'ArnLike': {'aws:PrincipalArn': 'arn:aws:iam::*:role/str*'}}),
            (False, {'ArnNotEquals': {'aws:PrincipalArn': ROLE_ARN}}),
            (True, {'StringEquals': {'aws:username': ROLE, 'aws:PrincipalAccount': '000000000000'}}),
            (False, {'StringEquals': {'aws:username': 'app'}}),
            (True, {'StringEqualsIgnoreCase': {'aws:username': ROLE.upper()}}),
            (True, {'StringEquals': {'aws:ResourceTag/team': 'blue'}}),
            (False, {'StringEquals': {'aws:ResourceTag/team': 'green'}}),
            (False, {'StringEquals': {'aws:ResourceTag/none': 'blue'}}),
            (True, {'StringEqualsIfExists': {'aws:ResourceTag/none': 'blue'}}),
            (False, {'Bool': {'aws:MultiFactorAuthPresent': 'true'}}),
            (True, {'BoolIfExists': {'aws:MultiFactorAuthPresent': 'true'}}),
            (False, {'NumericLessThan': {'aws:MultiFactorAuthAge': '3600'}}),
            (False, {'StringEquals': {'aws:PrincipalOrgID': 'o-1'}}),
            (True, {'Bool': {'aws:PrincipalIsAWSService': 'false'}}),
            (False, {'StringEquals': {'aws:username': ROLE}, 'IpAddress': {'aws:SourceIp': '192.0.2.1'}})):
        for effect in ('Allow', 'Deny'):
            put(effect, {'Action': 'sqs:*', 'Resource': arn, 'Condition': condition})
            check(effect, matches, 'SendMessage', json.dumps(condition))


def tags():
    """Keys of the tags that a call brings along."""
    put('Allow', {'Action': 'sqs:TagQueue', 'Resource': '*', 'Condition': {
        'StringEquals': {'aws:RequestTag/team': 'blue'}, 'ForAllValues:StringEquals': {'aws:TagKeys': ['team', 'cost']}}})
    for wanted, given in ((True, {'team': 'blue'}), (True, {'team': 'blue', 'cost': '1'}), (False, {'team': 'green'}),
                          (False, {'cost': '1'}), (False, {'team': 'blue', 'x': 'y'})):
        ok(allowed(other, 'TagQueue', Tags=given) == wanted, f'TagQueue {given}')


def transport():
    """The same call by TLS."""
    secure = lib.client(os.environ['QUEUE_OTHER_ACCESS_KEY_ID'], os.environ['QUEUE_OTHER_SECRET_ACCESS_KEY'],
                        endpoint=os.environ['QUEUE_TLS_ENDPOINT_URL'], verify=os.environ['QUEUE_CA_FILE'])
    put('Allow', {'Action': 'sqs:SendMessage', 'Resource': '*', 'Condition': {'Bool': {'aws:SecureTransport': 'true'}}})
    ok(allowed(secure, 'SendMessage'), 'by TLS it is secure')
    ok(not allowed(other, 'SendMessage'), 'without it is not')
    put('Deny', {'Action': 'sqs:*', 'Resource': '*', 'Condition': {'Bool': {'aws:SecureTransport': 'false'}}})
    ok(allowed(secure, 'SendMessage'), 'a policy that wants TLS lets it pass')
    ok(not allowed(other, 'SendMessage'), 'and nothing else')


for checks in (actions, resources, principals, conditions, tags, transport):
    group(checks)
owner.set_queue_attributes(QueueUrl=url, Attributes={'Policy': ''})
ok(not allowed(other, 'SendMessage'), 'without a policy nothing is allowed')
owner.delete_queue(QueueUrl=url)
finish()
