#!/usr/bin/env python3
# generated.py - committed pages are what their generator writes.
#
#   generated.py GENERATOR FOLDER     (with CEP_UPDATE=1 in the environment: writes them)
import os
import pathlib
import subprocess
import sys
import tempfile


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: generated.py GENERATOR FOLDER")
    generator, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    if os.environ.get("CEP_UPDATE") == "1":
        sys.exit(subprocess.run([generator, str(folder)]).returncode)
    faults = 0
    with tempfile.TemporaryDirectory() as fresh:
        subprocess.run([generator, fresh], check=True)
        for page in sorted(pathlib.Path(fresh).iterdir()):
            kept = folder / page.name
            if not kept.exists() or kept.read_bytes() != page.read_bytes():
                print(f"{kept}: differs from its tables; run {generator} {folder}")
                faults += 1
    sys.exit(1 if faults else 0)


main()
