#!/usr/bin/env python3
# abi.py - the names that a shared library exports are those of its list, and functions only.
#
#   abi.py LIBRARY.so LIST.symbols
import subprocess
import sys


def exported(library):
    out = subprocess.run(["nm", "-D", "--defined-only", library], check=True, capture_output=True, text=True).stdout
    names = {}
    for line in out.splitlines():
        parts = line.split()
        kind, name = parts[-2], parts[-1].split("@")[0]
        if kind != "A":  # the version of the script itself
            names[name] = kind
    return names


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: abi.py LIBRARY.so LIST.symbols")
    names = exported(sys.argv[1])
    with open(sys.argv[2], encoding="utf-8") as file:
        listed = {line.strip() for line in file if line.strip() and not line.startswith("#")}
    faults = [f"exported but not listed: {name}" for name in sorted(names.keys() - listed)]
    faults += [f"listed but not exported: {name}" for name in sorted(listed - names.keys())]
    faults += [f"not a function: {name}" for name, kind in sorted(names.items()) if name in listed and kind != "T"]
    for fault in faults:
        print(fault)
    print(f"{len(names)} names exported, {len(listed)} listed, {len(faults)} faults")
    sys.exit(1 if faults or not names else 0)


main()
