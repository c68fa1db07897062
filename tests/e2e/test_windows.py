#!/usr/bin/env python3
# test_windows.py - tumbling and sliding windows over real events, in a folder ../shared beside the checkout, if it is there.
import collections
import datetime
import json
import sys

from command import SKIPPED, SOURCE, Case, main

DATA = SOURCE.parent / "shared/data/windows"
HOUR = datetime.timedelta(hours=1)


def golden(name):
    return [json.loads(line) for line in (DATA / f"golden_{name}.json").read_text().splitlines()]


def instant(text):
    return datetime.datetime.fromisoformat(text.removesuffix("Z"))


class Tumbling(Case):
    def windows(self, *more):
        done = self.cep("run", str(SOURCE / "examples/rides.cep"), "--input", f"Ride={DATA / 'cars.json'}", *more)
        self.assertNotIn("late event", done.stderr)
        self.assertNotIn("never began", done.stderr)
        found = collections.defaultdict(list)
        for alert in self.lines(done.stdout):
            self.assertEqual((alert["kind"], alert["events"]), ("window", []))
            self.assertEqual(alert["time"], alert["end"])
            self.assertEqual(instant(alert["end"]) - instant(alert["start"]), HOUR)
            found[alert["detection"]].append(alert)
        return found

    def test_rides_by_hour_and_type_are_the_golden_ones(self):
        got = [(a["key"]["event_type"], instant(a["start"]), a["emit"]["count"]) for a in self.windows()["hourly_by_event_type"]]
        expected = [(line["event_type"], instant(line["hour"]), line["count"]) for line in golden("hourly_by_event_type")]
        self.assertEqual(sorted(got), sorted(expected))
        self.assertEqual(len(got), 51)

    def test_rides_by_hour_are_the_golden_ones(self):
        got = [(instant(a["end"]), a["emit"]["count"]) for a in self.windows()["hourly"]]
        self.assertEqual(got, sorted((instant(line["timestamp"]), line["count"]) for line in golden("tight_watermark")))

    def test_drivers_of_an_hour_are_those_of_a_plain_count(self):
        drivers = collections.defaultdict(set)
        for line in (DATA / "cars.json").read_text().splitlines():
            ride = json.loads(line)
            drivers[instant(ride["timestamp"]).replace(minute=0, second=0)].add(ride["driver_id"])
        got = {instant(a["start"]): a["emit"]["drivers"] for a in self.windows()["hourly"]}
        self.assertEqual(got, {hour: len(those) for hour, those in drivers.items()})

    def test_batches_change_nothing(self):
        self.assertEqual(self.windows(), self.windows("--set", "batch.events=1024"))


class Sliding(Case):
    RULES = """
stream Impulse { time timestamp  counter: int }
aggregate recent from Impulse window sliding 10s every 2s {
    count: count()  min: min(counter)  max: max(counter)
    emit { count: count, min: min, max: max, start: window_start, end: window_end }
}
"""

    def test_overlapping_windows_are_the_golden_ones(self):
        self.write("r.cep", self.RULES)
        for more in [], ["--set", "batch.events=1024"], ["--set", "debug.workers=3"]:
            done = self.cep("run", "r.cep", "--input", f"Impulse={DATA / 'impulse.json'}", *more)
            got = [a["emit"] for a in self.lines(done.stdout)]
            for window in got:
                window["start"], window["end"] = instant(window["start"]), instant(window["end"])
            expected = [line | {"start": instant(line["start"]), "end": instant(line["end"])} for line in golden("sliding_window_end")]
            self.assertEqual(got, expected)


if not DATA.is_dir():
    print(f"skipped: no {DATA}")
    sys.exit(SKIPPED)
main()
