#!/bin/sh
# Builds devstart for release and installs it.
#
#   scripts/install.sh                      into ~/.local/bin
#   PREFIX=/usr/local scripts/install.sh    into /usr/local/bin
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
folder=${PREFIX:-$HOME/.local}/bin
target=$folder/devstart

echo "building devstart for release"
swift build --package-path "$root" -c release --product devstart
built=$(swift build --package-path "$root" -c release --show-bin-path)/devstart

if ! mkdir -p "$folder" || [ ! -w "$folder" ]; then
  echo "install: cannot write to $folder; set PREFIX to a folder of yours" >&2
  exit 1
fi

# A binary that is running cannot be overwritten, and must not be half there: the new one is
# written beside it and takes its name in one step. What runs of the old one runs on.
fresh=$folder/.devstart.$$
trap 'rm -f "$fresh"' EXIT
trap 'exit 130' INT TERM HUP
cp "$built" "$fresh"
# Symbols are half of its size; only a debugger wants them.
if command -v strip >/dev/null; then strip "$fresh" || true; fi
chmod 755 "$fresh"
version=$("$fresh" version)
was=
if [ -x "$target" ]; then was=" (was $("$target" version 2>/dev/null || echo unreadable))"; fi
mv -f "$fresh" "$target"

echo "installed $version as $target$was"
case ":$PATH:" in
  *":$folder:"*)
    found=$(command -v devstart || true)
    if [ "$found" != "$target" ]; then
      echo "but 'devstart' is $found, which comes first in PATH" >&2
    fi
    ;;
  *)
    echo "$folder is not in PATH; add it:  export PATH=\"$folder:\$PATH\""
    ;;
esac
echo "a supervisor that runs now goes on as it is until nothing is left for it to do"
