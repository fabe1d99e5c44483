"""A private cluster: a server that only its owner can reach, over a socket in
its own folder, with the extension loaded."""

import contextlib
import os
import shutil
import subprocess
import time

import psycopg2

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
PATIENCE = 300          # seconds for a server to start or stop


def memory_bytes():
    return os.sysconf("SC_PHYS_PAGES") * PAGE


def settings_of(folder):
    """All that differs from PostgreSQL's defaults: room for WAL, so that no
    checkpoint comes into a measurement unasked, and memory for the rows."""
    return {
        "shared_preload_libraries": "queue",
        "listen_addresses": "",
        "unix_socket_directories": folder,
        "unix_socket_permissions": "0700",
        "max_connections": "250",
        "shared_buffers": f"{min(memory_bytes() // 4 >> 20, 1024)}MB",
        "min_wal_size": "1GB",
        "max_wal_size": "16GB",
        "checkpoint_timeout": "1h",
        "queue.in_flight_limit": "1000000",
    }


class Cluster:
    """A cluster in a new folder. Its sessions end in the databases postgres,
    unless told otherwise."""

    def __init__(self, folder, bin_dir, **settings):
        self.folder = folder
        self.bin = bin_dir
        self.data = os.path.join(folder, "data")
        self.log = os.path.join(folder, "server.log")
        self.admin = None
        os.mkdir(folder)
        self.command("initdb", "-D", self.data, "--auth=peer", "--no-sync",
                     "--encoding=UTF8", "--locale=C.UTF-8")
        with open(os.path.join(self.data, "postgresql.conf"), "a", encoding="utf-8") as conf:
            for name, value in {**settings_of(folder), **settings}.items():
                conf.write(f"{name} = '{value}'\n")
        self.start()
        self.sql("CREATE EXTENSION queue")
        self.sql("CREATE SCHEMA bench")
        self.sql("CREATE TABLE bench.bodies (size int4 PRIMARY KEY, body text NOT NULL)")

    def command(self, program, *arguments):
        """Runs one of PostgreSQL's programs, whose output counts only if it
        fails."""
        path = os.path.join(self.folder, program + ".log")
        with open(path, "wb") as log:
            status = subprocess.run([os.path.join(self.bin, program), *arguments],
                                    stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                    timeout=PATIENCE, check=False).returncode
        if status != 0:
            with open(path, encoding="utf-8", errors="replace") as log:
                raise RuntimeError(f"{program} failed:\n{log.read()[-2000:]}")

    def start(self, options=""):
        self.command("pg_ctl", "-D", self.data, "-l", self.log, "-w", "-t", str(PATIENCE),
                     "-o", options, "start")
        self.admin = self.connect()

    def stop(self, mode="fast"):
        if self.admin is not None:
            self.admin.close()
            self.admin = None
        if os.path.exists(os.path.join(self.data, "postmaster.pid")):
            self.command("pg_ctl", "-D", self.data, "-m", mode, "-w", "-t", str(PATIENCE), "stop")

    def restart(self, mode="fast", options=""):
        self.stop(mode)
        self.start(options)

    def remove(self):
        with contextlib.suppress(RuntimeError, subprocess.TimeoutExpired):
            self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def dsn(self, database="postgres"):
        return f"host={self.folder} dbname={database}"

    def connect(self, database="postgres", **options):
        connection = psycopg2.connect(self.dsn(database), **options)
        connection.autocommit = True
        return connection

    def sql(self, statement, *arguments):
        """Runs a statement in the session kept for this; its rows."""
        with self.admin.cursor() as cursor:
            cursor.execute(statement, arguments or None)
            return cursor.fetchall() if cursor.description else []

    def value(self, statement, *arguments):
        rows = self.sql(statement, *arguments)
        return rows[0][0] if rows else None

    def has_setting(self, name):
        return self.value("SELECT count(*) FROM pg_settings WHERE name = %s", name) == 1

    def has_memory_function(self):
        return self.value("SELECT to_regprocedure('queue.memory()') IS NOT NULL")

    def wal(self):
        """Bytes of WAL written since the cluster was made."""
        return int(self.value(
            "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')"))

    def cpu(self):
        """Seconds of CPU that all processes of the server have used: those
        that have ended are counted with their parent."""
        with open(os.path.join(self.data, "postmaster.pid"), encoding="ascii") as file:
            postmaster = int(file.readline())
        ticks = sum(stat_of(postmaster)[11:15])
        for name in os.listdir("/proc"):
            if name.isdigit():
                stat = stat_of(name)
                if stat and stat[1] == postmaster:
                    ticks += stat[11] + stat[12]
        return ticks / TICKS

    def wait_until_quiet(self):
        """Waits until the sessions of pgbench have ended."""
        limit = time.monotonic() + 30
        while time.monotonic() < limit and self.value(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE application_name = 'pgbench'"):
            time.sleep(0.05)


def stat_of(pid):
    """The numbers of /proc/PID/stat from the parent's pid on, after a place
    holder for the state; nothing if the process has gone."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return []
    return [0, *map(int, fields[1:])]
