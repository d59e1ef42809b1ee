#!/bin/sh
# The API: a small web server. No shell can listen on a port, so it is C; `clang` comes with
# every Swift toolchain, and compiling 60 lines takes a moment, once.
set -eu

here=$(dirname "$0")
program=$here/../../.build/example/api

if [ ! -x "$program" ] || [ -n "$(find "$here/api.c" -newer "$program")" ]; then
  mkdir -p "$(dirname "$program")"
  compiler=
  for name in clang cc gcc; do
    if command -v "$name" >/dev/null; then compiler=$name; break; fi
  done
  # With a toolchain that is not on PATH as a whole, clang is beside swift.
  if [ -z "$compiler" ] && swift=$(command -v swift); then
    beside=$(dirname "$(readlink -f "$swift")")/clang
    if [ -x "$beside" ]; then compiler=$beside; fi
  fi
  if [ -z "$compiler" ]; then
    echo "api: there is no clang, cc or gcc; clang comes with the Swift toolchain" >&2
    exit 1
  fi
  echo "api: compiling with $compiler"
  # Whoever else compiles at the same moment has a file of its own; it is moved whole.
  "$compiler" -O1 -o "$program.$$" "$here/api.c"
  mv -f "$program.$$" "$program"
fi

exec "$program" "${API_PORT:-8765}"
