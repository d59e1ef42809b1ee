# shellcheck shell=sh
# What the benchmarks have in common: what is measured, a folder to work in that is empty again at
# the end, C programs, and a hundred services. To be sourced by a script in scripts/bench.

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
root=$(CDPATH='' cd -- "$here/../.." && pwd -P)
devstart=${DEVSTART:-$root/.build/release/devstart}
unset DEVSTART_MANIFEST
if [ ! -x "$devstart" ]; then
  echo "bench: there is no $devstart; run 'swift build -c release' first" >&2
  exit 1
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/devstart-bench.XXXXXX")
# A process of the script's own that is to end with it.
companion=
cleanup() {
  if [ -n "$companion" ]; then kill "$companion" 2>/dev/null || true; fi
  for folder in "$work" "$work"/*; do
    if [ -e "$folder/devstart.json" ]; then
      (cd "$folder" && "$devstart" stop --force && await_end) >/dev/null || true
    fi
  done
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM HUP

# compile NAME: the program $work/NAME of NAME.c.
compile() {
  for compiler in cc clang gcc; do
    if command -v "$compiler" >/dev/null; then
      "$compiler" -O2 -o "$work/$1" "$here/$1.c"
      return
    fi
  done
  echo "bench: there is no cc, clang or gcc" >&2
  exit 1
}

# hundred FIRST-KEYS: a manifest of a hundred services. Each sleeps for a time of its own, so
# that no two have the same command.
hundred() {
  printf '{%s"services": {\n' "$1"
  number=1
  while [ "$number" -le 100 ]; do
    if [ "$number" -gt 1 ]; then printf ',\n'; fi
    printf '  "s%03d": {"command": ["sleep", "%d"], "ready": {"delay": "0s"}}' \
      "$number" $((1000 + number))
    number=$((number + 1))
  done
  printf '\n}}\n'
}

# With nothing left to do a supervisor ends by itself; the next start is to begin without one, and
# until then it writes into its folder.
await_end() {
  pid=$(supervisor)
  [ -n "$pid" ] || return 0
  while grep -q supervise "/proc/$pid/cmdline" 2>/dev/null; do sleep 0.01; done
}

supervisor() {
  sed -n 's/^\([0-9][0-9]*\).*/\1/p' logs/.devstart/supervisor.lock 2>/dev/null | head -n 1
}
