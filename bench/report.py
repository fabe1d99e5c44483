"""The report: a page in Markdown, made from all results that are there."""

import os
import statistics

import plots
import targets
from records import ABOUT, read_folder

SHOWN = {"queue": "queue", "plain": "plain SQL", "textbook": "textbook", "fixed": "fixed table"}
# What each part says of its own run; the rest is the same for many.
OWN = ("command", "files", "load before", "seconds")
PARTS_WITH_TABLES = ("calls", "contention")


def figure(value, unit=""):
    """A number for people."""
    if value is None:
        return ""
    if unit == "bytes":
        return f"{value:,.0f} bytes"
    digits = 0 if abs(value) >= 100 else 2 if abs(value) >= 1 or value == 0 else 3
    return f"{value:,.{digits}f}{' ' + unit if unit else ''}"


def table(header, rows, left=1):
    """A table; the first columns go left, the others right."""
    lines = ["| " + " | ".join(header) + " |",
             "|" + "".join("---|" if i < left else "--:|" for i in range(len(header)))]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines).replace("|  |", "| |").replace("|  |", "| |")


def median_and_spread(values):
    if not values:
        return "", ""
    return (figure(statistics.median(values)),
            f"{figure(min(values))}..{figure(max(values))}" if len(values) > 1 else "")


def reached(records):
    rows = []
    for row in targets.rows(records):
        sign = "≥" if row.least else "<" if row.unit else "≤"
        asked = f"{sign} {figure(row.asked, row.unit) if row.unit else f'{row.asked:g}'}"
        middle, spread = median_and_spread(row.values)
        if row.values and row.unit:
            middle = figure(row.median, row.unit)
        if row.remark:
            middle += f" ({row.remark})"
        rows.append([row.what, asked, middle, spread, row.verdict()])
    return table(["what", "asked", "reached", "spread", "reached?"], rows)


def columns(records, part, scenario, keys, metric, systems):
    """The medians of the systems, then ratios of the first to the others."""
    values = [records.value(part=part, scenario=scenario, system=system, metric=metric, **keys)
              for system in systems]
    ratios = []
    for other in systems[1:]:
        first, second = {"system": systems[0]}, {"system": other}
        if metric.endswith("ms"):
            first, second = second, first
        some = records.ratios(first, second, part=part, scenario=scenario, metric=metric, **keys)
        ratios.append(figure(statistics.median(some)) if some else "")
    return [figure(value) for value in values] + ratios


def configurations(records, part, metric):
    """Scenario and configuration of what a part measured, in its order."""
    keys = ("clients", "batch", "body", "durability")
    return list(dict.fromkeys(
        (row["scenario"], *(row[key] for key in keys))
        for row in records.select(part=part, metric=metric)))


def calls(records, part):
    """Calls a second; for statements that come in pairs, milliseconds each."""
    out = []
    for metric, title in (("calls_per_s", "calls a second"), ("ms", "milliseconds a call")):
        rows = []
        for scenario, clients, batch, body, durability in configurations(records, part, metric):
            if metric == "ms" and scenario not in ("receive", "delete"):
                continue
            keys = {"clients": clients, "batch": batch, "body": body, "durability": durability}
            rows.append([scenario, clients, batch, f"{int(body):,}", durability]
                        + columns(records, part, scenario, keys, metric, list(SHOWN)))
        if rows:
            heads = ["call", "clients", "a call", "bytes", "durability", *SHOWN.values()]
            heads += [f"to {name}" for name in list(SHOWN.values())[1:]]
            out.append(f"{title[0].upper()}{title[1:]}; the ratios are speed, queue to the other:\n\n"
                       + table(heads, rows))
    return "\n\n".join(out)


