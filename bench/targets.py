"""What is asked of the extension, and what was reached: the rows of the first
table of the report."""

import statistics
from dataclasses import dataclass, field

DURABLE = {"body": 250, "durability": "durable"}


@dataclass
class Row:
    """One thing asked. "least" says whether more is better."""
    what: str
    asked: float
    values: list = field(default_factory=list)
    unit: str = ""
    least: bool = True
    remark: str = ""

    @property
    def median(self):
        return statistics.median(self.values)

    def verdict(self):
        if not self.values:
            return "not measured"
        good = self.median >= self.asked if self.least else self.median <= self.asked
        return "yes" if good else "**no**"


def number_of(clients):
    return f"{clients} client{'' if clients == 1 else 's'}"


def calls(records):
    """Against plain statements: each call on its own."""
    def ratios(scenario, clients, batch, metric="ms"):
        keys = {"part": "calls", "scenario": scenario, "clients": clients, "batch": batch,
                "metric": metric, **DURABLE}
        queue, plain = {"system": "queue"}, {"system": "plain"}
        return (records.ratios(plain, queue, **keys) if metric == "ms"
                else records.ratios(queue, plain, **keys))

    for batch in (1, 10):
        for clients in (1, 8):
            yield Row(f"send against INSERT: {number_of(clients)}, {batch} a call", 1.0,
                      ratios("send", clients, batch))
    for name, plain, asked in (("receive", "UPDATE … RETURNING by key", 0.95),
                               ("delete", "DELETE by key", 1.0)):
        for clients in (1, 8):
            yield Row(f"{name} against {plain}: {number_of(clients)}, 1 a call", asked,
                      ratios(name, clients, 1))
    yield Row("receive + delete of ten a call, against plain SQL of ten rows: 8 clients", 1.0,
              ratios("receive+delete", 8, 10, "calls_per_s"))


def pinned(records, scenario, what):
    keys = {"part": scenario, "scenario": scenario}
    ran = records.value(**keys, system="queue", metric="seconds")
    if scenario == "pinned" or ran:
        window = records.value(**keys, system="queue", metric="window_seconds") or 60
        yield Row(f"throughput in the last {window:.0f} s of {ran or 600:.0f} s of {what}, "
                  f"against the first {window:.0f} s", 0.95,
                  records.ratios({"metric": "last_minute_calls_per_s"},
                                 {"metric": "first_minute_calls_per_s"},
                                 **keys, system="queue"))
        yield bounded(records, scenario, what, ran)


def bounded(records, scenario, what, ran):
    """Sizes are bounded if the second half of the time has brought little."""
    sizes = records.by_round(part=scenario, scenario=f"{scenario}-series", system="queue",
                             metric="bytes")
    row = Row(f"greatest size on disk in the second half of {what}, against the first half", 1.25,
              least=False)
    if ran and sizes:
        early = [size for at, size in sizes.items() if at <= ran / 2]
        late = [size for at, size in sizes.items() if at > ran / 2]
        if early and late:
            row.values = [max(late) / max(early)]
            row.remark = f"{max(late) / 1e6:.0f} MB at most"
    return row


