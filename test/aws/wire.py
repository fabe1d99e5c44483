"""Signed requests as bytes, for tests with more connections than an SDK would
open: no library between, and signing takes some microseconds.
"""

import datetime
import functools
import hashlib
import hmac
import json
import os
import socket
import urllib.parse

KEY = os.environ['AWS_ACCESS_KEY_ID']
SECRET = os.environ['AWS_SECRET_ACCESS_KEY']
REGION = os.environ.get('AWS_DEFAULT_REGION', 'us-east-1')
TYPE = 'application/x-amz-json-1.0'
SIGNED = 'content-type;host;x-amz-date;x-amz-target'


def _hmac(key, text):
    return hmac.digest(key, text.encode(), 'sha256')


@functools.lru_cache(maxsize=4)
def _signing_key(date):
    key = _hmac(b'AWS4' + SECRET.encode(), date)
    for part in (REGION, 'sqs', 'aws4_request'):
        key = _hmac(key, part)
    return key


def request(host, action, parameters):
    """The bytes of a request."""
    body = json.dumps(parameters).encode()
    stamp = datetime.datetime.now(datetime.timezone.utc).strftime(
        '%Y%m%dT%H%M%SZ')
    headers = (f'content-type:{TYPE}\nhost:{host}\nx-amz-date:{stamp}\n'
               f'x-amz-target:AmazonSQS.{action}\n')
    canonical = '\n'.join(('POST', '/', '', headers, SIGNED,
                           hashlib.sha256(body).hexdigest()))
    scope = f'{stamp[:8]}/{REGION}/sqs/aws4_request'
    to_sign = '\n'.join(('AWS4-HMAC-SHA256', stamp, scope,
                         hashlib.sha256(canonical.encode()).hexdigest()))
    signature = _hmac(_signing_key(stamp[:8]), to_sign).hex()
    return (f'POST / HTTP/1.1\r\nHost: {host}\r\nContent-Type: {TYPE}\r\n'
            f'X-Amz-Target: AmazonSQS.{action}\r\nX-Amz-Date: {stamp}\r\n'
            f'Content-Length: {len(body)}\r\n'
            f'Authorization: AWS4-HMAC-SHA256 Credential={KEY}/{scope}, '
            f'SignedHeaders={SIGNED}, Signature={signature}\r\n\r\n'
            ).encode() + body


def status_and_length(head):
    """Of the head of an answer."""
    lines = head.decode('latin-1').split('\r\n')
    length = 0
    for line in lines[1:]:
        name, _, value = line.partition(':')
        if name.lower() == 'content-length':
            length = int(value)
    return int(lines[0].split()[1]), length


class Refused(Exception):
    """An answer that is an error."""

    def __init__(self, status, text):
        super().__init__(f'{status} {text}')
        self.status = status


class Connection:
    """A connection that is kept, and opened again when it broke."""

    def __init__(self, endpoint, timeout=60):
        self.host = urllib.parse.urlsplit(endpoint).netloc
        self.timeout = timeout
        self.socket = None

    def close(self):
        """Break it off."""
        if self.socket is not None:
            self.socket.close()
            self.socket = None

    def send(self, action, **parameters):
        """Send a request, and do not wait for its answer."""
        if self.socket is None:
            address, _, port = self.host.partition(':')
            self.socket = socket.create_connection((address, int(port)),
                                                   timeout=self.timeout)
        self.socket.sendall(request(self.host, action, parameters))

    def receive(self):
        """Wait for the answer."""
        data = b''
        while b'\r\n\r\n' not in data:
            some = self.socket.recv(65536)
            if not some:
                raise ConnectionError('closed before an answer')
            data += some
        head, _, body = data.partition(b'\r\n\r\n')
        status, length = status_and_length(head)
        while len(body) < length:
            some = self.socket.recv(65536)
            if not some:
                raise ConnectionError('closed in an answer')
            body += some
        if status != 200:
            raise Refused(status, body.decode(errors='replace'))
        return json.loads(body or b'{}')

    def call(self, action, **parameters):
        """A request and its answer; OSError if it broke."""
        try:
            self.send(action, **parameters)
            return self.receive()
        except OSError:
            self.close()
            raise
