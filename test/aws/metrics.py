"""What the gateway says of itself at /metrics, for tests that must know that
something is waiting before they go on. Of another server, nothing is known."""

import os
import re
import time
import urllib.request

from tap import LIMIT

URL = os.environ.get('QUEUE_METRICS_URL')

# The gauge of polls that wait.
WAITING = 'queue_gateway_polls_waiting'


def read(name):
    """The sum of a metric over its labels; None where there is none."""
    with urllib.request.build_opener(
            urllib.request.ProxyHandler({})).open(URL, timeout=30) as answer:
        text = answer.read().decode()
    values = re.findall(rf'^{re.escape(name)}(?:{{.*}})? ([0-9.e+]+)$', text,
                        re.MULTILINE)
    if not values:
        raise LookupError(f'the gateway does not tell {name}')
    return sum(float(value) for value in values)


def waiting_polls():
    """How many polls wait."""
    return int(read(WAITING)) if URL else 0


def wait_for_polls(before, number):
    """Wait until so many more polls wait than before."""
    end = time.monotonic() + LIMIT
    while URL and waiting_polls() < before + number:
        if time.monotonic() > end:
            raise TimeoutError(f'{number} polls do not wait')
        time.sleep(0.02)