def others(records):
    """Big queues, many consumers, many queues, costs and times."""
    def value(what, asked, unit, **keys):
        return Row(what, asked, records.values(**keys), unit, False)

    queue = {"system": "queue"}
    pairs = {"part": "front", "metric": "receive_ms", **queue}
    yield Row("receive with 120,000 in flight and 100,000 delayed messages before the next one, "
              "against none", 0.95,
              records.ratios({"scenario": "none"}, {"scenario": "front"}, **pairs))
    many = records.value(part="backlog", scenario="big", metric="messages") or 10_000_000
    yield Row(f"receive at a backlog of {many:,.0f}, against 1,000", 0.9,
              records.ratios({"scenario": "small"}, {"scenario": "big"}, part="backlog",
                             metric="receive_ms", **queue))
    yield Row("64 consumers, against 8: receive + delete", 1.0,
              records.ratios({"clients": 64}, {"clients": 8}, part="contention", batch=1,
                             scenario="receive+delete", metric="calls_per_s", **queue))
    for batch in (1, 10):
        yield Row(f"WAL bytes for send + receive + delete, against plain SQL: {batch} a call", 1.1,
                  records.ratios(queue, {"system": "plain"}, part="wal", batch=batch,
                                 scenario="send+receive+delete", metric="wal_bytes_per_message"),
                  least=False)
    for share, asked in (("p50", 1), ("p99", 5)):
        yield value(f"commit of a send to return of a waiting receive, 100 pollers idle on other "
                    f"queues: {share}", asked, "ms", part="wakeup", metric=f"{share}_ms")
    stored = records.value(part="restart", scenario="restart", metric="messages") or 10_000_000
    for mode in ("fast", "immediate"):
        yield value(f"first receive after a restart ({mode}) with {stored:,.0f} stored", 100, "ms",
                    part="restart", scenario=mode, metric="first_receive_ms")
    counted = records.value(part="counters", metric="messages") or 10_000_000
    yield value(f"counters of a queue of {counted:,.0f}", 1, "ms", part="counters", metric="p50_ms")
    count = records.value(part="queues", metric="queues") or 10_000
    for op, name in (("send", "send"), ("work", "receive + delete")):
        yield Row(f"{count:,.0f} queues: {name} on one of them, against one queue alone", 0.9,
                  records.ratios({"scenario": f"{op} among"}, {"scenario": f"{op} alone"},
                                 part="queues", metric="calls_per_s"))
    yield value("shared memory of an idle queue", 4096, "bytes", part="queues", scenario="idle",
                metric="shared_memory_bytes_most")
    yield value("shared memory of a queue with 120,000 in flight and 100,000 delayed", 1 << 20,
                "bytes", part="front", metric="shared_memory_bytes")
    for op in ("send", "receive"):
        yield value(f"{op} at half load: p99", 10, "ms", part="latency", scenario=op,
                    metric="p99_ms", **queue)


def systems(records):
    """Against the textbook queue, and against a peer."""
    def textbook(scenario, batch):
        return records.ratios({"system": "queue"}, {"system": "textbook"}, part="calls", clients=8,
                              scenario=scenario, batch=batch, metric="calls_per_s", **DURABLE)

    yield Row("receive + delete against the textbook queue: 8 clients, durable", 3,
              textbook("receive+delete", 1))
    yield Row("send against the textbook queue: 8 clients, durable", 2, textbook("send", 1))
    yield Row("send of ten a call against the textbook queue: 8 clients, durable", 2.5,
              textbook("send", 10))
    yield Row("receive + delete of ten a call against the textbook queue: 8 clients, durable", 2.5,
              textbook("receive+delete", 10))
    seconds = records.value(part="pinned", scenario="pinned", system="queue", metric="seconds")
    after = "one minute" if (seconds or 600) >= 120 else f"{seconds:.0f} s"
    yield Row(f"after {after} of a pinned horizon, against the textbook queue", 20,
              records.ratios({"system": "queue"}, {"system": "textbook"}, part="pinned",
                             scenario="pinned", metric="second_minute_calls_per_s"))
    yield Row("single send against pgq3", 1.0,
              records.ratios({"system": "queue"}, {"system": "pgq3"}, part="peers",
                             scenario="send", batch=1, metric="messages_per_s"))


def fifo(records):
    """FIFO queues, dead-letter policies and fair queues."""
    def ratios(part, over, under, metric="calls_per_s", **keys):
        return records.ratios(over, under, part=part, metric=metric, **keys)

    def scenario(name):
        return {"scenario": name}

    yield Row("FIFO send + receive + delete, 1,000 groups, against the standard queue: 8 clients",
              0.7, ratios("fifo", {**scenario("1,000 groups"), "system": "fifo"},
                          {**scenario("standard"), "system": "queue"}))
    many = records.value(part="fifo", scenario="groups", metric="groups") or 1_000_000
    yield Row(f"the same with {many:,.0f} groups and as many messages waiting, against 1,000", 0.9,
              ratios("fifo", scenario("many groups"), scenario("1,000 groups"), system="fifo"))
    blocked = records.value(part="fifo", scenario="blocked", metric="groups") or 100_000
    yield Row(f"FIFO receive with {blocked:,.0f} groups blocked in front, against none", 0.9,
              ratios("fifo", scenario("none blocked"), scenario("blocked in front"), "receive_ms",
                     system="fifo"))
    yield Row("one group only, send + receive + delete of ten a call, against the standard queue: "
              "1 client", 0.5,
              ratios("fifo", {"system": "fifo"}, {"system": "queue"}, scenario="one group"))
    yield Row("receive with a dead-letter policy, against none", 0.98,
              ratios("dead", scenario("none"), scenario("policy"), "receive_ms", system="queue"))
    for name in ("policies", "conditions on the client"):
        yield Row(f"send + receive + delete with 20 statements on queue and role, {name}, against none",
                  0.97, ratios("policy", scenario(name), scenario("none"), system="queue"))
    yield Row("standard queue that does not use fair queues, against the revision before these",
              0.99, ratios("fair", scenario("now"), scenario("before"), system="queue"))


