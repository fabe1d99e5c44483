"""Every error of SQS that can be brought about, as the installed boto3 sees
it: its class, both of its codes, HTTP status and text. Then what stands on the
wire, without an SDK between: JSON, the header x-amzn-query-error, XML.
"""

import base64
import json
import os
import re
import tempfile
import uuid

import botocore.config
import botocore.exceptions

import raw
import sqs as lib
from gateway import sql
from tap import LIMIT, becomes, equal, finish, group, note, ok

client = lib.client()
# One that sends what the SDK itself would refuse.
careless = lib.boto3.session.Session().client(
    'sqs', region_name=lib.REGION, endpoint_url=lib.ENDPOINT,
    config=botocore.config.Config(parameter_validation=False, retries={
        'total_max_attempts': 1, 'mode': 'standard'}))
modern = lib.speaks_json(client)
seen = set()

PREFIX = 'AWS.SimpleQueueService.'

# Where the name in SQS's model is not the code of the Query protocol, which
# Error.Code is in either SDK.
CODES = {
    'QueueDoesNotExist': PREFIX + 'NonExistentQueue',
    'QueueNameExists': 'QueueAlreadyExists',
    'InvalidParameterValueException': 'InvalidParameterValue',
    'MissingRequiredParameterException': 'MissingParameter',
    'UnrecognizedClientException': 'InvalidClientTokenId',
    'InvalidSignatureException': 'SignatureDoesNotMatch',
    'AccessDeniedException': 'AccessDenied',
    'SerializationException': 'SerializationException',
    'KmsAccessDenied': 'KMS.AccessDeniedException',
    'KmsDisabled': 'KMS.DisabledException',
    'KmsInvalidKeyUsage': 'KMS.InvalidKeyUsageException',
    'KmsInvalidState': 'KMS.InvalidStateException',
    'KmsNotFound': 'KMS.NotFoundException',
    'KmsOptInRequired': 'KMS.OptInRequired',
    'KmsThrottled': 'KMS.ThrottlingException',
} | {name: PREFIX + name for name in (
    'QueueDeletedRecently', 'PurgeQueueInProgress', 'EmptyBatchRequest',
    'TooManyEntriesInBatchRequest', 'BatchEntryIdsNotDistinct',
    'InvalidBatchEntryId', 'BatchRequestTooLong', 'UnsupportedOperation')}

STATUS = {
    'ReceiptHandleIsInvalid': 404, 'ResourceNotFoundException': 404,
    'OverLimit': 403, 'PurgeQueueInProgress': 403,
    'UnrecognizedClientException': 403, 'InvalidSignatureException': 403,
    'AccessDeniedException': 403, 'InvalidSecurity': 403,
    'KmsOptInRequired': 403,
}

# SQS's model has no class for these.
FRAMEWORK = {
    'InvalidParameterValueException', 'MissingRequiredParameterException',
    'UnrecognizedClientException', 'InvalidSignatureException',
    'AccessDeniedException', 'SerializationException',
}

# Nor has the older one for these.
if not modern:
    FRAMEWORK |= {'InvalidAttributeValue', 'InvalidSecurity'} | {
        name for name in CODES if name.startswith('Kms')}


def fails(shape, text, call, *arguments, **parameters):
    """Checks of one error; the text may be a pattern."""
    seen.add(shape)
    what = f'{call.__name__}: {shape}'
    try:
        got = call(*arguments, **parameters)
    except botocore.exceptions.ClientError as error:
        problem = error
    else:
        ok(False, what, f'no error: {got!r}')
        return
    details = problem.response['Error']
    matches = (text.fullmatch(details['Message'])
               if isinstance(text, re.Pattern) else details['Message'] == text)
    got = {
        'class': type(problem).__name__, 'Code': details['Code'],
        'QueryErrorCode': details.get('QueryErrorCode'),
        'Type': details.get('Type'),
        'status': problem.response['ResponseMetadata']['HTTPStatusCode'],
        'Message': details['Message']}
    expected = {
        'class': 'ClientError' if shape in FRAMEWORK else shape,
        'Code': CODES.get(shape, shape),
        'QueryErrorCode': shape if modern else None, 'Type': 'Sender',
        'status': STATUS.get(shape, 400),
        'Message': details['Message'] if matches else text}
    equal(got, expected, what)


