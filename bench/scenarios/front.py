"""Messages in flight and delayed ones that lie before the next message, against
none; and what the queue's hints about them take of shared memory."""

import load
import measure

IN_FLIGHT = 120_000
DELAYED = 100_000
LONG = 43_200           # seconds of visibility timeout
DELAY = 900


def run(bench):
    bench.need_body(250)
    for number in bench.each_round():
        for name in ("queue", "textbook") if number == 1 or not bench.quick else ("queue",):
            bench.progress(f"round {number}: {name}")
            one_round(bench, number, name)


def one_round(bench, number, name):
    seconds = bench.seconds
    made = {}
    share = measure.GUESS * 4 * seconds
    try:
        for scenario in ("none", "front"):
            if name == "textbook" and made:
                break
            made[scenario] = system = measure.SYSTEMS[name](bench)
            system.create()
            if scenario == "front":
                put_in_front(bench, number, system)
            system.fill(share, 250)
            system.vacuum()
        if name == "textbook":
            textbook(bench, number, made["none"], seconds, share)
            return
        for scenario in measure.rotated(made, number):
            pairs(bench, number, made[scenario], scenario, seconds)
            made[scenario].check()
    finally:
        for system in made.values():
            system.drop()


def textbook(bench, number, system, seconds, share):
    """It has one table, so both take turns in it."""
    pairs(bench, number, system, "none", seconds)
    bench.cluster.sql(f"TRUNCATE {system.tables()[0]}")
    put_in_front(bench, number, system)
    system.fill(share, 250)
    system.vacuum()
    pairs(bench, number, system, "front", seconds)


def put_in_front(bench, number, system):
    system.fill(DELAYED, 250, delay=DELAY)
    system.fill(IN_FLIGHT, 250)
    system.take(IN_FLIGHT, LONG)
    if system.name == "queue" and system.memory() is not None:
        bench.add("front", "shared_memory_bytes", system.memory(), system="queue", round_=number)


def pairs(bench, number, system, scenario, seconds):
    result = load.run(system.cluster, [system.script("work-1")], bench.clients, seconds=seconds,
                      variables={"size": 250, **system.variables()})
    keys = {"system": system.name, "clients": bench.clients, "batch": 1, "body": 250,
            "durability": "durable", "round_": number}
    bench.add(scenario, "calls_per_s", result.tps, **keys)
    for label, ms in result.ms.items():
        bench.add(scenario, f"{label}_ms", ms, **keys)
