#!/bin/sh
# A bot that pretends to answer. `--name NAME` is what it calls itself.
set -eu

name=bot
if [ "${1-}" = --name ]; then name=$2; fi

say() { printf '%s %s: %s\n' "$(date +%H:%M:%S)" "$name" "$*"; }

answered=0
trap 'say "stops polling after $answered answers"; exit 0' TERM INT
say "polling; the api is on port ${API_PORT:-8765}"
while :; do
  sleep 3 &
  wait $! 2>/dev/null || true
  answered=$((answered + 1))
  say "answered message $answered"
done