def no_queue():
    """The text differs by protocol."""
    return ('The specified queue does not exist.' if modern else
            'The specified queue does not exist for this wsdl version.')


def queue_does_not_exist():
    """Every action on a queue says if there is none."""
    url = client.create_queue(QueueName=lib.unique('there'))['QueueUrl']
    absent = url + '-not'
    entries = [{'Id': 'a', 'MessageBody': 'x', 'ReceiptHandle': 'h',
                'VisibilityTimeout': 1}]
    calls = {
        'add_permission': {'Label': 'l', 'AWSAccountIds': ['111111111111'],
                           'Actions': ['SendMessage']},
        'change_message_visibility': {'ReceiptHandle': 'h',
                                      'VisibilityTimeout': 1},
        'delete_message': {'ReceiptHandle': 'h'},
        'delete_queue': {}, 'get_queue_attributes': {'AttributeNames': ['All']},
        'list_dead_letter_source_queues': {}, 'list_queue_tags': {},
        'purge_queue': {}, 'receive_message': {},
        'remove_permission': {'Label': 'l'}, 'send_message': {'MessageBody': 'x'},
        'set_queue_attributes': {'Attributes': {'DelaySeconds': '0'}},
        'tag_queue': {'Tags': {'a': 'b'}}, 'untag_queue': {'TagKeys': ['a']},
    }
    for name, parameters in calls.items():
        fails('QueueDoesNotExist', no_queue(), getattr(client, name),
              QueueUrl=absent, **parameters)
    for name, members in (
            ('send_message_batch', ('Id', 'MessageBody')),
            ('delete_message_batch', ('Id', 'ReceiptHandle')),
            ('change_message_visibility_batch',
             ('Id', 'ReceiptHandle', 'VisibilityTimeout'))):
        fails('QueueDoesNotExist', no_queue(), getattr(client, name),
              QueueUrl=absent,
              Entries=[{member: entries[0][member] for member in members}])
    fails('QueueDoesNotExist', no_queue(), client.get_queue_url,
          QueueName=lib.unique('absent'))
    client.delete_queue(QueueUrl=url)


def queues():
    """Making queues, and setting their attributes."""
    name = lib.unique('errors')
    url = client.create_queue(QueueName=name)['QueueUrl']
    fails('QueueNameExists', 'A queue already exists with the same name and a '
          'different value for attribute DelaySeconds', client.create_queue,
          QueueName=name, Attributes={'DelaySeconds': '5'})
    fails('InvalidParameterValueException', re.compile(
        '.*Can only include alphanumeric characters, hyphens, or underscores. '
        '1 to 80 in length'), client.create_queue, QueueName='no blanks')
    fails('InvalidParameterValueException', re.compile(
        '.*The name of a FIFO queue can only include alphanumeric characters, '
        'hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in '
        'length'), client.create_queue, QueueName='nofifo',
          Attributes={'FifoQueue': 'true'})
    fails('InvalidAttributeName', 'Unknown Attribute FifoQueue.',
          client.create_queue, QueueName=lib.unique('x'),
          Attributes={'FifoQueue': 'false'})
    fails('InvalidAttributeName', 'You can specify the DeduplicationScope only '
          'when FifoQueue is set to true.', client.create_queue,
          QueueName=lib.unique('x'),
          Attributes={'DeduplicationScope': 'queue'})
    fails('InvalidAttributeName', 'Unknown Attribute Foobar.',
          client.get_queue_attributes, QueueUrl=url, AttributeNames=['Foobar'])
    fails('InvalidAttributeName', 'Unknown Attribute QueueArn.',
          client.set_queue_attributes, QueueUrl=url,
          Attributes={'QueueArn': 'x'})
    fails('InvalidAttributeValue', re.compile(
        r'Invalid value for the parameter VisibilityTimeout\..*'),
          client.set_queue_attributes, QueueUrl=url,
          Attributes={'VisibilityTimeout': '43201'})
    fails('InvalidAttributeValue', re.compile(
        r'Invalid value for the parameter MaximumMessageSize\..*'),
          client.create_queue, QueueName=lib.unique('x'),
          Attributes={'MaximumMessageSize': '1023'})
    fails('InvalidParameterValueException', re.compile(r'.*maxReceiveCount.*'),
          client.set_queue_attributes, QueueUrl=url,
          Attributes={'RedrivePolicy': json.dumps({
              'deadLetterTargetArn': lib.arn_of(client, url),
              'maxReceiveCount': 1001})})
    fails('InvalidParameterValueException', re.compile(r'.*MaxResults.*'),
          client.list_queues, MaxResults=1001)
    fails('MissingRequiredParameterException',
          'The request must contain the parameter QueueName.',
          careless.create_queue)
    fails('MissingRequiredParameterException',
          'The request must contain the parameter Tags.',
          careless.tag_queue, QueueUrl=url, Tags={})
    client.delete_queue(QueueUrl=url)


