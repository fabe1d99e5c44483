"""What policies cost: send, receive and delete by a role, with 20 statements on
the queue and 20 on the role, against none of either."""

import json
import os

import load
import measure

ROLE = "bench_role"
STATEMENTS = 20
TURNS = 3               # measurements of each scenario in a round
WAITING = 1_000         # messages that the queue has all the time
ALLOWED = ["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage"]

# What conditions ask about: what stays as it is for a role, so that the decision
# is kept, or what may differ at each call, so that it is made each time.
CONDITIONS = {
    "policies": {"StringLike": {"aws:username": "nobody-*"}},
    "conditions on the client": {"DateLessThan": {"aws:CurrentTime": "2000-01-01T00:00:00Z"},
                                 "IpAddress": {"aws:SourceIp": "192.0.2.0/24"}},
}


def run(bench):
    bench.need_body(250)
    sql = bench.cluster.sql
    sql(f"CREATE ROLE {ROLE}")
    sql(f"GRANT CREATE ON SCHEMA queue TO {ROLE}")
    sql(f"GRANT USAGE ON SCHEMA bench TO {ROLE}")
    sql(f"GRANT SELECT ON ALL TABLES IN SCHEMA bench TO {ROLE}")
    for number in bench.each_round():
        one_round(bench, number)


def one_round(bench, number):
    scenarios = ("none", *CONDITIONS)
    made = Owned(bench)
    made.create()
    made.fill(WAITING, 250)
    rates = {scenario: [] for scenario in scenarios}
    try:
        for turn in range(TURNS):
            for scenario in measure.rotated(scenarios, number + turn):
                bench.progress(f"round {number}: {scenario}")
                put(bench, made.queue, CONDITIONS.get(scenario))
                rates[scenario].append(cycle(bench, made))
        made.check()
    finally:
        put(bench, made.queue, None)
        made.drop()
    for scenario in scenarios:
        bench.add(scenario, "calls_per_s", sum(rates[scenario]) / TURNS, system="queue",
                  clients=bench.clients, batch=1, body=250, durability="durable", round_=number)


def cycle(bench, made):
    """Calls a second of the role, which the sessions of the load take."""
    os.environ["PGOPTIONS"] = f"-c role={ROLE}"
    try:
        return load.run(made.cluster, [made.script("cycle")], bench.clients,
                        seconds=bench.seconds,
                        variables={"size": 250, **made.variables()}).tps
    finally:
        del os.environ["PGOPTIONS"]


class Owned(measure.SYSTEMS["queue"]):
    """A queue that is the role's own."""

    def create(self, durability="durable", **_):
        self.durability = durability
        self.cluster.sql(f"SET ROLE {ROLE}")
        self.cluster.sql("SELECT sqs_create_queue(%s)", self.queue)
        self.cluster.sql("RESET ROLE")
        self.number = self.cluster.value(
            "SELECT queue_id FROM queue.queues WHERE queue_name = %s", self.queue)


def put(bench, queue, condition):
    """The policies of the queue and of the role, or none of them."""
    sql = bench.cluster.sql
    sql(f"SELECT count(sqs_delete_role_policy('{ROLE}', policy_name))"
        f" FROM sqs_list_role_policies('{ROLE}')")
    if condition is None:
        sql("SELECT sqs_set_queue_attributes(%s, '{\"Policy\": \"\"}')", queue)
        return
    sql("SELECT sqs_set_queue_attributes(%s, jsonb_build_object('Policy', %s::text))",
        queue, document(queue, condition, {"Principal": "*"}))
    sql(f"SELECT sqs_put_role_policy('{ROLE}', 'bench', %s)", document(queue, condition, {}))


def document(queue, condition, more):
    """Statements that deny in vain, some of them under conditions, of which SQS
    allows ten; and the last one, which allows."""
    statements = []
    for number in range(STATEMENTS - 1):
        statement = {"Effect": "Deny", "Action": "sqs:*",
                     "Resource": f"arn:aws:sqs:*:*:other-{number}-*", **more}
        if number % 4 == 0:
            statement["Resource"] = f"arn:aws:sqs:*:*:{queue}"
            statement["Condition"] = condition
        statements.append(statement)
    statements.append({"Effect": "Allow", "Action": ALLOWED, "Resource": "*", **more})
    return json.dumps({"Version": "2012-10-17", "Statement": statements})
