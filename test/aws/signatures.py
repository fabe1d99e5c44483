"""Signatures that are wrong, and those that are right: by header and in a URL,
in both protocols. Signed by botocore.
"""

import datetime
import json
import os
import urllib.parse

import botocore.auth

import raw
import sqs as lib
from tap import equal, finish, group, note, ok

SECRET = os.environ['AWS_SECRET_ACCESS_KEY']
KEY = os.environ['AWS_ACCESS_KEY_ID']
WRONG = SECRET[:-1] + ('A' if SECRET[-1] != 'A' else 'B')

client = lib.client()
url = client.create_queue(QueueName=lib.unique('signed'))['QueueUrl']
path = url[len(raw.ENDPOINT):]

SEND = json.dumps({'QueueUrl': url, 'MessageBody': 'signed'})
FORM = urllib.parse.urlencode({'Action': 'SendMessage', 'MessageBody': 'signed',
                               'Version': '2012-11-05'})


class Clock:
    """Lets botocore sign as if it were another time."""

    def __init__(self, seconds):
        self.seconds = seconds
        self.real = botocore.auth.get_current_datetime

    def __enter__(self):
        botocore.auth.get_current_datetime = lambda *arguments: (
            self.real(*arguments) + datetime.timedelta(seconds=self.seconds))

    def __exit__(self, *_):
        botocore.auth.get_current_datetime = self.real


def signed(protocol, **options):
    """Path, headers and body of a good request."""
    if protocol == 'JSON':
        headers, body, where = raw.json_headers('SendMessage'), SEND, '/'
    else:
        headers, body, where = {'Content-Type': raw.FORM}, FORM, path
    return where, raw.sign('POST', where, headers, body, **options), body


def refused(what, answer, status, code, text=None):
    """A check that a request was refused, and with which words."""
    got = answer.error()
    ok((answer.status, got[0]) == (status, code) and
       (text is None or text in (got[1] or '')), what,
       f'expected: {status} {code} {text or ""}', f'got:      {answer!r}')


def good(protocol):
    """What is right is let in."""
    where, headers, body = signed(protocol)
    answer = raw.send('POST', where, headers, body)
    equal(answer.status, 200, f'{protocol}: a good signature')
    headers['X-Forwarded-For'] = '192.0.2.1'
    headers['User-Agent'] = 'added on the way'
    answer = raw.send('POST', where, headers, body)
    equal(answer.status, 200, f'{protocol}: a header that is not signed')
    for seconds in (-240, 240):
        with Clock(seconds):
            where, headers, body = signed(protocol)
        answer = raw.send('POST', where, headers, body)
        equal(answer.status, 200, f'{protocol}: a clock off by {seconds} s')


def bad(protocol):
    """What is wrong is not, and has done nothing."""
    where, headers, body = signed(protocol)
    mismatch = (403, 'SignatureDoesNotMatch',
                'The request signature we calculated does not match')

    def tamper(what, expected=mismatch, drop=(), change=None, content=None,
               target=None):
        altered = {name: value for name, value in headers.items()
                   if name.lower() not in drop}
        altered.update(change or {})
        answer = raw.send('POST', target or where, altered, content or body)
        refused(f'{protocol}: {what}', answer, *expected)

    tamper('a changed body', content=body.replace('signed', 'forged'))
    tamper('a body with a blank more', content=body + ' ')
    tamper('another path', target=where + 'x')
    tamper('a query string that was not signed', target=where + '?a=b')
    tamper('a changed header',
           change={'Content-Type': headers['Content-Type'] + '; x=y'})
    if protocol == 'JSON':
        tamper('another action', change={
            'X-Amz-Target': 'AmazonSQS.DeleteQueue'})
    tamper('a header that was dropped', drop=('content-type',),
           expected=(403, 'SignatureDoesNotMatch'))
    stamp = headers['X-Amz-Date']
    tamper('a changed date', change={
        'X-Amz-Date': stamp[:-2] + str((int(stamp[-2]) + 1) % 10) + 'Z'})
    authorization = headers['Authorization']
    start, _, digest = authorization.rpartition('=')
    flipped = ('0' if digest[0] != '0' else '1') + digest[1:]
    tamper('a signature with one digit changed',
           change={'Authorization': f'{start}={flipped}'})

    for what, change in (
            ('without Signature', authorization.rpartition(',')[0]),
            ('without SignedHeaders', ','.join(
                part for part in authorization.split(',')
                if 'SignedHeaders' not in part)),
            ('without Credential', 'AWS4-HMAC-SHA256 ' +
             authorization.partition(', ')[2]),
            ('with half a credential', authorization.replace('/sqs/', '/'))):
        tamper(f'Authorization {what}', change={'Authorization': change},
               expected=(400, 'IncompleteSignature'))
    tamper('without Authorization', drop=('authorization',),
           expected=(403, 'MissingAuthenticationToken'))

    for what, options in (('a wrong secret', {'secret': WRONG}),
                          ('an empty secret', {'secret': ' '})):
        where, headers, body = signed(protocol, **options)
        refused(f'{protocol}: {what}', raw.send('POST', where, headers, body),
                *mismatch)
    where, headers, body = signed(protocol, service='sns')
    refused(f'{protocol}: signed for another service',
            raw.send('POST', where, headers, body), 403,
            'SignatureDoesNotMatch')
    for seconds, text in ((-1000, 'Signature expired'),
                          (1000, 'Signature not yet current')):
        with Clock(seconds):
            where, headers, body = signed(protocol)
        refused(f'{protocol}: a clock off by {seconds} s',
                raw.send('POST', where, headers, body), 403,
                'SignatureDoesNotMatch', text)
    with Clock(-1000):
        where, headers, body = signed(protocol)
    headers['X-Amz-Date'] = stamp
    refused(f'{protocol}: an old signature with a new date',
            raw.send('POST', where, headers, body), *mismatch)


