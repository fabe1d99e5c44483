"""Servers that speak SQS's protocol: queue-gateway in front of a cluster, and
the stand-ins of bench/standins/. The load on each comes from bench/client/."""

import contextlib
import http.client
import json
import os
import secrets
import socket
import subprocess
import time

HERE = os.path.dirname(os.path.abspath(__file__))
CLIENT = os.path.join(HERE, "client", "client")
STANDINS = os.path.join(HERE, "standins")
REGION = "us-east-1"
PATIENCE = 120          # seconds for a server to start, or for a load beyond its time
POOL = 4                # the gateway's connections for calls


class Server:
    """A server in a process of its own, on a port of 127.0.0.1."""
    name = ""
    connections = 64

    def __init__(self, folder):
        self.folder = folder
        self.port = 0
        self.process = None
        self.key = ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMIbPxRfiCYEXAMPLEKEY")

    def command(self):
        raise NotImplementedError

    def start(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.log = os.path.join(self.folder, f"{self.name}.log")
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                cwd=self.folder, env={**os.environ, "HOME": self.folder})
        limit = time.monotonic() + PATIENCE
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > limit:
                with open(self.log, encoding="utf-8", errors="replace") as log:
                    raise RuntimeError(f"{self.name} does not start: {log.read()[-1000:]}")
            time.sleep(0.1)

    def answers(self):
        """Whether it is there."""
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
            connection.request("GET", self.health)
            return connection.getresponse().status in self.healthy
        return False

    health = "/"
    healthy = range(200, 500)

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None

    def memory(self, what):
        """Bytes that the process has in memory: VmRSS now, VmHWM at most."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith(what))

    def queue_url(self, name):
        return f"http://127.0.0.1:{self.port}/000000000000/{name}"

    def start_load(self, mode, queues, **options):
        command = [CLIENT, "--mode", mode, "--port", str(self.port)]
        for queue in queues:
            command += ["--queue", queue]
        for name, value in {"connections": self.connections, **options}.items():
            command += [f"--{name}", str(value)]
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, env={**os.environ, "AWS_REGION": REGION, "AWS_ACCESS_KEY_ID": self.key[0],
                            "AWS_SECRET_ACCESS_KEY": self.key[1]})

    def end_load(self, process, seconds):
        """What the load says that it did."""
        try:
            out, err = process.communicate(timeout=seconds + PATIENCE)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        if process.returncode != 0:
            raise RuntimeError(f"{self.name}: {err.strip()[-1000:]}")
        return json.loads(out.strip().splitlines()[-1])

    def load(self, mode, *queues, **options):
        return self.end_load(self.start_load(mode, queues, **options), options.get("seconds", 0))


class Gateway(Server):
    """queue-gateway; queues are made by SQL."""
    name = "gateway"
    health = "/health"
    healthy = (200,)

    def __init__(self, cluster):
        super().__init__(cluster.folder)
        self.cluster = cluster
        cluster.sql("CREATE ROLE bench_application")
        cluster.sql("GRANT CREATE ON SCHEMA queue TO bench_application")
        self.key = cluster.sql("SELECT * FROM sqs_create_access_key('bench_application')")[0]

    def command(self):
        return [os.path.join(self.cluster.bin, "queue-gateway"),
                "--listen", f"127.0.0.1:{self.port}", "--dsn", self.cluster.dsn(),
                "--pool", str(POOL)]

    def database_connections(self):
        """Those of everybody but the session that asks."""
        return self.cluster.value(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()")


def master_key(folder):
    """A file with a key that the server keeps secrets of access keys with."""
    path = os.path.join(folder, "master_key")
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32) + "\n")
    return path


class Standin(Server):
    """One of bench/standins/."""

    def __init__(self, bench, name, connections, backlog):
        super().__init__(os.path.join(bench.work, "peers", name))
        self.name = name
        self.connections = connections
        self.backlog = backlog      # messages that it is filled with at most

    def why_not(self):
        """Why it cannot take part, in a line, or nothing."""
        skip = self.folder + ".skip"
        if os.path.exists(skip):
            with open(skip, encoding="utf-8", errors="replace") as file:
                return file.read().strip() or "it could not be installed"
        return "" if os.path.isdir(self.folder) else "it was not installed"

    def command(self):
        return [os.path.join(STANDINS, self.name), "serve", self.folder, str(self.port)]

    def create_queue(self, name):
        """Its URL. It verifies no signature, so this one is none."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(
            "POST", "/", json.dumps({"QueueName": name}),
            {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "AmazonSQS.CreateQueue",
             "X-Amz-Date": time.strftime("%Y%m%dT%H%M%SZ", time.gmtime()),
             "Authorization": f"AWS4-HMAC-SHA256 Credential={self.key[0]}/"
                              f"{time.strftime('%Y%m%d', time.gmtime())}/{REGION}/sqs/aws4_request,"
                              " SignedHeaders=host, Signature=0"})
        answer = connection.getresponse()
        text = answer.read().decode()
        if answer.status != 200:
            raise RuntimeError(f"{self.name}: CreateQueue: {text[:300]}")
        return json.loads(text)["QueueUrl"]
