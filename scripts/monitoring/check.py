"""Checks what scripts/monitoring has against a real project that a real Prometheus scrapes.

    check.py names METRICS.TXT          the dashboard and the alerts name only metrics that exist
    check.py query ADDRESS QUERY VALUE  waits until a query at Prometheus has the value
    check.py port                       prints a TCP port that is free
"""

import json
import pathlib
import re
import socket
import sys
import time
import urllib.parse
import urllib.request

here = pathlib.Path(__file__).parent


def names_in(text):
    return set(re.findall(r"\bdevstart_[a-z_]+", text))


def expressions(node):
    """Every query in the dashboard, wherever it stands."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ("expr", "query") and isinstance(value, str):
                yield value
            else:
                yield from expressions(value)
    elif isinstance(node, list):
        for value in node:
            yield from expressions(value)


def check_names(path):
    known = set(re.findall(r"^# TYPE (\S+)", pathlib.Path(path).read_text(), re.M))
    dashboard = json.loads((here / "dashboard.json").read_text())
    queries = list(expressions(dashboard))
    used = {
        "dashboard.json": names_in("\n".join(queries)),
        "alerts.yml": names_in((here / "alerts.yml").read_text()),
    }
    bad = False
    for file, names in used.items():
        if not names:
            sys.exit(f"monitoring: {file} names no metric at all")
        for name in sorted(names - known):
            print(f"monitoring: {file} names {name}, which does not exist", file=sys.stderr)
            bad = True
        print(f"monitoring: {file}: {len(names)} metrics, all of {len(known)} that exist")
    ids = [panel["id"] for panel in dashboard["panels"]]
    if len(ids) != len(set(ids)):
        sys.exit("monitoring: dashboard.json has two panels of one id")
    if bad:
        sys.exit(1)


def check_query(address, query, value):
    url = f"http://{address}/api/v1/query?" + urllib.parse.urlencode({"query": query})
    deadline = time.monotonic() + 60
    answer = None
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5) as reply:
                answer = json.load(reply)
            results = answer["data"]["result"]
            if results and all(result["value"][1] == value for result in results):
                print(f"monitoring: Prometheus says {query} = {value}")
                return
        except OSError as error:
            answer = error
        time.sleep(0.2)
    sys.exit(f"monitoring: {query} is not {value}: {answer}")


def main():
    match sys.argv[1:]:
        case ["names", path]:
            check_names(path)
        case ["query", address, query, value]:
            check_query(address, query, value)
        case ["port"]:
            with socket.socket() as found:
                found.bind(("127.0.0.1", 0))
                print(found.getsockname()[1])
        case _:
            sys.exit(__doc__)


main()
