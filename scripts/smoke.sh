#!/bin/sh
# What CI runs before the tests: brings the example up with `devstart smoke`, looks at it from
# inside, and checks that exit codes pass through and that nothing is left afterwards.
#
#   scripts/smoke.sh            with $DEVSTART, else the release build, else the debug build
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
cd "$root"

if [ -z "${DEVSTART-}" ]; then
  for build in release debug; do
    DEVSTART=$root/.build/$build/devstart
    if [ -x "$DEVSTART" ]; then break; fi
  done
fi
if [ ! -x "$DEVSTART" ]; then
  echo "smoke: there is no devstart at $DEVSTART; run 'swift build -c release' first" >&2
  exit 1
fi
# Two checkouts that are tested at once must not want the same port.
: "${API_PORT:=$((20000 + $$ % 10000))}"
export API_PORT DEVSTART
unset DEVSTART_MANIFEST

fail() {
  echo "smoke: $*" >&2
  # What a failed check has left is ours.
  "$DEVSTART" stop --force >&2 || true
  exit 1
}

# Every process that has to do with this checkout's example, its keepers or its supervisor.
ours() {
  for folder in /proc/[0-9]*; do
    pid=${folder#/proc/}
    if [ "$pid" = $$ ]; then continue; fi
    words=$(tr '\0' ' ' 2>/dev/null <"$folder/cmdline") || continue
    case $words in
      *"supervise --manifest $root/devstart.json"* | "devstart: keeper of "*)
        # A keeper holds its launch's record open, which says whose it is.
        case $words in
          devstart:*) readlink "$folder"/fd/* 2>/dev/null | grep -qF "$root/logs/" || continue ;;
        esac
        echo "$pid $words"
        ;;
      *scripts/example/* | *example/api\ *)
        if [ "$(readlink "$folder/cwd" 2>/dev/null)" = "$root" ]; then echo "$pid $words"; fi
        ;;
    esac
  done
}

echo "smoke: with $("$DEVSTART" version), $DEVSTART"
"$DEVSTART" check || fail "the example's manifest is wrong"

echo "smoke: all up inside"
# shellcheck disable=SC2016  # Expanded by the shell inside.
"$DEVSTART" smoke all -- sh -euc '
  "$DEVSTART" status
  for service in mtproto api bot; do
    kill -0 "$(cat "logs/dev_$service.pid")"
    test -s "logs/dev_$service.log"
  done
  "$DEVSTART" status --json | grep -q "\"state\": *\"ready\""
' || fail "'devstart smoke all' exits $?, not 0"

echo "smoke: the command's exit code is its own"
code=0
"$DEVSTART" smoke workers -- sh -c 'exit 7' || code=$?
[ "$code" = 7 ] || fail "'exit 7' inside becomes $code"
code=0
# shellcheck disable=SC2016  # Expanded by the shell inside.
"$DEVSTART" smoke workers -- sh -c 'kill -TERM $$' || code=$?
[ "$code" = 143 ] || fail "an end by TERM inside becomes $code, not 143"

echo "smoke: nothing is left"
code=0
"$DEVSTART" status >/dev/null || code=$?
[ "$code" = 3 ] || fail "'devstart status' exits $code after all, not 3"
for file in logs/dev_*.pid logs/.devstart/control.sock; do
  [ ! -e "$file" ] || fail "$file is left"
done
if [ -d /proc/self ]; then
  # The supervisor ends by itself, a moment later.
  tries=50
  while left=$(ours) && [ -n "$left" ] && [ "$tries" -gt 0 ]; do
    tries=$((tries - 1))
    sleep 0.1
  done
  [ -z "$left" ] || fail "left alive: $left"
fi
echo "smoke: passed"
