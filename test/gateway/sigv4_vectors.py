#!/usr/bin/env python3
"""
Writes sigv4_vectors.h: requests as they go over the wire, signed by botocore.

    python3 test/gateway/sigv4_vectors.py >test/gateway/sigv4_vectors.h

And the same requests, but for the largest, as the corpus of fuzz_sigv4.c:

    python3 test/gateway/sigv4_vectors.py test/gateway/corpus/sigv4

The keys are made up.  The clock is set, so that the same botocore writes the
same file; the one that wrote it last is named in it.
"""
import datetime
import json
import os
import sys
from urllib.parse import quote, urlencode, urlsplit

import botocore
import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

KEYS = [
    ("AKIAQUEUEEXAMPLE0001", "3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v"),
    ("AKIAQUEUEEXAMPLE0002", "short"),
    ("local.team-a_b", "k" * 120),
]
TIMES = [
    datetime.datetime(2026, 1, 31, 23, 59, 59),
    datetime.datetime(2024, 2, 29, 0, 0, 0),
    datetime.datetime(2025, 12, 9, 8, 7, 6),
]
JSON = "application/x-amz-json-1.0"
FORM = "application/x-www-form-urlencoded; charset=utf-8"
HOST = "http://sqs.eu-west-3.example:9324"

vectors = []


def c_string(data, width=64):
    """A C literal of bytes, which no other character can be confused with."""
    lines, line = [], ""
    for byte in data:
        char = chr(byte)
        if char in '"\\?':
            piece = "\\" + char
        elif 32 <= byte < 127:
            piece = char
        else:
            piece = "\\%03o" % byte
        line += piece
        if len(line) >= width:
            lines.append(line)
            line = ""
    lines.append(line)
    return "\n\t\t".join('"%s"' % line for line in lines)


def sign(name, method, url, headers=(), body=b"", key=0, time=0, region="eu-west-3",
         expires=None, token=None, unsigned=()):
    """
    Sign a request and add it.  Headers are pairs, in the order of the wire;
    unsigned ones are added afterwards.
    """
    now = TIMES[time].replace(tzinfo=datetime.timezone.utc)
    botocore.auth.get_current_datetime = lambda *args, **kwargs: now
    credentials = Credentials(*KEYS[key], token=token)
    request = AWSRequest(method=method, url=url, data=body)
    for header, value in headers:
        request.headers.add_header(header, value)
    if expires is None:
        signer = botocore.auth.SigV4Auth(credentials, "sqs", region)
    else:
        signer = botocore.auth.SigV4QueryAuth(credentials, "sqs", region, expires=expires)
    signer.add_auth(request)

    parts = urlsplit(request.url)
    sent = [("host", parts.netloc)]
    sent += [(h.lower(), v) for h, v in request.headers.items() if h.lower() != "host"]
    sent += unsigned
    vectors.append({
        "name": name, "method": method, "path": parts.path or "/", "query": parts.query,
        "headers": sent, "body": body, "secret": KEYS[key][1], "key": KEYS[key][0],
        "timestamp": now.strftime("%Y%m%dT%H%M%SZ"), "region": region,
        "expires": expires or 0, "presigned": expires is not None,
    })


