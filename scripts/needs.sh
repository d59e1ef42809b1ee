# shellcheck shell=sh
# Has what a script needs, or installs it: from Debian where this is root, from PyPI into a
# temporary folder. To be sourced by a script that has set `about`, the word that its messages
# begin with, and `work`, a temporary folder.
# shellcheck disable=SC2154  # Both are set by the script.

has() {
  command -v "$1" >/dev/null 2>&1
}

# Networks have bad moments.
retry() {
  for attempt in 1 2 3; do
    if "$@"; then return 0; fi
    echo "$about: attempt $attempt of 3 failed: $*" >&2
    sleep $((attempt * 2))
  done
  return 1
}

# needs PROGRAM PACKAGE: has the program, or installs the package that has it.
needs() {
  if has "$1"; then return 0; fi
  if [ "$(id -u)" != 0 ] || ! has apt-get; then return 1; fi
  if [ ! -e "$work/updated" ]; then
    retry apt-get update -qq >"$work/apt.log" 2>&1 || return 1
    : >"$work/updated"
  fi
  # What is a service, too, is for the script to start, not for the machine (invoke-rc.d(8)).
  policy=/usr/sbin/policy-rc.d
  if [ -e "$policy" ]; then
    policy=
  else
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
  fi
  installed=yes
  DEBIAN_FRONTEND=noninteractive retry \
    apt-get install -y -qq --no-install-recommends "$2" >"$work/apt.log" 2>&1 || installed=
  if [ -n "$policy" ]; then rm "$policy"; fi
  [ -n "$installed" ] && has "$1"
}

skipped=
skip() {
  echo "$about: *** SKIPPED: $1: $2 is not there and cannot be installed here" >&2
  # shellcheck disable=SC2034  # For the script.
  skipped=yes
}

# A folder of Python's own for packages, in $work/python.
needs_venv() {
  if ! needs python3 python3; then return 1; fi
  if python3 -m venv "$work/python" >"$work/venv.log" 2>&1; then return 0; fi
  rm -rf "$work/python"
  # It is part of Python, and a package of its own in Debian.
  needs python3-venv python3-venv || true
  python3 -m venv "$work/python" >"$work/venv.log" 2>&1
}

from_pypi() {
  retry "$work/python/bin/python" -m pip install -q --disable-pip-version-check "$@" \
    >"$work/pip.log" 2>&1
}