def messages():
    """Sending and receiving."""
    url = lib.make_queue(client, 'errors', {'MaximumMessageSize': 1024})
    fails('MissingRequiredParameterException',
          'The request must contain the parameter MessageBody.',
          careless.send_message, QueueUrl=url)
    fails('MissingRequiredParameterException',
          'The request must contain the parameter MessageBody.',
          client.send_message, QueueUrl=url, MessageBody='')
    fails('InvalidMessageContents', re.compile(
        r'Invalid characters found\. Valid unicode characters are #x9 \| .*'),
          client.send_message, QueueUrl=url, MessageBody='a\x01b')
    fails('InvalidMessageContents', re.compile(r'Invalid characters found\..*'),
          client.send_message, QueueUrl=url, MessageBody='a\x00b')
    fails('InvalidMessageContents', re.compile(r'Invalid characters found\..*'),
          client.send_message, QueueUrl=url, MessageBody='a\uffffb')
    fails('InvalidParameterValueException', 'One or more parameters are '
          'invalid. Reason: Message must be shorter than 1024 bytes.',
          client.send_message, QueueUrl=url, MessageBody='x' * 1025)
    fails('InvalidParameterValueException', re.compile(
        r'Value 901 for parameter DelaySeconds is invalid\. Reason: .*'),
          client.send_message, QueueUrl=url, MessageBody='x', DelaySeconds=901)
    for value, text in (
            ({'DataType': 'String', 'StringValue': ''},
             "Message (user) attribute 'a' must contain a non-empty value of "
             "type 'String'."),
            ({'DataType': 'Text', 'StringValue': 'x'},
             "The message attribute 'a' has an invalid message attribute type, "
             "the set of supported type prefixes is Binary, Number, and "
             "String.")):
        fails('InvalidParameterValueException', text, client.send_message,
              QueueUrl=url, MessageBody='x', MessageAttributes={'a': value})
    fails('InvalidParameterValueException', re.compile('.*11.*10.*'),
          client.send_message, QueueUrl=url, MessageBody='x',
          MessageAttributes={f'a{i}': {'DataType': 'Number', 'StringValue': '1'}
                             for i in range(11)})
    fails('UnsupportedOperation', re.compile('.+'), client.send_message,
          QueueUrl=url, MessageBody='x', MessageAttributes={
              'a': {'DataType': 'String', 'StringListValues': ['x']}})
    fails('InvalidParameterValueException', re.compile(
        r'Value d for parameter MessageDeduplicationId is invalid\. .*'),
          client.send_message, QueueUrl=url, MessageBody='x',
          MessageDeduplicationId='d')
    for name, value, text in (
            ('MaxNumberOfMessages', 11, 'Must be between 1 and 10, if provided.'),
            ('MaxNumberOfMessages', 0, 'Must be between 1 and 10, if provided.'),
            ('WaitTimeSeconds', 21, 'Must be >= 0 and <= 20, if provided.'),
            ('WaitTimeSeconds', -1, 'Must be >= 0 and <= 20, if provided.')):
        fails('InvalidParameterValueException',
              f'Value {value} for parameter {name} is invalid. Reason: {text}',
              client.receive_message, QueueUrl=url, **{name: value})

    garbage = 'The input receipt handle "garbage" is not a valid receipt handle.'
    fails('ReceiptHandleIsInvalid', garbage, client.delete_message,
          QueueUrl=url, ReceiptHandle='garbage')
    fails('ReceiptHandleIsInvalid', garbage, client.change_message_visibility,
          QueueUrl=url, ReceiptHandle='garbage', VisibilityTimeout=1)
    client.send_message(QueueUrl=url, MessageBody='x')
    handle = lib.receive(client, url, WaitTimeSeconds=20)[0]['ReceiptHandle']
    fails('InvalidParameterValueException', re.compile(
        r'Value 43201 for parameter VisibilityTimeout is invalid\..*'),
          client.change_message_visibility, QueueUrl=url, ReceiptHandle=handle,
          VisibilityTimeout=43201)
    client.delete_message(QueueUrl=url, ReceiptHandle=handle)
    fails('InvalidParameterValueException',
          f'Value {handle} for parameter ReceiptHandle is invalid. Reason: '
          'Message does not exist or is not available for visibility timeout '
          'change.', client.change_message_visibility, QueueUrl=url,
          ReceiptHandle=handle, VisibilityTimeout=1)
    client.delete_queue(QueueUrl=url)


