"""Requests by plain HTTP, signed by botocore, for what no SDK would send."""

import http.client
import json
import os
import ssl
import urllib.parse
import xml.etree.ElementTree

import botocore.auth
import botocore.awsrequest
import botocore.credentials

ENDPOINT = os.environ['AWS_ENDPOINT_URL']
REGION = os.environ.get('AWS_DEFAULT_REGION', 'us-east-1')
JSON = 'application/x-amz-json-1.0'
FORM = 'application/x-www-form-urlencoded; charset=utf-8'


class Answer:
    """What came back."""

    def __init__(self, response):
        self.status = response.status
        self.headers = {name.lower(): value
                        for name, value in response.getheaders()}
        self.body = response.read().decode()

    def json(self):
        """The body of an answer in JSON."""
        return json.loads(self.body)

    def xml(self):
        """The body of an answer in XML: names of elements and their text,
        as ('Name', 'text' or [children])."""
        def pair(element):
            name = element.tag.partition('}')[2] or element.tag
            return (name, [pair(child) for child in element] or
                    element.text or '')
        return pair(xml.etree.ElementTree.fromstring(self.body))

    def namespace(self):
        """The namespace of an answer in XML."""
        return xml.etree.ElementTree.fromstring(
            self.body).tag.partition('}')[0].lstrip('{')

    def error(self):
        """The code of an error and its text, whatever it is written in."""
        if self.body.lstrip().startswith('<'):
            error = dict(dict(self.xml()[1]).get('Error', []))
            return error.get('Code'), error.get('Message')
        code = self.headers.get('x-amzn-query-error', '').partition(';')[0]
        body = self.json()
        return code, body.get('message')

    def __repr__(self):
        return f'{self.status} {self.headers} {self.body}'


def credentials(key=None, secret=None):
    """Those given, or those of the environment."""
    return botocore.credentials.Credentials(
        key or os.environ['AWS_ACCESS_KEY_ID'],
        secret or os.environ['AWS_SECRET_ACCESS_KEY'])


def send(method, path, headers=None, body=None, endpoint=None):
    """Send a request as it is."""
    url = urllib.parse.urlsplit(endpoint or ENDPOINT)
    if url.scheme == 'https':
        connection = http.client.HTTPSConnection(
            url.netloc, timeout=60, context=ssl.create_default_context(
                cafile=os.environ['QUEUE_CA_FILE']))
    else:
        connection = http.client.HTTPConnection(url.netloc, timeout=60)
    try:
        connection.request(method, path, body, headers or {})
        return Answer(connection.getresponse())
    finally:
        connection.close()


def sign(method, path, headers, body, key=None, secret=None, region=None,
         service='sqs', signer=botocore.auth.SigV4Auth):
    """The headers of a request with its signature."""
    request = botocore.awsrequest.AWSRequest(
        method=method, url=ENDPOINT + path, headers=headers, data=body)
    signer(credentials(key, secret), service,
           region or REGION).add_auth(request)
    return dict(request.headers.items())


def presign(parameters, path='/', expires=300, key=None, secret=None):
    """The path and query of a signed URL."""
    request = botocore.awsrequest.AWSRequest(
        method='GET', url=ENDPOINT + path, params=parameters)
    botocore.auth.SigV4QueryAuth(credentials(key, secret), 'sqs', REGION,
                                 expires).add_auth(request)
    return request.prepare().url[len(ENDPOINT):]


def json_headers(action):
    """The headers of an action in JSON, without a signature."""
    return {'Content-Type': JSON, 'X-Amz-Target': f'AmazonSQS.{action}',
            'x-amzn-query-mode': 'true'}


def call_json(action, parameters, path='/', **options):
    """Send an action in JSON; parameters may be text."""
    if not isinstance(parameters, (bytes, str)):
        parameters = json.dumps(parameters)
    headers = sign('POST', path, json_headers(action), parameters, **options)
    return send('POST', path, headers, parameters)


def call_query(parameters, path='/', accept=None, **options):
    """Send an action as a form; parameters may be text."""
    if isinstance(parameters, dict):
        parameters = urllib.parse.urlencode(
            {'Version': '2012-11-05', **parameters})
    headers = {'Content-Type': FORM}
    if accept:
        headers['Accept'] = accept
    headers = sign('POST', path, headers, parameters, **options)
    return send('POST', path, headers, parameters)
