"""Latency of send and receive at half of the load that a system can bear. The
calls come at random times; each is timed from when it was due, so that a slow
one also counts for those that had to wait for it."""

import os

import load
import measure

SHARES = ((0.5, "p50_ms"), (0.99, "p99_ms"), (0.999, "p999_ms"))


def run(bench):
    bench.need_body(250)
    for number in bench.each_round(1 if bench.quick else None):
        for op in ("send", "receive"):
            bench.progress(f"round {number}: {op}")
            one_round(bench, number, op)


def one_round(bench, number, op):
    made = {}
    seconds = bench.seconds
    # Twice: at full load, then at half.
    share = measure.GUESS * 4 * 3 * (seconds + 1) // bench.clients if op == "receive" else 0
    try:
        for name in ("queue", "plain") if bench.quick else ("queue", "plain", "textbook"):
            made[name] = system = measure.SYSTEMS[name](bench)
            system.create(model=made.get("queue"))
            if name == "plain":
                system.fill_like(made["queue"])
            else:
                system.fill(share * bench.clients, 250)
        for system in made.values():
            system.vacuum()
        for name in measure.rotated(made, number):
            half_load(bench, number, op, made[name], seconds, share)
        made["queue"].check()
    finally:
        for system in made.values():
            system.drop()


def half_load(bench, number, op, system, seconds, share):
    folder = system.cluster.folder
    variables = {"size": 250, "share": share, **system.variables()}
    script = [system.script(f"{op}-1")]
    full = load.run(system.cluster, script, bench.clients, seconds=seconds, variables=variables)
    rate = full.tps / 2
    # The rows of the first load are received already.
    variables["n"] = share // 2
    load.run(system.cluster, script, bench.clients, seconds=seconds + 1, variables=variables,
             options=["-R", f"{rate:.0f}", "-l", "--log-prefix",
                      os.path.join(folder, "latency")])
    count, values = load.percentiles(folder, "latency", [share for share, _ in SHARES])
    keys = {"system": system.name, "clients": bench.clients, "batch": 1, "body": 250,
            "durability": "durable", "round_": number}
    bench.add(op, "calls_per_s", rate, **keys)
    bench.add(op, "samples", count, **keys)
    for (_, metric), value in zip(SHARES, values):
        bench.add(op, metric, value, **keys)
