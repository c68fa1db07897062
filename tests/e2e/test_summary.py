#!/usr/bin/env python3
# test_summary.py - the summary of `cep run` says what a person would otherwise not notice.
from command import Case, event, main, pair


class Summary(Case):
    def told(self, rules, text, *args):
        self.write("r.cep", rules)
        return self.cep("run", "r.cep", "--input", "In=-", *args, stdin=text).stderr

    def test_counts_add_up_and_have_commas(self):
        text = "".join(event(s, k=s) for s in range(1500)) + "nonsense\n" + event(2000, kind="b") + event(1) + event(2000, k=None)
        told = self.told(pair(), text)
        self.assertIn("1,504 records", told)
        self.assertIn("1,500 used, 1 filtered, 1 unkeyed, 1 late, 1 dead-lettered", told)
        self.assertRegex(told, r"\d records/s")
        self.assertIn("0 alerts\n  pair: 0\n", told)

    def test_lateness_is_rounded_up_to_a_unit_that_fits(self):
        for late_by, unit in ((0.25, "250ms"), (0.0015, "2ms"), (1, "1s"), (39.001, "40s"), (598.5, "599s"), (599.5, "10m"), (601, "11m"), (7200, "120m"), (172801, "49h")):
            told = self.told(pair(), event(200000) + event(200000 - late_by).replace(".0", "") if late_by != 0.0015 else
                             '{"ts": 10, "kind":"a"}\n{"ts":8,"kind":"a"}\n')
            self.assertIn(f"1 late event; lateness {unit} would have kept it", told)

    def test_a_detection_that_never_began_names_its_first_step(self):
        told = self.told(pair().replace("2 A as a", "2 A as first_one where k > 1000").replace("count(a)", "count(first_one)"), event(1) + event(2))
        self.assertIn("detection pair never began: none of its 2 events could be its first step, 'first_one'", told)

    def test_a_no_is_not_a_first_step(self):
        rules = pair().replace("match 2 A as a", "match no A where k > 50 for 5s then 2 A as first_one where k > 1000").replace("count(a)", "1")
        self.assertIn("none of its 1 event could be its first step, 'first_one'", self.told(rules, event(1)))

    def test_streams_that_never_got_a_record_are_named(self):
        told = self.told(pair(), event(1, kind="b"))
        self.assertIn("stream A never got a record", told)
        self.assertIn("detection pair never began: no event came for it", told)

    def test_unkeyed_events_are_told_for_each_detection(self):
        told = self.told(pair() + pair().split("\n", 2)[2].replace("pair", "other"), event(1, k=None))
        self.assertIn("detection pair: 1 event without a key", told)
        self.assertIn("detection other: 1 event without a key", told)

    def test_limits_that_were_reached_are_told(self):
        text = "".join(event(1 + s / 100) for s in range(9))
        many = pair().replace("match 2 A as a", "match 9 A as a after match no skip")
        self.assertIn("partial matches dropped at the limit partial.max", self.told(many, text, "--set", "partial.max=3"))
        limited = pair().replace("match 2 A as a", "match A as x then any A as a after match no skip limit 1 matches")
        self.assertIn("not reported because of 'limit N matches'", self.told(limited, text))

    def test_a_sum_that_overflows_is_told(self):
        big = pair().replace("emit { n: count(a) }", "emit { n: sum(a.big) }").replace("k: int?", "k: int?  big: int?")
        text = "".join(f'{{"ts":{t},"kind":"a","k":1,"big":9223372036854775807}}\n' for t in (1, 2))
        self.assertIn("1 sum too large for an int", self.told(big, text))

    def test_a_skip_target_that_captured_nothing_is_told(self):
        rules = pair().replace("match 2 A as a", "match A as a then optional A as b where k > 9 then A as c after match skip to first b")
        self.assertIn("whose skip target captured nothing", self.told(rules.replace("count(a)", "1"), event(1) + event(2)))

    def test_suppressed_alerts_are_counted(self):
        told = self.told(pair().replace("emit", "suppress 1h emit"), "".join(event(s) for s in range(8)))
        self.assertIn("1 alert\n  pair: 1 (and 3 suppressed)\n", told)

    def test_a_regex_that_gives_up_is_told(self):
        rules = 'input In format line { time "%s" }\nstream A from In r"(?<w>(x+x+)+y)" { w: string }\n' \
                "detect d within 10s { match A as a }\n"
        told = self.told(rules, "1 " + "x" * 60 + "-y\n", "--set", "regex.match_limit=1000")
        self.assertIn("regex.match_limit was reached", told)
        told = self.told(rules, "1 " + "x" * 70 + "y\n", "--set", "regex.text_max=64")
        self.assertIn("or they are longer than regex.text_max", told)


main()