def fifo():
    """What FIFO queues ask for."""
    url = lib.make_queue(client, 'errors', {'FifoQueue': 'true'})
    both = {'MessageGroupId': 'g', 'MessageDeduplicationId': 'd'}
    fails('MissingRequiredParameterException',
          'The request must contain the parameter MessageGroupId.',
          client.send_message, QueueUrl=url, MessageBody='x',
          MessageDeduplicationId='d')
    fails('InvalidParameterValueException',
          'The queue should either have ContentBasedDeduplication enabled or '
          'MessageDeduplicationId provided explicitly', client.send_message,
          QueueUrl=url, MessageBody='x', MessageGroupId='g')
    fails('InvalidParameterValueException',
          'Value group 123 for parameter MessageGroupId is invalid. Reason: '
          'MessageGroupId can only include alphanumeric and punctuation '
          'characters. 1 to 128 in length.', client.send_message, QueueUrl=url,
          MessageBody='x', **{**both, 'MessageGroupId': 'group 123'})
    fails('InvalidParameterValueException',
          'Value 2 for parameter DelaySeconds is invalid. Reason: The request '
          'include parameter that is not valid for this queue type.',
          client.send_message, QueueUrl=url, MessageBody='x', DelaySeconds=2,
          **both)
    fails('InvalidParameterValueException',
          'The request must contain the parameter MessageGroupId.',
          client.send_message_batch, QueueUrl=url, Entries=[
              {'Id': 'a', 'MessageBody': 'x', 'MessageDeduplicationId': 'd'}])
    fails('InvalidAttributeValue', 'Invalid value for the parameter FifoQueue. '
          'Reason: Modifying queue type is not supported.',
          client.set_queue_attributes, QueueUrl=url,
          Attributes={'FifoQueue': 'false'})
    client.send_message(QueueUrl=url, MessageBody='x', **both)
    handle = lib.receive(client, url, WaitTimeSeconds=20,
                         VisibilityTimeout=0)[0]['ReceiptHandle']
    fails('InvalidParameterValueException',
          f'Value {handle} for parameter ReceiptHandle is invalid. Reason: The '
          'receipt handle has expired.', client.delete_message, QueueUrl=url,
          ReceiptHandle=handle)
    client.delete_queue(QueueUrl=url)


def batches():
    """What makes a whole batch fail."""
    url = lib.make_queue(client, 'errors', {'MaximumMessageSize': 1048576})
    for name, entry in (
            ('send_message_batch', {'MessageBody': 'x'}),
            ('delete_message_batch', {'ReceiptHandle': 'x'}),
            ('change_message_visibility_batch',
             {'ReceiptHandle': 'x', 'VisibilityTimeout': 1})):
        call = getattr(careless, name)
        kind = ''.join(word.capitalize() for word in name.split('_'))

        def entries(*ids, entry=entry):
            return [{'Id': one, **entry} for one in ids]

        fails('EmptyBatchRequest', 'There should be at least one '
              f'{kind}RequestEntry in the request.', call, QueueUrl=url,
              Entries=[])
        fails('TooManyEntriesInBatchRequest', 'Maximum number of entries per '
              'request are 10. You have sent 11.', call, QueueUrl=url,
              Entries=entries(*map(str, range(11))))
        fails('InvalidBatchEntryId', 'A batch entry id can only contain '
              'alphanumeric characters, hyphens and underscores. It can be at '
              'most 80 letters long.', call, QueueUrl=url,
              Entries=entries('good', 'not good'))
        fails('BatchEntryIdsNotDistinct', 'Id two repeated.', call,
              QueueUrl=url, Entries=entries('one', 'two', 'two'))
    fails('BatchRequestTooLong', 'Batch requests cannot be longer than 1048576 '
          'bytes. You have sent 1048577 bytes.', client.send_message_batch,
          QueueUrl=url, Entries=[{'Id': 'a', 'MessageBody': 'x' * 1048576},
                                 {'Id': 'b', 'MessageBody': 'x'}])
    client.delete_queue(QueueUrl=url)


