#!/bin/sh
# test.sh - installs what is missing, builds, and runs all tests.
#
#   tools/test.sh                 preset dev
#   tools/test.sh asan [ctest options]
set -eu
cd "$(dirname "$0")/.."
preset=${1:-dev}
[ $# -eq 0 ] || shift
tools/install-deps.sh
tools/build.sh "$preset"
exec ctest --preset "$preset" -j "$(nproc)" "$@"