def metrics(records, part):
    """All figures of a part that are no series, one line each metric."""
    rows = []
    seen = dict.fromkeys(
        (row["scenario"], row["system"], row["clients"], row["batch"], row["metric"])
        for row in records.select(part=part)
        if row["scenario"] not in (ABOUT, "skipped", "note") and "series" not in row["scenario"])
    for scenario, system, clients, batch, metric in seen:
        values = records.values(part=part, scenario=scenario, system=system, clients=clients,
                                batch=batch, metric=metric)
        rows.append([scenario, SHOWN.get(system, system), clients, batch,
                     metric.replace("_", " "), *median_and_spread(values)])
    return table(["scenario", "system", "clients", "a call", "metric", "median", "spread"], rows, 2)


def peers(records):
    systems = list(dict.fromkeys(row["system"] for row in records.select(part="peers")
                                 if row["metric"] == "messages_per_s"))
    rows = []
    for scenario, *values in configurations(records, "peers", "messages_per_s"):
        keys = dict(zip(("clients", "batch", "body", "durability"), values))
        for system in systems:
            some = records.values(part="peers", scenario=scenario, system=system,
                                  metric="messages_per_s", **keys)
            ratios = records.ratios({"system": "queue"}, {"system": system}, part="peers",
                                    scenario=scenario, metric="messages_per_s", **keys)
            if some:
                rows.append([scenario, keys["batch"], system, *median_and_spread(some),
                             figure(statistics.median(ratios)) if ratios else ""])
    text = table(["call", "a call", "system", "messages a second", "spread", "queue to it"], rows, 3)
    return text + remarks(records, "peers")


def remarks(records, part):
    """What was skipped, and what a system has to say for itself."""
    lines = [f"- {row['system']}, {row['metric']}: {said}{row['value']}"
             for scenario, said in (("skipped", "skipped, "), ("note", ""))
             for row in records.select(part=part, scenario=scenario)]
    return "\n\n" + "\n".join(lines) if lines else ""


def abouts(records):
    """What the parts ran on; parts that ran on the same are told together."""
    groups = {}
    for part in records.parts():
        rows = records.select(part=part, scenario=ABOUT)
        same = tuple((row["metric"], row["value"]) for row in rows
                     if row["metric"] not in OWN)
        own = {row["metric"]: row["value"] for row in rows}
        groups.setdefault(same, []).append((part, own))
    out = []
    for same, members in groups.items():
        lines = [f"- {key}: {value}" for key, value in same if value]
        rows = [[part, *(own.get(key, "") for key in OWN)] for part, own in members]
        for row in rows:
            row[1] = f"`{row[1]}`"
        out.append("\n".join(lines) + "\n\n" + table(["part", *OWN], rows, 3))
    return "\n\n".join(out)


INTRODUCTION = """\
# Benchmarks

Written by `make bench`; [benchmarks.md](../benchmarks.md) says what each part
measures and how. Figures are medians of the rounds; the spread is that of the
least and the greatest round. Ratios are taken within a round, between
measurements that took turns. "plain SQL" is prepared statements on a table like
the queue's, a row by its key; "textbook" is a queue in PL/pgSQL that searches
with `SKIP LOCKED`.
"""


def page(records, made):
    sections = [INTRODUCTION]
    if any(row["value"] == "quick" for row in records.select(scenario=ABOUT, metric="mode")):
        sections.append("Some parts were run in the quick mode: short, and with less of"
                        " everything. Those figures are rough.\n")
    sections.append("## What it must reach\n\n" + reached(records) + "\n")
    if made:
        sections.append("## Plots\n\n" + "\n\n".join(
            f"![{title}]({name})" for name, title in made) + "\n")
    sections.append("## Figures\n")
    for part in records.parts():
        if part in PARTS_WITH_TABLES:
            text = calls(records, part)
        elif part == "peers":
            text = peers(records)
        else:
            text = metrics(records, part) + remarks(records, part)
        sections.append(f"### {part}\n\n{text}\n\nEvery round: [{part}.csv]({part}.csv)\n")
    sections.append("## Measured on\n\n" + abouts(records) + "\n")
    return "\n".join(sections)


def write(folder, order):
    """Writes README.md and the plots into the folder that has the CSV."""
    records = read_folder(folder, order)
    made = plots.draw(records, folder)
    with open(os.path.join(folder, "README.md"), "w", encoding="utf-8") as file:
        file.write(page(records, made))