def permissions():
    """AddPermission and RemovePermission."""
    url = lib.make_queue(client, 'errors')
    grant = {'QueueUrl': url, 'Label': 'L', 'AWSAccountIds': ['111111111111'],
             'Actions': ['SendMessage']}
    client.add_permission(**grant)
    fails('InvalidParameterValueException',
          'Value L for parameter Label is invalid. Reason: Already exists.',
          client.add_permission, **grant)
    fails('OverLimit', '8 Actions were found, maximum allowed is 7.',
          client.add_permission, **{**grant, 'Label': 'M', 'Actions': [
              'SendMessage', 'ReceiveMessage', 'DeleteMessage', 'PurgeQueue',
              'ChangeMessageVisibility', 'GetQueueAttributes', 'GetQueueUrl',
              'ListDeadLetterSourceQueues']})
    fails('InvalidParameterValueException',
          "Value M for parameter Label is invalid. Reason: can't find label.",
          client.remove_permission, QueueUrl=url, Label='M')
    client.delete_queue(QueueUrl=url)


def move_tasks():
    """Move tasks, of which the older SDK knows nothing."""
    if not modern:
        note('this boto3 knows no move tasks')
        return
    url = lib.make_queue(client, 'errors')
    arn = lib.arn_of(client, url)
    fails('ResourceNotFoundException', 'The resource that you specified for '
          "the SourceArn parameter doesn't exist.",
          client.start_message_move_task, SourceArn=arn + '-not')
    fails('InvalidParameterValueException', 'Source queue must be configured '
          'as a Dead Letter Queue.', client.start_message_move_task,
          SourceArn=arn)
    fails('InvalidParameterValueException', re.compile(
        'You must use this format to specify the SourceArn: .*'),
          client.start_message_move_task, SourceArn='nonsense')
    fails('InvalidParameterValueException', 'Value for parameter TaskHandle is '
          'invalid.', client.cancel_message_move_task, TaskHandle='nonsense')
    handle = base64.b64encode(json.dumps(
        {'taskId': str(uuid.uuid4()), 'sourceArn': arn}).encode()).decode()
    fails('ResourceNotFoundException', 'Task does not exist.',
          client.cancel_message_move_task, TaskHandle=handle)
    client.delete_queue(QueueUrl=url)


def setting(name, value):
    """Change a setting of the server; None: back to its own."""
    what = f'RESET {name}' if value is None else f"SET {name} = '{value}'"
    sql(f'ALTER SYSTEM {what}')
    sql('SELECT pg_reload_conf()')


def comes(error, call):
    """Repeat a call until it gives an error: a setting has its effect when
    each session has read it."""
    def attempt():
        try:
            call()
        except getattr(client.exceptions, error):
            return True
        return False
    becomes(attempt, True, f'{error} comes')


