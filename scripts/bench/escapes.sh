#!/bin/sh
# Lets services get away in every way that the end-to-end tests know, under devstart and under
# other process managers, and prints what of them lives on as Markdown. Linux only, as root for all
# of the kinds. It takes about twenty minutes.
#
#   scripts/bench/escapes.sh [--jobs N] [--tools TOOL…]
#
# It tries $DEVSTART, else the release build, with the fixture beside it. supervisord, circus and
# honcho come from PyPI into a temporary folder; s6 and runit from Debian where they are not there
# and this is root, and stay. Nothing that it has started lives when it ends.
set -eu

# shellcheck source=scripts/bench/common.sh
. "$(dirname -- "$0")/common.sh"
about=bench
# shellcheck source=scripts/needs.sh
. "$root/scripts/needs.sh"

if ! needs_venv || ! from_pypi supervisor circus honcho; then
  skip 'supervisord, circus and honcho' 'Python with them'
fi
needs s6-svscan s6 || skip s6 s6-svscan
needs runsvdir runit || skip runit runsvdir
[ -z "$skipped" ] || exit 77

# Links to it are made for each launch, so it has to be in the same file system.
cp "$root/.build/release/devstart-fixture" "$work/devstart-fixture"
mkdir "$work/bin"
ln -s "$devstart" "$work/bin/devstart"
PATH=$work/bin:$work/python/bin:$PATH
export PATH

debian_version() { dpkg-query -W -f '${Version}' "$1" 2>/dev/null || echo 'of this machine'; }
begun=$(date -u +%Y-%m-%d)
PYTHONDONTWRITEBYTECODE=1 python3 "$here/escapes" "$work" "$work/devstart-fixture" \
  "$root/Tests/EndToEndTests/Escapes/Escape.swift" "$@"
printf '\n%s, Linux %s: %s' "$begun" "$(uname -r | cut -d- -f1)" "$("$devstart" version)"
python -m pip list --format freeze 2>/dev/null |
  sed -n 's/^\(supervisor\|circus\|honcho\)==/\1 /p' | while read -r line; do printf ', %s' "$line"; done
printf ', s6 %s, runit %s\n' "$(debian_version s6)" "$(debian_version runit)"