def keys(protocol):
    """Access keys that there are not, or no more."""
    unknown = (403, 'InvalidClientTokenId',
               'The security token included in the request is invalid.')
    where, headers, body = signed(protocol, key='AKIAAAAAAAAAAAAAAAAA')
    refused(f'{protocol}: an unknown key',
            raw.send('POST', where, headers, body), *unknown)
    if 'QUEUE_DISABLED_ACCESS_KEY_ID' not in os.environ:
        note('no disabled key')
        return
    where, headers, body = signed(
        protocol, key=os.environ['QUEUE_DISABLED_ACCESS_KEY_ID'],
        secret=os.environ['QUEUE_DISABLED_SECRET_ACCESS_KEY'])
    refused(f'{protocol}: a disabled key',
            raw.send('POST', where, headers, body), *unknown)


def presigned():
    """The signature in a URL."""
    parameters = {'Action': 'SendMessage', 'MessageBody': 'a b+c&d=ä',
                  'Version': '2012-11-05'}
    target = raw.presign(parameters, path)
    answer = raw.send('GET', target)
    equal(answer.status, 200, 'URL: a good signature')
    refused('URL: changed afterwards',
            raw.send('GET', target.replace('SendMessage', 'DeleteQueue')), 403,
            'SignatureDoesNotMatch')
    refused('URL: with something added', raw.send('GET', target + '&x=y'), 403,
            'SignatureDoesNotMatch')
    refused('URL: a wrong secret',
            raw.send('GET', raw.presign(parameters, path, secret=WRONG)), 403,
            'SignatureDoesNotMatch')
    refused('URL: an unknown key', raw.send('GET', raw.presign(
        parameters, path, key='AKIAAAAAAAAAAAAAAAAA')), 403,
            'InvalidClientTokenId')
    with Clock(-1000):
        late = raw.presign(parameters, path, expires=3600)
        over = raw.presign(parameters, path, expires=60)
    equal(raw.send('GET', late).status, 200, 'URL: made a while ago')
    answer = raw.send('GET', over)
    ok((answer.status, answer.error()[0]) in (
        (400, 'RequestExpired'), (403, 'RequestExpired')),
       'URL: expired', answer)
    refused('URL: without a signature', raw.send(
        'GET', path + '?' + urllib.parse.urlencode(parameters)), 403,
            'MissingAuthenticationToken')


def only_the_good_ones():
    """What was refused has sent nothing; what was let in has."""
    messages = []
    while True:
        some = lib.receive(client, url, MaxNumberOfMessages=10)
        if not some:
            break
        messages += some
        lib.delete(client, url, some)
    equal(sorted(lib.bodies(messages)), ['a b+c&d=ä'] * 2 + ['signed'] * 8,
          'the requests that were let in have sent their messages, and no '
          'other')
    client.delete_queue(QueueUrl=url)


for one in ('JSON', 'Query'):
    group(good, one)
    group(bad, one)
    group(keys, one)
group(presigned)
group(only_the_good_ones)
finish()