def time_rules():
    """Errors that depend on settings which these tests otherwise turn off."""
    if 'QUEUE_ADMIN_DSN' not in os.environ:
        note('the settings of this server are not ours')
        return
    try:
        setting('queue.purge_interval', LIMIT)
        setting('queue.recreate_delay', LIMIT)
        setting('queue.in_flight_limit', 1)
        name = lib.unique('rules')
        url = client.create_queue(QueueName=name)['QueueUrl']
        comes('PurgeQueueInProgress', lambda: client.purge_queue(QueueUrl=url))
        fails('PurgeQueueInProgress', f'Only one PurgeQueue operation on {name}'
              ' is allowed every 60 seconds.', client.purge_queue,
              QueueUrl=url)
        client.send_message_batch(QueueUrl=url, Entries=[
            {'Id': str(i), 'MessageBody': 'x'} for i in range(10)])
        comes('OverLimit', lambda: client.receive_message(QueueUrl=url))
        fails('OverLimit', re.compile('.+'), client.receive_message,
              QueueUrl=url)

        def anew():
            client.delete_queue(QueueUrl=url)
            client.create_queue(QueueName=name)
        comes('QueueDeletedRecently', anew)
        fails('QueueDeletedRecently', 'You must wait 60 seconds after deleting '
              'a queue before you can create another with the same name.',
              client.create_queue, QueueName=name)
    finally:
        for name in ('queue.purge_interval', 'queue.recreate_delay',
                     'queue.in_flight_limit'):
            setting(name, None)
    free = lib.make_queue(client, 'free')

    def purged_twice():
        client.purge_queue(QueueUrl=free)
        try:
            client.purge_queue(QueueUrl=free)
        except client.exceptions.PurgeQueueInProgress:
            return False
        return True
    becomes(purged_twice, True, 'the settings are as they were')
    client.delete_queue(QueueUrl=free)


def transport():
    """A server that wants no connection that others can read."""
    if 'QUEUE_ADMIN_DSN' not in os.environ:
        note('the settings of this server are not ours')
        return

    def refused():
        try:
            client.list_queues()
        except botocore.exceptions.ClientError:
            return True
        return False
    try:
        setting('queue.require_secure_transport', 'on')
        becomes(refused, True, 'plain connections are refused')
        fails('InvalidSecurity', 'The request was not made over HTTPS or did '
              'not use SigV4 for signing.', client.list_queues)
    finally:
        setting('queue.require_secure_transport', None)
    becomes(refused, False, 'and taken again')


def encryption():
    """Keys that are not there, not granted, disabled, or whose service says
    no: the exit status of its commands is in a file."""
    if 'QUEUE_ADMIN_DSN' not in os.environ:
        note('the keys of this server are not ours')
        return
    role = sql("SELECT role FROM sqs_list_access_keys() WHERE access_key_id = "
               f"'{os.environ['AWS_ACCESS_KEY_ID']}'")
    alias = 'alias/' + lib.unique('errors')
    texts = {
        'KmsNotFound': 'The request was rejected because the specified entity '
                       'or resource could not be found.',
        'KmsAccessDenied': "The caller doesn't have the required KMS access.",
        'KmsDisabled': 'The request was denied because the specified KMS key '
                       "isn't enabled.",
        'KmsInvalidState': 'The request was rejected because the state of the '
                           'specified resource is not valid for this request.',
    }

    def refused(shape, queue, receives=True):
        fails(shape, texts.get(shape, re.compile('The .+')),
              client.send_message, QueueUrl=queue, MessageBody='never stored')
        for wait in (0, 20) if receives else ():
            fails(shape, texts[shape], client.receive_message, QueueUrl=queue,
                  WaitTimeSeconds=wait)

    refused('KmsNotFound', lib.make_queue(
        client, 'errors-kms', {'KmsMasterKeyId': 'testKeyId'}), receives=False)
    with tempfile.NamedTemporaryFile('w+') as status:
        program = (f'read -r status < {status.name}; '
                   '[ -z "$status" ] && exec cat; exit "$status"')
        config = json.dumps({'wrap': program, 'unwrap': program})
        sql(f"SELECT sqs_create_key('{alias}', 'command', '{config}')")
        url = lib.make_queue(client, 'errors-kms', {'KmsMasterKeyId': alias})
        refused('KmsAccessDenied', url, receives=False)
        sql(f"SELECT sqs_grant_key('{alias}', '{role}', '{{Encrypt,Decrypt}}')")
        client.send_message(QueueUrl=url, MessageBody='stays')
        for state, shape in (('Disabled', 'KmsDisabled'),
                             ('PendingDeletion', 'KmsInvalidState')):
            sql(f"SELECT sqs_set_key_state('{alias}', '{state}')")
            refused(shape, url)
            sql(f"SELECT sqs_set_key_state('{alias}', 'Enabled')")
            equal(lib.bodies(lib.receive(client, url, WaitTimeSeconds=20,
                                         VisibilityTimeout=0)),
                  ['stays'], 'the key is good again, and no message was lost')
        sql(f"SELECT sqs_revoke_key('{alias}', '{role}')")
        refused('KmsAccessDenied', url)
        sql(f"SELECT sqs_grant_key('{alias}', '{role}', '{{Encrypt,Decrypt}}')")
        for number, shape in ((64, 'KmsInvalidKeyUsage'), (66, 'KmsNotFound'),
                              (69, 'KmsOptInRequired'), (75, 'KmsThrottled'),
                              (77, 'KmsAccessDenied'), (1, 'KmsInvalidState')):
            status.seek(0)
            status.write(f'{number}\n')
            status.truncate()
            status.flush()
            refused(shape, lib.make_queue(client, 'errors-kms',
                                          {'KmsMasterKeyId': alias}),
                    receives=False)
    client.delete_queue(QueueUrl=url)


