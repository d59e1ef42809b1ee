#!/bin/sh
# Runs a project and gives what its endpoints answer to the systems that read it: promtool checks
# the metrics, a real Prometheus scrapes them, and the alerts and the dashboard are checked against
# what exists. Installs what it needs from Debian where this is root.
#
#   scripts/test-monitoring.sh         with $DEVSTART, else the release build, else the debug build
#
# Exit code 0: all hold. 1: something does not. 77: what could be tried holds, and something could
# not be installed, which is said.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
monitoring=$root/scripts/monitoring

if [ -z "${DEVSTART-}" ]; then
  for build in release debug; do
    DEVSTART=$root/.build/$build/devstart
    if [ -x "$DEVSTART" ]; then break; fi
  done
fi
if [ ! -x "$DEVSTART" ]; then
  echo "monitoring: there is no devstart at $DEVSTART; run 'swift build -c release' first" >&2
  exit 1
fi
unset DEVSTART_MANIFEST

work=$(mktemp -d)
prometheus_pid=
cleanup() {
  if [ -n "$prometheus_pid" ]; then
    kill "$prometheus_pid" 2>/dev/null || true
    wait "$prometheus_pid" 2>/dev/null || true
  fi
  if [ -e "$work/devstart.json" ]; then
    (cd "$work" && "$DEVSTART" stop --force) >/dev/null 2>&1 || true
    # The supervisor holds its lock until it has written its last.
    flock "$work/logs/.devstart/supervisor.lock" true 2>/dev/null || true
  fi
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

about=monitoring
# shellcheck source=scripts/needs.sh
. "$root/scripts/needs.sh"

fail() {
  echo "monitoring: $1" >&2
  exit 1
}

for need in python3 curl; do
  if ! needs "$need" "$need"; then
    skip 'everything' "$need"
    exit 77
  fi
done
check() {
  python3 "$monitoring/check.py" "$@"
}

# A project with something of everything.
port=$(check port)
own=$(check port)
cat >"$work/devstart.json" <<MANIFEST
{
  "health": {"port": $port},
  "services": {
    "api": {
      "command": ["sleep", "86401"], "ready": {"delay": "0s"}, "heartbeat": "1h",
      "limits": {"maxRuntime": "24h", "memory": "1GB", "cpu": 90}, "health": {"port": $own}
    },
    "flaky": {
      "command": "exit 3", "ready": {"delay": "10s"},
      "restart": {"policy": "on-failure", "max": 2, "backoff": "0s"}
    },
    "killed": {"command": "kill -KILL \$\$\$\$", "ready": {"delay": "10s"}},
    "migrate": {"command": "true", "oneshot": true}
  }
}
MANIFEST
cd "$work"
if "$DEVSTART" start >"$work/start.log" 2>&1; then fail 'a start with failing services succeeds'; fi

address=127.0.0.1:$port
ask() {
  curl -sS -m 10 -H "Accept: $1" "http://$2/metrics"
}
ask 'text/plain' "$address" >"$work/metrics.txt"
ask 'text/plain' "127.0.0.1:$own" >"$work/service.txt"
ask 'application/openmetrics-text' "$address" >"$work/open.txt"
[ "$(tail -n 1 "$work/open.txt")" = '# EOF' ] || fail 'the OpenMetrics text has no end'
curl -sS -m 10 "http://$address/metrics" | python3 -c 'import json, sys; json.load(sys.stdin)'
[ "$(curl -sS -m 10 -o "$work/health.json" -w '%{http_code}' "http://$address/health")" = 503 ] ||
  fail 'a project with failed services is healthy'
[ "$(curl -sS -m 10 -o "$work/health.json" -w '%{http_code}' "http://127.0.0.1:$own/health")" = 200 ] ||
  fail 'a ready service is not healthy'

check names "$work/metrics.txt"

if needs promtool prometheus; then
  for file in metrics service; do
    promtool check metrics <"$work/$file.txt" >"$work/promtool.log" 2>&1 ||
      fail "promtool check metrics: $(cat "$work/promtool.log")"
    [ ! -s "$work/promtool.log" ] || fail "promtool check metrics: $(cat "$work/promtool.log")"
    echo "monitoring: promtool finds nothing to say about $file.txt"
  done
  promtool check rules "$monitoring/alerts.yml"
else
  skip 'promtool' prometheus
fi

if needs prometheus prometheus; then
  web=127.0.0.1:$(check port)
  cat >"$work/prometheus.yml" <<CONFIGURATION
global: {scrape_interval: 1s}
rule_files: ['$monitoring/alerts.yml']
scrape_configs:
  - job_name: devstart
    static_configs: [{targets: ['$address']}]
  - job_name: api
    static_configs: [{targets: ['127.0.0.1:$own']}]
CONFIGURATION
  promtool check config "$work/prometheus.yml" >"$work/config.log" || fail "$(cat "$work/config.log")"
  prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/data" \
    --web.listen-address="$web" >"$work/prometheus.log" 2>&1 &
  prometheus_pid=$!
  check query "$web" 'up{job="devstart"}' 1
  check query "$web" 'up{job="api"}' 1
  check query "$web" 'devstart_service_up{job="devstart",service="api"}' 1
  check query "$web" 'devstart_service_up{job="api",service="api"}' 1
  check query "$web" 'devstart_service_state{service="flaky",state="failed"}' 1
  check query "$web" 'devstart_service_restarts_total{service="flaky",reason="exited"}' 2
  check query "$web" 'devstart_service_last_exit_code{service="flaky"}' 3
  check query "$web" 'devstart_service_last_exit_signal_info{service="killed",signal="KILL"}' 1
else
  skip 'a scrape' prometheus
fi

"$DEVSTART" stop >"$work/stop.log" || fail "stop: $(cat "$work/stop.log")"
if curl -s -m 2 "http://$address/health" >/dev/null; then fail 'it answers after its end'; fi
if [ -n "$skipped" ]; then exit 77; fi
echo 'monitoring: all hold'
