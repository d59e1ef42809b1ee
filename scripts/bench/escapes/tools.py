"""What is compared, each as its manual has it used, with 2 s between TERM and KILL where it can be
said. A tool runs all kinds at once, as a service each."""

import json
import os
import signal
import subprocess

STOP_TIMEOUT = 2
# How long a tool has for a stop, and for a start, until it is looked at whether it says that it is
# done or not.
PATIENCE = 30
START = 60


def wait(command, patience):
  try:
    command.wait(max(0, patience))
  except subprocess.TimeoutExpired:
    pass


class Tool:
  """What they have in common."""

  # Whether a process of the tool's own stands beside every service.
  has_helpers = False
  # Whether it takes a command while it performs another.
  stops_many_at_once = True

  def __init__(self, folder, launches):
    self.folder = folder
    self.launches = launches
    self.services = {kind.service: launches.command(kind) for kind in launches.kinds}
    self.log = open(os.path.join(folder, "log"), "ab")
    self.configure()

  def path(self, name):
    return os.path.join(self.folder, name)

  def write(self, name, text, mode=0o600):
    os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
    with open(self.path(name), "w", encoding="utf-8") as file:
      file.write(text)
    os.chmod(self.path(name), mode)

  def spawn(self, *words):
    return subprocess.Popen(
      words, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
      start_new_session=True)

  def run(self, *words):
    wait(self.spawn(*words), START)

  def number_in(self, name):
    """The number that a file begins with."""
    with open(self.path(name), encoding="ascii") as file:
      return int(file.read().split()[0])


class Devstart(Tool):
  has_helpers = True

  def configure(self):
    self.write("devstart.json", json.dumps({
      "defaults": {"stop": {"timeout": f"{STOP_TIMEOUT}s"}},
      "services": {name: {"command": [command]} for name, command in self.services.items()},
    }))

  def start(self):
    self.run("devstart", "start")

  def stop(self, service):
    return self.spawn("devstart", "stop", service)

  def supervisors(self):
    return [self.number_in("logs/.devstart/supervisor.lock")]


class Supervisord(Tool):
  settings = ""

  def configure(self):
    self.write("supervisord.conf", "\n".join([
      "[unix_http_server]", f"file={self.path('socket')}",
      "[supervisord]", f"logfile={self.path('supervisord.log')}", f"pidfile={self.path('pid')}",
      "[supervisorctl]", f"serverurl=unix://{self.path('socket')}",
      "[rpcinterface:supervisor]",
      "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface",
      *(f"[program:{name}]\ncommand={command}\nstopwaitsecs={STOP_TIMEOUT}\n{self.settings}"
        for name, command in self.services.items()),
    ]))

  def start(self):
    self.run("supervisord", "-c", "supervisord.conf")

  def stop(self, service):
    return self.spawn("supervisorctl", "-c", "supervisord.conf", "stop", service)

  def supervisors(self):
    return [self.number_in("pid")]


class SupervisordByGroup(Supervisord):
  settings = "stopasgroup=true\nkillasgroup=true\n"


class Circus(Tool):
  settings = ""
  # «arbiter is already running watcher_stop command»
  stops_many_at_once = False

  def configure(self):
    self.endpoint = f"ipc://{self.path('control')}"
    self.write("circus.ini", "\n".join([
      "[circus]", f"endpoint = {self.endpoint}", f"pubsub_endpoint = ipc://{self.path('events')}",
      f"pidfile = {self.path('pid')}",
      *(f"[watcher:{name}]\ncmd = {command}\ncopy_env = True\ngraceful_timeout = {STOP_TIMEOUT}\n"
        f"{self.settings}" for name, command in self.services.items()),
    ]))

  def start(self):
    self.run("circusd", "--daemon", "--log-output", self.path("circusd.log"), "circus.ini")

  def stop(self, service):
    return self.spawn(
      "circusctl", "--endpoint", self.endpoint, "--timeout", str(PATIENCE), "stop", service,
      "--waiting")

  def supervisors(self):
    return [self.number_in("pid")]


class CircusWithChildren(Circus):
  settings = "stop_children = True\n"


class Honcho(Tool):
  """It stops no single service, so each has a honcho. Its wait for KILL is 5 s, and fixed. With
  `exec`, what it waits for is the service and not the shell around it."""

  has_helpers = True

  def configure(self):
    for name, command in self.services.items():
      self.write(f"{name}/Procfile", f"{name}: exec {command}\n")

  def start(self):
    self.running = {
      name: self.spawn("honcho", "-d", self.path(name), "start") for name in self.services
    }

  def stop(self, service):
    self.running[service].send_signal(signal.SIGTERM)
    return self.running[service]

  def supervisors(self):
    return [honcho.pid for honcho in self.running.values()]


class S6(Tool):
  has_helpers = True

  def configure(self):
    for name, command in self.services.items():
      self.write(f"scan/{name}/run", f"#!/bin/sh\nexec {command}\n", 0o700)
      self.write(f"scan/{name}/timeout-kill", f"{STOP_TIMEOUT * 1000}\n")

  def start(self):
    self.scanner = self.spawn("s6-svscan", "scan")

  def stop(self, service):
    return self.spawn("s6-svc", "-wD", "-T", str(PATIENCE * 1000), "-d", f"scan/{service}")

  def supervisors(self):
    return [self.scanner.pid]


class Runit(Tool):
  has_helpers = True

  def configure(self):
    for name, command in self.services.items():
      self.write(f"scan/{name}/run", f"#!/bin/sh\nexec {command}\n", 0o700)

  def start(self):
    self.scanner = self.spawn("runsvdir", "-P", "scan")

  def stop(self, service):
    return self.spawn("sv", "-w", str(STOP_TIMEOUT), "force-stop", self.path(f"scan/{service}"))

  def supervisors(self):
    return [self.scanner.pid]


TOOLS = {
  "devstart": Devstart,
  "supervisord": Supervisord,
  "supervisord, stopasgroup and killasgroup": SupervisordByGroup,
  "circus": Circus,
  "circus, stop_children": CircusWithChildren,
  "honcho": Honcho,
  "s6": S6,
  "runit": Runit,
}
