#!/usr/bin/env python3
# tables.py - results of bench_suite into the tables of a page.
#
#   tables.py PAGE RESULTS...
#
# Between `<!-- B1 -->` and `<!-- end -->` stands the table of the lanes whose names begin with B1; what stood there goes. Of a lane that is in
# several files the last counts; a table without any result stays as it is.
import json
import re
import sys


def figure(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def spread(side):
    return f"{figure(side['ns'])} ({figure(side['min'])} .. {figure(side['max'])})"


def share(value):
    return f"{100 * value:.3g} %"


def row(one):
    first, second = [one[key] for key in one if isinstance(one[key], dict)]
    cells = [f"`{one['name']}`", figure(1e9 / first["ns"]), spread(first), figure(1e9 / second["ns"]),
             f"{share(one['median'])} ({share(one['min'])} .. {share(one['max'])})"]
    if "longest_ms" in one:
        return [cells[0], cells[2], cells[4], figure(one["longest_ms"]), figure(one["MiB"]), figure(one["hostile_events"])]
    if "million_matches_a_second" in one:
        cells[0] += f": {figure(one['million_matches_a_second'])} million matches/s"
    if "seconds_to_load" in one:
        cells[0] += f": loaded in {figure(one['seconds_to_load'])} s"
    if one.get("of_the_window_never_filled"):
        cells[0] += ": window not filled in the time"
    return cells


def table(lanes):
    rows = [row(one) for one in lanes]
    head = ["lane", "events/s", "ns of an event", "yardstick, events/s", "of the yardstick"]
    if len(rows[0]) == 6:
        head = ["lane", "ns of a good event", "beside alone", "longest, ms", "MiB", "hostile events"]
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def main():
    page, *files = sys.argv[1:]
    found = {}
    for name in files:
        with open(name, encoding="utf-8") as file:
            found.update({one["name"]: one for one in map(json.loads, file)})
    with open(page, encoding="utf-8") as file:
        text = file.read()

    def fresh(match):
        lanes = [one for name, one in found.items() if name.startswith(match.group(2))]
        return f"{match.group(1)}\n{table(lanes)}{match.group(4)}" if lanes else match.group(0)

    text = re.sub(r"(<!-- ([ABW]\S*) -->)\n(.*?)(<!-- end -->)", fresh, text, flags=re.S)
    with open(page, "w", encoding="utf-8") as file:
        file.write(text)


main()
