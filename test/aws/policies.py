"""Policies as clients meet them. The cases are those of test/sql/policy_statements.sql
and test/sql/policy_conditions.sql: each policy is put where the SQL tests put it, and
where they simulate a request a real one is made, signed with a key of the role. What
the answer says has to be what the simulation decides. More cases are of what only a
request has: address, transport, user agent, time, tags.
"""

import datetime
import json
import os
import re

import botocore.exceptions
import psycopg2

import raw
import sqs as lib
from tap import equal, finish, group, ok

HERE = os.path.dirname(os.path.abspath(__file__))
QUEUE = 'policy-orders'
ROLE = 'regress_policy_app'     # what the cases call the role that they are of
ROLE_ARN = f'arn:aws:iam::000000000000:role/{ROLE}'

admin = psycopg2.connect(os.environ['QUEUE_ADMIN_DSN'])
admin.autocommit = True
cursor = admin.cursor()


def query(text, *values):
    """The rows of a query of a superuser."""
    cursor.execute(text, values or None)
    return cursor.fetchall() if cursor.description else []


def load(name):
    """The tables of cases of a file of the SQL tests, made as it makes them."""
    with open(os.path.join(HERE, name), encoding='utf-8') as file:
        text = file.read()
    for statement in re.findall(r'^(?:CREATE TEMP TABLE \w+ \(|INSERT INTO \w+ \(.*?\) VALUES$).*?;$',
                                text, re.M | re.S):
        query(statement)


def make_role(name):
    """A role, and an access key of it."""
    quoted, = query('SELECT quote_ident(%s)', name)[0]
    query(f'CREATE ROLE {quoted}')
    query(f'GRANT {quoted} TO queue_gateway')
    query(f'GRANT USAGE ON SCHEMA queue TO {quoted}')
    return query('SELECT * FROM sqs_create_access_key(%s::regrole)', quoted)[0]


load('policy_statements.sql')
load('policy_conditions.sql')
CASES = {table: query(f'SELECT count(*) FROM {table}')[0][0]
         for table in ('actions', 'resources', 'principals', 'together', 'conditions')}
KEYS = {name: make_role(name) for name in sorted(
    {'regress_policy_conditions', ROLE, *(name for name, in query('SELECT DISTINCT role FROM principals'))})}
KEYS['elsewhere'] = (os.environ['QUEUE_FOREIGN_ACCESS_KEY_ID'], os.environ['QUEUE_FOREIGN_SECRET_ACCESS_KEY'])
query('GRANT regress_policy_group TO regress_policy_app')
query('ALTER ROLE regress_policy_noinherit NOINHERIT')
query('GRANT regress_policy_group TO regress_policy_noinherit')

owner = lib.client()
other = lib.client(*KEYS[ROLE])
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


def decide(role, action, agent=None, **more):
    """What becomes of a call: what the simulation calls it. Only a user agent that
    is said here goes along."""
    body = json.dumps({'QueueName': QUEUE} if action == 'GetQueueUrl' else
                      {'QueueUrl': url, **CALLS[action][1], **more})
    headers = raw.sign('POST', '/', raw.json_headers(action), body, *KEYS[role])
    if agent is not None:
        headers['User-Agent'] = agent.encode()
    answer = raw.send('POST', '/', headers, body)
    if answer.status == 200:
        return 'allowed'
    code, message = answer.error()
    if code != 'AccessDenied':
        raise ValueError(f'{action}: {answer}')
    return 'explicitDeny' if 'with an explicit deny' in message else 'implicitDeny'


def expected(effect, matches):
    """What a statement with an effect comes to, with one after it that allows all if
    it denies."""
    if effect == 'Allow':
        return 'allowed' if matches else 'implicitDeny'
    return 'explicitDeny' if matches else 'allowed'


def put(role, role_has, queue_has, version='2012-10-17'):
    """The policies of a role and of the queue, by their statements. Those of the
    queue are about everybody where they do not say whom."""
    def document(statements):
        return json.dumps({'Version': version, 'Statement': statements})

    query('SELECT sqs_delete_role_policy(quote_ident(%s)::regrole, policy_name) '
          'FROM sqs_list_role_policies(quote_ident(%s)::regrole)', role, role)
    if role_has:
        query('SELECT sqs_put_role_policy(quote_ident(%s)::regrole, %s, %s)', role, 'statements', document(role_has))
    if queue_has:
        queue_has = [statement if statement.keys() & {'Principal', 'NotPrincipal'} else {**statement, 'Principal': '*'}
                     for statement in queue_has]
    query("SELECT sqs_set_queue_attributes(%s, jsonb_build_object('Policy', %s))", url,
          document(queue_has) if queue_has else '')


