"""What a message costs the server from send to delete: bytes of WAL, and
seconds of CPU. The same number of messages in each system, sent and then
received and deleted, with one checkpoint before and none between."""

import load
import measure


def run(bench):
    bench.need_body(250)
    for number in bench.each_round():
        for batch in (1, 10):
            messages = (3_000 if bench.quick else 40_000) * (5 if batch > 1 else 1)
            bench.progress(f"round {number}: {messages} messages, {batch} a call")
            one_round(bench, number, batch, messages)


def one_round(bench, number, batch, messages):
    made = {}
    try:
        for name in ("queue", "plain") if bench.quick else ("queue", "plain", "textbook"):
            made[name] = system = measure.SYSTEMS[name](bench)
            system.create(model=made.get("queue"))
        for name in measure.rotated(made, number):
            cost(bench, number, made[name], batch, messages)
        made["queue"].check()
    finally:
        for system in made.values():
            system.drop()


def cost(bench, number, system, batch, messages):
    share = messages // bench.clients // batch * batch
    total = share * bench.clients
    bench.cluster.sql("CHECKPOINT")

    def go(op):
        result = load.run(
            system.cluster, [system.script(f"{op}-{batch}")], bench.clients,
            transactions=share // batch, checkpoint=False,
            variables={"size": 250, "share": share, **system.variables()})
        if result.transactions * batch != total:
            raise RuntimeError(f"{system.name}: {result.transactions} calls, not {total // batch}")
        return result

    sent = go("send")
    if system.name == "plain":
        # Clients took keys from the sequence in blocks, so there are gaps.
        renumber(bench)
    done = go("work")
    if system.count() != 0:
        raise RuntimeError(f"{system.name}: {system.count()} messages were left")

    keys = {"system": system.name, "clients": bench.clients, "batch": batch, "body": 250,
            "durability": "durable", "round_": number}
    bench.add("send+receive+delete", "wal_bytes_per_message", (sent.wal + done.wal) / total, **keys)
    bench.add("send+receive+delete", "server_cpu_us_per_message",
              (sent.cpu + done.cpu) * 1e6 / total, **keys)
    bench.add("send", "wal_bytes_per_message", sent.wal / total, **keys)
    bench.add("receive+delete", "wal_bytes_per_message", done.wal / total, **keys)


def renumber(bench):
    """Gives the rows keys without gaps. Outside the measurement, in a new
    table, so that the rows lie as they would have been sent."""
    bench.cluster.sql("CREATE TABLE bench.sent AS SELECT * FROM bench.plain ORDER BY id")
    bench.cluster.sql("TRUNCATE bench.plain")
    bench.cluster.sql("INSERT INTO bench.plain SELECT (row_number() OVER (ORDER BY id)) AS id, "
                      + ", ".join(row[0] for row in bench.cluster.sql(
                          "SELECT attname FROM pg_attribute WHERE attrelid = 'bench.plain'::regclass"
                          " AND attnum > 1 ORDER BY attnum")) + " FROM bench.sent")
    bench.cluster.sql("DROP TABLE bench.sent")
