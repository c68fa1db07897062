#!/usr/bin/env python3
# test_joins.py - joins over real events, in a folder ../shared beside the checkout, if it is there.
import collections
import datetime
import json
import sys

from command import SKIPPED, SOURCE, Case, main

DATA = SOURCE.parent / "shared/data/windows"
HOUR = datetime.timedelta(hours=1)
SPAN = datetime.timedelta(seconds=3300)
RULES = """stream Ride from stdin format json { time timestamp lateness 30s  driver_id: int  event_type: string  location: string }
define Pickup = Ride where event_type == "pickup"
define Dropoff = Ride where event_type == "dropoff"

aggregate dropping from Dropoff window tumbling 1h { n: distinct(driver_id)  emit { hour: window_start, drivers: n } }
aggregate picking from Pickup window tumbling 1h { n: distinct(driver_id)  emit { hour: window_start, drivers: n } }
join hours from dropping as d, picking as p by hour within 1s { emit { drivers: d.drivers, pickups: p.drivers } }

join rides from Pickup as p, Dropoff as d by driver_id within 3300s left {
    where d.timestamp > p.timestamp
    emit { took: d.timestamp - p.timestamp, from_: p.location, to_: d.location }
}
join together from Pickup as p, Dropoff as d by driver_id, location window sliding 2h every 1h full { emit { start: window_start } }
"""


def instant(text):
    return datetime.datetime.fromisoformat(text.removesuffix("Z"))


def rides():
    """Drivers to their events, in order: (time, type, location)."""
    found = collections.defaultdict(list)
    for line in (DATA / "cars.json").read_text().splitlines():
        ride = json.loads(line)
        found[ride["driver_id"]].append((instant(ride["timestamp"]), ride["event_type"], ride["location"]))
    return {driver: sorted(events, key=lambda event: event[0]) for driver, events in found.items()}


class Joins(Case):
    def alerts(self, *more):
        done = self.cep("run", self.write("rides.cep", RULES), "--input", f"Ride={DATA / 'cars.json'}", *more)
        self.assertNotIn("late event", done.stderr)
        found = collections.defaultdict(list)
        for alert in self.lines(done.stdout):
            found[alert["detection"]].append(alert)
        return found

    def test_hours_with_both_are_the_golden_ones(self):
        got = [(instant(a["key"]["hour"]), a["emit"]["drivers"], a["emit"]["pickups"]) for a in self.alerts()["hours"]]
        golden = [json.loads(line) for line in (DATA / "golden_windowed_inner_join.json").read_text().splitlines()]
        self.assertEqual(sorted(got), sorted((instant(line["hour"]), line["drivers"], line["pickups"]) for line in golden))
        self.assertEqual(len(got), 25)

    def test_rides_are_those_of_a_plain_loop(self):
        pairs, alone = collections.Counter(), collections.Counter()
        for driver, events in rides().items():
            for time, kind, _ in events:
                if kind != "pickup":
                    continue
                ends = [other for other, what, _ in events if what == "dropoff" and time < other < time + SPAN]
                pairs.update((driver, time, end) for end in ends)
                if not ends:
                    alone[driver, time] += 1
        got, got_alone = collections.Counter(), collections.Counter()
        for alert in self.alerts()["rides"]:
            times = [instant(event["time"]) for event in alert["events"]]
            self.assertEqual([event["step"] for event in alert["events"]], ["p", "d"][:len(times)])
            if len(times) == 2:
                self.assertEqual(alert["time"], alert["events"][1]["time"])
                got[alert["key"]["driver_id"], times[0], times[1]] += 1
            else:
                self.assertEqual(instant(alert["time"]), times[0] + SPAN)
                got_alone[alert["key"]["driver_id"], times[0]] += 1
        self.assertEqual(got, pairs)
        self.assertEqual(got_alone, alone)
        self.assertGreater(sum(alone.values()), 300)

    def test_pairs_of_windows_are_those_of_a_plain_loop(self):
        expected = collections.Counter()
        for driver, events in rides().items():
            for start in {event[0].replace(minute=0, second=0) - back for event in events for back in (HOUR, 0 * HOUR)}:
                inside = [event for event in events if start <= event[0] < start + 2 * HOUR]
                for place in {event[2] for event in inside}:
                    picked = sum(event[1:] == ("pickup", place) for event in inside)
                    dropped = sum(event[1:] == ("dropoff", place) for event in inside)
                    expected[driver, place, start] += picked * dropped or picked + dropped
        got = collections.Counter()
        for alert in self.alerts()["together"]:
            start = instant(alert["emit"]["start"])
            self.assertEqual(instant(alert["time"]), start + 2 * HOUR)
            got[alert["key"]["driver_id"], alert["key"]["location"], start] += 1
        self.assertEqual(got, expected)

    def test_batches_and_workers_change_nothing(self):
        alone = self.alerts()
        self.assertEqual(alone, self.alerts("--set", "batch.events=1024"))
        self.assertEqual(alone, self.alerts("--set", "debug.workers=3"))


if not DATA.is_dir():
    print(f"skipped: no {DATA}")
    sys.exit(SKIPPED)
main()
