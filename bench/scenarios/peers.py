"""Other queues on PostgreSQL, by their own packages, each driven by its own
client the way its documentation advises: see bench/peers/. Beside them, in
the same rounds, the queue."""

import json
import os
import subprocess

import measure

KNOWN = ("pgq3", "pg-boss", "graphile-worker", "pgqueuer")
HERE = os.path.dirname(os.path.abspath(__file__))
PEERS = os.path.join(os.path.dirname(HERE), "peers")
LEAST = 2               # seconds of a measurement: some take long to begin
PATIENCE = 300          # seconds beyond those of a measurement


def names():
    """Those we know of, whether there or not, and any other with a driver."""
    found = [name for name in (sorted(os.listdir(PEERS)) if os.path.isdir(PEERS) else [])
             if os.path.isfile(os.path.join(PEERS, name))
             and os.access(os.path.join(PEERS, name), os.X_OK)]
    return list(dict.fromkeys([*KNOWN, *found]))


class Peer:
    """A queue and its driver."""

    def __init__(self, bench, name):
        self.bench = bench
        self.name = name
        self.folder = os.path.join(bench.work, "peers", name)
        self.database = "peer_" + name.replace("-", "_")
        self.dsn = (f"host={bench.cluster.folder} port=5432 dbname={self.database}"
                    f" user={bench.cluster.value('SELECT current_user')}")
        self.seconds = max(bench.seconds, LEAST)
        self.preload = 10_000 * self.seconds
        self.most = {}          # messages that were worked in a run, by batch

    def why_not(self):
        """Why it cannot take part, in a line, or nothing."""
        if not os.access(os.path.join(PEERS, self.name), os.X_OK):
            return "there is no driver for it"
        skip = self.folder + ".skip"
        if os.path.exists(skip):
            with open(skip, encoding="utf-8", errors="replace") as file:
                return file.read().strip() or "it could not be installed"
        return "" if os.path.isdir(self.folder) else "it was not installed"

    def call(self, command, *arguments, seconds=0):
        """Runs the driver; what it prints."""
        process = subprocess.Popen(
            [os.path.join(PEERS, self.name), command, self.folder, self.dsn,
             *map(str, arguments)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            cwd=self.folder, start_new_session=True,
            env={**os.environ, "HOME": self.folder,
                 "PG_BIN": self.bench.bin, "PATH": f"{self.bench.bin}:{os.environ['PATH']}"})
        try:
            out, err = process.communicate(timeout=seconds + PATIENCE)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, 9)
                process.wait()
        if process.returncode != 0:
            raise RuntimeError(f"{self.name} {command}: {(err or out).strip()[-1000:]}")
        return out

    def prepare(self):
        self.bench.cluster.sql(f"DROP DATABASE IF EXISTS {self.database} WITH (FORCE)")
        self.bench.cluster.sql(f"CREATE DATABASE {self.database}")
        self.call("prepare")

    def run(self, number, op, batch):
        bench = self.bench
        if op == "work":
            self.call("load", max(self.preload, 3 * self.most.get(batch, 0)), 250)
        bench.cluster.sql("CHECKPOINT")
        answer = json.loads(self.call("run", op, bench.clients, batch, self.seconds, 250,
                                      seconds=self.seconds).strip().splitlines()[-1])
        messages, seconds = answer["messages"], max(answer["seconds"], 0.001)
        if messages <= 0:
            raise RuntimeError(f"{self.name} {op}: no message")
        if op == "work":
            self.most[batch] = max(self.most.get(batch, 0), messages)
        record(bench, self.name, number, op, batch, messages / seconds)
        if answer.get("note") and number == 1:
            bench.add("note", f"{op}, {batch} a call", answer["note"], system=self.name)

    def close(self):
        try:
            self.call("cleanup")
        finally:
            self.bench.cluster.sql(f"DROP DATABASE IF EXISTS {self.database} WITH (FORCE)")


def record(bench, system, number, op, batch, rate):
    scenario = {"work": "receive+delete"}.get(op, op)
    bench.add(scenario, "messages_per_s", rate, system=system, clients=bench.clients, batch=batch,
              body=250, durability="durable", round_=number)


def skip(bench, name, what, problem):
    reason = str(problem).strip().splitlines()[-1][:200]
    bench.progress(f"skipped {name}: {reason}")
    bench.add("skipped", what, reason, system=name)


def run(bench):
    peers = []
    try:
        for name in names():
            peer = Peer(bench, name)
            reason = peer.why_not()
            if reason:
                skip(bench, name, "all of it", reason)
                continue
            bench.progress(f"preparing {name}")
            peers.append(peer)
            try:
                peer.prepare()
            except (RuntimeError, subprocess.TimeoutExpired) as problem:
                skip(bench, name, "all of it", problem)
                peers.pop().close()
        compare(bench, peers)
    finally:
        # Some have a process of their own beside the server.
        for peer in peers:
            peer.close()


def compare(bench, peers):
    loads = [(op, batch) for batch in ((1,) if bench.quick else (1, 10))
             for op in ("send", "work")]
    for number in bench.each_round(1 if bench.quick else None):
        for op, batch in loads:
            ours = measure.Comparison(bench, "peers", op, batch=batch, systems=("queue",),
                                      seconds=max(bench.seconds, LEAST), scenario=f"queue: {op}")
            for peer in measure.rotated([None, *peers], number):
                if peer is None:
                    ours.round(number)
                    rate = bench.records.value(part="peers", scenario=ours.name(), batch=batch,
                                               round=number, metric="calls_per_s")
                    record(bench, "queue", number, op, batch, rate * batch)
                    continue
                bench.progress(f"round {number}: {op}, {batch} a call, {peer.name}")
                try:
                    peer.run(number, op, batch)
                except (RuntimeError, ValueError, subprocess.TimeoutExpired) as problem:
                    skip(bench, peer.name, f"{op}, {batch} a call", problem)
