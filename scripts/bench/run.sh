#!/bin/sh
# Measures devstart, each figure beside its floor and its target, in one run: plain sh and a C
# program as the clock. Linux only. The machine should do nothing else meanwhile.
#
#   scripts/bench/run.sh [--rounds N] [--idle SECONDS] [--peers]
#
# It measures $DEVSTART, else the release build. A time is a whole process's, from posix_spawn to
# its end, its output to /dev/null. Runs that are compared alternate, so that both have the same
# moments. --peers measures supervisord too, where it is installed.
set -eu

rounds=15
idle=30
peers=
while [ $# -gt 0 ]; do
  case $1 in
    --rounds) rounds=$2 && shift ;;
    --idle) idle=$2 && shift ;;
    --peers) peers=yes ;;
    *) echo "usage: run.sh [--rounds N] [--idle SECONDS] [--peers]" >&2 && exit 2 ;;
  esac
  shift
done
# shellcheck source=scripts/bench/common.sh
. "$(dirname -- "$0")/common.sh"
compile bench
bench=$work/bench
hundred "" >"$work/devstart.json"
cd "$work"

# --- Measuring

# take FILE COMMAND…: adds one figure; a command that fails ends the benchmark.
take() {
  file=$1
  shift
  "$@" >>"$file" || { echo "bench: '$*' failed" >&2 && exit 1; }
}

keepers() {
  tr ' ' '\n' <"/proc/$1/task/$1/children" | while read -r pid; do
    if [ -n "$pid" ] && grep -q '^devstart: keeper of ' "/proc/$pid/cmdline" 2>/dev/null; then echo "$pid"; fi
  done
}

# rollup FIELD… PID: the sum of these fields of smaps_rollup, in kB.
rollup() {
  fields=$1
  awk -v fields="$fields" 'BEGIN { n = split(fields, names, " ") }
    { for (i = 1; i <= n; i++) if ($1 == names[i] ":") sum += $2 } END { print sum + 0 }' \
    "/proc/$2/smaps_rollup"
}

switches() {
  for pid in "$@"; do cat "/proc/$pid/status"; done |
    awk '/ctxt_switches/ { sum += $2 } END { print sum + 0 }'
}

echo "measuring $("$devstart" version): $rounds rounds, $(getconf _NPROCESSORS_ONLN) cores," \
  "load $(cut -d' ' -f1 /proc/loadavg)" >&2
begun_load=$(cut -d' ' -f1 /proc/loadavg)

echo "  start and stop of 100 …" >&2
round=0
while [ "$round" -lt "$rounds" ]; do
  take floor "$bench" floor 100
  take start "$bench" once "$devstart" start
  take stop "$bench" once "$devstart" stop
  await_end
  round=$((round + 1))
done

echo "  status of 100 …" >&2
"$devstart" start >/dev/null
round=0
while [ "$round" -lt $((rounds * 10)) ]; do
  take true "$bench" once /bin/true
  take status "$bench" once "$devstart" status
  round=$((round + 1))
done

echo "  idle for $idle s …" >&2
pid=$(supervisor)
keepers=$(keepers "$pid")
[ "$(echo "$keepers" | wc -l)" = 100 ] || { echo "bench: not 100 keepers" >&2 && exit 1; }
sleep 1
# shellcheck disable=SC2086  # A list of PIDs.
before=$(switches "$pid" $keepers)
sleep "$idle"
# shellcheck disable=SC2086
after=$(switches "$pid" $keepers)
wakeups=$((after - before))
resident=$(rollup Rss "$pid")
private=$(rollup "Private_Clean Private_Dirty" "$pid")
dirty=$(rollup Private_Dirty "$pid")
for keeper in $keepers; do rollup Pss "$keeper"; done | sort -n >shares
keeper_median=$(sed -n 50p shares)
keeper_most=$(tail -n 1 shares)
"$devstart" stop >/dev/null

echo "  KILL to new PID …" >&2
mkdir "$work/crash"
cat >"$work/crash/devstart.json" <<'END'
{"services": {"a": {"command": ["sleep", "1000"], "ready": {"delay": "0s"},
  "restart": {"policy": "always", "backoff": "0s", "max": 1000000}}}}
END
(
  cd "$work/crash"
  "$devstart" start >/dev/null
  "$bench" respawn logs/dev_a.pid $((rounds * 10)) >"$work/respawn"
  "$devstart" stop >/dev/null
)

