#!/usr/bin/env python3
# test_cars.py - trips of taxis with known answers, in ../shared beside the checkout, if it is there.
import collections
import sys

from command import SKIPPED, SOURCE, Case, main

DATA = SOURCE.parent / "shared/data/windows/cars.json"


class Cars(Case):
    def test_trips_without_an_end_and_three_short_ones(self):
        done = self.cep("run", str(SOURCE / "examples/trips.cep"), "--input", f"Ride={DATA}")
        counts = collections.Counter(a["detection"] for a in self.lines(done.stdout))
        self.assertEqual(counts, {"open_trip": 341, "short_trips": 18})
        self.assertIn("7,932 used, 0 filtered, 0 unkeyed, 0 late", done.stderr)

    def test_without_lateness_those_out_of_order_are_late(self):
        rules = (SOURCE / "examples/trips.cep").read_text()
        self.write("r.cep", rules.replace("lateness 30s", "lateness 0s"))
        self.assertIn("\n488 late events; lateness 23s would have kept all", self.cep("run", "r.cep", "--input", f"Ride={DATA}").stderr)


if not DATA.is_file():
    print(f"skipped: no {DATA}")
    sys.exit(SKIPPED)
main()
