#!/usr/bin/python3
"""Requests that botocore makes, and answers and errors as it understands them.

A real client is used, but nothing is sent: what it would send is given to the
program of translate.c, whose JSON has to be the parameters of the call; and
the program writes the answer, which has to come out of the client as the
members that went in.  Which protocol that is depends on the age of botocore:
Query before 1.31.81, JSON since.

    unit_sdk.py [PROGRAM]

Without an argument the program is the one beside this file.  Prints TAP.
"""
import base64
import json
import os
import subprocess
import sys
from urllib.parse import urlsplit

import botocore.session
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import ClientError

BASE = 'http://localhost:9324'
QUEUE = BASE + '/000000000000/orders'
TEXT = '<a> & "q" \'\t\n\r\r\n é € \U0001f600 ]]> + %41 =; \ufffd'
ARN = 'arn:aws:sqs:us-east-1:000000000000:orders'
STRING = {'DataType': 'String.x', 'StringValue': TEXT}
BINARY = {'DataType': 'Binary', 'BinaryValue': bytes(range(256))}
FAILED = [{'Id': 'b', 'SenderFault': True, 'Code': 'InvalidParameterValue', 'Message': TEXT},
          {'Id': 'c', 'SenderFault': False, 'Code': 'InternalError', 'Message': ''}]