# --- The table

# line WHAT FILE REFERENCE-FILE RATIO BOUND: median, least, 90th percentile, the medians' ratio and
# that of the least, which a busy machine disturbs less, and whether the median meets the target.
line() {
  # shellcheck disable=SC2046  # Three numbers.
  set -- "$1" "$3" "$4" "$5" $("$bench" summary <"$2")
  reference=0
  least=0
  if [ -n "$2" ]; then
    reference=$("$bench" summary <"$2" | cut -d' ' -f1)
    least=$("$bench" summary <"$2" | cut -d' ' -f2)
  fi
  awk -v what="$1" -v reference="$reference" -v reference_least="$least" -v most="$3" -v bound="$4" \
    -v median="$5" -v least="$6" -v high="$7" 'BEGIN {
      ratio = "-"
      if (reference > 0)
        ratio = sprintf("%.1f (%.1f)", median / reference, least / reference_least)
      target = ""; good = 1
      if (most != "") { target = "within " most " times"; good = median <= most * reference }
      if (bound != "") {
        target = target (target == "" ? "within " : "; ") bound " ms"
        good = good && median <= bound
      }
      printf "| %-36s | %9s | %-17s | %-11s | %-22s | %s |\n", what, median " ms",
        least " to " high, ratio, target, target == "" ? "" : (good ? "yes" : "NO")
    }'
}

# fact WHAT VALUE UNIT TARGET
fact() {
  verdict=
  if [ -n "$4" ]; then verdict=$([ "$2" -le "$4" ] && echo yes || echo NO); fi
  printf '| %-36s | %9s | %-17s | %-11s | %-22s | %s |\n' \
    "$1" "$2 $3" - - "${4:+at most $4 $3}" "$verdict"
}

echo
printf '%s, %s cores, Linux %s, load %s to %s, %s\n\n' "$(date -u +%Y-%m-%d)" \
  "$(getconf _NPROCESSORS_ONLN)" "$(uname -r | cut -d- -f1)" "$begun_load" \
  "$(cut -d' ' -f1 /proc/loadavg)" "$("$devstart" version)"
echo '| what | median | least to 90 % | ratio (of the least) | target | met |'
echo '|---|---|---|---|---|---|'
line '/bin/true' true '' '' ''
line 'status, 100 services' status true 4 6
line 'posix_spawn of 100 sleep, in C' floor '' '' ''
line '100 services up, and the supervisor' start floor 2 ''
line 'stop all 100' stop '' '' 50
line 'KILL to new PID, no back-off' respawn '' '' 2
fact 'supervisor of 100: resident' "$resident" kB 10240
fact 'supervisor of 100: private' "$private" kB 5120
fact '  of these, not the program file' "$dirty" kB ''
fact 'keeper: proportional, median' "$keeper_median" kB 150
fact 'keeper: proportional, most' "$keeper_most" kB 150
fact "wake-ups of all 101 in $idle s" "$wakeups" '' 0

# --- Peers

if [ -n "$peers" ]; then
  if ! command -v supervisord >/dev/null; then
    echo 'peers: supervisord is not installed' >&2
    exit 0
  fi
  {
    printf '[unix_http_server]\nfile=%s/s.sock\n[supervisord]\nlogfile=%s/s.log\n' "$work" "$work"
    printf 'pidfile=%s/s.pid\n[supervisorctl]\nserverurl=unix://%s/s.sock\n' "$work" "$work"
    printf '[rpcinterface:supervisor]\n'
    printf 'supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n'
    number=1
    while [ "$number" -le 100 ]; do
      printf '[program:s%03d]\ncommand=sleep %d\nstartsecs=0\n' "$number" $((1000 + number))
      number=$((number + 1))
    done
  } >s.conf
  supervisord -n -c s.conf >/dev/null 2>&1 &
  companion=$!
  until supervisorctl -c s.conf status 2>/dev/null | grep -c RUNNING | grep -q '^100$'; do
    sleep 0.2
  done
  round=0
  while [ "$round" -lt "$rounds" ]; do
    take supervisorctl "$bench" once supervisorctl -c s.conf status
    round=$((round + 1))
  done
  line 'supervisorctl status, 100 programs' supervisorctl true '' ''
fi
