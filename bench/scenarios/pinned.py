"""A transaction that stays open holds back vacuum, and load goes on: calls a
second and sizes on disk over time, and what is left of the size when the
transaction has ended. Then the same with replication slots that nobody reads:
a logical one, and that of a standby which gave feedback and is gone."""

import contextlib
import os
import shutil
import time

import load
import measure

STEP = 5                # seconds between two points of a series
AFTER = 60              # seconds to watch the size afterwards
PINNED_BY_SLOT = 180    # seconds of the variant with slots
TEXTBOOK_BY_SLOT = 60   # and for the textbook queue
TEXTBOOK = 180          # seconds in which the textbook queue has shown its way


def run(bench):
    bench.need_body(250)
    seconds = bench.pinned_seconds
    with small_segments(bench) if seconds < 120 else contextlib.nullcontext():
        for name in ("queue", "textbook"):
            with snapshot(bench):
                system = series(bench, "pinned", name,
                                min(seconds, TEXTBOOK) if name == "textbook" else seconds)
            after(bench, system, 3 if bench.quick else AFTER)


def run_slot(bench):
    """The same with slots; not in the quick mode."""
    if bench.quick:
        return
    bench.need_body(250)
    for name, most in (("queue", PINNED_BY_SLOT), ("textbook", TEXTBOOK_BY_SLOT)):
        with slots(bench):
            system = series(bench, "slot", name, min(most, bench.pinned_seconds))
        after(bench, system, 0)


@contextlib.contextmanager
def small_segments(bench):
    """A short run would end before the first segment is full."""
    settings = {"queue.segment_size": "4MB", "queue.truncate_delay": "1s",
                "queue.worker_interval": "500ms"}
    known = {name: value for name, value in settings.items() if bench.cluster.has_setting(name)}
    for name, value in known.items():
        bench.cluster.sql(f"ALTER SYSTEM SET {name} = '{value}'")
        bench.add("about", f"set for this run: {name}", value)
    bench.cluster.sql("SELECT pg_reload_conf()")
    try:
        yield
    finally:
        for name in known:
            bench.cluster.sql(f"ALTER SYSTEM RESET {name}")
        bench.cluster.sql("SELECT pg_reload_conf()")


@contextlib.contextmanager
def snapshot(bench):
    """What a report, or a dump, does to vacuum."""
    connection = bench.cluster.connect()
    with connection.cursor() as cursor:
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT 1")
        pin = bench.cluster.value("SELECT count(*) FROM pg_stat_activity"
                                  " WHERE backend_xmin IS NOT NULL AND pid <> pg_backend_pid()")
        if pin < 1:
            raise RuntimeError("the snapshot holds nothing back")
        try:
            yield
        finally:
            connection.close()


@contextlib.contextmanager
def slots(bench):
    """Makes a standby that tells the primary what it reads, lets it read, and
    takes it away; the slot keeps what it told."""
    cluster = bench.cluster
    standby = os.path.join(bench.work, "standby")
    cluster.restart(options="-c wal_level=logical")
    cluster.sql("SELECT pg_create_logical_replication_slot('unread', 'pgoutput')")
    cluster.command("pg_basebackup", "-h", cluster.folder, "-D", standby, "-X", "stream",
                    "-c", "fast", "-R", "-C", "-S", "gone", "--no-sync")
    with open(os.path.join(standby, "postgresql.conf"), "a", encoding="utf-8") as conf:
        conf.write(f"unix_socket_directories = '{standby}'\nhot_standby_feedback = on\n"
                   "wal_receiver_status_interval = 1s\n")
    try:
        cluster.command("pg_ctl", "-D", standby, "-l", os.path.join(bench.work, "standby.log"),
                        "-w", "start")
        limit = time.monotonic() + 30
        while cluster.value("SELECT xmin IS NULL FROM pg_replication_slots"
                            " WHERE slot_name = 'gone'"):
            if time.monotonic() > limit:
                raise RuntimeError("the standby gives no feedback")
            time.sleep(0.2)
        # At once: a standby that is shut down in order lets go of it.
        cluster.command("pg_ctl", "-D", standby, "-m", "immediate", "-w", "stop")
        yield
        if cluster.value("SELECT xmin IS NULL FROM pg_replication_slots"
                         " WHERE slot_name = 'gone'"):
            raise RuntimeError("the slot held nothing back")
    finally:
        with contextlib.suppress(RuntimeError):
            cluster.command("pg_ctl", "-D", standby, "-m", "immediate", "-w", "stop")
        cluster.sql("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
                    " WHERE NOT active")
        cluster.restart()
        shutil.rmtree(standby, ignore_errors=True)


def series(bench, scenario, name, seconds):
    """One system under load; leaves it as it is at the end."""
    step = min(STEP, max(1, seconds // 20))
    system = measure.SYSTEMS[name](bench)
    system.create()
    system.fill(measure.SOME, 250)
    system.vacuum()
    keys = {"system": name, "clients": bench.clients, "batch": 1, "body": 250,
            "durability": "durable"}
    due = [0.0]

    def sample(now):
        if now >= due[0]:
            bench.add(f"{scenario}-series", "bytes", system.size(), round_=round(now), **keys)
            bench.progress(f"{scenario}: {name}, {now:.0f} of {seconds} s", often=True)
            due[0] += step
        time.sleep(0.05)

    result = load.run(system.cluster, [system.script("cycle")], bench.clients, seconds=seconds,
                      variables={"size": 250, **system.variables()},
                      options=["-P", str(step)], meanwhile=sample)
    system.check()
    for at, tps in result.progress:
        bench.add(f"{scenario}-series", "calls_per_s", tps, round_=round(at), **keys)

    # Of a minute, or of a twentieth of a shorter run.
    window = min(60, max(step, seconds // 20 * 2))
    for metric, low, high in (("first_minute", 0, window),
                              ("second_minute", min(60, seconds - window),
                               min(60, seconds - window) + window),
                              ("last_minute", seconds - window, seconds)):
        values = [tps for at, tps in result.progress if low < at - step / 2 < high]
        if values:
            bench.add(scenario, f"{metric}_calls_per_s", sum(values) / len(values),
                      round_=1, **keys)
    bench.add(scenario, "seconds", seconds, **keys)
    bench.add(scenario, "window_seconds", window, **keys)
    bench.add(scenario, "bytes_at_end", system.size(), round_=1, **keys)
    return system


def after(bench, system, seconds):
    """How far the size goes back when vacuum is free again."""
    if seconds:
        bench.progress(f"watching the size of {system.name} for {seconds} s")
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            time.sleep(1)
        bench.add("pinned", "bytes_after", system.size(), system=system.name,
                  clients=bench.clients, batch=1, body=250, durability="durable", round_=1)
    system.drop()
