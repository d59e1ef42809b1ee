#!/bin/sh
# What a team's old start script becomes: `scripts/dev-start.sh workers` is `devstart workers`,
# built before if it is not there or older than its sources. In a project that has devstart
# installed, nothing is left of it but the last two lines.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
binary=$root/.build/release/devstart

is_stale() {
  [ ! -x "$binary" ] ||
    [ -n "$(find "$root/Sources" "$root/Package.swift" -newer "$binary" -type f | head -n 1)" ]
}

if is_stale; then
  echo "dev-start: building devstart, once; this takes a minute or two" >&2
  # The build's own output is for the one who needs it, and never in `--json`.
  swift build --package-path "$root" -c release --product devstart >&2
  # An edit that changes nothing in the binary leaves its date as it was.
  touch -c "$binary"
fi

# From wherever it is called, it is this project's services that are meant.
cd "$root"
exec "$binary" "$@"
