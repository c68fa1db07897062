#!/usr/bin/env python3
# duck.py - bench_suite beside DuckDB on B5 (windows) and B6 (JSON lines): the same bytes, turn about, one thread each.
#
#   duck.py BENCH_SUITE [LANE...] [--events N] [--rounds N] [--work FOLDER]
#
# Needs `pip install duckdb numpy`. LANE: b5/1k/60 b5/1k/5 b5/1M/60 b6/1 b6/2 (all, if none is said). DuckDB has all of the events before it begins, in a
# table (B5) or as a file (B6), and answers once; the engine tells of each window when it ends. B5 asks the same of both, and as many windows
# must come out. Of B6 DuckDB reads the same five members, and groups by user: no pattern. b6/2: two threads and two workers. Exit code 1: the windows differ.
import statistics
import subprocess
import sys
import time

from peer import arguments, our_turn, spread

try:
    import duckdb
    import numpy
except ImportError:
    sys.exit("pip install duckdb numpy")

SECOND = 1000000000
LANES = {  # name: lane of bench_suite, slide or threads
    "b5/1k/60": ("B5/1k/sliding/60", 60),
    "b5/1k/5": ("B5/1k/sliding/5", 5),
    "b5/1M/60": ("B5/1M/sliding/60", 60),
    "b6/1": ("B6/pipeline", 1),
    "b6/2": ("B6/workers", 2),
}
COLUMNS = "{ts: 'BIGINT', \"user\": 'VARCHAR', kind: 'VARCHAR', amount: 'DOUBLE', country: 'VARCHAR'}"


def windows(slide):
    """Sums by key and pane; a window is the panes of the minute before its end."""
    panes = f"select k, ts // {slide * SECOND} as p, count(*) as n, sum(v) as s from events group by k, p"
    if slide == 60:
        return f"select count(*), sum(s) from ({panes})"
    return (f"select count(*), sum(s) from (select k, p + i as w, sum(n) as n, sum(s) as s from ({panes}), range({60 // slide}) as r(i) "
            "group by k, w)")


def lines(path):
    return (f"select count(*), sum(n) from (select \"user\", count(*) as n, sum(amount) as a, max(ts) as t, max(kind) as kind, max(country) as c "
            f"from read_ndjson('{path}', columns={COLUMNS}) group by \"user\")")


class Theirs:
    def __init__(self, suite, name, events, work):
        self.lane, how = LANES[name]
        self.path = work / "events"
        self.is_windows = name.startswith("b5")
        subprocess.run([suite, self.lane, "--events", str(events), "--write", str(self.path)], check=True)
        self.base = duckdb.connect()
        self.base.execute(f"set threads to {1 if self.is_windows else how}")
        if self.is_windows:
            # pylint: disable-next=unused-variable
            rows = dict(zip(("ts", "position", "k", "type", "v"), numpy.fromfile(self.path, dtype="<i8").reshape(-1, 5).T.copy()))
            self.base.execute("create table events as select * from rows")
            self.query = windows(how)
        else:
            self.query = lines(self.path)

    def turn(self, events):
        start = time.perf_counter()
        answer = self.base.execute(self.query).fetchone()
        return events / (time.perf_counter() - start), answer[0]


def main():
    args = arguments(LANES, 5)
    work = args.work
    print(f"{'':10} {'cep, events/s':>40} {f'DuckDB {duckdb.__version__}, rows/s':>42}   cep / DuckDB")
    is_wrong = False
    for name in args.lanes:
        theirs = Theirs(args.suite, name, args.events, work)
        ours, other, ratios = [], [], []
        for turn in range(args.rounds + 1):
            rate, matches, events = our_turn(args.suite, theirs.lane, args.events, work)
            their_rate, count = theirs.turn(args.events)
            if turn == 0:
                continue
            ours.append(rate)
            other.append(their_rate)
            ratios.append(rate / their_rate)
        is_equal = matches == count
        verdict = ""
        if theirs.is_windows:
            verdict = f"{matches} windows, equal" if is_equal else "cut short" if events < args.events else f"{matches} and {count} windows: DIFFERENT"
            is_wrong |= "DIFFERENT" in verdict
        print(f"{name:10} {spread(ours):>40} {spread(other):>42}   {100 * statistics.median(ratios):.1f} %   {verdict}", flush=True)
    sys.exit(is_wrong)


main()
