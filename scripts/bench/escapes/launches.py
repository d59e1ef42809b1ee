"""The launches of the kinds under a tool, and who lives of each.

Every launch has a folder of its own, named by main's PID, and in it a link to the fixture. So
/proc/PID/exe of a process says whose it is, whatever it changes of itself."""

import fcntl
import os
import shlex
import stat
import time
from collections import Counter

from processes import executable

FIXTURE = "devstart-fixture"


class Launches:
  def __init__(self, folder, fixture, kinds):
    self.folder = os.path.join(folder, "launches")
    self.kinds = kinds
    os.mkdir(self.folder)
    for kind in kinds:
      os.mkdir(os.path.join(self.folder, kind.service))
      self.write_command(kind, fixture)

  def write_command(self, kind, fixture):
    """Nice, as some kinds take all the time that there is and the tools are to have it."""
    home = shlex.quote(os.path.join(self.folder, kind.service))
    words = shlex.join(kind.words).replace("@", f"{home}/$$")
    path = self.command(kind)
    with open(path, "w", encoding="utf-8") as file:
      file.write("#!/bin/sh\n")
      file.write(f"mkdir -p {home}/$$ && : >{home}/$$/file && ln -f {shlex.quote(fixture)} {home}/$$/\n")
      file.write(f"export FIXTURE_PIDS={home}/$$/records\n")
      file.write(f"exec nice -n 19 {home}/$$/{FIXTURE} lock {home}/$$/life {words}\n")
    os.chmod(path, stat.S_IRWXU)

  def command(self, kind):
    """The program that a tool is to run: every tool the same."""
    return os.path.join(self.folder, kind.service, "run")

  def started(self, kind):
    """The PIDs of all the mains that there have been, whose words are performed."""
    home = os.path.join(self.folder, kind.service)
    return {int(name) for name in os.listdir(home) if name != "run" and self.has_settled(home, name)}

  @staticmethod
  def has_settled(home, name):
    try:
      with open(os.path.join(home, name, "records"), encoding="ascii") as file:
        return any(line.startswith("settled ") for line in file)
    except FileNotFoundError:
      return False

  def await_new(self, before, patience):
    """Waits for a launch of each kind that is not in `before`, by kind; says which kinds have none."""
    deadline = time.monotonic() + patience
    while True:
      late = [kind for kind in self.kinds if not self.started(kind) - before.get(kind, set())]
      if not late or time.monotonic() > deadline:
        return late
      time.sleep(0.1)

  def living(self):
    """(service, main's PID) -> how many live, as one reading of the process table has it."""
    found = Counter()
    for name in os.listdir("/proc"):
      path = executable(name) if name.isdigit() else None
      if path is not None and path.startswith(self.folder + "/"):
        service, main, _ = path[len(self.folder) + 1 :].split("/")
        found[service, int(main)] += 1
    return found

  def most_living(self, looks=10, every=0.05):
    """The most of each: who forks and dies all the time may be missed by one reading. Who is
    faster than any reading still holds the lock that main took."""
    most = Counter()
    for _ in range(looks):
      most |= self.living()
      most |= Counter({launch: 1 for launch in self.launches() if self.is_locked(*launch)})
      time.sleep(every)
    return most

  def launches(self):
    for kind in self.kinds:
      for main in self.started(kind):
        yield kind.service, main

  def is_locked(self, service, main):
    with open(os.path.join(self.folder, service, str(main), "life"), "rb") as file:
      try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
      except BlockingIOError:
        return True
    return False
