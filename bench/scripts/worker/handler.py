"""A handler that goes on running, and does nothing but answer: for messages, and
for lists of them."""

import json
import sys

for line in sys.stdin:
    sys.stdout.write(json.dumps({"id": json.loads(line)["id"], "ok": True}) + "\n")
    sys.stdout.flush()