# Operation, parameters, answer
CALLS = [
    ('add_permission', {'QueueUrl': QUEUE, 'Label': 'l', 'AWSAccountIds': ['1', '2'],
                        'Actions': ['SendMessage', '*']}, {}),
    ('cancel_message_move_task', {'TaskHandle': 'aGFuZGxl+/='},
     {'ApproximateNumberOfMessagesMoved': 12345678901}),
    ('change_message_visibility', {'QueueUrl': QUEUE, 'ReceiptHandle': 'h/+=',
                                   'VisibilityTimeout': 0}, {}),
    ('change_message_visibility_batch',
     {'QueueUrl': QUEUE, 'Entries': [{'Id': str(i), 'ReceiptHandle': 'h', 'VisibilityTimeout': i}
                                     for i in range(12)]},
     {'Successful': [{'Id': 'a'}], 'Failed': FAILED}),
    ('create_queue', {'QueueName': 'orders.fifo',
                      'Attributes': {'FifoQueue': 'true', 'Policy': '{"a": "b"}'},
                      'tags': {'a b': '', 'ü': '+&='}}, {'QueueUrl': QUEUE}),
    ('create_queue', {'QueueName': 'orders'}, {'QueueUrl': QUEUE}),
    ('delete_message', {'QueueUrl': QUEUE, 'ReceiptHandle': 'h'}, {}),
    ('delete_message_batch', {'QueueUrl': QUEUE, 'Entries': [{'Id': 'a', 'ReceiptHandle': 'h'}]},
     {'Successful': [{'Id': 'a'}, {'Id': 'd'}]}),
    ('delete_message_batch', {'QueueUrl': QUEUE, 'Entries': []}, {'Failed': FAILED}),
    ('delete_queue', {'QueueUrl': QUEUE}, {}),
    ('get_queue_attributes', {'QueueUrl': QUEUE, 'AttributeNames': ['All', 'Policy']},
     {'Attributes': {'DelaySeconds': '0', 'Policy': TEXT}}),
    ('get_queue_attributes', {'QueueUrl': QUEUE}, {}),
    ('get_queue_url', {'QueueName': 'orders', 'QueueOwnerAWSAccountId': '000000000000'},
     {'QueueUrl': QUEUE}),
    ('list_dead_letter_source_queues', {'QueueUrl': QUEUE, 'MaxResults': 2, 'NextToken': 't'},
     {'queueUrls': [QUEUE, QUEUE + '2'], 'NextToken': 'u'}),
    ('list_message_move_tasks', {'SourceArn': ARN, 'MaxResults': 10},
     {'Results': [{'TaskHandle': 'h', 'Status': 'RUNNING', 'SourceArn': ARN,
                   'DestinationArn': ARN, 'MaxNumberOfMessagesPerSecond': 7,
                   'ApproximateNumberOfMessagesMoved': 0,
                   'ApproximateNumberOfMessagesToMove': 8,
                   'StartedTimestamp': 1700000000123},
                  {'Status': 'FAILED', 'FailureReason': 'x'}]}),
    ('list_queue_tags', {'QueueUrl': QUEUE}, {'Tags': {'a b': '', 'ü': TEXT}}),
    ('list_queue_tags', {'QueueUrl': QUEUE}, {}),
    ('list_queues', {'QueueNamePrefix': 'o', 'MaxResults': 1000, 'NextToken': '+/='},
     {'QueueUrls': [QUEUE], 'NextToken': 't'}),
    ('list_queues', {}, {}),
    ('purge_queue', {'QueueUrl': QUEUE}, {}),
    ('receive_message', {'QueueUrl': QUEUE, 'AttributeNames': ['All'],
                         'MessageSystemAttributeNames': ['SenderId'],
                         'MessageAttributeNames': ['a.*', 'b'], 'MaxNumberOfMessages': 10,
                         'VisibilityTimeout': 0, 'WaitTimeSeconds': 20,
                         'ReceiveRequestAttemptId': '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'},
     {'Messages': [{'MessageId': 'i', 'ReceiptHandle': 'h', 'MD5OfBody': 'm', 'Body': TEXT,
                    'Attributes': {'SenderId': 's', 'SentTimestamp': '1'},
                    'MD5OfMessageAttributes': 'a',
                    'MessageAttributes': {'s': STRING, 'b': BINARY}},
                   {'MessageId': 'j', 'Body': '"&quot;\r'}]}),
    ('receive_message', {'QueueUrl': QUEUE}, {}),
    ('remove_permission', {'QueueUrl': QUEUE, 'Label': 'l'}, {}),
    ('send_message', {'QueueUrl': QUEUE, 'MessageBody': TEXT, 'DelaySeconds': 900,
                      'MessageAttributes': {'s': STRING, 'b': BINARY},
                      'MessageSystemAttributes': {'AWSTraceHeader': STRING},
                      'MessageDeduplicationId': 'd', 'MessageGroupId': 'g'},
     {'MessageId': 'i', 'MD5OfMessageBody': 'm', 'MD5OfMessageAttributes': 'a',
      'MD5OfMessageSystemAttributes': 's', 'SequenceNumber': '18849496460467696128'}),
    ('send_message_batch',
     {'QueueUrl': QUEUE, 'Entries': [{'Id': 'a', 'MessageBody': TEXT,
                                      'MessageAttributes': {'s': STRING, 'b': BINARY},
                                      'MessageSystemAttributes': {'AWSTraceHeader': STRING}},
                                     {'Id': 'b', 'MessageBody': 'B', 'DelaySeconds': 1,
                                      'MessageDeduplicationId': 'd', 'MessageGroupId': 'g'}]},
     {'Successful': [{'Id': 'a', 'MessageId': 'i', 'MD5OfMessageBody': 'm',
                      'MD5OfMessageAttributes': 'a', 'SequenceNumber': '1'}],
      'Failed': FAILED}),
    ('set_queue_attributes', {'QueueUrl': QUEUE, 'Attributes': {'Policy': '', 'DelaySeconds': '1'}},
     {}),
    ('start_message_move_task', {'SourceArn': ARN, 'DestinationArn': ARN,
                                 'MaxNumberOfMessagesPerSecond': 500}, {'TaskHandle': 'h'}),
    ('tag_queue', {'QueueUrl': QUEUE, 'Tags': {'k': TEXT}}, {}),
    ('untag_queue', {'QueueUrl': QUEUE, 'TagKeys': ['a', 'b c']}, {}),
    ('untag_queue', {'QueueUrl': QUEUE, 'TagKeys': []}, {}),
]

