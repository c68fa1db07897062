#!/usr/bin/env python3
# static.py - the build of preset static: a command without shared libraries that works, and a wheel that needs glibc alone.
#
#   static.py BUILD_FOLDER
import gzip
import pathlib
import re
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[1]


def said(*command, **more):
    return subprocess.run(command, check=True, capture_output=True, **more).stdout


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: static.py BUILD_FOLDER")
    build = pathlib.Path(sys.argv[1]).resolve()
    told = subprocess.run(["ldd", str(build / "cep")], capture_output=True, text=True)
    assert "not a dynamic executable" in told.stdout + told.stderr, told
    with tempfile.TemporaryDirectory() as folder:
        packed = pathlib.Path(folder) / "sshd.log.gz"
        packed.write_bytes(gzip.compress((SOURCE / "examples/sshd.log").read_bytes()))
        alerts = said(str(build / "cep"), "run", "--workers", "2", str(SOURCE / "examples/sshd.cep"), "--input", f"Sshd={folder}/*.gz", env={})
    assert alerts.count(b"\n") == 4, alerts
    wheels = [path.name for path in build.glob("cep_engine-*.whl")]
    assert len(wheels) == 1 and re.search(r"-py3-none-manylinux_\d+_\d+_", wheels[0]), wheels
    print(f"cep: not a dynamic executable; 4 alerts; {wheels[0]}\n2 passed, 0 failed")


main()
