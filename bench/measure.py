"""Comparisons: systems take turns at the same load, round by round.

Each comparison begins with a new queue and new tables, filled as far as
needed and vacuumed; each measurement begins after a checkpoint and ends with
a look at whether each call did what it should have. Who goes first changes
with each round. Ratios are taken within a round, so that what the machine does
beside affects all alike.
"""

import time

import load
from systems import SYSTEMS

# What a load does to the number of rows, per message.
EFFECT = {"send": 1, "work": -1, "pop": -1, "receive": 0, "cycle": 0}
# Messages a second that nobody is expected to exceed in the first round, with
# one client, one a call; later rounds know better.
GUESS = 3000
FILL_BYTES = 1 << 30        # of bodies, at most
ATTEMPTS = 4
SOME = 1000                 # rows that a queue has where none are consumed


class Comparison:
    """One load for several systems."""

    def __init__(self, bench, part, op, *, systems=("queue", "plain", "textbook"), batch=1,
                 clients=None, body=250, durability="durable", seconds=None, scenario=None):
        self.bench = bench
        self.part = part
        self.op = op
        self.systems = systems
        self.batch = batch
        self.clients = clients or bench.clients
        self.body = body
        self.durability = durability
        self.seconds = seconds or bench.seconds
        self.scenario = scenario
        self.rate = GUESS * (1 if self.clients == 1 else 4) * (1 if batch == 1 else 7)
        if body > 250:
            self.rate = min(self.rate, (100 << 20) // body)

    def title(self):
        return (f"{self.scenario or self.op}, {self.clients} clients, {self.batch} a call, "
                f"{self.body} B, {self.durability}")

    def messages_needed(self):
        """Rows to fill in: enough for the fastest so far, and then some."""
        if self.op == "send":
            return 0
        if self.op == "cycle":
            return SOME
        wanted = int(self.rate * self.seconds * 1.6) + 20 * self.clients * self.batch
        return min(wanted, max(FILL_BYTES // self.body, 4 * self.clients * self.batch))

    def round(self, number):
        """Measures each system once."""
        bench = self.bench
        bench.progress(f"round {number}: {self.title()}")
        for attempt in range(ATTEMPTS):
            try:
                results = self.attempt(number)
                break
            except load.RanDry:
                self.rate *= 2
                if attempt == ATTEMPTS - 1:
                    raise
        for name, result in results.items():
            self.record(number, name, result)

    def attempt(self, number):
        bench = self.bench
        bench.need_body(self.body)
        # A multiple of the batch for each client.
        share = -(-self.messages_needed() // (self.clients * self.batch)) * self.batch
        rows = share * self.clients
        made, results = {}, {}
        try:
            for name in self.systems:
                made[name] = system = SYSTEMS[name](bench)
                system.create(durability=self.durability, model=made.get("queue"))
                if name == "plain":
                    system.fill_like(made["queue"])
                elif rows > 0:
                    system.fill(rows, self.body)
            for system in made.values():
                system.vacuum()
            for name in rotated(self.systems, number):
                results[name] = self.measure(made[name], share)
            for system in made.values():
                system.check()
        finally:
            for system in made.values():
                system.drop()
        return results

    def measure(self, system, share):
        name = self.op if self.op == "cycle" else f"{self.op}-{self.batch}"
        before = system.count()
        result = load.run(
            system.cluster, [system.script(name)], self.clients, seconds=self.seconds,
            variables={"size": self.body, "share": share, **system.variables()},
            durability=self.durability)
        messages = result.transactions * self.batch
        after = count_until(system, before + EFFECT[self.op] * messages)
        self.rate = max(self.rate if self.rate_is_known else 0, messages / self.seconds)
        if after - before != EFFECT[self.op] * messages:
            if EFFECT[self.op] < 0 and after < self.clients * self.batch:
                raise load.RanDry
            raise RuntimeError(
                f"{system.name}, {self.title()}: {result.transactions} calls for {self.batch}, "
                f"but {before} rows became {after}")
        return result

    @property
    def rate_is_known(self):
        return bool(self.bench.records.select(part=self.part, scenario=self.name(),
                                              **self.keys()))

    def name(self):
        """The scenario in the records; each statement has another beside it."""
        return self.scenario or {"work": "receive+delete"}.get(self.op, self.op)

    def keys(self):
        return {"clients": self.clients, "batch": self.batch, "body": self.body,
                "durability": self.durability}

    def record(self, number, name, result):
        whole = self.name()
        messages = result.transactions * self.batch

        def add(scenario, metric, value):
            self.bench.records.add(self.part, scenario, metric, value, system=name,
                                   round_=number, **self.keys())

        add(whole, "calls_per_s", result.tps)
        add(whole, "ms", sum(result.ms.values()))
        add(whole, "server_cpu_us_per_message", result.cpu * 1e6 / max(messages, 1))
        add(whole, "wal_bytes_per_message", result.wal / max(messages, 1))
        if len(result.ms) > 1:
            for label, ms in result.ms.items():
                add(label if self.scenario is None else f"{self.scenario}: {label}", "ms", ms)


def count_until(system, expected):
    """Counts the rows. What the worker moves to another table in the middle of
    a count may be missed, so a surprise is looked at again."""
    for _ in range(3):
        found = system.count()
        if found == expected:
            break
        time.sleep(0.5)
    return found


def rotated(items, number):
    """The items, beginning with another one in each round, and backwards in
    every other."""
    items = list(items)
    turn = number % len(items)
    items = items[turn:] + items[:turn]
    return items[::-1] if number // len(items) % 2 else items


def rounds(bench, comparisons, count=None):
    """All comparisons once, then all again: what changes slowly meets all."""
    for number in bench.each_round(count):
        for comparison in comparisons:
            comparison.round(number)
