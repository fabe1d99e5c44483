"""queue-worker with handlers that go on running, against pgbench: both receive and
delete, a message at a time and ten at a time, until the time is over."""

import os
import subprocess
import time

import load
import measure
from cluster import TICKS, stat_of
from systems import HERE

HANDLER = os.path.join(HERE, "scripts", "worker", "handler.py")
BODY = 250
LEAST = 2               # seconds of a measurement
PATIENCE = 60           # seconds for a worker to begin, or to end
PAUSE = 0.01            # seconds between two looks at whether it has begun


class Worker:
    """A worker, from its start until it is told to stop."""

    def __init__(self, system, batch, handlers):
        self.system = system
        cluster = system.cluster
        command = [os.path.join(cluster.bin, "queue-worker"), "--queue", system.queue,
                   "--dsn", cluster.dsn(), "--resident", "--min", str(handlers),
                   "--max", str(handlers)]
        if batch > 1:
            command += ["--batch", str(batch)]
        self.log = os.path.join(cluster.folder, "worker.log")
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [*command, "--", "/usr/bin/python3", HANDLER], stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, cwd=cluster.folder)

    def deleted(self):
        return self.system.cluster.value(
            "SELECT number_of_messages_deleted FROM sqs_metrics WHERE queue_name = %s",
            self.system.queue)

    def cpu(self):
        """Seconds of the worker, and of it with its handlers."""
        own = sum(stat_of(self.process.pid)[11:13])
        handlers = sum(
            sum(stat[11:13]) for stat in map(stat_of, filter(str.isdigit, os.listdir("/proc")))
            if stat and stat[1] == self.process.pid)
        return own / TICKS, (own + handlers) / TICKS

    def begun(self):
        """Waits until it has deleted something."""
        limit = time.monotonic() + PATIENCE
        while not self.deleted():
            if self.process.poll() is not None or time.monotonic() > limit:
                with open(self.log, encoding="utf-8", errors="replace") as log:
                    raise RuntimeError(f"the worker does not begin: {log.read()[-1000:]}")
            time.sleep(PAUSE)

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.wait(timeout=PATIENCE)
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()


def run(bench):
    seconds = max(bench.seconds, LEAST)
    rates = {}              # messages a second, by messages a call
    bench.need_body(BODY)
    for number in bench.each_round():
        for batch in (1, 10):
            bench.progress(f"round {number}: {batch} at a time")
            one_round(bench, number, batch, seconds, rates)


def one_round(bench, number, batch, seconds, rates):
    """Each works on a queue of its own, with more messages than it gets through."""
    for name in measure.rotated(MEASURES, number):
        for attempt in range(1, measure.ATTEMPTS + 1):
            rate = rates.get((name, batch), measure.GUESS * 7)
            try:
                rates[name, batch] = measured(bench, name, number, batch, seconds, rate)
                break
            except load.RanDry:
                rates[name, batch] = 2 * rate
                if attempt == measure.ATTEMPTS:
                    raise


def measured(bench, name, number, batch, seconds, rate):
    """Messages a second."""
    system = measure.SYSTEMS["queue"](bench)
    system.create()
    try:
        rows = int(1.6 * rate * (seconds + 1))
        system.fill(rows, BODY)
        system.vacuum()
        rate = MEASURES[name](bench, number, batch, seconds, system, rows)
        system.check()
    finally:
        system.drop()
    return rate


def pgbench(bench, number, batch, seconds, system, rows):
    result = load.run(system.cluster, [system.script(f"work-{batch}")], bench.clients,
                      seconds=seconds, variables=system.variables())
    expect(system, rows - result.transactions * batch)
    bench.add("receive+delete", "messages_per_s", result.tps * batch,
              **keys(bench, "queue", number, batch))
    return result.tps * batch


def work(bench, number, batch, seconds, system, rows):
    """The time counts from the first delete that was seen."""
    system.cluster.sql("CHECKPOINT")
    worker = Worker(system, batch, bench.clients)
    try:
        worker.begun()
        began, before, cpu = time.monotonic(), worker.deleted(), worker.cpu()
        time.sleep(seconds)
        ended, after, spent = time.monotonic(), worker.deleted(), worker.cpu()
        left = system.cluster.value(
            "SELECT visible FROM sqs_queues WHERE name = %s", system.queue)
    finally:
        status = worker.stop()
    if status != 0:
        raise RuntimeError(f"the worker ended with status {status}")
    if left == 0:
        raise load.RanDry
    expect(system, rows - worker.deleted())
    done = after - before
    rate = done / (ended - began)
    bench.add("receive+delete", "messages_per_s", rate, **keys(bench, "worker", number, batch))
    for what, first, last in zip(("worker", "worker_and_handlers"), cpu, spent):
        bench.add("receive+delete", f"{what}_cpu_us_per_message", (last - first) * 1e6 / done,
                  **keys(bench, "worker", number, batch))
    return rate


MEASURES = {"worker": work, "queue": pgbench}


def expect(system, rows):
    found = measure.count_until(system, rows)
    if found != rows:
        raise RuntimeError(f"{system.queue} has {found} messages, and should have {rows}")


def keys(bench, name, number, batch):
    return {"system": name, "clients": bench.clients, "batch": batch, "body": BODY,
            "durability": "durable", "round_": number}
