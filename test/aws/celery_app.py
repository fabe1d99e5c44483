"""An application of Celery, as its users write one: tasks, and a broker named
by a URL. The results are files, one for each run of a task."""

import os
import pathlib
import uuid

import celery

URL = os.environ['AWS_ENDPOINT_URL'].split('//')[1]
RESULTS = pathlib.Path(os.environ['QUEUE_CELERY_RESULTS'])

app = celery.Celery('celery_app', broker=f'sqs://{URL}')
app.conf.update(
    broker_transport_options={
        'is_secure': False,
        'region': os.environ['AWS_DEFAULT_REGION'],
        'queue_name_prefix': os.environ['QUEUE_CELERY_PREFIX'],
        'visibility_timeout': 600,
        'wait_time_seconds': 20,
        'polling_interval': 0.1,
    },
    task_default_queue='tasks',
    task_acks_late=True,
    task_create_missing_queues=True,
    broker_connection_retry_on_startup=True,
    worker_send_task_events=False,
)


def note(name, text):
    """A result: a file that is there with all of its text, or not at all."""
    part = RESULTS / f'.{uuid.uuid4()}'
    part.write_bytes(text.encode())
    part.rename(RESULTS / f'{name}.{uuid.uuid4()}')


@app.task
def add(number, a, b):
    """Some work."""
    note(f'add-{number}', str(a + b))


@app.task
def echo(name, text):
    """Whatever was said."""
    note(name, text)


@app.task(bind=True, max_retries=3)
def stubborn(self):
    """Fails twice, and says each time which time it is."""
    note('stubborn', str(self.request.retries))
    if self.request.retries < 2:
        raise self.retry(countdown=1)


@app.task
def first(text):
    """The first of a chain."""
    return text + ', then'


@app.task
def second(text, more):
    """The second of it."""
    note('chain', f'{text} {more}')
