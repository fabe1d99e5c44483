"""Tests of what turns figures into a report: python3 bench/selftest.py"""

import unittest

import load
import measure
import report
import targets
from records import Records

REPORT = """\
number of transactions actually processed: 1234
number of failed transactions: 0 (0.000%)
tps = 617.250000 (without initial connection time)
statement latencies in milliseconds and failures:
         0.001           0 \\if :loaded = 0
         0.125           0 SELECT /* receive */ * FROM sqs_receive(:queue, 1) \\gset
         0.250           0 DELETE /* delete */ FROM bench.plain WHERE id = :id;
"""


def some(**systems):
    """Sends of some systems, a figure each round."""
    records = Records()
    for system, values in systems.items():
        for number, value in enumerate(values, 1):
            records.add("calls", "send", "calls_per_s", value, system=system, clients=8, batch=1,
                        body=250, durability="durable", round_=number)
    return records


class Figures(unittest.TestCase):
    def test_ratio_is_taken_within_a_round(self):
        records = some(queue=[200, 30], textbook=[100, 10])
        self.assertEqual(records.ratios({"system": "queue"}, {"system": "textbook"},
                                        part="calls", metric="calls_per_s"), [2, 3])

    def test_round_that_one_side_lacks_does_not_count(self):
        records = some(queue=[200, 30], textbook=[100])
        self.assertEqual(records.ratios({"system": "queue"}, {"system": "textbook"},
                                        part="calls", metric="calls_per_s"), [2])

    def test_percentile(self):
        values = list(range(1, 101))
        self.assertEqual([load.of_sorted(values, share) for share in (0.5, 0.99, 1)],
                         [50, 99, 100])
        self.assertEqual(load.of_sorted([7], 0.001), 7)

    def test_report_of_pgbench(self):
        self.assertEqual(load.milliseconds(REPORT), {"receive": 0.125, "delete": 0.25})
        self.assertEqual(load.PROCESSED.search(REPORT)[1], "1234")

    def test_everybody_goes_first(self):
        first = {measure.rotated("abc", number)[0] for number in range(6)}
        self.assertEqual(first, set("abc"))
        self.assertEqual(sorted(measure.rotated("abc", 4)), list("abc"))

    def test_ratio_of_the_gateway(self):
        records = Records()
        for system, value in (("gateway", 900), ("queue", 600)):
            records.add("gateway", "send", "calls_per_s", value, system=system, round_=1)
        self.assertEqual([row.values for row in targets.gateway(records) if row.values], [[1.5]])

    def test_ratio_of_the_worker(self):
        records = Records()
        for system, value in (("worker", 300), ("queue", 600)):
            records.add("worker", "receive+delete", "messages_per_s", value, system=system,
                        batch=10, round_=1)
        self.assertEqual([row.values for row in targets.worker(records)], [[], [0.5]])


class Verdicts(unittest.TestCase):
    def test_least_and_most(self):
        self.assertEqual(targets.Row("x", 2, [1, 2, 9]).verdict(), "yes")
        self.assertEqual(targets.Row("x", 2, [1, 1.9, 9]).verdict(), "**no**")
        self.assertEqual(targets.Row("x", 5, [4, 6, 5], "ms", False).verdict(), "yes")
        self.assertEqual(targets.Row("x", 5).verdict(), "not measured")

    def test_page_of_few_figures(self):
        page = report.page(some(queue=[200], textbook=[80]), [])
        self.assertIn("| send against the textbook queue: 8 clients, durable | ≥ 2 | 2.50 |", page)
        self.assertIn("| single send against pgq3 | ≥ 1 | | | not measured |", page)


if __name__ == "__main__":
    unittest.main()