def put_one(role, whose, effect, elements, version='2012-10-17'):
    """One statement; with another that allows all if it denies."""
    statements = [{'Effect': effect, **elements}]
    if effect == 'Deny':
        statements.append({'Effect': 'Allow', 'Action': '*', 'Resource': '*'})
    put(role, *((statements, None) if whose == 'role' else (None, statements)), version)


def each_way(places=('queue', 'role')):
    """A statement that allows and one that denies, of each place for policies."""
    return [(whose, effect) for whose in places for effect in ('Allow', 'Deny')]


def actions():
    """Action and NotAction."""
    for element, value, action, matches in query('SELECT element, value, action, matches FROM actions ORDER BY n'):
        action = BY_LOWER[action.split(':')[-1].lower()]
        for whose, effect in each_way():
            if action == 'DeleteQueue' and matches == (effect == 'Allow'):
                continue        # it would be deleted
            put_one(ROLE, whose, effect, {element: value, 'Resource': '*'})
            equal(decide(ROLE, action), expected(effect, matches), f'{whose}: {effect} {element} {value}: {action}')


def resources():
    """Resource and NotResource. Keys that the SQL test gives in the context have the
    user agent for a value here."""
    for element, value, version, matches in query(
            'SELECT element, value::text, version, matches FROM resources ORDER BY n'):
        agent = 'orders' if 'aws:part' in value else '*'
        elements = {element: json.loads(re.sub('aws:(part|star)', 'aws:UserAgent', value)), 'Action': 'sqs:SendMessage'}
        for whose, effect in each_way():
            put_one(ROLE, whose, effect, elements, version)
            equal(decide(ROLE, 'SendMessage', agent), expected(effect, matches),
                  f'{whose}: {effect} {element} {value} ({version})')


def principals():
    """Principal and NotPrincipal."""
    for element, value, role, matches in query('SELECT element, value, role, matches FROM principals ORDER BY n'):
        for whose, effect in each_way(['queue']):
            put_one(role, whose, effect, {element: value, 'Action': 'sqs:SendMessage', 'Resource': '*'})
            equal(decide(role, 'SendMessage'), expected(effect, matches), f'{effect} {element} {value}: {role}')


def together():
    """Policies of the role and of the queue, of one account and of two."""
    def statements(letters):
        return [{'Sid': f's{n}', 'Effect': 'Deny' if letter == 'd' else 'Allow', 'Resource': '*',
                 'Action': 'sqs:PurgeQueue' if letter == 'o' else 'sqs:SendMessage'}
                for n, letter in enumerate(letters.replace('-', ''))]

    for role_has, queue_has, *decisions in query('SELECT role_has, queue_has, within, across FROM together ORDER BY n'):
        for role, decision in zip((ROLE, 'elsewhere'), decisions):
            put(role, statements(role_has), statements(queue_has))
            equal(decide(role, 'SendMessage'), decision, f'role {role_has}, queue {queue_has}: {role}')
            put(role, None, None)


def request_with(have):
    """A request that has a value, or several, for some key: the key, and the request
    as decide() wants it. Most texts can be a user agent; of those that no header can
    have some can be keys of tags, and an empty one the value of a tag."""
    if have is None or have == []:
        return 'aws:UserAgent', {'action': 'SendMessage'}
    if have == '':
        return 'aws:RequestTag/k', {'action': 'TagQueue', 'Tags': {'k': ''}}
    if isinstance(have, list) or have != have.strip() or not have.isprintable():
        return 'aws:TagKeys', {'action': 'UntagQueue', 'TagKeys': have if isinstance(have, list) else [have]}
    return 'aws:UserAgent', {'action': 'SendMessage', 'agent': have}


