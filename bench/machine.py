"""What the benchmark runs on, and how."""

import datetime
import os
import re
import subprocess
import time

SETTINGS = ("fsync", "synchronous_commit", "full_page_writes", "wal_level", "wal_sync_method",
            "wal_buffers", "wal_compression", "max_wal_size", "checkpoint_timeout",
            "shared_buffers", "autovacuum", "autovacuum_naptime", "jit", "queue.segment_size",
            "queue.truncate_delay", "queue.shared_memory_limit")
FLUSHES = 200


def cpu_model():
    with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
        found = re.search(r"^model name\s*: (.*)$", file.read(), re.M)
    return found[1] if found else "unknown"


def memory():
    with open("/proc/meminfo", encoding="ascii") as file:
        kilobytes = int(re.search(r"^MemTotal: +(\d+)", file.read(), re.M)[1])
    return f"{kilobytes / 1048576:.1f} GB"


def filesystem(folder):
    return subprocess.run(["df", "--output=fstype", folder], capture_output=True, text=True,
                          check=True).stdout.split()[-1]


def flush_ms(folder):
    """Milliseconds to write and flush a block of 8 kB that the file has
    already, as WAL is written."""
    path = os.path.join(folder, "flush")
    block = b"\0" * 8192
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, block * FLUSHES)
        os.fsync(descriptor)
        began = time.monotonic()
        for i in range(FLUSHES):
            os.pwrite(descriptor, block, i * 8192)
            os.fdatasync(descriptor)
        return (time.monotonic() - began) * 1000 / FLUSHES
    finally:
        os.close(descriptor)
        os.remove(path)


def about(bench):
    """What a reader has to know of a run; the load is that before the part."""
    cluster = bench.cluster
    names = [name for name in SETTINGS if cluster.has_setting(name)]
    return {
        "date": datetime.date.today().isoformat(),
        "mode": "quick" if bench.quick else "full",
        "command": os.environ.get("BENCH_COMMAND", ""),
        "revision": os.environ.get("BENCH_REVISION", ""),
        "extension": cluster.value(
            "SELECT extversion FROM pg_extension WHERE extname = 'queue'"),
        "PostgreSQL": cluster.value("SHOW server_version"),
        "cores": f"{os.cpu_count()}, {cpu_model()}",
        "memory": memory(),
        "files": f"{filesystem(cluster.folder)}, {flush_ms(cluster.folder):.2f} ms to write "
                 "and flush a block of 8 kB",
        "load before": " ".join(f"{load:.2f}" for load in os.getloadavg()),
        "settings": ", ".join(
            f"{name} = {cluster.value('SELECT current_setting(%s)', name)}" for name in names),
    }
