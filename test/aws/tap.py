"""What the Python tests here share: TAP on standard output, and a few ways to
wait.

A test runs from its first line to its last; what goes wrong in one check does
not end it, an exception in a group of checks ends that group.
"""

import sys
import threading
import time
import traceback

count = 0
failed = 0
lock = threading.Lock()

# Seconds after which what was waited for is said not to come. Not a measure of
# speed: nothing that works is near it.
LIMIT = 60


def ok(condition, name, *remarks):
    """A check: prints its line, and the remarks where it failed."""
    global count, failed
    with lock:
        count += 1
        if not condition:
            failed += 1
        print(f"{'ok' if condition else 'not ok'} {count} - {name}")
        if not condition:
            for remark in remarks:
                for line in str(remark).splitlines():
                    print(f'#   {line[:1000]}')
        sys.stdout.flush()
    return bool(condition)


def equal(got, expected, name):
    """A check that two values are the same."""
    return ok(got == expected, name, f'got:      {got!r}',
              f'expected: {expected!r}')


def group(function, *arguments):
    """Run checks that belong together; an exception is a failed check."""
    print(f'# {function.__name__}')
    try:
        function(*arguments)
    except Exception:  # whatever it is, it is reported
        ok(False, f'{function.__name__} ends', traceback.format_exc())


def note(text):
    """A line for the reader."""
    print(f'# {text}', flush=True)


def becomes(question, expected, name):
    """A check that the answer to a question becomes what is expected."""
    end = time.monotonic() + LIMIT
    while True:
        got = question()
        if got == expected or time.monotonic() > end:
            return equal(got, expected, name)
        time.sleep(0.05)


def finish():
    """The plan, and the exit status."""
    print(f'1..{count}')
    if failed:
        print(f'# {failed} of {count} failed')
    sys.exit(1 if failed or not count else 0)
