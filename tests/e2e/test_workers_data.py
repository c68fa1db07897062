#!/usr/bin/env python3
# test_workers_data.py - real events with known answers: the same bytes for any number of workers; ../shared beside the checkout, if it is there.
import sys

from command import SKIPPED, SOURCE, Case, main

DATA = SOURCE.parent / "shared/data"
CARS = DATA / "windows/cars.json"
MORDOR = DATA / "mordor/host"

JOINS = """stream Ride from stdin format json { time timestamp lateness %s  driver_id: int  event_type: string  location: string }
define Pickup = Ride where event_type == "pickup"
define Dropoff = Ride where event_type == "dropoff"
aggregate dropping from Dropoff window tumbling 1h { n: distinct(driver_id)  emit { hour: window_start, drivers: n } }
aggregate picking from Pickup window tumbling 1h { n: distinct(driver_id)  emit { hour: window_start, drivers: n } }
join hours from dropping as d, picking as p by hour within 1s { emit { drivers: d.drivers, pickups: p.drivers } }
join rides from Pickup as p, Dropoff as d by driver_id within 3300s left { where d.timestamp > p.timestamp emit { to_: d.location } }
aggregate places from Ride by location window sliding 2h every 10m { n: count()  emit { n: n } }
detect crowded within 4h { match 3 places as p where n > 40 emit { place: last(p).location } suppress 1h }
"""
IMPULSES = """stream Impulse { time timestamp  counter: int }
aggregate recent from Impulse window sliding 10s every 2s { count: count()  max: max(counter)  emit { count: count, max: max } }
aggregate parts from Impulse by part = counter - counter / 7 * 7 window session gap 1s { n: count()  emit { n: n } }
"""


class Data(Case):
    def same(self, least, rules, name, *paths, workers=("1", "2", "3", "8")):
        """Alerts, late and refused records, and what the summary counts. `least`: of alerts."""
        paths = [str(path) for path in paths]
        if not all((DATA / path).exists() for path in paths):
            self.skipTest(f"no {paths}")
        rules = self.write("r.cep", rules)
        self.assertGreaterEqual(len(self.same_for_workers(rules, *(f"--input={name}={path}" for path in paths), workers=workers)[0].splitlines()), least)

    def example(self, name, lateness=None):
        text = (SOURCE / f"examples/{name}.cep").read_text()
        if lateness:
            before, after = lateness
            self.assertIn(f"lateness {before}", text)
            text = text.replace(f"lateness {before}", f"lateness {after}")
        return text

    def test_openssh(self):
        self.same(20, self.example("openssh"), "Sshd", DATA / "openssh/OpenSSH_2k.log")

    def test_cars_on_time_and_late(self):
        self.same(359, self.example("trips"), "Ride", CARS)
        self.same(100, self.example("trips", ("30s", "0s")), "Ride", CARS)
        self.same(70, self.example("rides"), "Ride", CARS)
        self.same(70, self.example("rides", ("30s", "2s")), "Ride", CARS)

    def test_cars_joined(self):
        self.same(300, JOINS % "30s", "Ride", CARS)
        self.same(300, JOINS % "3s", "Ride", CARS)

    def test_impulses(self):
        self.same(15, IMPULSES, "Impulse", DATA / "windows/impulse.json")

    def test_attacks_in_windows_events(self):
        purple = MORDOR / "lateral_movement__purplesharp_ad_playbook_I.json.zst"
        second = MORDOR / "LSASS_campaign_02__metasploit_procdump_lsass_memory_dump.json.zst"
        fifth = MORDOR / "LSASS_campaign_05__metasploit_sharpdump_lsass_memory_dump.json.zst"
        # A build that walks all structures after each step is slow: it gets less to do.
        is_slow = "expensive-checks" in self.cep("--version").stdout
        self.same(2, self.example("purplesharp", ("40s", "5s")), "Win", purple, workers=("1", "3") if is_slow else ("1", "2", "3", "8"))
        self.same(2, self.example("lsass"), "Sysmon", second, workers=("1", "3") if is_slow else ("1", "2", "3", "8"))
        if is_slow:
            return
        self.same(3, self.example("purplesharp"), "Win", purple)
        self.same(3, self.example("lsass"), "Sysmon", fifth)
        self.same(5, self.example("lsass"), "Sysmon", second, fifth, workers=("1", "2", "3"))


if not DATA.is_dir():
    print(f"skipped: no {DATA}")
    sys.exit(SKIPPED)
main()