def encryption(records):
    """Encrypted queues, against one that is not."""
    for body, text, asked in ((250, "250 bytes", 0.95), (204_800, "200 kB", 0.8)):
        for kind in ("SSE-SQS", "SSE-KMS"):
            yield Row(f"send + receive + delete of {text}, encrypted ({kind}), against plain", asked,
                      records.ratios({"scenario": kind}, {"scenario": "plain"}, part="encryption",
                                     metric="calls_per_s", body=body))


def events(records):
    """An event source mapping: so many messages a second, and half of what plain
    statements insert."""
    keys = {"part": "events", "scenario": "mapping", "metric": "messages_per_s"}
    yield Row("event source mapping, batches of ten, a row inserted for each message", 20_000,
              records.values(**keys, system="queue"), "messages/s")
    yield Row("the same, against INSERT … SELECT of ten rows a transaction by pgbench", 0.5,
              records.ratios({"system": "queue"}, {"system": "plain"}, **keys))


def metrics(records):
    """Metrics over time and alarms: what they take of a core, in percent."""
    yield Row("metrics and alarms on 1,000 queues: of one core, with all else that background "
              "processes do", 2, records.values(part="metrics", scenario="1,000 queues",
                                                metric="core_percent"), "%", False)


def gateway(records):
    """HTTP: against SQL, against stand-ins, and by itself."""
    def ratios(scenario, metric, other, **keys):
        return records.ratios({"system": "gateway"}, {"system": other}, part="gateway",
                              scenario=scenario, metric=metric, **keys)

    def value(what, asked, unit, scenario, metric):
        return Row(what, asked, records.values(part="gateway", scenario=scenario, metric=metric,
                                               system="gateway"), unit, False)

    yield Row("SendMessage over 64 HTTP connections, against `sqs_send` by pgbench with 8 clients",
              1.0, ratios("send", "calls_per_s", "queue"))
    for name, asked in (("moto", 10), ("elasticmq", 3)):
        yield Row(f"ReceiveMessage (10) + DeleteMessageBatch, messages a second, against {name}",
                  asked, ratios("receive+delete", "messages_per_s", name))
    for share, asked in (("p50", 3), ("p99", 10)):
        yield value(f"SendMessage at half load: {share}", asked, "ms", "send at half load",
                    f"{share}_ms")
    yield value("send on one connection to the answer of a long poll on another: p50", 3, "ms",
                "wakeup", "p50_ms")
    yield value("memory of the gateway with 10,000 waiting polls", 300, "MB", "waiting",
                "resident_mb_most")


def worker(records):
    """Handlers of queue-worker against pgbench."""
    for batch, what in ((1, "a message at a time"), (10, "ten at a time")):
        yield Row(f"queue-worker with resident handlers, receive + delete {what}, "
                  f"against pgbench with as many clients", 0.7,
                  records.ratios({"system": "worker"}, {"system": "queue"}, part="worker",
                                 scenario="receive+delete", metric="messages_per_s", batch=batch))


def rows(records):
    yield from calls(records)
    yield from pinned(records, "pinned", "a pinned horizon")
    yield from pinned(records, "slot", "a horizon held by unused replication slots")
    yield from others(records)
    yield from fifo(records)
    yield from encryption(records)
    yield from events(records)
    yield from metrics(records)
    yield from systems(records)
    yield from gateway(records)
    yield from worker(records)
