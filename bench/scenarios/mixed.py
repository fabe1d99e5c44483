"""Senders and consumers together, in a steady state: each client either sends
one or receives one and deletes it, as chance will have it."""

import load
import measure

BACKLOG = 20_000


def run(bench):
    seconds = bench.seconds * 2
    for number in bench.each_round(1 if bench.quick else None):
        bench.progress(f"round {number}: {bench.clients} clients")
        one_round(bench, number, seconds)


def one_round(bench, number, seconds):
    made = {}
    bench.need_body(250)
    # As many as could be consumed, for keys that are consumed in order.
    share = 2 * max(measure.GUESS * 4 * seconds, BACKLOG) // bench.clients
    try:
        for name in ("queue", "plain", "textbook"):
            made[name] = system = measure.SYSTEMS[name](bench)
            system.create(model=made.get("queue"))
            if name == "plain":
                system.fill_like(made["queue"])
            else:
                system.fill(share * bench.clients, 250)
        for system in made.values():
            system.vacuum()
        for name in measure.rotated(made, number):
            system = made[name]
            result = load.run(
                system.cluster, [system.script("send-1"), system.script("work-1")],
                bench.clients, seconds=seconds,
                variables={"size": 250, "share": share, **system.variables()})
            bench.add("mixed", "calls_per_s", result.tps, system=name, clients=bench.clients,
                      batch=1, body=250, durability="durable", round_=number)
        made["queue"].check()
    finally:
        for system in made.values():
            system.drop()
