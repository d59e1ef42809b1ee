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

about=exports
# shellcheck source=scripts/needs.sh
. "$root/scripts/needs.sh"

if ! needs_venv; then
  skip 'everything' 'python3 with venv'
  exit 77
fi

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
  PYTHONDONTWRITEBYTECODE=1 "$work/python/bin/python" "$root/scripts/exports/check.py" "$DEVSTART" "$work" "$@" ||
    exit 1
fi
if [ -n "$skipped" ]; then
  echo 'exports: passed, but for what is named above as SKIPPED'
  exit 77
fi
echo 'exports: passed'
