#!/usr/bin/env python3
# abi.py - what a shared library exports, what its list says and what its header declares are the same functions.
#
#   abi.py LIBRARY.so LIST.symbols HEADER.h...
import re
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
    if len(sys.argv) < 4:
        sys.exit("usage: abi.py LIBRARY.so LIST.symbols HEADER.h...")
    names = exported(sys.argv[1])
    with open(sys.argv[2], encoding="utf-8") as file:
        listed = {line.strip() for line in file if line.strip() and not line.startswith("#")}
    declared = set()
    for header in sys.argv[3:]:
        with open(header, encoding="utf-8") as file:
            declared |= set(re.findall(r"^CEP_API\b[^;(]*?(\w+)\(", file.read(), re.MULTILINE))
    faults = [f"exported but not listed: {name}" for name in sorted(names.keys() - listed)]
    faults += [f"listed but not exported: {name}" for name in sorted(listed - names.keys())]
    faults += [f"declared but not listed: {name}" for name in sorted(declared - listed)]
    faults += [f"listed but not declared: {name}" for name in sorted(listed - declared)]
    faults += [f"not a function: {name}" for name, kind in sorted(names.items()) if name in listed and kind != "T"]
    for fault in faults:
        print(fault)
    print(f"{len(names)} names exported, {len(listed)} listed, {len(faults)} faults")
    sys.exit(1 if faults or not names else 0)


main()
