"""Everything SQS does, by boto3: all of its actions, on standard and FIFO
queues, over the protocol that the installed boto3 speaks (JSON today; Query,
Debian 12's).
"""

import base64
import json
import os
import threading

import botocore.exceptions

import metrics
import sqs as lib
from tap import becomes, equal, finish, group, note, ok

client = lib.client()
called = set()
client.meta.events.register(
    'before-call.sqs', lambda model, **_: called.add(model.name))


def attributes(url, *names):
    """Attributes of a queue."""
    return client.get_queue_attributes(
        QueueUrl=url, AttributeNames=list(names) or ['All']).get('Attributes', {})


def queues():
    """Queues are made, found, changed and deleted."""
    name = lib.unique('made')
    url = client.create_queue(QueueName=name)['QueueUrl']
    ok(url.startswith(lib.ENDPOINT + '/') and url.endswith('/' + name),
       'the URL of a queue leads to where it was made', url)
    equal(client.get_queue_url(QueueName=name)['QueueUrl'], url,
          'a queue is found by its name')
    equal(client.create_queue(
        QueueName=name, Attributes={'VisibilityTimeout': '30'})['QueueUrl'],
        url, 'a queue can be made again with the attributes it has')

    equal(sorted(attributes(url)), [
        'ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesDelayed',
        'ApproximateNumberOfMessagesNotVisible', 'CreatedTimestamp',
        'DelaySeconds', 'LastModifiedTimestamp', 'MaximumMessageSize',
        'MessageRetentionPeriod', 'QueueArn', 'ReceiveMessageWaitTimeSeconds',
        'SqsManagedSseEnabled', 'VisibilityTimeout'],
        'the attributes of a standard queue')
    equal(client.get_queue_attributes(QueueUrl=url).get('Attributes'), None,
          'no attributes where none are asked for')
    client.set_queue_attributes(QueueUrl=url, Attributes={
        'VisibilityTimeout': '7', 'DelaySeconds': '3',
        'MaximumMessageSize': '2048', 'MessageRetentionPeriod': '86400',
        'ReceiveMessageWaitTimeSeconds': '2'})
    equal(attributes(url, 'VisibilityTimeout', 'DelaySeconds',
                     'MaximumMessageSize', 'MessageRetentionPeriod',
                     'ReceiveMessageWaitTimeSeconds'),
          {'VisibilityTimeout': '7', 'DelaySeconds': '3',
           'MaximumMessageSize': '2048', 'MessageRetentionPeriod': '86400',
           'ReceiveMessageWaitTimeSeconds': '2'},
          'attributes are what they were set to')

    client.delete_queue(QueueUrl=url)
    try:
        client.get_queue_url(QueueName=name)
        ok(False, 'a deleted queue is gone')
    except client.exceptions.QueueDoesNotExist as error:
        equal(error.response['Error']['Code'],
              'AWS.SimpleQueueService.NonExistentQueue',
              'a deleted queue is gone')


def fifo_attributes():
    """What FIFO queues have beside."""
    url = lib.make_queue(client, 'fifo', {
        'FifoQueue': 'true', 'ContentBasedDeduplication': 'true',
        'DeduplicationScope': 'messageGroup',
        'FifoThroughputLimit': 'perMessageGroupId'})
    equal(attributes(url, 'FifoQueue', 'ContentBasedDeduplication',
                     'DeduplicationScope', 'FifoThroughputLimit'),
          {'FifoQueue': 'true', 'ContentBasedDeduplication': 'true',
           'DeduplicationScope': 'messageGroup',
           'FifoThroughputLimit': 'perMessageGroupId'},
          'the attributes of a FIFO queue')
    client.delete_queue(QueueUrl=url)


