#!/bin/sh
# static-simdjson.sh - libsimdjson.a from Debian's source package, which has no archive of its own: for the wheel and the static program.
#
#   tools/static-simdjson.sh FOLDER    leaves FOLDER/libsimdjson.a
#
# Fetches the source of the very version whose header is installed, through apt-get with lists of its own, so that the
# machine's settings stay as they are. Does nothing when the archive is there.
set -eu

folder=${1:?usage: tools/static-simdjson.sh FOLDER}
[ -f "$folder/libsimdjson.a" ] && exit 0
version=$(dpkg-query -W -f='${source:Version}' libsimdjson-dev)
release=$(. /etc/os-release && echo "$VERSION_CODENAME")
mkdir -p "$folder/apt/lists/partial" "$folder/apt/cache/archives/partial"
folder=$(cd "$folder" && pwd)
log="$folder/simdjson.log"
{
  echo "deb-src http://deb.debian.org/debian $release main" >"$folder/apt/sources.list"
  set -- -o "Dir::Etc::SourceList=$folder/apt/sources.list" -o Dir::Etc::SourceParts=- -o "Dir::State::Lists=$folder/apt/lists" \
    -o "Dir::Cache=$folder/apt/cache" -o APT::Sandbox::User=root -o Acquire::Retries=3
  cd "$folder"
  apt-get "$@" update && apt-get "$@" source --download-only "simdjson=$version" &&
    mkdir -p simdjson && tar -xf simdjson_*.orig.tar.gz -C simdjson --strip-components=1 &&
    ${CXX:-c++} -O2 -g -fPIC -DNDEBUG -std=c++17 -Isimdjson/include -Isimdjson/src -c simdjson/src/simdjson.cpp -o simdjson.o &&
    ar rcs libsimdjson.part simdjson.o && mv libsimdjson.part libsimdjson.a
} >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
rm -rf apt simdjson simdjson.o
echo "built $folder/libsimdjson.a of simdjson $version"
