"""What /proc says of processes, and their end."""

import os
import select
import signal


def children(pid):
  """Some may be missing while others exit (proc(5)), so an empty list proves nothing."""
  found = []
  for thread in os.listdir(f"/proc/{pid}/task"):
    with open(f"/proc/{pid}/task/{thread}/children", encoding="ascii") as file:
      found += map(int, file.read().split())
  return found


def executable(pid):
  """None for the dead and for the kernel's own. A process whose first thread has ended looks like
  a zombie, and has its executable in the threads that live on."""
  try:
    return os.readlink(f"/proc/{pid}/exe")
  except OSError:
    pass
  try:
    threads = os.listdir(f"/proc/{pid}/task")
  except OSError:
    return None
  for thread in threads:
    try:
      return os.readlink(f"/proc/{pid}/task/{thread}/exe")
    except OSError:
      continue
  return None


def kill(pids):
  """Sends KILL to all of them and waits for their ends."""
  handles = [os.pidfd_open(pid) for pid in pids]
  for handle in handles:
    signal.pidfd_send_signal(handle, signal.SIGKILL)
  for handle in handles:
    # A handle can be read once its process is dead, reaped or not (pidfd_open(2)).
    select.select([handle], [], [])
    os.close(handle)
