"""What was measured: one record a figure, kept as CSV, one file a part.

In scenarios that are a series over time the column "round" is the second.
"""

import csv
import os
import statistics

FIELDS = ("part", "scenario", "system", "clients", "batch", "body", "durability",
          "round", "metric", "value")
ABOUT = "about"     # the scenario of the records that say how a part was run


def number(text):
    """The value of a record as a number."""
    return float(text)


def plain_number(value):
    """A number as short as it can be without losing what matters."""
    if isinstance(value, float):
        return f"{value:.6g}" if abs(value) < 1e6 else f"{value:.0f}"
    return str(value)


class Records:
    """Records of one part or of many."""

    def __init__(self, rows=None):
        self.rows = list(rows or [])

    def add(self, part, scenario, metric, value, *, system="", clients="", batch="",
            body="", durability="", round_=""):
        self.rows.append(dict(zip(FIELDS, map(str, (
            part, scenario, system, clients, batch, body, durability, round_,
            metric, plain_number(value))))))

    def select(self, **wanted):
        """Records whose fields have these values; "round_" stands for round."""
        wanted = {key.rstrip("_"): str(value) for key, value in wanted.items()}
        return [row for row in self.rows
                if all(row[key] == value for key, value in wanted.items())]

    def values(self, **wanted):
        return [number(row["value"]) for row in self.select(**wanted)]

    def value(self, **wanted):
        """The median of what is there, or None."""
        values = self.values(**wanted)
        return statistics.median(values) if values else None

    def by_round(self, **wanted):
        return {int(float(row["round"])): number(row["value"])
                for row in self.select(**wanted) if row["round"] != ""}

    def ratios(self, above, below, **common):
        """above divided by below, round by round; both are dicts of fields."""
        numerators = self.by_round(**{**common, **above})
        denominators = self.by_round(**{**common, **below})
        return [numerators[r] / denominators[r] for r in sorted(numerators)
                if denominators.get(r)]

    def parts(self):
        return list(dict.fromkeys(row["part"] for row in self.rows))

    def write(self, path):
        with open(path + ".new", "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(self.rows)
        os.replace(path + ".new", path)


def read_folder(folder, order):
    """All records in a folder of results; parts in the order given."""
    rows = []
    for part in order:
        path = os.path.join(folder, part + ".csv")
        if os.path.exists(path):
            with open(path, encoding="utf-8", newline="") as file:
                rows += list(csv.DictReader(file))
    return Records(rows)