def access():
    """Who may not."""
    url = lib.make_queue(client, 'errors')
    secret = os.environ['AWS_SECRET_ACCESS_KEY']
    key = os.environ['AWS_ACCESS_KEY_ID']
    fails('UnrecognizedClientException',
          'The security token included in the request is invalid.',
          lib.client('AKIAAAAAAAAAAAAAAAAA', secret).list_queues)
    fails('InvalidSignatureException', re.compile(
        'The request signature we calculated does not match .*'),
          lib.client(key, secret[:-1] + ('a' if secret[-1] != 'a' else 'b'))
          .list_queues)
    if 'QUEUE_OTHER_ACCESS_KEY_ID' in os.environ:
        other = lib.client(os.environ['QUEUE_OTHER_ACCESS_KEY_ID'],
                           os.environ['QUEUE_OTHER_SECRET_ACCESS_KEY'])
        client.send_message(QueueUrl=url, MessageBody='not yours')
        for call, parameters in (
                (other.send_message, {'MessageBody': 'x'}),
                (other.receive_message, {}), (other.delete_queue, {}),
                (other.receive_message, {'WaitTimeSeconds': 20})):
            fails('AccessDeniedException', re.compile('.+'), call,
                  QueueUrl=url, **parameters)
        equal(lib.bodies(lib.receive(client, url, WaitTimeSeconds=20)),
              ['not yours'], 'and nothing was done by it')
    client.delete_queue(QueueUrl=url)


UUID = re.compile('[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}')
NAMESPACE = 'http://queue.amazonaws.com/doc/2012-11-05/'


def wire_json():
    """Errors in JSON, byte by byte."""
    absent = {'QueueUrl': f'{lib.ENDPOINT}/000000000000/absent',
              'MessageBody': 'x'}
    answer = raw.call_json('SendMessage', absent)
    equal((answer.status, answer.headers.get('content-type'), answer.json(),
           answer.headers.get('x-amzn-query-error')),
          (400, 'application/x-amz-json-1.0', {
              '__type': 'com.amazonaws.sqs#QueueDoesNotExist',
              'message': 'The specified queue does not exist.'},
           PREFIX + 'NonExistentQueue;Sender'), 'an error of SQS, in JSON')
    ok(UUID.fullmatch(answer.headers.get('x-amzn-requestid', '')),
       'an error has a request id', answer)
    answer = raw.call_json('SendMessage', {})
    equal((answer.status, answer.json(),
           answer.headers.get('x-amzn-query-error')),
          (400, {'__type': 'com.amazon.coral.service#'
                 'MissingRequiredParameterException',
                 'message': 'The request must contain the parameter QueueUrl.'},
           'MissingParameter;Sender'), 'an error of the framework, in JSON')
    answer = raw.call_json('FooBar', {})
    equal((answer.status, answer.json()['__type']),
          (404, 'com.amazon.coral.service#UnknownOperationException'),
          'an action that there is not, in JSON')
    for what, text in (('text that is no JSON', '{"QueueUrl": '),
                       ('no object', '[]'), ('nothing', ''),
                       ('a number for a string', '{"QueueName": 7}')):
        answer = raw.call_json('GetQueueUrl', text)
        equal((answer.status, answer.json().get('__type')),
              (400, 'com.amazon.coral.service#' +
               ('SerializationException' if text else
                'MissingRequiredParameterException')), what + ', in JSON')
    answer = raw.call_json('ListQueues', '{}')
    ok(answer.status == 200 and
       answer.headers['content-type'] == 'application/x-amz-json-1.0' and
       UUID.fullmatch(answer.headers.get('x-amzn-requestid', '')),
       'an answer in JSON has its type and a request id', answer)
    ok('x-amzn-query-error' not in answer.headers, 'and no error', answer)


