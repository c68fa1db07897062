#!/bin/sh
# install-deps.sh - the Debian packages that are missing, through apt-get.
#
#   tools/install-deps.sh         to build and test
#   tools/install-deps.sh fuzz    clang and libFuzzer too
#
# Does nothing when all is there. Works as root or through sudo.
set -eu

missing=""
need_command() { command -v "$1" >/dev/null 2>&1 || missing="$missing $2"; }
need_package() { dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q 'ok installed' || missing="$missing $1"; }

need_command gcc gcc
need_command g++ g++
need_command cmake cmake
need_command ninja ninja-build
need_command pkg-config pkg-config
need_command python3 python3
need_command nm binutils
for package in libc6-dev libpcre2-dev libsimdjson-dev libxxhash-dev zlib1g-dev libzstd-dev libcmocka-dev libjemalloc-dev; do
  need_package "$package"
done
if [ "${1:-}" = fuzz ]; then
  need_command clang clang
  for package in libclang-rt-14-dev libfuzzer-14-dev; do need_package "$package"; done
fi
[ -n "$missing" ] || exit 0

echo "installing:$missing"
as_root=""
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null 2>&1 || { echo "not root, and no sudo: install them by hand" >&2; exit 1; }
  as_root=sudo
fi
log=$(mktemp)
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # a list of packages
if ! { $as_root apt-get update -qq && $as_root apt-get install -y -qq --no-install-recommends $missing; } >"$log" 2>&1; then
  cat "$log" >&2
  exit 1
fi
rm -f "$log"
