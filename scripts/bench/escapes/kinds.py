"""The kinds of escape: those that the end-to-end tests try devstart with."""

import os
import re
from dataclasses import dataclass

# One `Escape("name", "words", …)` of the list, up to where the next begins.
ENTRY = re.compile(r'\bEscape\(\s*"([^"]+)",\s*"([^"]+)"((?:(?!\bEscape\().)*)', re.DOTALL)
# What is no service that runs and makes others by itself: the tests do something to it, or it is
# to end by itself. Main's end is a situation here.
NOT_BY_ITSELF = re.compile(r"\b(trigger|isOneshot): ")


@dataclass(frozen=True)
class Kind:
  """What a service makes that gets away: a name for people, and the fixture's words. `@` is a
  folder of its own."""

  service: str
  name: str
  words: tuple


def read(path):
  """Those of the Swift file that this machine can make, in its order."""
  with open(path, encoding="utf-8") as file:
    entries = ENTRY.findall(file.read())
  possible = [
    (name, words) for name, words, rest in entries
    if not NOT_BY_ITSELF.search(rest) and is_possible(rest)
  ]
  if not possible:
    raise SystemExit(f"escapes: no kinds in {path}")
  return [
    Kind(f"k{number:02}", name, tuple(words.split()))
    for number, (name, words) in enumerate(possible, 1)
  ]


def is_possible(rest):
  if "need: .fuse" in rest and not os.path.exists("/dev/fuse"):
    return False
  return "need: " not in rest or os.geteuid() == 0
