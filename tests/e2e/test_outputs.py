#!/usr/bin/env python3
# test_outputs.py - alerts of `cep run` as text, as a table, of some detections; exit codes by alerts.
import csv
import io
import json
import re

from command import Case, event, main, pair

RULES = """stream A { time ts s lateness 0s  k: int  name: string?  ip: ip? }
detect one by k, ip within 10s { meta { severity: "high" } match A as a emit { name: a.name, k: a.k } }
detect two by k within 10s { match 2 A as a on timeout emit { only: count(a), for: 1m } emit { n: count(a) } }
aggregate three from A by k window tumbling 1m { n: count() }
"""


def record(seconds, k, name, ip=None):
    return json.dumps({"ts": seconds, "k": k, "name": name, "ip": ip}) + "\n"


class Outputs(Case):
    def setUp(self):
        super().setUp()
        self.write("r.cep", RULES)

    def run_it(self, text, *args, code=0):
        return self.cep("run", "r.cep", "--input", "A=-", *args, stdin=text, code=code).stdout

    def test_text_has_severity_time_detection_key_and_values(self):
        told = self.run_it(record(1, 7, "x", "10.0.0.1") + record(3.5, 7, None), "--format", "text")
        self.assertEqual(told.splitlines(), [
            "1970-01-01T00:00:01Z  high  one    k=7 ip=10.0.0.1  name=x k=7",
            "1970-01-01T00:00:03.5Z        two    k=7  n=2",
            "1970-01-01T00:01:00Z        three  window 1970-01-01T00:00:00Z to 1970-01-01T00:01:00Z  k=7  n=2"])
        told = self.run_it(record(1, 7, "x"), "--format", "text", "--detection", "two")
        self.assertEqual(told, "1970-01-01T00:00:11Z  two  timeout  k=7  only=1 for=60s\n")

    def test_events_stand_on_a_time_line(self):
        told = self.run_it(record(10, 7, "x") + record(13, 7, None) + record(30, 8, None), "--verbose", "--detection", "two")
        self.assertEqual(told.splitlines()[:3], [
            "1970-01-01T00:00:13Z  two  k=7  n=2",
            "      +0.0s  " + "●" + 23 * "·" + "  a  A  A @0",
            "      +3.0s  " + 23 * "·" + "●" + "  a  A  A @44"])
        self.assertEqual(told.splitlines()[-1], "       +10s  " + 23 * "·" + "◆" + "  decided")

    def test_bytes_of_events_do_no_harm(self):
        for name, shown in (("a b", '"a b"'), ("", '""'), ("\x1b[2J", r'"\x1b[2J"'), ('"\\', r'"\"\\"'), ("a\nb\tc", r'"a\nb\tc"'), ("\u202egnp", r'"\xe2\x80\xaegnp"'),
                            ("\u0085x", r'"\xc2\x85x"'), ("grün", "grün"), ("x=1", '"x=1"'), ("\x00", r'"\x00"')):
            told = self.run_it(record(1, 7, name, "10.0.0.1"), "--format", "text", "--detection", "one")
            self.assertTrue(told.endswith(f"  name={shown} k=7\n"), told)

    def test_on_a_terminal_it_is_text_with_colours_else_ndjson(self):
        self.write("in", record(1, 7, "x", "10.0.0.1"))
        args = ("run", "r.cep", "--input", "A=in", "--quiet", "--detection", "one")
        self.assertIn("\x1b[1;31mhigh\x1b[0m", self.terminal(*args))
        self.assertEqual(self.terminal(*args, NO_COLOR="1"), "1970-01-01T00:00:01Z  high  one  k=7 ip=10.0.0.1  name=x k=7\n")
        self.assertTrue(self.terminal(*args, "--format", "ndjson").startswith('{"detection":"one"'))
        self.assertTrue(self.cep(*args).stdout.startswith('{"detection":"one"'))
        self.terminal(*args, "--output", "out")
        self.assertTrue(self.read("out").startswith('{"detection":"one"'))

    def test_one_table_of_all_detections(self):
        told = self.run_it(record(1, 7, 'say "hi", all', "10.0.0.1") + record(2, 7, "") + record(200, 8, "a\nb", "::1"), "--format", "csv")
        rows = list(csv.DictReader(io.StringIO(told, newline="")))
        self.assertEqual(list(rows[0]), ["detection", "id", "kind", "time", "start", "end", "k", "ip", "name", "emit.k", "n", "only", "for"])
        by = {(row["detection"], row["k"], row["time"]): row for row in rows}
        first = by["one", "7", "1970-01-01T00:00:01Z"]
        self.assertEqual((first["name"], first["emit.k"], first["ip"], first["n"], first["kind"]), ('say "hi", all', "7", "10.0.0.1", "", "match"))
        self.assertEqual(by["one", "8", "1970-01-01T00:03:20Z"]["name"], "a\nb")
        self.assertEqual(by["two", "8", "1970-01-01T00:03:30Z"]["kind"], "timeout")
        self.assertEqual(by["two", "8", "1970-01-01T00:03:30Z"]["for"], "60")
        ids = [alert["id"] for alert in self.lines(self.run_it(record(1, 7, 'say "hi", all', "10.0.0.1") + record(2, 7, "") + record(200, 8, "a\nb", "::1")))]
        self.assertEqual([row["id"] for row in rows], ids)

    def test_an_empty_text_is_not_null(self):
        told = self.run_it(record(1, 7, "", "10.0.0.1") + record(2, 7, None, "10.0.0.1"), "--format", "csv", "--detection", "one")
        self.assertEqual([line.rsplit(",", 2)[1] for line in told.splitlines()[1:]], ['""', ""])

    def test_the_table_of_one_detection_has_its_columns_alone_also_without_alerts(self):
        self.assertEqual(self.run_it("", "--format", "csv", "--detection", "two"), "detection,id,kind,time,start,end,k,n,only,for\n")

    def test_exit_code_by_alerts(self):
        one, none = record(1, 7, "x"), ""
        self.run_it(one, "--exit-alert", code=3)
        self.run_it(none, "--exit-alert", code=0)
        self.run_it(one, code=0)
        self.run_it(one, "--exit-alert", "--detection", "one", "--quiet", code=0)  # its key is null: no alert of that one
        self.run_it(one, "--exit-alert", "--output", "no/such/folder", code=4)
        self.assertEqual(self.cep("run", "none.cep", "--exit-alert", code=4).stdout, "")

    def test_mistakes(self):
        self.assertIn("--format is ndjson, text or csv, not 'xml'", self.cep("run", "r.cep", "--format", "xml", code=2).stderr)
        self.assertIn("there is no detection 'four' in the rules", self.cep("run", "r.cep", "--input", "A=-", "--detection", "four", code=2).stderr)
        self.assertIn("--verbose is of --format text", self.cep("run", "r.cep", "--input", "A=-", "-v", "--format", "csv", code=2).stderr)


main()
