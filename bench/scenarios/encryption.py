"""Send, receive and delete on a queue whose bodies are encrypted, with a master
key and with a named one, against one whose bodies are not. All are in a server of
their own, which has a master key."""

import load
import measure
from systems import Queue

LARGE = 204_800
WAITING = {250: 1000, LARGE: 100}       # messages that are there, by size
CLIENTS = {LARGE: 4}

KEY = "00112233445566778899aabbccddeeff" * 2
COMMAND = "openssl enc {}-aes-256-ctr -pbkdf2 -a -A -k bench"
KINDS = {"plain": '{"SqsManagedSseEnabled": false}',
         "SSE-SQS": '{"SqsManagedSseEnabled": true}',
         "SSE-KMS": '{"KmsMasterKeyId": "alias/bench"}'}


class Encrypted(Queue):
    """A queue that is encrypted in one of these ways, or not."""

    def __init__(self, bench, cluster, kind):
        super().__init__(bench, cluster)
        self.kind = kind

    def create(self, durability="durable", **options):
        super().create(durability, **options)
        self.cluster.sql("SELECT sqs_set_queue_attributes(%s, %s)", self.queue, KINDS[self.kind])


def one_round(bench, cluster, number, size):
    clients = CLIENTS.get(size, bench.clients)
    systems = {kind: Encrypted(bench, cluster, kind) for kind in KINDS}
    made = []
    try:
        for system in systems.values():
            system.create()
            made.append(system)
            system.fill(WAITING[size], size)
            system.vacuum()
        for kind in measure.rotated(systems, number):
            system = systems[kind]
            result = load.run(cluster, [system.script("cycle")], clients, seconds=bench.seconds,
                              variables={"size": size, **system.variables()})
            keys = {"system": "queue", "clients": clients, "batch": 1, "body": size,
                    "durability": "durable", "round_": number}
            bench.add(kind, "calls_per_s", result.tps, **keys)
            for label, ms in result.ms.items():
                bench.add(kind, f"{label}_ms", ms, **keys)
            system.check()
    finally:
        for system in made:
            system.drop()


def run(bench):
    cluster = bench.new_cluster(**{"queue.master_key_command": f"echo {KEY}"})
    cluster.sql("SELECT sqs_create_key('bench', 'command', jsonb_build_object("
                "'wrap', %s::text, 'unwrap', %s::text))", COMMAND.format(""), COMMAND.format("-d "))
    for size in WAITING:
        bench.need_body(size, cluster)
    for number in bench.each_round():
        for size in WAITING:
            bench.progress(f"round {number}: {size} bytes")
            one_round(bench, cluster, number, size)
    cluster.stop()
