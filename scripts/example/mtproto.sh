#!/bin/sh
# A worker that pretends to receive messages.
set -eu

say() { printf '%s mtproto: %s\n' "$(date +%H:%M:%S)" "$*"; }

received=0
# The shell is in `wait`, not in the foreground `sleep`, so that the signal is handled at once.
trap 'say "closing the connection, $received messages received"; exit 0' TERM INT
say "connected to data centre 2 as pid $$"
while :; do
  sleep 2 &
  wait $! 2>/dev/null || true
  received=$((received + 1))
  say "message $received from user $((100 + received * 37 % 900))"
done