def conditions():
    """Each operator. The key that a case is about is one that a request can have;
    and so are the two that policy variables ask for, one of which is a pattern and
    the other has several values."""
    role = 'regress_policy_conditions'
    for operator, value, have, holds in query('SELECT operator, value::text, have, holds FROM conditions ORDER BY n'):
        have = have if have is None or isinstance(have, (str, list)) else json.dumps(have)
        key, request = request_with(have)
        if 'aws:pattern' in value:
            value = value.replace('aws:pattern', 'aws:UserAgent')
            key, request = 'aws:TagKeys', {'action': 'UntagQueue', 'TagKeys': [have], 'agent': '*'}
        elif 'aws:several' in value:
            value = value.replace('aws:several', 'aws:TagKeys')
            request = {**request, 'action': 'UntagQueue', 'TagKeys': ['a', 'b']}
        for whose, effect in each_way():
            put_one(role, whose, effect, {'Action': 'sqs:*', 'Resource': '*',
                                          'Condition': {operator: {key: json.loads(value)}}})
            equal(decide(role, **request), expected(effect, holds), f'{whose}: {effect} {operator} {value}: {have!r}')


def allowed(client, action, **more):
    """Whether a call of boto3 is allowed; any other error than AccessDenied is raised."""
    method, arguments = CALLS[action]
    where = {'QueueName': QUEUE} if action == 'GetQueueUrl' else {'QueueUrl': url}
    try:
        getattr(client, method)(**where, **{**arguments, **more})
    except botocore.exceptions.ClientError as error:
        if error.response['Error']['Code'] not in ('AccessDenied', 'AccessDeniedException'):
            raise
        return False
    return True


def moment(days):
    """A time so many days from now."""
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)).strftime('%Y-%m-%dT%H:%M:%SZ')


def keys():
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
            (True, {'ArnLike': {'aws:PrincipalArn': 'arn:aws:iam::*:role/regress_*'}}),
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
        for whose, effect in each_way():
            put_one(ROLE, whose, effect, {'Action': 'sqs:*', 'Resource': arn, 'Condition': condition})
            equal(allowed(other, 'SendMessage'), expected(effect, matches) == 'allowed',
                  f'{whose}: {effect} {json.dumps(condition)}')


def tags():
    """Keys of the tags that a call brings along."""
    put_one(ROLE, 'queue', 'Allow', {'Action': 'sqs:TagQueue', 'Resource': '*', 'Condition': {
        'StringEquals': {'aws:RequestTag/team': 'blue'}, 'ForAllValues:StringEquals': {'aws:TagKeys': ['team', 'cost']}}})
    for wanted, given in ((True, {'team': 'blue'}), (True, {'team': 'blue', 'cost': '1'}), (False, {'team': 'green'}),
                          (False, {'cost': '1'}), (False, {'team': 'blue', 'x': 'y'})):
        ok(allowed(other, 'TagQueue', Tags=given) == wanted, f'TagQueue {given}')


def transport():
    """The same call by TLS."""
    secure = lib.client(*KEYS[ROLE], endpoint=os.environ['QUEUE_TLS_ENDPOINT_URL'], verify=os.environ['QUEUE_CA_FILE'])
    put_one(ROLE, 'queue', 'Allow', {'Action': 'sqs:SendMessage', 'Resource': '*',
                                     'Condition': {'Bool': {'aws:SecureTransport': 'true'}}})
    ok(allowed(secure, 'SendMessage'), 'by TLS it is secure')
    ok(not allowed(other, 'SendMessage'), 'without it is not')
    put_one(ROLE, 'queue', 'Deny', {'Action': 'sqs:*', 'Resource': '*',
                                    'Condition': {'Bool': {'aws:SecureTransport': 'false'}}})
    ok(allowed(secure, 'SendMessage'), 'a policy that wants TLS lets it pass')
    ok(not allowed(other, 'SendMessage'), 'and nothing else')


def owners():
    """What the owner itself puts, by a call of its own."""
    put(ROLE, None, None)
    for action in ('SendMessage', 'PurgeQueue'):
        owner.set_queue_attributes(QueueUrl=url, Attributes={'Policy': json.dumps({'Statement': {
            'Effect': 'Allow', 'Principal': {'AWS': ROLE_ARN}, 'Action': f'sqs:{action}', 'Resource': arn}})})
        equal([name for name in ('SendMessage', 'PurgeQueue') if allowed(other, name)], [action],
              f'the owner allows {action}')
    owner.set_queue_attributes(QueueUrl=url, Attributes={'Policy': ''})
    ok(not allowed(other, 'SendMessage'), 'without a policy nothing is allowed')


ok(all(CASES.values()) and sum(CASES.values()) >= 300, f'there are {sum(CASES.values())} cases', CASES)
for checks in (actions, resources, principals, together, conditions, keys, tags, transport, owners):
    group(checks)
owner.delete_queue(QueueUrl=url)
finish()