# SQLSTATE, shape, code of the Query protocol, status.  Written down again, so
# that a mistake in the table of the module is found.
ERRORS = [
    ('SQ001', 'QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue', 400),
    ('SQ002', 'QueueNameExists', 'QueueAlreadyExists', 400),
    ('SQ003', 'QueueDeletedRecently', 'AWS.SimpleQueueService.QueueDeletedRecently', 400),
    ('SQ004', 'InvalidAttributeName', 'InvalidAttributeName', 400),
    ('SQ005', 'InvalidAttributeValue', 'InvalidAttributeValue', 400),
    ('SQ006', 'InvalidMessageContents', 'InvalidMessageContents', 400),
    ('SQ007', 'ReceiptHandleIsInvalid', 'ReceiptHandleIsInvalid', 404),
    ('SQ008', 'InvalidIdFormat', 'InvalidIdFormat', 400),
    ('SQ009', 'MessageNotInflight', 'AWS.SimpleQueueService.MessageNotInflight', 400),
    ('SQ010', 'OverLimit', 'OverLimit', 403),
    ('SQ011', 'PurgeQueueInProgress', 'AWS.SimpleQueueService.PurgeQueueInProgress', 403),
    ('SQ012', 'EmptyBatchRequest', 'AWS.SimpleQueueService.EmptyBatchRequest', 400),
    ('SQ013', 'TooManyEntriesInBatchRequest',
     'AWS.SimpleQueueService.TooManyEntriesInBatchRequest', 400),
    ('SQ014', 'BatchEntryIdsNotDistinct', 'AWS.SimpleQueueService.BatchEntryIdsNotDistinct', 400),
    ('SQ015', 'InvalidBatchEntryId', 'AWS.SimpleQueueService.InvalidBatchEntryId', 400),
    ('SQ016', 'BatchRequestTooLong', 'AWS.SimpleQueueService.BatchRequestTooLong', 400),
    ('SQ017', 'UnsupportedOperation', 'AWS.SimpleQueueService.UnsupportedOperation', 400),
    ('SQ018', 'ResourceNotFoundException', 'ResourceNotFoundException', 404),
    ('SQ019', 'RequestThrottled', 'RequestThrottled', 403),
    ('SQ020', 'InvalidAddress', 'InvalidAddress', 404),
    ('SQ021', 'InvalidSecurity', 'InvalidSecurity', 403),
    ('SQ022', 'InvalidParameterValueException', 'InvalidParameterValue', 400),
    ('SQ023', 'MissingRequiredParameterException', 'MissingParameter', 400),
    ('SQ025', 'SerializationException', 'SerializationException', 400),
    ('SQ030', 'KmsAccessDenied', 'KMS.AccessDeniedException', 400),
    ('SQ031', 'KmsDisabled', 'KMS.DisabledException', 400),
    ('SQ032', 'KmsInvalidKeyUsage', 'KMS.InvalidKeyUsageException', 400),
    ('SQ033', 'KmsInvalidState', 'KMS.InvalidStateException', 400),
    ('SQ034', 'KmsNotFound', 'KMS.NotFoundException', 400),
    ('SQ035', 'KmsOptInRequired', 'KMS.OptInRequired', 403),
    ('SQ036', 'KmsThrottled', 'KMS.ThrottlingException', 400),
    ('42501', 'AccessDeniedException', 'AccessDenied', 403),
    ('XX000', 'InternalFailure', 'InternalFailure', 500),
]


class Raw:
    """The body of an answer, as botocore reads it."""

    def __init__(self, body):
        self.body = body

    def stream(self, *_args, **_kwargs):
        yield self.body


class Translator:
    """The program, and what it was told to answer to the next request."""

    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, encoding='utf-8')
        self.call = None
        self.answer = None

    def ask(self, question):
        self.process.stdin.write(json.dumps(question) + '\n')
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def send(self, request, **_kwargs):
        """Takes the place of sending a request."""
        url = urlsplit(request.url)
        headers = {name.lower(): value if isinstance(value, str) else value.decode()
                   for name, value in request.headers.items()}
        body = request.body or b''
        if isinstance(body, bytes):
            body = body.decode()
        self.call = self.ask({'read': {'method': request.method, 'path': url.path or '/',
                                       'query': url.query, 'headers': headers, 'body': body}})
        answer = self.ask(self.answer)
        headers = {'content-type': answer['type'],
                   'x-amzn-requestid': '00000000-0000-4000-8000-000000000000'}
        if answer['query_error']:
            headers['x-amzn-query-error'] = answer['query_error']
        return AWSResponse(request.url, answer['status'], headers,
                           Raw(answer['body'].encode()))


