"""Tries each kind of escape in each situation under each tool, and prints what is left as Markdown.

  python3 escapes WORK FIXTURE ESCAPE.SWIFT [--jobs N] [--tools TOOL…]

WORK is a folder for its files, FIXTURE a program in the same file system, both by absolute paths;
the tools are on the PATH."""

import argparse
import os
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor

import kinds
import table
from launches import Launches
from nest import nested, nothing_left
from situations import all_killed, main_killed, stopped, supervisor_killed
from tools import TOOLS


def main():
  parser = argparse.ArgumentParser(prog="escapes.sh")
  parser.add_argument("work")
  parser.add_argument("fixture")
  parser.add_argument("kinds")
  parser.add_argument("--jobs", type=int, default=2, help="how many rounds at once")
  parser.add_argument("--tools", nargs="+", choices=TOOLS, default=list(TOOLS), metavar="TOOL")
  options = parser.parse_args()
  found = kinds.read(options.kinds)
  rounds = [
    (name, situation, found, options.work, options.fixture)
    for name in options.tools
    for situation in situations_of(TOOLS[name])
  ]
  results = {name: {} for name in options.tools}
  with nothing_left():
    pool = ProcessPoolExecutor(options.jobs)
    for (name, *_), result in zip(rounds, pool.map(round_, *zip(*rounds))):
      results[name].update(result)
    pool.shutdown()
  table.show(found, results)


def situations_of(tool):
  return [stopped, main_killed, supervisor_killed] + ([all_killed] if tool.has_helpers else [])


def round_(name, situation, found, work, fixture):
  """One situation of all kinds under one tool, from nothing to nothing."""
  print(f"  {name}: {situation.__name__.replace('_', ' ')} …", file=sys.stderr)
  with tempfile.TemporaryDirectory(dir=work) as folder:
    return nested(perform, name, situation, found, folder, fixture)


def perform(name, situation, found, folder, fixture):
  return situation(TOOLS[name](folder, Launches(folder, fixture, found)))


main()