def call(action, body, path="/", extra=(), **options):
    """A call in JSON, as current SDKs make it."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = [("Content-Type", JSON), ("X-Amz-Target", "AmazonSQS." + action),
               ("x-amzn-query-mode", "true"), ("User-Agent", "Boto3/1.40 md/Botocore#1.40")]
    sign("JSON " + action + " " + path, "POST", HOST + path, headers + list(extra), data, **options)


def form(parameters, path="/", **options):
    """A call as a form, as older SDKs make it."""
    sign("form " + path, "POST", HOST + path, [("Content-Type", FORM)],
         urlencode(parameters).encode(), **options)


def presign(name, parameters, path="/", expires=3600, **options):
    """A call in a URL."""
    sign("presigned " + name, "GET", HOST + path + "?" + urlencode(parameters, quote_via=quote),
         expires=expires, **options)


# What the other tests begin with
call("SendMessage", {"QueueUrl": HOST + "/123456789012/orders", "MessageBody": "hello"})
presign("SendMessage", {"Action": "SendMessage", "MessageBody": "hello", "Version": "2012-11-05"},
        "/123456789012/orders")

# Actions, keys, times, regions
for number, action in enumerate(["CreateQueue", "ListQueues", "ReceiveMessage", "DeleteMessage",
                                 "SendMessageBatch", "PurgeQueue", "TagQueue"]):
    call(action, {"QueueUrl": "q", "Number": number}, key=number % 3, time=number % 3,
         region=["us-east-1", "cn-north-1", "eu-west-3", "local"][number % 4])
    form({"Action": action, "Version": "2012-11-05", "QueueName": "q + %d" % number},
         key=(number + 1) % 3, time=(number + 2) % 3)

# Bodies
call("SendMessage", b"")
call("SendMessage", bytes(range(256)))
call("SendMessage", b"\0" * 64)
call("SendMessage", "é漢字😀 \r\n\t".encode())
for length in (1, 55, 56, 63, 64, 65, 700, 1023, 1024, 1025, 2500):
    call("SendMessage", b"x" * length)

# Paths: a slash that is there twice, dots, and characters that are escaped
for path in ("/123456789012/orders", "/123456789012/orders.fifo", "/123456789012/orders/",
             "//123456789012//orders", "/./123456789012/../123456789012/./orders", "/..",
             "/a%20b", "/a%2Fb", "/%E6%BC%A2", "/a%2fb%7e", "/a~b-c_d.e", "/a+b", "/a=b&c",
             "/a:b@c!$'()*,;", "/...", "/a/...", "/.a", "/a//", "/a/../..//b/"):
    call("GetQueueAttributes", {}, path)

# Query strings
for query in ("a=1", "b=2&a=1", "a=2&a=1", "a=1&a-b=2&a.b=3&a%20b=4", "a", "a=&b", "%C3%A9=%F0%9F%98%80",
              "A=1&a=2&B=3&b=4", "a%2Bb=c%2Bd", "a%3Db=c%26d", "~=~&_=_&-=-&.=.",
              "X-Amz-Meta=1", "aa=1&a=2", "a=1&a=%20&a=-&a=~"):
    sign("query " + query, "GET", HOST + "/?" + query)
    sign("query of a POST " + query, "POST", HOST + "/q?" + query, [("Content-Type", JSON)], b"{}")

# Headers
call("SendMessage", {}, extra=[("X-Amz-Meta-Blanks", "  a   b  \t c ")])
call("SendMessage", {}, extra=[("X-Amz-Meta-Empty", "")])
call("SendMessage", {}, extra=[("X-Amz-Meta-Blank", "   ")])
call("SendMessage", {}, extra=[("X-Amz-Meta-Quoted", 'a "b   c" d')])
call("SendMessage", {}, extra=[("X-Amz-Meta-Many", "1"), ("X-Amz-Meta-Many", " 2  3 "),
                               ("X-Amz-Meta-Many", "1")])
call("SendMessage", {}, extra=[("Zulu", "z"), ("Alpha", "a"), ("x-amz-A", "1"), ("x-amz-a-b", "2")])
call("SendMessage", {}, extra=[("X-Amz-Meta-Long", "v" * 3000)])
call("SendMessage", {}, extra=[("X-Amz-Meta-%02d" % i, str(i)) for i in range(50)])
call("SendMessage", {}, extra=[("Date", "")], time=0)
call("SendMessage", {}, extra=[("Date", "")], time=1)
call("SendMessage", {}, extra=[("Date", "")], time=2)
call("SendMessage", {}, token="made+up/token==")
call("SendMessage", {}, unsigned=[("x-amzn-trace-id", "Root=1-5759e988-bd862e3fe1be46a994272793"),
                                  ("x-forwarded-for", "192.0.2.1"), ("accept", "*/*")])

# In the URL
presign("with little", {"Action": "ListQueues"})
presign("for a second", {"Action": "ListQueues"}, expires=1)
presign("for a week", {"Action": "ListQueues"}, expires=604800)
presign("with a token", {"Action": "ListQueues"}, token="made+up/token==")
presign("with escapes", {"Action": "SendMessage", "MessageBody": "a b+c&d=é/~\n%", "x": ""})
presign("with more that is sorted before and after",
        {"Zulu": "1", "X-Amz-E": "2", "X-Amz-Signature-Not": "3", "a": "4"})
presign("with another key", {"Action": "ListQueues"}, key=2, time=1, region="us-east-1")
presign("with many parameters", {"MessageAttribute.%d.Name" % i: i for i in range(300)})
sign("presigned with a header", "GET", HOST + "/?Action=ListQueues",
     [("X-Amz-Meta-A", "1"), ("Accept", "application/json")], expires=60)
sign("presigned with nothing else", "GET", HOST + "/", expires=60)


def write_corpus(folder):
    """A file for each request; fuzz_sigv4.c says how it looks."""
    for number, v in enumerate(vectors):
        data = v["method"] + " " + v["path"] + ("?" + v["query"] if v["query"] else "") + "\n"
        data += "".join("%s:%s\n" % pair for pair in v["headers"])
        data = data.encode() + b"\n" + v["body"]
        if len(data) <= 2048:
            with open(os.path.join(folder, "botocore-%03d" % number), "wb") as file:
                file.write(data)


def write_header():
    """The table of the tests."""
    print("""/*
 * Written by sigv4_vectors.py with botocore %s; the keys are made up.
 */
static const Vector vectors[] = {""" % botocore.__version__)
    for v in vectors:
        headers = ",\n\t\t".join('{%s, %s}' % (c_string(n.encode()), c_string(value.encode(), 4096))
                                 for n, value in v["headers"])
        print("""	{
		%s,
		%s, %s,
		%s,
		{%s},
		%s,
		%d,
		%s,
		%s,
		%s, %s, %d, %s
	},""" % (c_string(v["name"].encode()), c_string(v["method"].encode()),
                 c_string(v["path"].encode()), c_string(v["query"].encode()), headers,
                 c_string(v["body"]), len(v["body"]), c_string(v["secret"].encode()),
                 c_string(v["key"].encode()), c_string(v["timestamp"].encode()),
                 c_string(v["region"].encode()), v["expires"],
                 "true" if v["presigned"] else "false"))
    print("};")


if len(sys.argv) > 1:
    write_corpus(sys.argv[1])
else:
    write_header()
