"""The systems that are compared: how each is made, filled, looked at and
dropped. What pgbench runs on them is in scripts/NAME/."""

import contextlib
import os
import subprocess

import psycopg2

HERE = os.path.dirname(os.path.abspath(__file__))
BATCH_BYTES = 16 << 20      # how much one call of a fill sends at most


class System:
    name = ""

    def __init__(self, bench, cluster=None):
        self.bench = bench
        self.cluster = cluster or bench.cluster
        self.durability = "durable"

    def script(self, name):
        return os.path.join(HERE, "scripts", self.name, name + ".sql")

    def variables(self):
        """What the scripts have as variables, beside those they all have."""
        return {}

    def tables(self):
        raise NotImplementedError

    def count(self):
        """Rows that are there."""
        return self.cluster.value("SELECT " + " + ".join(
            f"(SELECT count(*) FROM {table})" for table in self.tables()))

    def size(self):
        """Bytes on disk, with indexes and all."""
        return int(self.cluster.value(
            "SELECT coalesce(sum(pg_total_relation_size(to_regclass(t))), 0)"
            " FROM unnest(%s) AS t", self.tables()))

    def vacuum(self):
        for table in self.tables():
            with contextlib.suppress(psycopg2.errors.UndefinedTable):
                self.cluster.sql(f"VACUUM ANALYZE {table}")

    def check(self):
        """Raises an error if something is damaged."""

    def chunks(self, rows, size):
        """Splits a fill into calls of at most 10,000 messages."""
        step = max(1, min(10000, BATCH_BYTES // max(size, 1)))
        for start in range(0, rows, step):
            yield min(step, rows - start)


class Queue(System):
    name = "queue"
    made = 0

    def __init__(self, bench, cluster=None):
        super().__init__(bench, cluster)
        Queue.made += 1
        self.queue = f"bench_{Queue.made}"
        self.number = None

    def create(self, durability="durable", **_):
        self.durability = durability
        attributes = '{"Durability": "unlogged"}' if durability == "unlogged" else "{}"
        self.cluster.sql("SELECT sqs_create_queue(%s, %s)", self.queue, attributes)
        self.number = self.cluster.value(
            "SELECT queue_id FROM queue.queues WHERE queue_name = %s", self.queue)

    def variables(self):
        return {"queue": self.queue}

    def tables(self):
        """Of each segment that there is."""
        return [row[0] for row in self.cluster.sql(
            "SELECT format('queue.%%I', relname) FROM pg_class"
            " WHERE relnamespace = 'queue'::regnamespace AND relkind = 'r'"
            " AND relname = ANY (SELECT format('messages_%%s_%%s', %s::int8, n)"
            "  FROM generate_series(1, 8) AS n) ORDER BY 1", self.number)]

    def fill(self, rows, size, delay=None):
        for part in self.chunks(rows, size):
            self.cluster.sql("SELECT count(*) FROM bench.bodies AS b, sqs_send_batch(%s,"
                             " array_fill(b.body, ARRAY[%s]), delay_seconds => %s)"
                             " WHERE b.size = %s", self.queue, part, delay, size)

    def take(self, rows, timeout):
        """Puts messages in flight."""
        while rows > 0:
            rows -= self.cluster.value(
                "SELECT nullif(count(*), 0) FROM sqs_receive(%s, %s, %s)",
                self.queue, min(rows, 10000), timeout)

    def check(self):
        problems = self.cluster.sql("SELECT * FROM sqs_check(%s)", self.queue)
        if problems:
            raise RuntimeError(f"sqs_check reports {len(problems)} problems, first: {problems[0]}")

    def drop(self):
        """The worker's share of it is done at once, not in the middle of the
        next measurement."""
        self.cluster.sql("SELECT sqs_delete_queue(%s)", self.queue)
        self.cluster.sql("SELECT queue.sweep()")

    def memory(self):
        """Bytes of shared memory, if the extension tells."""
        if not self.cluster.has_memory_function():
            return None
        return self.cluster.value(
            "SELECT bytes FROM queue.memory() WHERE queue_name = %s", self.queue)


class Fifo(Queue):
    """A FIFO queue; each message has a deduplication id of its own."""
    name = "fifo"

    def __init__(self, bench, cluster=None):
        super().__init__(bench, cluster)
        self.queue += ".fifo"

    def create(self, durability="durable", **_):
        self.durability = durability
        self.cluster.sql("SELECT sqs_create_queue(%s, '{\"FifoQueue\": true}')", self.queue)
        self.number = self.cluster.value(
            "SELECT queue_id FROM queue.queues WHERE queue_name = %s", self.queue)

    def fill(self, rows, size, delay=None, groups=1000, prefix="g"):
        """The messages go round the groups."""
        done = 0
        for part in self.chunks(rows, size):
            self.cluster.sql(
                "SELECT count(*) FROM bench.bodies AS b, sqs_send_batch(%s,"
                " array_fill(b.body, ARRAY[%s]),"
                " message_group_ids => ARRAY(SELECT %s || i %% %s"
                "  FROM generate_series(%s::int8, %s) AS i),"
                " message_deduplication_ids => ARRAY(SELECT gen_random_uuid()::text"
                "  FROM generate_series(1, %s))) WHERE b.size = %s",
                self.queue, part, prefix, groups, done, done + part - 1, part, size)
            done += part


class Plain(System):
    """A table of the same columns, index and storage parameters, and a row by
    its key: what any queue in a table has to do at least."""
    name = "plain"

    def create(self, durability="durable", model=None, **_):
        """The model is the queue that the table has to be like."""
        self.durability = durability
        table = model.tables()[0]
        options = self.cluster.value(
            "SELECT string_agg(prefix || option, ', ')"
            " FROM (SELECT '' AS prefix, unnest(reloptions) AS option"
            "   FROM pg_class WHERE oid = %s::regclass"
            "  UNION ALL SELECT 'toast.', unnest(t.reloptions)"
            "   FROM pg_class AS c JOIN pg_class AS t ON t.oid = c.reltoastrelid"
            "   WHERE c.oid = %s::regclass) AS o", table, table)
        unlogged = "UNLOGGED" if durability == "unlogged" else ""
        self.cluster.sql(f"CREATE {unlogged} TABLE bench.plain (LIKE {table} INCLUDING ALL)"
                         + (f" WITH ({options})" if options else ""))
        self.cluster.sql("CREATE SEQUENCE bench.plain_id CACHE 1000")

    def tables(self):
        return ["bench.plain"]

    def fill_like(self, model):
        """Byte for byte what the queue keeps, but for the keys."""
        for table in model.tables():
            self.cluster.sql(
                "INSERT INTO bench.plain SELECT coalesce((SELECT max(id) FROM bench.plain), 0)"
                " + row_number() OVER (ORDER BY id), visible_at, first_received_at, received_at,"
                " sent_at, receive_count, stamp, group_id, deduplication_id, message_id,"
                " sender_id, trace_header, dead_letter_source, attributes, body"
                f" FROM {table} ORDER BY id")
        self.cluster.sql("SELECT setval('bench.plain_id', 1 + count(*)) FROM bench.plain")

    def drop(self):
        self.cluster.sql("DROP TABLE bench.plain")
        self.cluster.sql("DROP SEQUENCE bench.plain_id")


class Textbook(System):
    """What people use today; see textbook.sql."""
    name = "textbook"
    queue = "'messages', "      # the first argument of every call

    def create(self, durability="durable", **_):
        self.durability = durability
        persistence = "UNLOGGED" if durability == "unlogged" else ""
        subprocess.run(
            [os.path.join(self.cluster.bin, "psql"), "-XqAt", "-v", "ON_ERROR_STOP=1",
             "-v", f"persistence={persistence}", "-d", self.cluster.dsn(),
             "-f", os.path.join(HERE, f"{self.name}.sql")],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=60, check=True)
        if self.queue:
            self.cluster.sql(f"SELECT textbook.create_queue({self.queue} %s)", persistence)

    def tables(self):
        return [f"{self.name}.messages"]

    def fill(self, rows, size, delay=0):
        for part in self.chunks(rows, size):
            self.cluster.sql(f"SELECT count(*) FROM bench.bodies AS b, {self.name}.send_batch("
                             f"{self.queue} array_fill(b.body, ARRAY[%s]), %s)"
                             " WHERE b.size = %s", part, delay or 0, size)

    def take(self, rows, timeout):
        while rows > 0:
            rows -= self.cluster.value(
                f"SELECT nullif(count(*), 0) FROM {self.name}.receive({self.queue} %s, %s)",
                timeout, min(rows, 10000))

    def drop(self):
        self.cluster.sql(f"DROP SCHEMA {self.name} CASCADE")


class Fixed(Textbook):
    """The same for one table; see fixed.sql."""
    name = "fixed"
    queue = ""


SYSTEMS = {system.name: system for system in (Queue, Fifo, Plain, Textbook, Fixed)}
