"""A load: pgbench runs a script of a system, and what it reports is read."""

import math
import os
import re
import subprocess
import time
from dataclasses import dataclass, field

LABEL = re.compile(r"/\* (\w+) \*/")
STATEMENT = re.compile(r"^ +([0-9.]+) +(?:[0-9]+ +)?(\S.*)$", re.M)
PROCESSED = re.compile(r"^number of transactions actually processed: (\d+)", re.M)
RATE = re.compile(r"^tps = ([0-9.]+) ", re.M)
PROGRESS = re.compile(r"^progress: ([0-9.]+) s, ([0-9.]+) tps", re.M)

WARM_UP = 0.5           # seconds


class RanDry(Exception):
    """A client found no message, or no row with its key."""


@dataclass
class Load:
    """What a load did."""
    transactions: int
    tps: float
    ms: dict                # of each labelled statement, as a client sees it
    cpu: float              # seconds of the server's processes
    wal: int                # bytes
    progress: list = field(default_factory=list)    # (second, transactions a second)


def pgbench_command(cluster, scripts, clients, limit, variables, options=()):
    threads = min(clients, os.cpu_count() or 1)
    command = [os.path.join(cluster.bin, "pgbench"), "-h", cluster.folder, "-n",
               "-M", "prepared", "-r", "-c", str(clients), "-j", str(threads), *limit, *options]
    for name, value in {"loaded": 0, "n": 0, **variables}.items():
        command += ["-D", f"{name}={value}"]
    for script in scripts:
        command += ["-f", script]
    return command + ["postgres"]


def start(cluster, log, command, durability):
    environment = dict(os.environ)
    if durability == "async":
        environment["PGOPTIONS"] = "-c synchronous_commit=off"
    with open(log, "wb") as out, open(log + ".err", "wb") as err:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                env=environment, cwd=cluster.folder)


def text_of(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def run(cluster, scripts, clients, *, seconds=None, transactions=None, variables=None,
        durability="durable", options=(), meanwhile=None, checkpoint=True):
    """Runs a load for seconds, or a number of transactions a client.
    "meanwhile" is called over and over while it runs, with the seconds since
    its start."""
    limit = ["-T", str(seconds)] if seconds else ["-t", str(transactions)]
    command = pgbench_command(cluster, scripts, clients, limit, variables or {}, options)
    log = os.path.join(cluster.folder, "pgbench.log")

    if checkpoint:
        cluster.sql("CHECKPOINT")
    cpu, wal = cluster.cpu(), cluster.wal()
    began = time.monotonic()
    process = start(cluster, log, command, durability)
    try:
        if meanwhile is not None:
            while process.poll() is None:
                meanwhile(time.monotonic() - began)
        status = process.wait(timeout=(seconds or 300) + 300)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    cluster.wait_until_quiet()
    cpu, wal = cluster.cpu() - cpu, cluster.wal() - wal

    out, err = text_of(log), text_of(log + ".err")
    if status != 0:
        if "expected one row, got 0" in err or 'malformed array literal: ""' in err:
            raise RanDry
        raise RuntimeError(f"pgbench failed: {err[:1000]}")
    return Load(transactions=int(PROCESSED.search(out)[1]), tps=float(RATE.search(out)[1]),
                ms=milliseconds(out), cpu=cpu, wal=wal,
                progress=[(float(at), float(tps)) for at, tps in PROGRESS.findall(err)])


def milliseconds(out):
    """Of each statement that the script gives a label."""
    found = {}
    for value, statement in STATEMENT.findall(out):
        label = LABEL.search(statement)
        if label:
            found[label[1]] = float(value)
    return found


def percentiles(folder, prefix, shares):
    """Percentiles, in milliseconds, from the logs that pgbench -l left. The
    beginning does not count: each session's first call opens and prepares."""
    ended = []              # (at which second, microseconds it took)
    for name in os.listdir(folder):
        if name.startswith(prefix):
            path = os.path.join(folder, name)
            with open(path, encoding="ascii") as file:
                for line in file:
                    fields = line.split()
                    if fields[2].isdigit():
                        ended.append((int(fields[4]) + int(fields[5]) / 1e6, int(fields[2])))
            os.remove(path)
    begin = min(ended)[0] + WARM_UP
    times = sorted(time for at, time in ended if at >= begin)
    return len(times), [of_sorted(times, share) / 1000 for share in shares]


def of_sorted(values, share):
    """The value that this share of the sorted values does not exceed."""
    return values[min(len(values) - 1, max(0, math.ceil(len(values) * share) - 1))]
