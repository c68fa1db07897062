#!/usr/bin/env python3
# test_openssh.py - examples/openssh.cep over the real log, in a folder ../shared beside the checkout, if it is there.
import collections
import csv
import datetime
import random
import sys

from command import SKIPPED, SOURCE, Case, main

DATA = SOURCE.parent / "shared/data/openssh"
QUIET = """112.95.230.3 07:28:03, 123.235.32.19 07:34:23, 5.188.10.180 08:25:11, 185.190.58.151 09:10:19, 103.99.0.122 09:11:34,
187.141.143.180 09:13:10, 60.2.12.12 10:05:22, 119.4.203.64 10:14:10, 183.62.140.253 10:54:37, 103.99.0.122 11:03:56, 183.62.140.253 11:04:41"""


def stamp(line):
    return datetime.datetime.strptime("2015 " + line[:15].decode(), "%Y %b %d %H:%M:%S")


def stamp_of(text):
    return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ")


def shuffled(lines, seed):
    """Each line is held back by up to 30 s, so none is more than 30 s behind another before it."""
    rng = random.Random(seed)
    order = [(stamp(line) + datetime.timedelta(seconds=rng.uniform(0, 30)), i) for i, line in enumerate(lines)]
    return [lines[i] for _, i in sorted(order)]


class OpenSSH(Case):
    def alerts(self, path):
        done = self.cep("run", str(SOURCE / "examples/openssh.cep"), "--input", f"Sshd={path}")
        found = collections.defaultdict(list)
        for alert in self.lines(done.stdout):
            key = next(iter(alert["key"].values()))
            found[alert["detection"]].append((alert["time"], key, alert["start"]))
        return found, done.stderr

    def test_the_known_answers(self):
        found, told = self.alerts(DATA / "OpenSSH_2k.log")
        self.assertIn("2,000 records", told)
        with open(DATA / "expected_5_in_60s_consumed.csv", encoding="utf-8") as file:
            expected = sorted((row["last"], row["ip"], row["first"]) for row in csv.DictReader(file))
        self.assertEqual(len(expected), 95)
        self.assertEqual(sorted(found["five_in_60s"]), expected)
        quiet = sorted((f"2015-12-10T{part.split()[1]}Z", part.split()[0]) for part in QUIET.split(","))
        self.assertEqual(sorted((time, key) for time, key, _ in found["five_in_60s_quiet"]), quiet)
        self.assertEqual(len(found["every_fifth_in_60s"]), 439)
        self.assertEqual(len(found["five_names_in_300s"]), 12)
        self.assertEqual(len(found["five_in_minute"]), 27)
        for time, _, start in found["five_in_minute"]:
            self.assertEqual((start[-3:], stamp_of(time) - stamp_of(start)), ("00Z", datetime.timedelta(minutes=1)))
        self.assertEqual(found["open_for_600s"], [("2015-12-10T09:42:20Z", 24680, "2015-12-10T09:32:20Z")])

    def test_shuffled_lines_give_the_same_alerts(self):
        lines = (DATA / "OpenSSH_2k.log").read_bytes().split(b"\r\n")
        found, _ = self.alerts(DATA / "OpenSSH_2k.log")
        for seed in range(3):
            mixed = shuffled(lines, seed)
            self.assertNotEqual(mixed, lines)
            self.write("mixed", b"\r\n".join(mixed))
            again, told = self.alerts(self.folder / "mixed")
            self.assertNotIn("late event", told)
            for name, alerts in found.items():
                self.assertEqual(sorted((time, str(key)) for time, key, _ in again[name]), sorted((time, str(key)) for time, key, _ in alerts), name)


if not DATA.is_dir():
    print(f"skipped: no {DATA}")
    sys.exit(SKIPPED)
main()
