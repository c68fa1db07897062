#!/usr/bin/env python3
# make_zones.py - writes cep/base/zones.def: the rules that the zones of this system's IANA database have now.
#
#   make_zones.py FILE
import pathlib
import sys
import zoneinfo

HEAD = """/* zones.def - zones of the IANA database and the POSIX rule that each has now: Z(name, rule), by name.
 * Made by tools/gen/make_zones.py from the last lines of zone files; do not edit. */
"""


def rule_of(name):
    for folder in zoneinfo.TZPATH:
        path = pathlib.Path(folder) / name
        if path.is_file():
            return path.read_bytes().rstrip(b"\n").rsplit(b"\n", 1)[1].decode("ascii")
    return None


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: make_zones.py FILE")
    rules = {name: rule_of(name) for name in zoneinfo.available_timezones() if name not in ("localtime", "Factory")}
    lines = [f'Z("{name}", "{rule}")\n' for name, rule in sorted(rules.items()) if rule]
    pathlib.Path(sys.argv[1]).write_text(HEAD + "".join(lines))


main()