def wire_query():
    """Errors in XML, element by element."""
    path = '/000000000000/absent'
    answer = raw.call_query({'Action': 'SendMessage', 'MessageBody': 'x',
                             'QueueUrl': lib.ENDPOINT + path})
    name, members = answer.xml()
    members = dict(members)
    equal((answer.status, name, members['Error']), (400, 'ErrorResponse', [
        ('Type', 'Sender'), ('Code', PREFIX + 'NonExistentQueue'),
        ('Message', 'The specified queue does not exist for this wsdl '
         'version.'), ('Detail', '')]), 'an error in XML')
    equal((answer.headers['content-type'].partition(';')[0],
           answer.namespace()), ('text/xml', NAMESPACE),
          'its type and its namespace')
    ok(UUID.fullmatch(members.get('RequestId', '')), 'its request id', answer)
    for what, parameters, url, expected in (
            ('an unknown action', {'Action': 'FooBar'}, '/',
             (400, 'InvalidAction',
              'The action FooBar is not valid for this endpoint.')),
            ('ListQueues at a queue', {'Action': 'ListQueues'}, path,
             (400, 'InvalidAction',
              'The action ListQueues is not valid for this endpoint.')),
            ('CreateQueue at a queue',
             {'Action': 'CreateQueue', 'QueueName': 'x'}, path,
             (400, 'InvalidAction',
              'The action CreateQueue is not valid for this endpoint.')),
            ('a queue that is not there, by its path',
             {'Action': 'SendMessage', 'MessageBody': 'x'}, path,
             (400, PREFIX + 'NonExistentQueue', 'The specified queue does not '
              'exist for this wsdl version.')),
            ('a parameter that is missing',
             {'Action': 'CreateQueue'}, '/',
             (400, 'MissingParameter',
              'The request must contain the parameter QueueName.'))):
        answer = raw.call_query(parameters, url)
        equal((answer.status, *answer.error()), expected, what + ', in XML')
    answer = raw.call_query({'QueueUrl': 'x'})
    equal((answer.status, answer.body.strip()),
          (404, '<UnknownOperationException/>'), 'no action at all, in XML')

    name = lib.unique('wire')
    name_, members = raw.call_query({'Action': 'CreateQueue',
                                     'QueueName': name}).xml()
    equal((name_, [one for one, _ in members]),
          ('CreateQueueResponse', ['CreateQueueResult', 'ResponseMetadata']),
          'an answer in XML')
    url = dict(dict(members)['CreateQueueResult'])['QueueUrl']
    queue = url[len(lib.ENDPOINT):]
    answer = raw.call_query({'Action': 'ReceiveMessage'}, queue)
    equal(dict(answer.xml()[1])['ReceiveMessageResult'], '',
          'no message, in XML')
    body = '"&quot;\r\n\t<x/>'
    raw.call_query({'Action': 'SendMessage', 'MessageBody': body}, queue)
    answer = raw.call_query({'Action': 'ReceiveMessage',
                             'WaitTimeSeconds': '20'}, queue)
    message = dict(dict(dict(answer.xml()[1])['ReceiveMessageResult'])['Message'])
    equal(message['Body'], body, 'blanks and markup survive XML')
    answer = raw.call_query({'Action': 'GetQueueUrl', 'QueueName': name},
                            queue, accept='application/json')
    equal(answer.json()['GetQueueUrlResponse']['GetQueueUrlResult'],
          {'QueueUrl': url}, 'JSON for a form, where it is asked for')
    answer = raw.call_json('GetQueueUrl', {'QueueName': name}, queue)
    equal(answer.json(), {'QueueUrl': url}, 'JSON goes to any path')
    answer = raw.call_json('DeleteQueue', {'QueueUrl': name})
    equal(answer.status, 200, 'a name is taken for a URL')


for test in (queue_does_not_exist, queues, messages, fifo, batches,
             permissions, move_tasks, time_rules, transport, encryption,
             access, wire_json, wire_query):
    group(test)
note('seen: ' + ', '.join(sorted(seen)))
finish()
