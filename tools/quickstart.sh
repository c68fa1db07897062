#!/bin/sh
# quickstart.sh - installs what is missing, builds, and runs the sample: alerts on the screen.
set -eu
cd "$(dirname "$0")/.."
tools/install-deps.sh
tools/build.sh release cep_command
exec build/release/cep run examples/sshd.cep
