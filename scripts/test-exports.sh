#!/bin/sh
# Gives what `devstart export` writes to the systems that it is for: hostile values have to come
# through unchanged. Installs what it needs: from Debian where this is root, from PyPI into a
# temporary folder.
#
#   scripts/test-exports.sh            with $DEVSTART, else the release build, else the debug build
#
# Exit code 0: all hold. 1: something does not. 77: what could be tried holds, and something could
# not be installed, which is said.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)

if [ -z "${DEVSTART-}" ]; then
  for build in release debug; do
    DEVSTART=$root/.build/$build/devstart
    if [ -x "$DEVSTART" ]; then break; fi
  done
fi
if [ ! -x "$DEVSTART" ]; then
  echo "exports: there is no devstart at $DEVSTART; run 'swift build -c release' first" >&2
  exit 1
fi
unset DEVSTART_MANIFEST

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
# systemd is asked as another user.
chmod 755 "$work"

has() {
  command -v "$1" >/dev/null 2>&1
}

# Networks have bad moments.
retry() {
  for attempt in 1 2 3; do
    if "$@"; then return 0; fi
    echo "exports: attempt $attempt of 3 failed: $*" >&2
    sleep $((attempt * 2))
  done
  return 1
}

# Has the program, or installs the package that has it.
needs() {
  if has "$1"; then return 0; fi
  if [ "$(id -u)" != 0 ] || ! has apt-get; then return 1; fi
  if [ ! -e "$work/updated" ]; then
    retry apt-get update -qq >"$work/apt.log" 2>&1 || return 1
    : >"$work/updated"
  fi
  DEBIAN_FRONTEND=noninteractive retry \
    apt-get install -y -qq --no-install-recommends "$2" >"$work/apt.log" 2>&1 && has "$1"
}

skipped=
skip() {
  echo "exports: *** SKIPPED: $1: $2 is not there and cannot be installed here" >&2
  skipped=yes
}

if ! needs python3 python3; then
  skip 'everything' python3
  exit 77
fi
if ! python3 -m venv "$work/python" >/dev/null 2>&1; then
  rm -rf "$work/python"
  # It is part of Python, and a package of its own in Debian.
  needs python3-venv python3-venv || true
  if ! python3 -m venv "$work/python" >"$work/venv.log" 2>&1; then
    skip 'everything' python3-venv
    exit 77
  fi
fi
python=$work/python/bin/python

from_pypi() {
  retry "$python" -m pip install -q --disable-pip-version-check "$@" >"$work/pip.log" 2>&1
}

set --
if needs systemd-analyze systemd; then
  set -- "$@" systemd systemd-readiness
  needs curl curl || skip 'readiness by HTTP under systemd' curl
else
  skip 'systemd' systemd-analyze
fi
if from_pypi supervisor; then set -- "$@" supervisord; else skip supervisord supervisor; fi
if from_pypi honcho; then set -- "$@" procfile; else skip 'the Procfile' honcho; fi
if from_pypi pyyaml; then
  set -- "$@" yaml
  if needs docker-compose docker-compose; then
    set -- "$@" compose
  else
    skip 'compose' docker-compose
  fi
  if from_pypi kubernetes-validate; then
    set -- "$@" kubernetes
  else
    skip 'kubernetes' kubernetes-validate
  fi
else
  skip 'compose and kubernetes' pyyaml
fi

if [ "$#" -gt 0 ]; then
  PYTHONDONTWRITEBYTECODE=1 "$python" "$root/scripts/exports/check.py" "$DEVSTART" "$work" "$@" ||
    exit 1
fi
if [ -n "$skipped" ]; then
  echo 'exports: passed, but for what is named above as SKIPPED'
  exit 77
fi
echo 'exports: passed'
