"""A gateway that a test starts itself, and what it looks at from outside."""

import os
import pathlib
import signal
import subprocess
import time
import urllib.error
import urllib.request

import metrics
from tap import LIMIT


class Gateway:
    """The process, on a port that stays the same when it is started anew."""

    def __init__(self, name):
        self.port = int(os.environ['QUEUE_PORT'])
        self.endpoint = f'http://127.0.0.1:{self.port}'
        self.log = pathlib.Path(os.environ['QUEUE_LOG_FOLDER'],
                                f'{name}.gateway.log')
        self.process = None
        metrics.URL = f'{self.endpoint}/metrics'

    def start(self):
        """Start it; it may need a while to be ready."""
        with open(self.log, 'ab') as log:
            self.process = subprocess.Popen(
                [os.environ['QUEUE_GATEWAY'],
                 f'--listen=127.0.0.1:{self.port}',
                 '--dsn=' + os.environ['QUEUE_DSN'], '--pool=4'],
                stdin=subprocess.DEVNULL, stderr=log)

    def wait(self):
        """Wait until it is ready."""
        end = time.monotonic() + LIMIT
        while not self.is_ready():
            if self.process.poll() is not None:
                raise RuntimeError('the gateway ended: ' +
                                   self.log.read_text()[-500:])
            if time.monotonic() > end:
                raise TimeoutError('the gateway is not ready')
            time.sleep(0.05)

    def is_ready(self):
        """Whether it says that it is."""
        try:
            with urllib.request.build_opener(
                    urllib.request.ProxyHandler({})).open(
                        f'{self.endpoint}/health', timeout=30) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def kill(self):
        """End it as the kernel would."""
        self.process.kill()
        self.process.wait()

    def stop(self):
        """End it as an administrator would; gives its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(LIMIT)

    def memory(self):
        """Its resident memory in megabytes."""
        status = pathlib.Path(f'/proc/{self.process.pid}/status').read_text()
        for line in status.splitlines():
            if line.startswith('VmRSS:'):
                return int(line.split()[1]) / 1024
        raise LookupError('no VmRSS')

    def descriptors(self):
        """How many files and sockets it has open."""
        return len(os.listdir(f'/proc/{self.process.pid}/fd'))


def sql(statement):
    """What a statement gives, asked as a superuser."""
    done = subprocess.run(
        ['psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', '-d',
         os.environ['QUEUE_ADMIN_DSN'], '-c', statement], check=True,
        stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
    return done.stdout.strip()
