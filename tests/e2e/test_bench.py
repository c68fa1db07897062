#!/usr/bin/env python3
# test_bench.py - `cep bench`: figures, comparisons, each detection alone, exit codes.
import json

from command import Case, event, main, pair

RULES = """// detect none { "in a comment
input In format json { time ts ms  kind: string }
stream A from In where kind == "a" { k: int? }
stream B from In where kind == "b" { k: int? }
define Odd = A where k % 2 == 1 and kind != "detect x {"
detect pair by k within 10s { match Odd as a then B as b emit { } }
aggregate `per key` from Odd by k window tumbling 5s { n: count() }
detect after unbounded { match `per key` as w then pair as p emit { n: w.n } }
"""


def events(count):
    return "".join(event(i / 10, i % 7, "ab"[i // 7 % 2]) for i in range(count))


class Bench(Case):
    def figures(self, *args):
        done = self.cep("bench", *args, "--json", "out.ndjson")
        return done.stdout, {line["name"]: line for line in self.lines(self.read("out.ndjson"))}

    def test_the_figures_are_those_of_a_run(self):
        self.write("r.cep", pair())
        self.write("in", events(500) + "no record\n")
        alerts = self.cep("run", "r.cep", "--input", "In=in").stdout.count("\n")
        text, lines = self.figures("r.cep", "--input", "In=in", "--rounds", "3")
        self.assertIn("r.cep: 501 records", text)
        self.assertIn("1 refused, 0 late; 3 rounds", text)
        one = lines["all rules"]
        self.assertEqual((one["records"], one["alerts"]), (501, alerts))
        self.assertTrue(0 < one["min"] <= one["median"] <= one["max"])
        self.assertGreater(one["memory"], 1000)

    def test_workers_see_the_same_alerts(self):
        self.write("r.cep", pair())
        self.write("in", events(300))
        one = self.figures("r.cep", "--input", "In=in", "--rounds", "1")[1]["all rules"]
        two = self.figures("r.cep", "--input", "In=in", "--rounds", "1", "--workers", "2")[1]["all rules"]
        self.assertEqual((one["alerts"], one["hash"]), (two["alerts"], two["hash"]))

    def test_each_detection_alone_with_what_it_uses(self):
        self.write("r.cep", RULES)
        self.write("in", events(500))
        _, lines = self.figures("r.cep", "--input", "In=in", "--rounds", "1", "--each")
        self.assertEqual(list(lines), ["all rules", "pair", "per key", "after"])
        alerts = {name: line["alerts"] for name, line in lines.items()}
        self.assertGreater(alerts["pair"], 0)
        self.assertGreater(alerts["per key"], 0)
        self.assertEqual(alerts["after"], alerts["all rules"], "it uses both others")
        self.assertEqual(lines["after"]["hash"], lines["all rules"]["hash"])

    def test_figures_are_compared(self):
        self.write("r.cep", pair())
        self.write("in", events(300))
        earlier = {"at": 0, "name": "all rules", "median": 2.0, "min": 1, "max": 3.0, "more": [1]}
        self.write("slow", json.dumps(earlier) + "\n")
        self.write("fast", json.dumps({**earlier, "min": 1e15, "median": 2e15, "max": 3e15}) + "\n")
        common = ["r.cep", "--input", "In=in", "--rounds", "2", "--compare"]
        self.assertRegex(self.cep("bench", *common, "slow").stdout, r"2 before \(1 \.\. 3\): .* times, better\n")
        self.assertRegex(self.cep("bench", *common, "fast").stdout, "times, worse\n")
        self.assertIn("is no file of results", self.cep("bench", *common, "in", code=3).stderr)

    def test_what_cannot_be_measured(self):
        self.write("r.cep", pair())
        self.write("stdin.cep", pair().replace("input In", "input In from stdin"))
        self.write("empty", "")
        self.assertIn("once only", self.cep("bench", "stdin.cep", code=2).stderr)
        self.assertIn("once only", self.cep("bench", "r.cep", "--input", "In=-", code=2).stderr)
        self.assertIn("no records", self.cep("bench", "r.cep", "--input", "In=empty", code=3).stderr)
        self.assertIn("missing", self.cep("bench", "r.cep", "--input", "In=missing", code=3).stderr)
        self.assertIn("--rounds", self.cep("bench", "r.cep", "--rounds", "0", code=2).stderr)
        self.assertIn("which rule file", self.cep("bench", code=2).stderr)
        self.write("wrong.cep", "detect")
        self.cep("bench", "wrong.cep", "--input", "In=empty", code=1)


main()