def pagination():
    """Lists come in pages."""
    prefix = lib.unique('page')
    made = sorted(client.create_queue(QueueName=f'{prefix}-{i}')['QueueUrl']
                  for i in range(5))
    equal(sorted(client.list_queues(QueueNamePrefix=prefix)['QueueUrls']),
          made, 'queues are listed by a prefix')
    equal(client.list_queues(QueueNamePrefix=prefix + 'x').get('QueueUrls'),
          None, 'no list where there are none')
    pages = list(client.get_paginator('list_queues').paginate(
        QueueNamePrefix=prefix, PaginationConfig={'PageSize': 2}))
    equal([len(page['QueueUrls']) for page in pages], [2, 2, 1],
          'pages are as long as asked for')
    equal(sorted(url for page in pages for url in page['QueueUrls']), made,
          'and have each queue once')
    first = client.list_queues(QueueNamePrefix=prefix, MaxResults=5)
    ok('NextToken' not in first, 'no token on the last page', first)

    dead = json.dumps({'deadLetterTargetArn': lib.arn_of(client, made[0]),
                       'maxReceiveCount': 2})
    for url in made[1:]:
        client.set_queue_attributes(QueueUrl=url,
                                    Attributes={'RedrivePolicy': dead})
    pages = list(client.get_paginator(
        'list_dead_letter_source_queues').paginate(
            QueueUrl=made[0], PaginationConfig={'PageSize': 3}))
    equal([len(page['queueUrls']) for page in pages], [3, 1],
          'the sources of a dead-letter queue come in pages')
    equal(sorted(url for page in pages for url in page['queueUrls']),
          made[1:], 'and each once')
    for url in made:
        client.delete_queue(QueueUrl=url)


ATTRIBUTES = {
    'text': {'DataType': 'String', 'StringValue': 'grüße \U0001f600 <&">'},
    'count': {'DataType': 'Number', 'StringValue': '-17.250'},
    'typed': {'DataType': 'Number.int', 'StringValue': '42'},
    'bytes': {'DataType': 'Binary', 'BinaryValue': bytes(range(256))},
    'image': {'DataType': 'Binary.png', 'BinaryValue': b'\x89PNG\r\n'},
}

BODIES = {
    'ASCII': 'hello',
    'markup': '<a href="x">&amp; ]]> \'quoted\'</a>',
    'line ends': 'one\r\ntwo\rthree\nfour\ttab ',
    'other scripts': 'grüße, привет, 你好, \U0001f600',
    'form characters': 'a+b=c&d%20e?f;g/h',
    'JSON': '{"a": [1, 2, {"b": "\\u00e4 \\n"}]}',
    'blanks': '   ',
    'the largest code points': '\ud7ff\ue000\ufffd\U0010ffff',
}


