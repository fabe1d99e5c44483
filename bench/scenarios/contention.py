"""Many consumers against few: they should not tread on each other."""

import measure

MANY = 64


def run(bench):
    measure.rounds(bench, [
        measure.Comparison(bench, "contention", "work", clients=clients, batch=batch,
                           systems=("queue", "textbook") if bench.quick
                           else ("queue", "plain", "textbook"))
        for batch in ((1,) if bench.quick else (1, 10))
        for clients in (bench.clients, MANY)])
