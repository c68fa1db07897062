#!/usr/bin/env python3
# test_mordor.py - attacks in real collections of Windows events, packed as they are, in ../shared beside the checkout.
import bisect
import shutil
import subprocess
import sys

from command import SKIPPED, SOURCE, Case, main

DATA = SOURCE.parent / "shared/data/mordor/host"
PURPLE = DATA / "lateral_movement__purplesharp_ad_playbook_I.json.zst"
LSASS = {
    "02": DATA / "LSASS_campaign_02__metasploit_procdump_lsass_memory_dump.json.zst",
    "05": DATA / "LSASS_campaign_05__metasploit_sharpdump_lsass_memory_dump.json.zst",
}
# Lateness in seconds, late events, alerts.
TABLE = [(0, 23450, 0), (2, 19198, 2), (5, 16737, 2), (10, 14222, 2), (20, 9905, 2), (30, 5541, 2), (35, 3292, 3), (36, 1833, 3),
         (37, 1522, 3), (38, 470, 3), (39, 248, 3), (40, 0, 3)]


def line_starts(path):
    data = subprocess.run(["zstd", "-q", "-d", "--long=27", "-c", str(path)], capture_output=True, check=True).stdout
    starts, at = [0], data.find(b"\n")
    while at >= 0:
        starts.append(at + 1)
        at = data.find(b"\n", at + 1)
    return starts


class Mordor(Case):
    def alerts(self, rules, name, path):
        """Each alert with the numbers of its lines."""
        starts = line_starts(path)
        done = self.cep("run", str(SOURCE / "examples" / rules), "--input", f"{name}={path}")
        return [(a["detection"], [bisect.bisect_right(starts, e["position"]) for e in a["events"]], a) for a in self.lines(done.stdout)]

    def test_purplesharp_late_events_and_alerts_by_lateness(self):
        rules = (SOURCE / "examples/purplesharp.cep").read_text()
        # A build that walks all structures after each step is slow: three rows are enough of it.
        table = TABLE[::5] if "expensive-checks" in self.cep("--version").stdout else TABLE
        for lateness, late, alerts in table:
            self.write("r.cep", rules.replace("lateness 40s", f"lateness {lateness}s"))
            done = self.cep("run", "r.cep", "--input", f"Win={PURPLE}")
            self.assertEqual([a["detection"] for a in self.lines(done.stdout)], ["spray", "kerberoast", "remote"][:alerts], lateness)
            self.assertIn("25,993 records", done.stderr)
            if late:
                self.assertIn(f"\n{late:,} late events; lateness 40s would have kept all", done.stderr)
            else:
                self.assertNotIn("late event", done.stderr)

    def test_purplesharp_alerts_end_at_the_lines_of_the_attack(self):
        spray, kerberoast, remote = self.alerts("purplesharp.cep", "Win", PURPLE)
        self.assertEqual((spray[0], max(spray[1])), ("spray", 796))
        self.assertIn("WORKSTATION5", spray[2]["emit"]["place"].upper())
        self.assertEqual((kerberoast[0], max(kerberoast[1])), ("kerberoast", 1148))
        self.assertEqual((remote[0], max(remote[1])), ("remote", 24051))
        self.assertTrue(remote[2]["time"].endswith("T04:29:58Z"), remote[2]["time"])

    def test_lsass_dumps_are_the_lines_that_are_known(self):
        expected = {
            "02": [("lsass_dump", [23375, 23376]), ("dropped_dumper", [23338, 23341, 23375, 23376])],
            "05": [("lsass_dump", [48335, 48336]), ("dropped_dumper", [45739, 47943, 48335, 48336]), ("lsass_dump", [48339, 48667])],
        }
        for number, path in LSASS.items():
            found = [(name, lines) for name, lines, _ in self.alerts("lsass.cep", "Sysmon", path)]
            self.assertEqual(found, expected[number], number)

    def test_lsass_with_suppression_by_process_gives_one(self):
        rules = (SOURCE / "examples/lsass.cep").read_text()
        self.write("r.cep", rules.replace("    emit  { program: reads", "    suppress 1h\n    emit  { program: reads"))
        done = self.cep("run", "r.cep", "--input", f"Sysmon={LSASS['05']}")
        self.assertEqual([a["detection"] for a in self.lines(done.stdout)].count("lsass_dump"), 1)


if not all(path.is_file() for path in [PURPLE, *LSASS.values()]) or not shutil.which("zstd"):
    print(f"skipped: not all of {DATA}, or no zstd")
    sys.exit(SKIPPED)
main()