class Tap:
    def __init__(self):
        self.count = 0
        self.failed = 0

    def check(self, name, expected, got):
        self.count += 1
        if expected == got:
            print(f'ok {self.count} - {name}')
            return
        self.failed += 1
        print(f'not ok {self.count} - {name}')
        print(f'#   expected: {expected!r}\n#        got: {got!r}')


def as_json(value):
    """Parameters as the server takes them, answers as it gives them."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {key: as_json(element) for key, element in value.items()}
    if isinstance(value, list):
        return [as_json(element) for element in value]
    return value


def without_new(client, operation, parameters, answer):
    """Leaves out what an old client does not know; None: not even the action."""
    names = {botocore.xform_name(name): name for name in client.meta.service_model.operation_names}
    if operation not in names:
        return None
    model = client.meta.service_model.operation_model(names[operation])
    known = set(model.input_shape.members)
    members = set(model.output_shape.members) if model.output_shape else set()
    return ({key: value for key, value in parameters.items() if key in known},
            {key: value for key, value in answer.items() if key in members})


def main():
    beside = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'translate')
    translator = Translator(sys.argv[1] if len(sys.argv) > 1 else beside)
    tap = Tap()
    session = botocore.session.Session()
    session.set_credentials('AKIAEXAMPLE', 'secret')
    client = session.create_client('sqs', region_name='us-east-1', endpoint_url=BASE,
                                   config=Config(retries={'max_attempts': 0}))
    client.meta.events.register('before-send.sqs', translator.send)
    protocol = client.meta.service_model.metadata['protocol']
    print(f'# botocore {botocore.__version__}, protocol {protocol}')

    done = set()
    for operation, parameters, answer in CALLS:
        known = without_new(client, operation, parameters, answer)
        if known is None:
            continue
        parameters, answer = known
        translator.answer = {'answer': json.dumps(as_json(answer)).replace(BASE, 'http://server'),
                             'base': BASE}
        got = getattr(client, operation)(**parameters)
        got.pop('ResponseMetadata')
        tap.check(f'request of {operation}', as_json(parameters), translator.call.get('request'))
        tap.check(f'queue of {operation}', parameters.get('QueueUrl'),
                  translator.call.get('queue'))
        tap.check(f'answer of {operation}', answer, got)
        done.add(operation)
    tap.check('all actions that this client has were called',
              {botocore.xform_name(name) for name in client.meta.service_model.operation_names},
              done)

    shapes = set(client.meta.service_model.shape_names)
    for sqlstate, shape, code, status in ERRORS:
        translator.answer = {'fail': sqlstate, 'text': TEXT.replace('\r', '')}
        try:
            client.purge_queue(QueueUrl=QUEUE)
            tap.check(f'error {shape}', 'ClientError', None)
        except ClientError as caught:
            error = caught.response['Error']
            tap.check(f'code of {shape}', code, error['Code'])
            tap.check(f'text of {shape}', TEXT.replace('\r', ''), error['Message'])
            tap.check(f'status of {shape}', status,
                      caught.response['ResponseMetadata']['HTTPStatusCode'])
            if protocol == 'json':
                tap.check(f'name of {shape}', shape, error.get('QueryErrorCode', shape))
                tap.check(f'fault of {shape}', 'Sender' if status < 500 else 'Receiver',
                          error.get('Type'))
            else:
                tap.check(f'fault of {shape}', 'Sender' if status < 500 else 'Receiver',
                          error['Type'])
            if shape in shapes and hasattr(client.exceptions, shape):
                tap.check(f'exception of {shape}', True,
                          isinstance(caught, getattr(client.exceptions, shape)))
    print(f'1..{tap.count}')
    translator.process.stdin.close()
    return 1 if tap.failed or translator.process.wait() != 0 else 0


sys.exit(main())
