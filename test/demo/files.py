"""What the demo's programs share: which files there are, and how a file's
name travels in a message.

A file name is bytes, and not always valid UTF-8; a message body is text, and
SQS forbids some characters in it. So a name is written as in a URL, odd bytes
as %XX: plain names stay readable, every name survives, and the body is JSON
that jsonb takes too.
"""

import json
import os
import stat
from urllib.parse import quote_from_bytes, unquote_to_bytes

QUEUE = "docs"


def regular_files(root):
    """Yield the path, in bytes, of each readable regular file under root.

    Symbolic links are neither files nor followed. Debian's root reads all;
    somebody else may meet a file that is not theirs to read.
    """
    for folder, _, names in os.walk(os.fsencode(root)):
        for name in names:
            path = os.path.join(folder, name)
            if stat.S_ISREG(os.lstat(path).st_mode) and os.access(path, os.R_OK):
                yield path


def path_to_text(path):
    """The text form of a path in bytes."""
    return quote_from_bytes(path, safe="/+:@,=")


def path_to_body(path):
    """The message body for a path in bytes."""
    return json.dumps({"path": path_to_text(path)})


def body_to_path(body):
    """The path in bytes that a message body names."""
    return unquote_to_bytes(json.loads(body)["path"])
