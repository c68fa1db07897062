#!/bin/sh
# build.sh - configures and builds a preset, quietly: the log is shown only if something fails.
#
#   tools/build.sh PRESET [TARGET...]
set -eu
cd "$(dirname "$0")/.."
preset=$1
shift
mkdir -p "build/$preset"
log="build/$preset/build.log"
target=""
[ $# -eq 0 ] || target="--target $*"
echo "building preset $preset (log: $log)"
# shellcheck disable=SC2086 # several targets
if ! { cmake --preset "$preset" && cmake --build --preset "$preset" $target; } >"$log" 2>&1; then
  tail -n 30 "$log" >&2
  exit 1
fi
