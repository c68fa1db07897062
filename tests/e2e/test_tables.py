#!/usr/bin/env python3
# test_tables.py - tables and clocks in `cep run` and `cep test`.
import json
import os
import signal
import subprocess
import time

from command import Case, main

RULES = """table risky from file "risky.csv" format csv key country { country: string  score: int }
stream Login from stdin format json { time ts ms%s  user: string  country: string? }
detect odd by user within 1h {
    match Login as l where country in risky.country
    emit { score: risky[l.country].score }
    test "one" { at 0s Login { user: "ann", country: "XX" } expect { score: 3 } }
}
"""
CLOCK = """stream Door from stdin format json { time processing  badge: string }
detect left_open by badge within 300ms { match Door as a then no Door emit { t: a.processing } }
"""
IDLE = """stream A from stdin format json { time ts ms%s  k: int }
stream B from file "b" format json { time ts ms  k: int }
detect each within 1s { match B as b emit { k: b.k } }
detect quiet within 1s { match A as a then no A emit { k: a.k } }
"""


def login(ms, country):
    return json.dumps({"ts": ms, "user": "ann", "country": country}) + "\n"


class Tables(Case):
    def setUp(self):
        super().setUp()
        (self.folder / "rules").mkdir()
        self.write("rules/r.cep", RULES % "")
        self.write("rules/risky.csv", "country,score\nXX,3\n")

    def test_the_file_lies_beside_the_rules(self):
        done = self.cep("run", "rules/r.cep", stdin=login(1, "XX") + login(2, "YY"))
        alert, = self.lines(done.stdout)
        self.assertEqual(alert["emit"], {"score": 3})
        self.assertNotIn("clock", alert)
        self.assertIn("table risky: 1 row\n", done.stderr)

    def test_another_file_can_be_given(self):
        self.write("other.csv", "country,score\nYY,5\n")
        alert, = self.lines(self.cep("run", "rules/r.cep", "--table", "risky=other.csv", stdin=login(1, "XX") + login(2, "YY")).stdout)
        self.assertEqual(alert["emit"], {"score": 5})
        self.assertIn("1 failed", self.cep("test", "rules/r.cep", "--table", "risky=other.csv", code=1).stdout)
        self.assertIn("1 passed", self.cep("test", "rules/r.cep").stdout)

    def test_a_name_that_is_no_table_and_a_file_that_is_not_there(self):
        self.assertIn("has no table 'risk'", self.cep("run", "rules/r.cep", "--table", "risk=x", code=2).stderr)
        self.assertIn("has no table 'risk'", self.cep("test", "rules/r.cep", "--table", "risk=x", code=2).stderr)
        os.remove(self.folder / "rules/risky.csv")
        self.assertIn('"rules/risky.csv"', self.cep("run", "rules/r.cep", code=3).stderr)
        self.assertIn("table 'risky'", self.cep("test", "rules/r.cep", code=3).stderr)

    def test_rows_that_cannot_be_read_are_dead_letters(self):
        self.write("rules/risky.csv", "country,score\nXX,3\nYY,many\n")
        done = self.cep("run", "rules/r.cep", "--dead-letter", "dead", stdin=login(1, "XX"))
        dead, = self.lines(self.read("dead"))
        self.assertEqual((dead["table"], dead["position"], dead["reason"], dead["record"]), ("risky", 19, "type", "YY,many"))
        self.assertIn("table risky: 1 row, 1 could not be read\n", done.stderr)
        self.assertIn("record 3 of table 'risky'", self.cep("test", "rules/r.cep", code=1).stderr)


class Live(Case):
    def run_live(self, *args):
        run = self.start("run", *args, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for pipe in (run.stderr, run.stdout, run.stdin):
            self.addCleanup(pipe.close)
        self.addCleanup(run.wait)
        self.addCleanup(run.kill)
        return run

    def say(self, run, text):
        run.stdin.write(text)
        run.stdin.flush()

    def alert(self, run):
        got, = self.lines(run.stdout.readline())
        return got

    def test_a_table_is_read_again_when_its_file_has_changed(self):
        self.write("r.cep", (RULES % "").replace("key country", "key country refresh 1ms"))
        self.write("risky.csv", "country,score\nXX,3\n")
        run = self.run_live("r.cep")
        self.say(run, login(1, "XX"))
        self.assertNotIn("clock", self.alert(run))
        self.write("risky.csv", "country,score\nYY,44\n")
        self.assertIn("read again", run.stderr.readline())
        self.say(run, login(2, "XX") + login(3, "YY"))
        got = self.alert(run)
        self.assertEqual((got["emit"]["score"], got["clock"]), (44, True))
        os.remove(self.folder / "risky.csv")
        self.assertIn("keeps its rows", run.stderr.readline())
        run.stdin.close()
        self.assertEqual(run.wait(timeout=20), 0)

    def test_processing_time_goes_on_while_nothing_comes(self):
        self.write("r.cep", CLOCK)
        run = self.run_live("r.cep")
        before = time.time()
        self.say(run, '{"badge":"b7"}\n')
        got = self.alert(run)
        self.assertGreaterEqual(time.time() - before, 0.29)
        self.assertTrue(got["clock"])
        self.assertEqual(got["key"], {"badge": "b7"})

    def test_an_idle_pipe_holds_nothing_back(self):
        self.write("r.cep", IDLE % " idle 200ms")
        self.write("b", "".join(f'{{"ts":{t},"k":{t}}}\n' for t in (1, 5000)))
        run = self.run_live("r.cep")
        self.say(run, '{"ts":2,"k":7}\n')
        got = [self.alert(run) for _ in range(3)]
        self.assertEqual([(a["detection"], a.get("clock")) for a in got], [("each", None), ("quiet", True), ("each", True)])
        run.send_signal(signal.SIGINT)
        self.assertEqual(run.wait(timeout=20), 130)
        said = run.stderr.read()
        self.assertIn("input A was idle 1 time", said)
        self.assertIn('2 alerts marked "clock": ', said)


main()
