"""Runs the parts of the benchmark that are wanted, one after the other.

usage: run.py WORK BIN RESULTS

Called by bench.sh, which says what the environment may have. WORK is a folder
for clusters, BIN the one of PostgreSQL's programs, RESULTS one that has the
results of earlier runs, to be merged with.
"""

import base64
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import traceback

import machine
import report
from cluster import Cluster
from records import ABOUT, Records
from scenarios import big, calls, contention, encryption, events, fifo, front, gateway, latency
from scenarios import metrics, mixed, peers, pinned, policy, queues, wakeup, wal, worker

# In the order in which they run. Those of one module share its state.
PARTS = {
    "calls": calls.run, "contention": contention.run, "latency": latency.run,
    "mixed": mixed.run, "wal": wal.run, "front": front.run, "queues": queues.run,
    "wakeup": wakeup.run, "pinned": pinned.run, "slot": pinned.run_slot, "backlog": big.backlog,
    "counters": big.counters, "restart": big.restart, "fifo": fifo.run, "dead": fifo.run_dead,
    "fair": fifo.run_fair, "policy": policy.run, "encryption": encryption.run, "events": events.run,
    "metrics": metrics.run,
    "peers": peers.run, "gateway": gateway.run, "worker": worker.run,
}
QUIET = 10              # seconds between two lines about the same
# Seconds for each in the quick mode, where a part begins no round that it would
# probably not end in time. Together with the setting up it is under five minutes.
QUICK_SECONDS = {"calls": 64, "contention": 14, "latency": 12, "mixed": 8, "wal": 10, "front": 16,
                 "queues": 16, "wakeup": 10, "pinned": 46, "slot": 1, "backlog": 8, "counters": 1,
                  "restart": 3, "fifo": 30, "dead": 6, "fair": 10, "policy": 8, "encryption": 24,
                  "events": 20, "metrics": 200, "peers": 34, "gateway": 90, "worker": 60}
# The quick mode has no time for these, unless they are named.
NAMED = ("encryption", "events", "metrics", "gateway", "worker")
SHARING = ("backlog", "counters", "restart")


def is_quick():
    return os.environ.get("QUICK", "") not in ("", "0")


def setting(name, quick, full, convert=int):
    """A number from the environment, or else the default of the mode."""
    text = os.environ.get(name, "")
    if text == "":
        return quick if is_quick() else full
    value = convert(text)
    if not 0 < value <= 100_000_000:
        raise SystemExit(f"bench: {name}={text} is out of range")
    return value


class Bench:
    """What the parts of a run have in common."""

    def __init__(self, work, bin_dir):
        self.work = work
        self.bin = bin_dir
        self.quick = is_quick()
        self.clients = setting("CLIENTS", 8, 8)
        self.seconds = setting("SECONDS_", 1, 5)
        self.rounds = setting("ROUNDS", 3, 5)
        self.pinned_seconds = setting("PINNED", 20, 600)
        self.backlog = setting("BACKLOG", 200_000, 10_000_000)
        self.queues = setting("QUEUES", 1_000, 10_000)
        self.samples = setting("SAMPLES", 200, 1_000)
        self.records = Records()
        self.clusters = []
        self.big = None         # the filled queue, kept from one part to the next
        self.began = time.monotonic()
        self.part = ""
        self.part_began = 0.0
        self.told = 0.0         # when the last line was written
        self.cluster = self.new_cluster()

    def new_cluster(self, **settings):
        folder = os.path.join(self.work, f"c{len(self.clusters)}")
        cluster = Cluster(folder, self.bin, **settings)
        self.clusters.append(cluster)
        return cluster

    def each_round(self, most=None):
        """Numbers of rounds, for a loop over them."""
        began = time.monotonic()
        count = min(most or self.rounds, self.rounds)
        for number in range(1, count + 1):
            yield number
            next_end = (time.monotonic() - self.part_began
                        + (time.monotonic() - began) / number)
            if self.quick and number < count and next_end > QUICK_SECONDS[self.part]:
                self.progress(f"no time for more rounds than {number}")
                return

    def need_body(self, size, cluster=None):
        """A body that does not compress, the same in each run."""
        text = base64.b64encode(random.Random(size).randbytes(size))[:size].decode("ascii")
        (cluster or self.cluster).sql(
            "INSERT INTO bench.bodies VALUES (%s, %s) ON CONFLICT DO NOTHING", size, text)

    def progress(self, text, often=False):
        """One line that is written over; where there is no terminal, many
        lines, but few of those that come often."""
        now = time.monotonic()
        seconds = int(now - self.began)
        line = f"bench: {seconds // 60}:{seconds % 60:02d} {self.part}: {text}"
        if sys.stderr.isatty():
            columns = shutil.get_terminal_size().columns
            print(f"\r\033[K{line[:columns - 1]}", end="", file=sys.stderr, flush=True)
        elif not often or now - self.told > QUIET:
            print(line, file=sys.stderr, flush=True)
            self.told = now

    def add(self, scenario, metric, value, **keys):
        self.records.add(self.part, scenario, metric, value, **keys)

    def start_over(self):
        """After a part that broke down: a cluster without its remains."""
        for cluster in self.clusters:
            cluster.remove()
        self.big = None
        self.cluster = self.new_cluster()

    def close(self):
        for cluster in self.clusters:
            cluster.remove()


def wanted_parts():
    names = os.environ.get("PARTS", "").replace(",", " ").split()
    for name in names:
        if name not in PARTS:
            raise SystemExit(f"bench: there is no part \"{name}\"; there are: {' '.join(PARTS)}")
    if not names and is_quick():
        return [name for name in PARTS if name not in NAMED]
    return [name for name in PARTS if not names or name in names]


def run_part(bench, part, parts, results):
    bench.part = part
    bench.part_began = began = time.monotonic()
    for key, value in machine.about(bench).items():
        bench.add(ABOUT, key, value)
    PARTS[part](bench)
    if bench.big is not None and not set(SHARING) & set(parts[parts.index(part) + 1:]):
        bench.progress("checking the big queue")
        bench.big.check()
        bench.big.drop()
        bench.big = None
    bench.add(ABOUT, "seconds", int(time.monotonic() - began))
    Records(bench.records.select(part=part)).write(os.path.join(results, part + ".csv"))


def main():
    work, bin_dir, results = sys.argv[1:]
    parts = wanted_parts()
    failed = []
    bench = None

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        bench = Bench(work, bin_dir)
        for part in parts:
            try:
                run_part(bench, part, parts, results)
            except (Exception, subprocess.TimeoutExpired) as problem:
                failed.append(part)
                traceback.print_exc()
                print(f"bench: part {part} failed: {problem}", file=sys.stderr)
                bench.start_over()
        bench.part = "report"
        bench.progress("writing")
        report.write(results, list(PARTS))
        if sys.stderr.isatty():
            print(file=sys.stderr)
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if bench is not None:
            bench.close()
    if failed:
        sys.exit(f"bench: failed: {' '.join(failed)}")


if __name__ == "__main__":
    main()
