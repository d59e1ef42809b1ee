"""Writes its arguments, environment and folder as JSON to the file that its first argument names,
and lives on until it is ended, unless DUMP_ONCE is set."""

import json
import os
import signal
import sys

path = sys.argv[1]
with open(path + ".new", "w", encoding="utf-8") as file:
    json.dump(
        {"arguments": sys.argv[2:], "environment": dict(os.environ), "folder": os.getcwd()}, file
    )
os.rename(path + ".new", path)
if "DUMP_ONCE" not in os.environ:
    signal.pause()
