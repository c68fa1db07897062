#!/usr/bin/env python3
# test_terminal.py - what `cep run` shows on a terminal while it goes on; counters as JSON.
import gzip
import json
import os
import re
import threading
import time

from command import SOURCE, Case, event, main, pair

EACH = pair().replace("match 2 A as a", "match A as a")


class Terminal(Case):
    def slow(self, records, seconds, path="in", **more):
        """An alert for each record, to a pipe that is read slowly: so long takes the run; gives what the terminal shows."""
        self.write("r.cep", EACH)
        text = "".join(event(t) for t in range(records)).encode()
        self.write(path, gzip.compress(text) if path.endswith(".gz") else text)
        theirs, ours = os.pipe()

        def drain():
            while os.read(theirs, 16384):
                time.sleep(seconds / (records * 380 / 16384))
            os.close(theirs)

        reader = threading.Thread(target=drain)
        reader.start()
        told = self.terminal("run", "r.cep", "--input", "In=" + path, "--workers", "1", stdout=ours, **more)
        os.close(ours)
        reader.join()
        return told

    def test_a_bar_with_share_time_rate_and_what_is_left(self):
        for path in ("in", "in.gz"):
            told = self.slow(20_000, 2.5, path, columns=120, NO_COLOR="1")
            lines = told.split("\r\x1b[K")
            for line in lines[1:-1]:
                self.assertRegex(line, r"^[\u2501\u2500]{8,30}  +\d+%  [\d,]+ records  [\d,]+/s  at 1970-01-01T\d\d:\d\d:\d\dZ(  \w+ left)?$")
                self.assertLess(len(line), 120)
            self.assertGreater(len(lines), 2)
            self.assertRegex(lines[-1], r"^20,000 records \(")  # the line is gone when the summary comes
            shares = [int(re.search(r"(\d+)%", line).group(1)) for line in lines[1:-1]]
            self.assertEqual(shares, sorted(shares))
            self.assertNotIn("\x1b[3", told)

    def test_it_fits_into_a_narrow_terminal_and_has_colours(self):
        line = self.slow(10_000, 1.6, columns=40).split("\r\x1b[K")[1]
        self.assertIn("\x1b[32m\u2501", line)
        self.assertLess(len(re.sub(r"\x1b\[\d*m", "", line)), 40)

    def test_not_where_it_is_not_wanted(self):
        self.assertNotIn("\x1b", self.slow(10_000, 1.4, TERM="dumb"))
        self.write("r.cep", EACH)
        self.write("in", event(1))
        told = self.terminal("run", "r.cep", "--input", "In=in", "--quiet")
        self.assertNotIn("\r\x1b[K", told)  # nor where it is over at once


class Counters(Case):
    def setUp(self):
        super().setUp()
        self.write("r.cep", pair())
        self.write("in", event(1) + event(2) + "nonsense\n" + event(1) + event(3, kind="b"))

    def check(self, text):
        counts = json.loads(text)
        self.assertEqual(counts["total"]["RECORDS_READ"], 5)
        self.assertEqual(counts["inputs"]["In"]["RECORDS_LATE"], 1)
        self.assertEqual(counts["streams"]["A"]["STREAM_EVENTS"], 2)
        self.assertEqual(counts["detections"]["pair"]["ALERTS_OUT"], 1)
        self.assertEqual(counts["refused"], {"json": 1})
        self.assertEqual(counts["tables"], {})
        self.assertGreater(counts["total"]["BYTES_IN_USE"], 0)

    def test_on_stderr_they_stand_in_place_of_the_summary(self):
        self.check(self.cep("run", "r.cep", "--input", "In=in", "--stats", "json").stderr)

    def test_in_a_file_they_stand_beside_it(self):
        done = self.cep("run", "r.cep", "--input", "In=in", "--stats", "json=counts")
        self.assertIn("5 records", done.stderr)
        self.check(self.read("counts"))

    def test_every_statistic_is_there_by_its_name(self):
        counts = json.loads(self.cep("run", "r.cep", "--input", "In=in", "--stats=json").stderr)
        page = (SOURCE / "docs/reference/stats.md").read_text(encoding="utf-8")
        self.assertEqual(list(counts["total"]), re.findall(r"^\| `(\w+)`", page, re.M))

    def test_mistakes(self):
        self.assertIn("--stats is json or json=PATH", self.cep("run", "r.cep", "--stats", "csv", code=2).stderr)
        self.assertIn("is read, it cannot be written", self.cep("run", "r.cep", "--input", "In=in", "--stats", "json=in", code=2).stderr)


main()
