"""The plots, drawn by gnuplot as SVG."""

import os
import subprocess
import tempfile

COLORS = {"queue": "#1b6ca8", "plain": "#8a8a8a", "textbook": "#c8553d",
          "fixed": "#e0a79b", "pgq3": "#6a994e", "pg-boss": "#e9a03b",
          "graphile-worker": "#7b5ea7", "pgqueuer": "#3aa6a0"}
NAMES = {"plain": "plain SQL"}
PAIR = "receive\\n+ delete"
SYSTEMS = ("queue", "plain", "textbook")
COMMON = """\
set terminal svg size 760,420 font 'sans,13' background '#ffffff'
set output '{output}'
set title "{title}"
set ylabel "{ylabel}"
set yrange [0:*]
set format y "%.0f"
set grid ytics lc rgb '#dddddd'
set border 3
set tics nomirror
set key outside top center horizontal
"""


def name_of(system):
    return NAMES.get(system, system)


class Plot:
    """Data as blocks within the script, one for each curve or set of bars."""

    def __init__(self, folder, output, title, ylabel):
        self.folder = folder
        self.output = output
        self.title = title
        self.head = COMMON.format(output=output, title=title, ylabel=ylabel)
        self.blocks = []
        self.curves = []

    def add(self, system, rows, style):
        name = f"$d{len(self.blocks)}"
        self.blocks.append(f"{name} << EOD\n"
                           + "\n".join(" ".join(map(str, row)) for row in rows) + "\nEOD")
        self.curves.append(f"{name} {style} lc rgb '{COLORS.get(system, '#555555')}'"
                           f" title '{name_of(system)}'")

    def draw(self, settings=""):
        """Draws if there is something to; the name and title of the file."""
        if not self.curves:
            return []
        script = "\n".join([self.head, settings, *self.blocks,
                            "plot " + ", ".join(self.curves), "unset output", ""])
        with tempfile.TemporaryDirectory() as home:
            subprocess.run(["gnuplot"], input=script, text=True, cwd=self.folder, timeout=60,
                           env={**os.environ, "HOME": home}, check=True)
        path = os.path.join(self.folder, self.output)
        with open(path, encoding="utf-8") as file:
            lines = [line.rstrip() for line in file]
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(lines).rstrip("\n") + "\n")
        return [(self.output, self.title)]


def over_time(records, folder, scenario, metric, output, title, ylabel, scale=1):
    plot = Plot(folder, output, title, ylabel)
    for system in SYSTEMS:
        points = records.by_round(part=scenario, scenario=f"{scenario}-series", system=system,
                                  metric=metric)
        if points:
            plot.add(system, [(at, value / scale) for at, value in sorted(points.items())],
                     "using 1:2 with lines lw 2")
    return plot.draw('set xlabel "seconds"')


def bars(plot, systems, groups, value, settings=""):
    """Groups of bars, one bar for each system that has a value."""
    groups = [group for group in groups if any(value(system, group) for system in systems)]
    systems = [system for system in systems if any(value(system, group) for group in groups)]
    for system in systems:
        plot.add(system, [(f'"{label}"', value(system, (label, *rest)) or 0)
                          for label, *rest in groups], "using 2:xtic(1)")
    return plot.draw(settings + "set style data histogram\nset style histogram clustered gap 1\n"
                     "set style fill solid border -1\nset boxwidth 0.9\nset bmargin 4")


def calls(records, folder):
    """Messages a second of each call, with eight clients."""
    groups = [(f"{name}{'' if batch == 1 else ' ×10'}", scenario, batch)
              for batch in (1, 10) for name, scenario in
              (("send", "send"), (PAIR, "receive+delete"), ("pop", "pop"))]

    def value(system, group):
        return records.value(part="calls", scenario=group[1], batch=group[2], clients=8, body=250,
                             durability="durable", system=system, metric="calls_per_s")

    plot = Plot(folder, "calls.svg", "8 clients, 250 bytes, durable", "calls a second")
    return bars(plot, SYSTEMS, groups, value)


def clients(records, folder):
    """Receive and delete by ever more clients."""
    keys = {"scenario": "receive+delete", "batch": 1, "body": 250, "durability": "durable",
            "metric": "calls_per_s"}
    # From one part, as only that was measured together.
    part = max(("calls", "contention"), key=lambda name: len(
        {row["clients"] for row in records.select(part=name, **keys)}))
    plot = Plot(folder, "clients.svg", "receive, then delete: by number of clients",
                "calls a second")
    for system in SYSTEMS:
        points = []
        for count in (1, 8, 32, 64):
            value = records.value(part=part, system=system, clients=count, **keys)
            if value:
                points.append((count, value))
        if len(points) > 1:
            plot.add(system, points, "using 1:2 with linespoints lw 2 pt 7")
    return plot.draw('set xlabel "clients"\nset xtics (1, 8, 32, 64)')


def peers(records, folder):
    systems = list(dict.fromkeys(["queue", *(row["system"] for row in records.select(
        part="peers", metric="messages_per_s"))]))
    groups = [(f"{label}{'' if batch == 1 else ' ×10'}", scenario, batch)
              for batch in (1, 10)
              for label, scenario in (("send", "send"), (PAIR, "receive+delete"))]

    def value(system, group):
        return records.value(part="peers", scenario=group[1], batch=group[2], system=system,
                             metric="messages_per_s")

    plot = Plot(folder, "peers.svg", "other queues, by their own clients",
                "messages a second, logarithmic")
    return bars(plot, systems, groups, value, "set logscale y\nset yrange [10:*]\n")


def latency(records, folder):
    groups = [(f"{op} {shown}", op, metric) for op in ("send", "receive")
              for shown, metric in (("p50", "p50_ms"), ("p99", "p99_ms"), ("p99.9", "p999_ms"))]

    def value(system, group):
        return records.value(part="latency", scenario=group[1], metric=group[2], system=system)

    plot = Plot(folder, "latency.svg", "latency at half load", "milliseconds")
    plot.head += 'set format y "%g"\n'
    return bars(plot, SYSTEMS, groups, value)


def draw(records, folder):
    """Draws what there are figures for; names and titles of the files."""
    made = []
    made += calls(records, folder)
    made += clients(records, folder)
    made += over_time(records, folder, "pinned", "calls_per_s", "pinned.svg",
                      "send, receive, delete while a transaction holds back vacuum",
                      "rounds of three calls a second")
    made += over_time(records, folder, "pinned", "bytes", "pinned-size.svg",
                      "size of tables and indexes meanwhile", "MB", 1e6)
    made += over_time(records, folder, "slot", "calls_per_s", "slot.svg",
                      "send, receive, delete while unused replication slots hold back vacuum",
                      "rounds of three calls a second")
    made += over_time(records, folder, "slot", "bytes", "slot-size.svg",
                      "size of tables and indexes meanwhile", "MB", 1e6)
    made += latency(records, folder)
    made += peers(records, folder)
    return made
