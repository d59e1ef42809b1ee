"""A function and all that it starts, of which nothing is left when it is over.

Whoever loses its parent becomes a child of the process in here that is the subreaper
(PR_SET_CHILD_SUBREAPER, prctl(2)). So it needs to know nobody: it ends its own children until it
has none. The number of a child that was not waited for is nobody else's."""

import ctypes
import json
import os
import signal
import sys
import time
import traceback
from contextlib import contextmanager

from processes import children

PR_SET_CHILD_SUBREAPER = 36
PATIENCE = 60
# What breaks a program off from outside.
BREAKS = signal.SIGINT, signal.SIGTERM, signal.SIGHUP


@contextmanager
def nothing_left():
  """Ends whatever the block has started and not ended, when it is over, by a signal too."""
  become_subreaper()
  for number in BREAKS:
    signal.signal(number, signal.default_int_handler)
  try:
    yield
  finally:
    for number in BREAKS:
      signal.signal(number, signal.SIG_IGN)
    end_children()


def nested(function, *arguments):
  """What the function returns, which is run in a process of its own. Raises RuntimeError when it
  raises, or when something cannot be ended."""
  become_subreaper()
  reading, writing = os.pipe()
  worker = os.fork()
  if worker == 0:
    perform(writing, function, arguments)
  os.close(writing)
  # Ctrl-C ends the worker; what it started is still to be ended.
  signal.signal(signal.SIGINT, signal.SIG_IGN)
  with os.fdopen(reading) as file:
    reap_until(worker, file)
    answer = file.read()
  end_children()
  if not answer:
    raise RuntimeError(f"{arguments}: it came to no end")
  return json.loads(answer)


def become_subreaper():
  if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
    raise OSError(ctypes.get_errno(), "PR_SET_CHILD_SUBREAPER")


def perform(writing, function, arguments):
  """The worker: never returns."""
  try:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    result = json.dumps(function(*arguments))
    with os.fdopen(writing, "w") as file:
      file.write(result)
  except BaseException:
    traceback.print_exc()
  finally:
    sys.stderr.flush()
    os._exit(0)


def reap_until(worker, file):
  """Waits for everyone who dies. The answer is shorter than a pipe is long (64 KiB, pipe(7))."""
  while os.waitpid(-1, 0)[0] != worker:
    pass


def end_children():
  deadline = time.monotonic() + PATIENCE
  while True:
    try:
      while os.waitpid(-1, os.WNOHANG)[0] != 0:
        pass
    except ChildProcessError:
      return
    if time.monotonic() > deadline:
      raise RuntimeError(f"still alive after {PATIENCE} s: {children(os.getpid())}")
    for pid in children(os.getpid()):
      os.kill(pid, signal.SIGKILL)

