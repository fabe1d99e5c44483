"""Each call by itself: send, receive, delete, pop, by few and many clients,
one and ten a call, small and large bodies, by durability."""

import measure

LARGE = ((10_240, 8), (204_800, 4))     # bytes of a body; clients


def run(bench):
    def compare(op, **options):
        return measure.Comparison(bench, "calls", op, **options)

    few = (1, bench.clients)
    if bench.quick:
        two = ("queue", "plain")
        grid = [compare(op, clients=1, systems=two) for op in ("send", "work")]
        grid += [compare(op, batch=batch) for batch in (1, 10) for op in ("send", "work")]
        rest = [compare("pop"), compare("work", durability="async", systems=two)]
        measure.rounds(bench, grid)
        measure.rounds(bench, rest, 1)
        return

    ops = ("send", "work", "pop")
    every = ("queue", "plain", "textbook", "fixed")
    measure.rounds(bench, [compare(op, clients=clients, batch=batch, systems=every)
                           for clients in few for batch in (1, 10) for op in ops])
    rest = [compare(op, clients=clients, batch=batch)
            for clients in (32, 64) for batch in (1, 10) for op in ops]
    rest += [compare(op, body=body, clients=clients, batch=batch)
             for body, clients in LARGE for batch in (1, 10) for op in ("send", "work")]
    rest += [compare(op, durability=durability, batch=batch)
             for durability in ("async", "unlogged") for batch in (1, 10)
             for op in ("send", "work")]
    measure.rounds(bench, rest, min(bench.rounds, 3))
