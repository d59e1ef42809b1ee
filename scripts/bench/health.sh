#!/bin/sh
# Measures the HTTP endpoint of a project of 100 services: the time of a request, on its own and
# among half-open connections, and what the load costs the supervisor. Linux only.
#
#   scripts/bench/health.sh [--requests N] [--port PORT] [--idle SECONDS]
#
# It measures $DEVSTART, else the release build. Exit code 1 where a target is missed: a median of
# 1 ms for /health, 64 kB more memory of its own, no wake-up while nobody asks.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
root=$(CDPATH='' cd -- "$here/../.." && pwd -P)
requests=5000
port=18990
idle=10
while [ $# -gt 0 ]; do
  case $1 in
    --requests) requests=$2 && shift ;;
    --port) port=$2 && shift ;;
    --idle) idle=$2 && shift ;;
    *) echo "usage: health.sh [--requests N] [--port PORT] [--idle SECONDS]" >&2 && exit 2 ;;
  esac
  shift
done
devstart=${DEVSTART:-$root/.build/release/devstart}
unset DEVSTART_MANIFEST
if [ ! -x "$devstart" ]; then
  echo "bench: there is no $devstart; run 'swift build -c release' first" >&2
  exit 1
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/devstart-bench.XXXXXX")
holder=
cleanup() {
  if [ -n "$holder" ]; then kill "$holder" 2>/dev/null || true; fi
  if [ -e "$work/devstart.json" ]; then (cd "$work" && "$devstart" stop --force) >/dev/null || true; fi
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM HUP

compiler=
for name in cc clang gcc; do
  if command -v "$name" >/dev/null; then compiler=$name && break; fi
done
[ -n "$compiler" ] || { echo "bench: there is no cc, clang or gcc" >&2 && exit 1; }
"$compiler" -O2 -o "$work/http" "$here/http.c"

{
  printf '{"health": {"port": %d}, "services": {\n' "$port"
  number=1
  while [ "$number" -le 100 ]; do
    if [ "$number" -gt 1 ]; then printf ',\n'; fi
    printf '  "s%03d": {"command": ["sleep", "%d"], "ready": {"delay": "0s"}}' \
      "$number" $((1000 + number))
    number=$((number + 1))
  done
  printf '\n}}\n'
} >"$work/devstart.json"
cd "$work"
"$devstart" start >/dev/null
pid=$(sed -n 's/^\([0-9][0-9]*\).*/\1/p' logs/.devstart/supervisor.lock | head -n 1)

own() { awk '$1 == "RssAnon:" { print $2 }' "/proc/$pid/status"; }
switches() { awk '/ctxt_switches/ { sum += $2 } END { print sum }' "/proc/$pid/status"; }
# measure PATH N: median and 99th percentile in microseconds.
measure() {
  ./http time "$port" "$1" "$2" >times.txt
  sort -n times.txt | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)], value[int(NR * 0.99)] }'
}

echo "measuring $("$devstart" version), $(getconf _NPROCESSORS_ONLN) cores, load $(cut -d' ' -f1 /proc/loadavg)"
measure /health 1 >/dev/null
before=$(own)
alone=$(measure /health "$requests")
after=$(own)

# Half-open connections, and a reader that hangs, all through the second half.
mkfifo lasts
./http hold "$port" 200 <lasts >held.txt &
holder=$!
exec 3>lasts
until grep -q held held.txt; do sleep 0.01; done
crowded=$(measure /health "$requests")
among=$(own)
exec 3>&-
wait "$holder"
holder=
metrics=$(measure /metrics 50)

# Every connection has had its time.
sleep 6
calm=$(switches)
sleep "$idle"
wakeups=$(($(switches) - calm))

missed=0
# row WHAT VALUE UNIT MOST
row() {
  verdict=
  if [ -n "$4" ]; then
    verdict=$(awk -v value="$2" -v most="$4" 'BEGIN { print value <= most ? "yes" : "NO" }')
    [ "$verdict" = yes ] || missed=1
  fi
  printf '| %-44s | %8s %-2s | %-15s | %s |\n' "$1" "$2" "$3" "${4:+at most $4 $3}" "$verdict"
}
echo '| what, of 100 services | value | target | met |'
echo '|---|---|---|---|'
row '/health, median' "${alone% *}" us 1000
row '/health, 99th percentile' "${alone#* }" us ''
row '/health among 200 half-open, median' "${crowded% *}" us 1000
row '/health among 200 half-open, 99th percentile' "${crowded#* }" us ''
row '/metrics in JSON, median' "${metrics% *}" us ''
row "memory after $requests requests, more" $((after - before)) kB 64
row 'memory among 200 half-open, more' $((among - before)) kB 64
row "wake-ups in $idle s without requests" "$wakeups" '' 0
[ "$missed" = 0 ]
