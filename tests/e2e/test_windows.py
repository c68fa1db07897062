#!/usr/bin/env python3
# test_windows.py - late events of a real collection of Windows events, in ../shared beside the checkout, if it is there.
import shutil
import subprocess
import sys

from command import SKIPPED, SOURCE, Case, main

DATA = SOURCE.parent / "shared/data/mordor/host/lateral_movement__purplesharp_ad_playbook_I.json.zst"
RULES = r"""
input Win format json {
    time EventTime "%Y-%m-%d %H:%M:%S" lateness LATENESS
    EventID: int  Hostname: string?
}
stream Failed from Win where EventID == 4625 { TargetUserName: string? }
stream Ticket from Win where EventID == 4769 { ServiceName: string?  TargetUserName: string?  IpAddress: string?  Status: string? }
stream Process from Win where EventID == 1 { Image: string?  ParentImage: string? }
detect spray by Hostname within 61s {
    match 5 distinct(TargetUserName) Failed as fail
    emit { place: Hostname }
}
detect kerberoast by TargetUserName, IpAddress within 11s {
    match 5 distinct(ServiceName) Ticket as t where Status == "0x0" and not ServiceName ends with "$" and ServiceName != "krbtgt"
    emit { place: TargetUserName }
}
detect remote within 11s {
    match 3 distinct(Hostname) Process as p where ParentImage iends with "\\wsmprovhost.exe" and Image iends with "\\powershell.exe"
    emit { place: last(p).Hostname }
}
"""
# Lateness in seconds, late events, alerts.
TABLE = [(0, 23450, 0), (2, 19198, 2), (5, 16737, 2), (10, 14222, 2), (20, 9905, 2), (30, 5541, 2), (35, 3292, 3), (36, 1833, 3),
         (37, 1522, 3), (38, 470, 3), (39, 248, 3), (40, 0, 3)]


class Windows(Case):
    def test_late_events_and_alerts_by_lateness(self):
        with open(self.folder / "in", "wb") as file:
            subprocess.run(["zstd", "-q", "-d", "--long=27", "-c", str(DATA)], stdout=file, check=True)
        # A build that walks all structures after each step is slow: three rows are enough of it.
        table = TABLE[::5] if "expensive-checks" in self.cep("--version").stdout else TABLE
        for lateness, late, alerts in table:
            self.write("r.cep", RULES.replace("LATENESS", f"{lateness}s"))
            done = self.cep("run", "r.cep", "--input", "Win=in")
            self.assertEqual([a["detection"] for a in self.lines(done.stdout)], ["spray", "kerberoast", "remote"][:alerts], lateness)
            self.assertIn("25,993 records", done.stderr)
            if late:
                self.assertIn(f"\n{late:,} late events; lateness 40s would have kept all", done.stderr)
            else:
                self.assertNotIn("late event", done.stderr)


if not DATA.is_file() or not shutil.which("zstd"):
    print(f"skipped: no {DATA}, or no zstd")
    sys.exit(SKIPPED)
main()
