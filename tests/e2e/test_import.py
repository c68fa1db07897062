#!/usr/bin/env python3
# test_import.py - `cep import`: rules on stdout, remarks on stderr, exit codes; the rules do what the SQL says.
import json

from command import SOURCE, Case, main

TABLE = "CREATE TABLE T (k STRING NOT NULL, v INT NOT NULL, n INT, ts TIMESTAMP(3) NOT NULL, WATERMARK FOR ts AS ts);\n"


def matched(rest, pattern="A B+", more=""):
    return f"{TABLE}SELECT * FROM T MATCH_RECOGNIZE (PARTITION BY k ORDER BY ts {more} PATTERN ({pattern}) {rest})\n"


def rows(*values, key="a", start=0):
    return "".join(json.dumps({"k": key, "v": v, "ts": f"2024-01-01T00:00:{start + i:02}Z"}) + "\n" for i, v in enumerate(values))


class Import(Case):
    def alerts(self, sql, events, *options):
        self.write("r.cep", self.cep("import", "sql", *options, "-", stdin=sql).stdout)
        done = self.cep("run", "r.cep", "--input", "T=-", "--quiet", stdin=events)
        return [alert for alert in self.lines(done.stdout) if not alert["detection"].endswith(("_pair", "_first"))]

    def test_the_example_is_what_its_sql_becomes(self):
        done = self.cep("import", "sql", "--strict", str(SOURCE / "examples/ticker.sql"))
        self.assertTrue((SOURCE / "examples/ticker.cep").read_text(encoding="utf-8").endswith(done.stdout))
        self.assertTrue(done.stdout.startswith("// From SQL"))

    def test_a_match_and_its_measures(self):
        sql = matched("DEFINE B AS v < PREV(v)", more="MEASURES A.v AS a, LAST(B.v) AS b, COUNT(B.v) AS n, SUM(B.v) AS s")
        found = self.alerts(sql, rows(9, 8, 5, 7, 6) + rows(3, 2, 4, key="b", start=5))
        self.assertEqual([(a["key"]["k"], *a["emit"].values()) for a in found],
                         [("a", 9, 5, 2, 13), ("b", 3, 2, 1, 2), ("a", 7, 6, 1, 6)])

    def test_the_dialects_differ_in_what_they_go_on_with(self):
        sql = matched("DEFINE A AS v > 0, B AS v > 0", pattern="A B")
        self.assertEqual(len(self.alerts(sql, rows(1, 2, 3, 4))), 2)
        self.assertEqual(len(self.alerts(sql, rows(1, 2, 3, 4), "--dialect", "flink")), 3)

    def test_windows(self):
        sql = f"{TABLE}SELECT k, COUNT(*) AS n, SUM(v) AS s, SUM(n) AS z FROM T GROUP BY k, TUMBLE(ts, INTERVAL '10' SECOND) HAVING COUNT(*) > 1;"
        self.assertEqual([a["emit"] for a in self.alerts(sql, rows(*range(14)))], [{"n": 10, "s": 45, "z": None}, {"n": 4, "s": 46, "z": None}])

    def test_what_changed_is_told_and_strict_fails(self):
        sql = matched("DEFINE B AS v > 3", pattern="A+ B")
        done = self.cep("import", "sql", "-", stdin=sql)
        self.assertRegex(done.stderr, r"^<stdin>:2:\d+: changed: a row may fit \"A\" and \"B\"")
        self.assertIn("\n// Changed, SQL line 2: a row may fit", done.stdout)
        done = self.cep("import", "sql", "--strict", "-", stdin=sql, code=1)
        self.assertEqual(done.stdout, "")
        self.assertIn("--strict", done.stderr)

    def test_errors_have_places_and_no_rules(self):
        self.write("x.sql", matched("DEFINE B AS v <"))
        done = self.cep("import", "sql", "x.sql", code=1)
        self.assertEqual(done.stdout, "")
        self.assertRegex(done.stderr, r"^x\.sql:2:\d+: error: .*expected an expression\n$")
        self.assertIn("no.sql", self.cep("import", "sql", "no.sql", code=3).stderr)

    def test_rules_that_would_not_compile_are_not_given(self):
        sql = TABLE.replace("k STRING", "k IPADDRESS") + "SELECT COUNT(*) AS n FROM T WHERE k > 5 GROUP BY TUMBLE(ts, INTERVAL '1' SECOND)"
        done = self.cep("import", "sql", "-", stdin=sql, code=1)
        self.assertEqual(done.stdout, "")
        self.assertIn("the rules would be wrong", done.stderr)


main()
