"""Runs the demo's pipeline: consumers, a producer, a progress bar, two kills.

usage: pipeline.py FOLDER LOGS

Consumers start first and long-poll an empty queue; then the producer sends
one message for each file. On the way one consumer of each mode (consumer.py
says what they are) is killed with -9 while it holds messages, and a new one
joins for each. Ends when every file has its result and the queue is empty, or
with an error if a program fails or nothing moves for a minute.
"""

import collections
import json
import os
import shutil
import signal
import subprocess
import sys
import time

import psycopg2

from consumer import READY, VISIBILITY_TIMEOUT

TICK = 0.1              # seconds between two looks, less where there are
TICK_PER_FILE = 25e-6   # so few files that all would be done by then
RATE_LOOKS = 20         # looks that the rate shown is taken over
QUIET = 2               # seconds between two lines where there is no terminal
PATIENCE = 60           # seconds without a result before giving up
STARTED_AS = ("whole", "leased", "whole", "leased")
KILLS = ((0.25, "leased"), (0.5, "whole"))      # at this share of the results
COME_BACK = {"leased": f"after their visibility timeout of {VISIBILITY_TIMEOUT} s",
             "whole": "at once"}


class Failure(Exception):
    """The pipeline cannot go on; the text says why."""


class Program:
    """A child process, its log, and for a consumer its mode."""

    def __init__(self, name, logs, script, *arguments, mode=None):
        self.name = name
        self.mode = mode
        self.log = os.path.join(logs, name.replace(" ", "-") + ".log")
        here = os.path.dirname(os.path.abspath(__file__))
        command = [sys.executable, os.path.join(here, script), *arguments]
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log,
                                            stdin=subprocess.DEVNULL)

    def last_line(self):
        """The last complete line of the log."""
        with open(self.log, encoding="utf-8", errors="replace") as log:
            lines = log.read().splitlines(keepends=True)
        complete = [line for line in lines if line.endswith("\n")]
        return complete[-1].strip() if complete else ""

    def check(self):
        """Throw if the program has failed."""
        if self.process.poll():
            raise Failure(f"{self.name} ended with {self.process.returncode}: "
                          f"{self.last_line()} (see {self.log})")

    def wait_for_line(self):
        """The first line of the log, once it is there."""
        while not self.last_line():
            self.check()
            time.sleep(TICK / 10)
        return self.last_line()

    def kill(self):
        """Kill the process, if it still runs, with -9."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


class Screen:
    """One redrawn line on a terminal, a line now and then elsewhere."""

    def __init__(self):
        self.terminal = sys.stdout.isatty()
        self.drawn = 0.0
        self.width = 0

    def say(self, text):
        """A line that stays."""
        self.clear()
        print(f"demo: {text}", flush=True)

    def clear(self):
        """Take the bar away."""
        if self.width:
            print("\r" + " " * self.width + "\r", end="")
            self.width = 0

    def finish(self):
        """Leave the bar as it is and go on below it."""
        if self.width:
            print()
            self.width = 0

    def draw(self, done, total, rate, in_flight):
        """Show how far the results have come."""
        now = time.monotonic()
        if not self.terminal and done < total and now - self.drawn < QUIET:
            return
        self.drawn = now
        figures = f"{done:,} of {total:,} results  {rate:,.0f}/s  {in_flight:,} in flight"
        percent = f"{100 * done // total:3}%"
        if not self.terminal:
            print(f"demo: {percent}  {figures}", flush=True)
            return
        columns = shutil.get_terminal_size().columns
        cells = max(min(columns - len(figures) - 10, 40), 5)
        full = cells * done // total
        line = f"[{'#' * full}{'.' * (cells - full)}] {percent}  {figures}"
        line = line[:columns - 1]
        print("\r" + line.ljust(self.width), end="", flush=True)
        self.width = len(line)


class Pipeline:
    """The run: programs, what is still to be killed, and the database."""

    def __init__(self, folder, logs):
        self.folder = folder
        self.logs = logs
        self.screen = Screen()
        self.programs = []
        self.consumers = []
        self.numbers = 0
        self.kills = list(KILLS)
        self.victim = None
        connection = psycopg2.connect(application_name="pipeline")
        connection.autocommit = True
        self.cursor = connection.cursor()

    def start_consumer(self, mode):
        """A new consumer; its name is the next free number."""
        self.numbers += 1
        name = f"consumer {self.numbers}"
        consumer = Program(name, self.logs, "consumer.py", name, mode, mode=mode)
        self.programs.append(consumer)
        self.consumers.append(consumer)
        return consumer

    def kill(self, victim, held):
        """Kill -9 a consumer, note what it held, and start a new one."""
        self.cursor.execute(
            "INSERT INTO killed SELECT %s, %s, clock_timestamp(), id, receive_count"
            " FROM unnest(%s::uuid[], %s::int[]) AS held (id, receive_count)",
            (victim.name, victim.mode, list(held), list(held.values())))
        victim.kill()
        self.consumers.remove(victim)
        newcomer = self.start_consumer(victim.mode)
        self.screen.say(f"kill -9 of {victim.name}, which held {len(held)} messages: "
                        f"they come back {COME_BACK[victim.mode]}; "
                        f"{newcomer.name} joins")

    def kill_if_due(self, share):
        """Once the results have come to the share of the next kill, choose a
        victim; once that sleeps over its messages, kill it."""
        if self.victim:
            line = self.victim.last_line()
            if line != READY:
                self.kill(self.victim, json.loads(line))
                self.victim = None
                self.kills.pop(0)
        elif self.kills and share >= self.kills[0][0]:
            self.victim = next(consumer for consumer in self.consumers
                               if consumer.mode == self.kills[0][1])
            self.victim.process.send_signal(signal.SIGUSR1)

    def run(self):
        """From the first consumer to the last result."""
        for mode in STARTED_AS:
            self.start_consumer(mode)
        for consumer in self.consumers:
            consumer.wait_for_line()
        producer = Program("producer", self.logs, "producer.py", self.folder)
        self.programs.append(producer)
        total = int(producer.wait_for_line())
        if total == 0:
            raise Failure(f"no file in {self.folder}")

        tick = min(TICK, total * TICK_PER_FILE)
        looks = collections.deque([(time.monotonic(), 0)], RATE_LOOKS)
        moved = time.monotonic()
        while producer.process.poll() is None or looks[-1][1] < total:
            time.sleep(tick)
            for program in [producer, *self.consumers]:
                program.check()
            self.cursor.execute("SELECT (SELECT count(*) FROM result), in_flight"
                                " FROM sqs_queues")
            done, in_flight = self.cursor.fetchone()
            now = time.monotonic()
            if done > looks[-1][1]:
                moved = now
            if now - moved > PATIENCE:
                raise Failure(f"no result for {PATIENCE} seconds, "
                              f"{total - done} files are left")
            looks.append((now, done))
            rate = (done - looks[0][1]) / (now - looks[0][0])
            self.screen.draw(done, total, rate, in_flight)
            if done < total:
                self.kill_if_due(done / total)

        self.screen.finish()
        if self.kills:
            self.screen.say("too few files: the work was done before a kill")

    def end(self):
        """End every program."""
        self.screen.clear()
        for program in self.programs:
            program.kill()


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    pipeline = Pipeline(*sys.argv[1:])
    try:
        pipeline.run()
    except (Failure, psycopg2.Error) as failure:
        pipeline.screen.clear()
        sys.exit(f"demo: {failure}")
    finally:
        pipeline.end()


if __name__ == "__main__":
    main()