def messages():
    """A message goes there and back as it was."""
    url = lib.make_queue(client, 'messages')
    for what, body in BODIES.items():
        sent = client.send_message(QueueUrl=url, MessageBody=body)
        equal(sent['MD5OfMessageBody'], lib.md5(body),
              f'{what}: the digest of the answer')
        message = lib.receive(client, url, WaitTimeSeconds=20)[0]
        equal((message['Body'], message['MD5OfBody'], message['MessageId']),
              (body, lib.md5(body), sent['MessageId']),
              f'{what}: the message comes back as it was sent')
        client.delete_message(QueueUrl=url,
                              ReceiptHandle=message['ReceiptHandle'])

    big = 'ä' * (1048576 // 2)
    client.set_queue_attributes(QueueUrl=url,
                                Attributes={'MaximumMessageSize': '1048576'})
    sent = client.send_message(QueueUrl=url, MessageBody=big)
    message = lib.receive(client, url, WaitTimeSeconds=20)[0]
    ok(message['Body'] == big and message['MD5OfBody'] == lib.md5(big),
       'a message as big as it may be comes back')
    lib.delete(client, url, [message])
    equal(attributes(url, 'ApproximateNumberOfMessages',
                     'ApproximateNumberOfMessagesNotVisible'),
          {'ApproximateNumberOfMessages': '0',
           'ApproximateNumberOfMessagesNotVisible': '0'},
          'nothing is left after deletes')
    client.delete_queue(QueueUrl=url)


def message_attributes():
    """Attributes and their digests."""
    url = lib.make_queue(client, 'attributes', {'VisibilityTimeout': 0})
    sent = client.send_message(QueueUrl=url, MessageBody='with attributes',
                               MessageAttributes=ATTRIBUTES)
    equal(sent['MD5OfMessageAttributes'], lib.md5_of_attributes(ATTRIBUTES),
          'the digest of attributes in the answer to a send')
    for names, expected in (
            (['All'], list(ATTRIBUTES)), (['.*'], list(ATTRIBUTES)),
            (['count'], ['count']), (['t.*', 'bytes'], ['bytes', 'text', 'typed']),
            (['absent'], [])):
        message = lib.receive(client, url, MessageAttributeNames=names,
                              WaitTimeSeconds=20)[0]
        subset = {name: ATTRIBUTES[name] for name in expected}
        equal(message.get('MessageAttributes', {}), subset,
              f'attributes asked for by {names}')
        equal(message.get('MD5OfMessageAttributes'),
              lib.md5_of_attributes(subset) if subset else None,
              f'the digest of those asked for by {names}')
    message = lib.receive(client, url, WaitTimeSeconds=20)[0]
    ok('MessageAttributes' not in message and 'Attributes' not in message,
       'none where none are asked for', message)
    client.delete_queue(QueueUrl=url)


def system_attributes():
    """What SQS itself says of a message."""
    url = lib.make_queue(client, 'system', {'VisibilityTimeout': 0})
    trace = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1'
    sent = client.send_message(
        QueueUrl=url, MessageBody='traced', MessageSystemAttributes={
            'AWSTraceHeader': {'DataType': 'String', 'StringValue': trace}})
    equal(sent.get('MD5OfMessageSystemAttributes'),
          '5ae4d5d7636402d80f4eb6d213245a88', 'the digest of the trace header')
    for count in ('1', '2'):
        got = lib.receive(client, url, AttributeNames=['All'],
                          WaitTimeSeconds=20)[0]['Attributes']
        equal(sorted(got), ['AWSTraceHeader',
                            'ApproximateFirstReceiveTimestamp',
                            'ApproximateReceiveCount', 'SenderId',
                            'SentTimestamp'], f'what is told, receive {count}')
        equal((got['ApproximateReceiveCount'], got['AWSTraceHeader']),
              (count, trace), f'the receives are counted, receive {count}')
    got = lib.receive(client, url, AttributeNames=['SentTimestamp'],
                      WaitTimeSeconds=20)[0]['Attributes']
    equal(list(got), ['SentTimestamp'], 'only what is asked for')
    shape = client.meta.service_model.operation_model('ReceiveMessage')
    if 'MessageSystemAttributeNames' in shape.input_shape.members:
        got = lib.receive(client, url, WaitTimeSeconds=20,
                          MessageSystemAttributeNames=['SenderId'])
        equal(list(got[0]['Attributes']), ['SenderId'],
              'asked for by the newer name')
    client.delete_queue(QueueUrl=url)


def batches():
    """Ten at a time, and entries that fail by themselves."""
    url = lib.make_queue(client, 'batch', {'MaximumMessageSize': 1024})
    entries = [{'Id': f'id_{i}', 'MessageBody': f'body {i}',
                'MessageAttributes': {'number': {
                    'DataType': 'Number', 'StringValue': str(i)}}}
               for i in range(10)]
    answer = client.send_message_batch(QueueUrl=url, Entries=entries)
    ok('Failed' not in answer, 'no list of failures where there are none',
       answer)
    equal([(one['Id'], one['MD5OfMessageBody'], one['MD5OfMessageAttributes'])
           for one in answer['Successful']],
          [(entry['Id'], lib.md5(entry['MessageBody']),
            lib.md5_of_attributes(entry['MessageAttributes']))
           for entry in entries], 'ten are sent at a time')
    ids = {one['MessageId']: one['Id'] for one in answer['Successful']}
    got = lib.receive_all(client, url, 10, MessageAttributeNames=['All'])
    equal(sorted((ids[one['MessageId']], one['Body'],
                  one['MessageAttributes']['number']['StringValue'])
                 for one in got),
          [(f'id_{i}', f'body {i}', str(i)) for i in range(10)],
          'and each is received as it was sent')

    answer = client.change_message_visibility_batch(
        QueueUrl=url, Entries=[
            {'Id': 'good', 'ReceiptHandle': got[0]['ReceiptHandle'],
             'VisibilityTimeout': 0},
            {'Id': 'bad', 'ReceiptHandle': 'garbage',
             'VisibilityTimeout': 0}])
    equal([one['Id'] for one in answer['Successful']], ['good'],
          'a visibility is changed beside one that is not')
    equal([(one['Id'], one['Code'], one['SenderFault'], one['Message'])
           for one in answer['Failed']],
          [('bad', 'ReceiptHandleIsInvalid', True,
            'The input receipt handle "garbage" is not a valid receipt handle.')],
          'and the other is told why')
    again = lib.receive(client, url, WaitTimeSeconds=20)
    equal(bodies_of(again), [got[0]['Body']],
          'the one whose visibility ended is there again')

    handles = [one['ReceiptHandle'] for one in again + got[1:9]]
    answer = client.delete_message_batch(QueueUrl=url, Entries=[
        {'Id': str(i), 'ReceiptHandle': handle}
        for i, handle in enumerate(handles + ['garbage'])])
    equal(sorted(one['Id'] for one in answer['Successful']),
          [str(i) for i in range(9)], 'nine are deleted')
    equal([(one['Id'], one['Code']) for one in answer['Failed']],
          [('9', 'ReceiptHandleIsInvalid')], 'the tenth is not')
    answer = client.delete_message_batch(QueueUrl=url, Entries=[
        {'Id': 'last', 'ReceiptHandle': got[9]['ReceiptHandle']}])
    ok('Failed' not in answer, 'the last is deleted', answer)

    answer = client.send_message_batch(QueueUrl=url, Entries=[
        {'Id': 'good', 'MessageBody': 'good'},
        {'Id': 'long', 'MessageBody': 'x' * 1025},
        {'Id': 'late', 'MessageBody': 'late', 'DelaySeconds': 901}])
    equal([one['Id'] for one in answer['Successful']], ['good'],
          'a good entry is sent beside bad ones')
    failed = {one['Id']: one for one in answer['Failed']}
    equal(sorted(failed), ['late', 'long'], 'the bad ones are named')
    equal((failed['long']['Code'], failed['long']['SenderFault'],
           failed['long']['Message']),
          ('InvalidParameterValue', True,
           'One or more parameters cannot be validated. Reason: '
           'Message must be shorter than 1024 bytes.'),
          'an entry that is too long is told so')
    equal(bodies_of(lib.receive(client, url, WaitTimeSeconds=20,
                                MaxNumberOfMessages=10)), ['good'],
          'and only the good one was sent')
    client.delete_queue(QueueUrl=url)


def bodies_of(messages_):
    """The bodies of messages, sorted."""
    return sorted(lib.bodies(messages_))


def visibility():
    """A message that was received is hidden for its time."""
    url = lib.make_queue(client, 'visibility', {'VisibilityTimeout': 600})
    client.send_message(QueueUrl=url, MessageBody='hide')
    first = lib.receive(client, url, WaitTimeSeconds=20)[0]
    equal(lib.receive(client, url), [], 'a message in flight is not received')
    becomes(lambda: attributes(url, 'ApproximateNumberOfMessagesNotVisible'),
            {'ApproximateNumberOfMessagesNotVisible': '1'},
            'it is counted as in flight')
    client.change_message_visibility(
        QueueUrl=url, ReceiptHandle=first['ReceiptHandle'],
        VisibilityTimeout=0)
    second = lib.receive(client, url, WaitTimeSeconds=20, VisibilityTimeout=1)
    equal(lib.bodies(second), ['hide'],
          'with a visibility of zero it is there again')
    ok(second[0]['ReceiptHandle'] != first['ReceiptHandle'],
       'with another receipt handle')
    third = lib.receive(client, url, WaitTimeSeconds=20)
    equal(lib.bodies(third), ['hide'],
          'a long poll gets it when its timeout is over')
    lib.delete(client, url, third)
    lib.delete(client, url, third)
    ok(True, 'a message can be deleted twice')
    equal(lib.receive(client, url), [], 'and is gone')
    client.delete_queue(QueueUrl=url)


def delays():
    """A message may come later."""
    url = lib.make_queue(client, 'delay')
    client.send_message(QueueUrl=url, MessageBody='later', DelaySeconds=900)
    client.send_message(QueueUrl=url, MessageBody='soon', DelaySeconds=1)
    becomes(lambda: attributes(url, 'ApproximateNumberOfMessagesDelayed')
            ['ApproximateNumberOfMessagesDelayed'] in ('1', '2'), True,
            'delayed messages are counted')
    equal(lib.bodies(lib.receive(client, url, WaitTimeSeconds=20)), ['soon'],
          'a long poll gets a message when its delay is over')
    equal(lib.receive(client, url), [], 'and no other')
    client.delete_queue(QueueUrl=url)


def long_poll():
    """A poll that waits is answered when a message is sent."""
    url = lib.make_queue(client, 'poll', {'ReceiveMessageWaitTimeSeconds': 20})
    quiet = lib.make_queue(client, 'quiet')
    got = []
    other = []

    def poll(result, **options):
        sqs = lib.client()
        result.append(lib.receive(sqs, **options))

    before = metrics.waiting_polls()
    control = threading.Thread(target=poll, args=(other,), daemon=True,
                               kwargs={'url': quiet, 'WaitTimeSeconds': 20})
    control.start()
    metrics.wait_for_polls(before, 1)
    poller = threading.Thread(target=poll, args=(got,), daemon=True,
                              kwargs={'url': url})
    poller.start()
    metrics.wait_for_polls(before, 2)
    ok(not got, 'a poll waits while there is nothing')
    client.send_message(QueueUrl=url, MessageBody='wake up')
    poller.join()
    equal([lib.bodies(one) for one in got], [['wake up']],
          'and is answered when there is')
    ok(not other, 'before another that began earlier')
    client.send_message(QueueUrl=quiet, MessageBody='you too')
    control.join()
    equal([lib.bodies(one) for one in other], [['you too']],
          'which then has its own')
    equal(lib.receive(client, url, WaitTimeSeconds=0), [],
          'a wait of zero does not wait, whatever the queue says')
    equal(lib.receive(client, quiet, WaitTimeSeconds=1), [],
          'a poll ends without a message at its time')
    client.delete_queue(QueueUrl=url)
    client.delete_queue(QueueUrl=quiet)


def fifo():
    """Order, groups and deduplication."""
    url = lib.make_queue(client, 'order', {'FifoQueue': 'true'})
    sent = {}
    for body, group_id in (('a1', 'a'), ('a2', 'a'), ('b1', 'b'),
                           ('a3', 'a'), ('b2', 'b')):
        sent[body] = client.send_message(
            QueueUrl=url, MessageBody=body, MessageGroupId=group_id,
            MessageDeduplicationId=body)
    numbers = [int(sent[body]['SequenceNumber'])
               for body in ('a1', 'a2', 'b1', 'a3', 'b2')]
    equal(numbers, sorted(set(numbers)), 'sequence numbers rise')
    again = client.send_message(QueueUrl=url, MessageBody='another',
                                MessageGroupId='a',
                                MessageDeduplicationId='a1')
    equal((again['MessageId'], again['SequenceNumber'],
           again['MD5OfMessageBody']),
          (sent['a1']['MessageId'], sent['a1']['SequenceNumber'],
           lib.md5('another')), 'a duplicate is answered with its original')

    got = lib.receive(client, url, WaitTimeSeconds=20, AttributeNames=['All'])
    equal(lib.bodies(got), ['a1'], 'the first comes first')
    equal({name: got[0]['Attributes'].get(name) for name in (
        'MessageGroupId', 'MessageDeduplicationId', 'SequenceNumber')},
        {'MessageGroupId': 'a', 'MessageDeduplicationId': 'a1',
         'SequenceNumber': sent['a1']['SequenceNumber']},
        'with what makes it a message of a FIFO queue')
    others = lib.receive(client, url, MaxNumberOfMessages=10)
    equal(lib.bodies(others), ['b1', 'b2'],
          'its group waits for it, another does not')
    lib.delete(client, url, got)
    got = lib.receive(client, url, WaitTimeSeconds=20, MaxNumberOfMessages=10)
    equal(lib.bodies(got), ['a2', 'a3'], 'the rest of the group, in order')
    client.change_message_visibility_batch(QueueUrl=url, Entries=[
        {'Id': str(i), 'ReceiptHandle': one['ReceiptHandle'],
         'VisibilityTimeout': 0} for i, one in enumerate(got)])
    got = lib.receive(client, url, WaitTimeSeconds=20, MaxNumberOfMessages=10)
    equal(lib.bodies(got), ['a2', 'a3'], 'given back, it comes in order again')
    lib.delete(client, url, got + others)

    attempt = {'ReceiveRequestAttemptId': 'attempt-1', 'WaitTimeSeconds': 20}
    client.send_message(QueueUrl=url, MessageBody='c1', MessageGroupId='c',
                        MessageDeduplicationId='c1')
    first = lib.receive(client, url, **attempt)
    second = lib.receive(client, url, **attempt)
    equal([one['ReceiptHandle'] for one in second],
          [one['ReceiptHandle'] for one in first],
          'a receive that is repeated gives the same')
    lib.delete(client, url, second)
    client.delete_queue(QueueUrl=url)


def fifo_batch():
    """A batch keeps its order; equal bodies are one message if so wished."""
    url = lib.make_queue(client, 'content', {
        'FifoQueue': 'true', 'ContentBasedDeduplication': 'true'})
    answer = client.send_message_batch(QueueUrl=url, Entries=[
        {'Id': str(i), 'MessageBody': f'body {i % 8}', 'MessageGroupId': 'g'}
        for i in range(10)])
    ids = [one['MessageId'] for one in answer['Successful']]
    equal((len(set(ids)), ids[8:]), (8, ids[:2]),
          'equal bodies are one message')
    equal(lib.bodies(lib.receive(client, url, WaitTimeSeconds=20,
                                 MaxNumberOfMessages=10)),
          [f'body {i}' for i in range(8)], 'a batch keeps its order')
    client.delete_queue(QueueUrl=url)


def fair():
    """A standard queue takes groups as tenants, which lock nothing."""
    url = lib.make_queue(client, 'fair')
    for body in ('one', 'two'):
        client.send_message(QueueUrl=url, MessageBody=body,
                            MessageGroupId='tenant')
    got = (lib.receive(client, url, WaitTimeSeconds=20,
                       AttributeNames=['MessageGroupId']) +
           lib.receive(client, url, WaitTimeSeconds=20,
                       AttributeNames=['MessageGroupId']))
    equal(sorted((one['Body'], one['Attributes']['MessageGroupId'])
                 for one in got), [('one', 'tenant'), ('two', 'tenant')],
          'messages of one tenant are in flight at a time')
    client.delete_queue(QueueUrl=url)


def dead_letters():
    """What nobody can handle goes aside, and comes back by a move task."""
    dead = lib.make_queue(client, 'dead')
    dead_arn = lib.arn_of(client, dead)
    url = lib.make_queue(client, 'source', {
        'VisibilityTimeout': 0, 'RedrivePolicy': json.dumps(
            {'deadLetterTargetArn': dead_arn, 'maxReceiveCount': 1})})
    arn = lib.arn_of(client, url)
    equal(json.loads(attributes(url, 'RedrivePolicy')['RedrivePolicy']),
          {'deadLetterTargetArn': dead_arn, 'maxReceiveCount': 1},
          'a redrive policy is kept')
    equal(client.list_dead_letter_source_queues(QueueUrl=dead)['queueUrls'],
          [url], 'a dead-letter queue knows its sources')
    client.set_queue_attributes(QueueUrl=dead, Attributes={
        'RedriveAllowPolicy': json.dumps({'redrivePermission': 'byQueue',
                                          'sourceQueueArns': [arn]})})

    sent = client.send_message(QueueUrl=url, MessageBody='poison',
                               MessageAttributes=ATTRIBUTES)
    equal(lib.bodies(lib.receive(client, url, WaitTimeSeconds=20)),
          ['poison'], 'a message is received as often as allowed')
    equal(lib.receive(client, url), [], 'and then no more')
    got = lib.receive(client, dead, WaitTimeSeconds=20, VisibilityTimeout=0,
                      AttributeNames=['All'], MessageAttributeNames=['All'])
    equal(lib.bodies(got), ['poison'], 'it is in the dead-letter queue')
    equal((got[0]['MessageId'], got[0]['MessageAttributes'],
           got[0]['Attributes'].get('DeadLetterQueueSourceArn')),
          (sent['MessageId'], ATTRIBUTES, arn),
          'as it was, and knows where it is from')

    if 'StartMessageMoveTask' not in client.meta.service_model.operation_names:
        note('this boto3 knows no move tasks')
        return
    handle = client.start_message_move_task(SourceArn=dead_arn)['TaskHandle']
    ok(json.loads(base64.b64decode(handle))['sourceArn'] == dead_arn,
       'a task has a handle', handle)
    got = lib.receive(client, url, WaitTimeSeconds=20)
    equal(lib.bodies(got), ['poison'], 'a task moves it back')
    ok(got and got[0]['MessageId'] != sent['MessageId'], 'as a new message')

    def newest():
        tasks = client.list_message_move_tasks(SourceArn=dead_arn,
                                               MaxResults=10)['Results']
        return (len(tasks), tasks[0]['Status'],
                tasks[0].get('ApproximateNumberOfMessagesMoved'))
    becomes(newest, (1, 'COMPLETED', 1), 'the task is listed as done')

    other = lib.make_queue(client, 'target')
    for i in range(3):
        client.send_message(QueueUrl=dead, MessageBody=str(i))
    handle = client.start_message_move_task(
        SourceArn=dead_arn, DestinationArn=lib.arn_of(client, other),
        MaxNumberOfMessagesPerSecond=1)['TaskHandle']
    task = client.list_message_move_tasks(SourceArn=dead_arn)['Results'][0]
    equal((task['Status'], task['MaxNumberOfMessagesPerSecond'],
           task['DestinationArn'], task['TaskHandle']),
          ('RUNNING', 1, lib.arn_of(client, other), handle),
          'a task that is running is listed with its handle')
    moved = client.cancel_message_move_task(TaskHandle=handle)
    ok(moved['ApproximateNumberOfMessagesMoved'] in range(4),
       'a task can be cancelled', moved)
    becomes(lambda: client.list_message_move_tasks(
        SourceArn=dead_arn)['Results'][0]['Status'], 'CANCELLED',
        'and is listed as cancelled')
    for one in (url, dead, other):
        client.delete_queue(QueueUrl=one)


def tags():
    """Tags are put, replaced and taken away."""
    url = lib.make_queue(client, 'tags', tags={'made': 'with', 'empty': ''})
    client.tag_queue(QueueUrl=url, Tags={'made': 'anew', 'Team': 'a b+c=d'})
    equal(client.list_queue_tags(QueueUrl=url)['Tags'],
          {'made': 'anew', 'empty': '', 'Team': 'a b+c=d'},
          'a queue has the tags it was given')
    client.untag_queue(QueueUrl=url, TagKeys=['made', 'absent'])
    equal(client.list_queue_tags(QueueUrl=url)['Tags'],
          {'empty': '', 'Team': 'a b+c=d'}, 'and not those taken away')
    client.untag_queue(QueueUrl=url, TagKeys=['empty', 'Team'])
    equal(client.list_queue_tags(QueueUrl=url).get('Tags'), None,
          'and none in the end')
    client.delete_queue(QueueUrl=url)


def permissions():
    """AddPermission writes a policy, RemovePermission takes it back."""
    url = lib.make_queue(client, 'permissions')
    arn = lib.arn_of(client, url)
    client.add_permission(QueueUrl=url, Label='readers',
                          AWSAccountIds=['111111111111'],
                          Actions=['ReceiveMessage'])
    equal(json.loads(attributes(url, 'Policy')['Policy']), {
        'Version': '2008-10-17', 'Id': f'{arn}/SQSDefaultPolicy',
        'Statement': [{'Sid': 'readers', 'Effect': 'Allow',
                       'Principal': {'AWS': 'arn:aws:iam::111111111111:root'},
                       'Action': 'SQS:ReceiveMessage', 'Resource': arn}]},
          'a permission becomes a policy')
    client.add_permission(QueueUrl=url, Label='writers',
                          AWSAccountIds=['111111111111', '222222222222'],
                          Actions=['SendMessage', 'GetQueueUrl'])
    equal([one['Sid'] for one in
           json.loads(attributes(url, 'Policy')['Policy'])['Statement']],
          ['readers', 'writers'], 'a second one is added to it')
    client.remove_permission(QueueUrl=url, Label='readers')
    client.remove_permission(QueueUrl=url, Label='writers')
    equal(attributes(url, 'Policy'), {}, 'without any there is no policy')
    client.delete_queue(QueueUrl=url)


def purge():
    """A purge takes everything."""
    url = lib.make_queue(client, 'purge')
    client.send_message_batch(QueueUrl=url, Entries=[
        {'Id': str(i), 'MessageBody': 'x', 'DelaySeconds': 900 * (i % 2)}
        for i in range(10)])
    lib.receive(client, url, WaitTimeSeconds=20)
    client.purge_queue(QueueUrl=url)
    becomes(lambda: attributes(
        url, 'ApproximateNumberOfMessages',
        'ApproximateNumberOfMessagesNotVisible',
        'ApproximateNumberOfMessagesDelayed'),
        {'ApproximateNumberOfMessages': '0',
         'ApproximateNumberOfMessagesNotVisible': '0',
         'ApproximateNumberOfMessagesDelayed': '0'},
        'nothing is left of a purged queue')
    client.send_message(QueueUrl=url, MessageBody='after')
    equal(lib.bodies(lib.receive(client, url, WaitTimeSeconds=20)), ['after'],
          'and it goes on')
    client.delete_queue(QueueUrl=url)


def over_tls():
    """The same over TLS, with a certificate that is checked."""
    endpoint = os.environ.get('QUEUE_TLS_ENDPOINT_URL')
    if not endpoint:
        note('no gateway with TLS')
        return
    sqs = lib.client(endpoint=endpoint,
                     verify=os.environ['QUEUE_CA_FILE'])
    url = lib.make_queue(sqs, 'tls')
    ok(url.startswith(endpoint + '/'), 'the URL of a queue begins with https',
       url)
    sqs.send_message(QueueUrl=url, MessageBody='secret')
    equal(lib.bodies(lib.receive(sqs, url, WaitTimeSeconds=20)), ['secret'],
          'a message goes there and back')
    sqs.delete_queue(QueueUrl=url)
    try:
        lib.client(endpoint=endpoint, verify=True).list_queues()
        ok(False, 'who does not know the authority does not connect')
    except botocore.exceptions.SSLError:
        ok(True, 'who does not know the authority does not connect')


for test in (queues, fifo_attributes, pagination, messages,
             message_attributes, system_attributes, batches, visibility,
             delays, long_poll, fifo, fifo_batch, fair, dead_letters, tags,
             permissions, purge, over_tls):
    group(test)
equal(sorted(set(client.meta.service_model.operation_names) - called), [],
      'no action was left out')
finish()
