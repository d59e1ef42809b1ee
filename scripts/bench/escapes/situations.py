"""The situations that the kinds are tried in. Each answers, for every kind, how many processes
there are that should not be."""

import time
from collections import Counter

from processes import children, executable, kill
from tools import PATIENCE, wait

# Until all kinds are what they should be, on a machine that may be busy.
SETTLED = 60
# After a stop that says it is done.
GRACE = 2
# After an end that nobody asked for: a tool may do something about it, which takes its 2 s or 5.
LONG_GRACE = 8
# For a tool that has kept its services there is nothing to start.
RESTART = 5


def stopped(tool):
  """What lives when the tool has said that the service is down."""
  start(tool)
  return {"stop": stop(tool)}


def main_killed(tool):
  """What lives of a launch whose main somebody has KILLed."""
  mains = start(tool)
  # A main may have ended by itself and have left others.
  kill([main for main in mains.values() if executable(main) is not None])
  time.sleep(LONG_GRACE)
  living = tool.launches.most_living()
  return {"main": {service: living[service, main] for service, main in mains.items()}}


def supervisor_killed(tool):
  start(tool)
  kill(tool.supervisors())
  return again(tool, "twice", "twice-stop")


def all_killed(tool):
  start(tool)
  supervisors = tool.supervisors()
  helpers = [child for pid in supervisors for child in children(pid)]
  kill(supervisors)
  kill(helpers)
  return again(tool, "all-twice", "all-twice-stop")


def start(tool):
  """Starts all kinds, and waits until they are what they should be. The PIDs of their mains."""
  tool.start()
  late = tool.launches.await_new({}, SETTLED)
  if late:
    raise RuntimeError(f"not started: {', '.join(kind.name for kind in late)}")
  return {kind.service: min(tool.launches.started(kind)) for kind in tool.launches.kinds}


def again(tool, twice, then_stop):
  """Starts the tool again, as its user would: the launches too many, and what a stop leaves."""
  before = {kind: tool.launches.started(kind) for kind in tool.launches.kinds}
  tool.start()
  tool.launches.await_new(before, RESTART)
  alive = Counter(service for service, _ in tool.launches.most_living())
  copies = {kind.service: max(0, alive[kind.service] - 1) for kind in tool.launches.kinds}
  return {twice: copies, then_stop: stop(tool)}


def stop(tool):
  """Stops each by its own command, all at once where the tool can: what lives afterwards."""
  commands = []
  for kind in tool.launches.kinds:
    commands.append(tool.stop(kind.service))
    if not tool.stops_many_at_once:
      wait(commands[-1], PATIENCE)
  deadline = time.monotonic() + PATIENCE
  for command in commands:
    wait(command, deadline - time.monotonic())
  time.sleep(GRACE)
  living = Counter()
  for (service, _), count in tool.launches.most_living().items():
    living[service] += count
  return {kind.service: living[kind.service] for kind in tool.launches.kinds}

