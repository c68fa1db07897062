#!/usr/bin/env python3
# test_tests.py - `cep test` and `cep explain`: what they print, and their exit codes.
import subprocess
import xml.etree.ElementTree

from command import SOURCE, Case, main, pair

TESTS = pair().rstrip().rstrip("}") + """
  test "two in time" {
    at 0s A { k: 1 } repeat 2 every 1s
    expect { n: %s }
  }
  test "one is not enough" {
    at 0s A { k: 1 }
    expect nothing
  }
}
"""


class Tests(Case):
    def test_all_pass(self):
        self.write("r.cep", TESTS % 2)
        done = self.cep("test", "r.cep")
        self.assertEqual(done.stdout, 'ok    pair: "two in time"\nok    pair: "one is not enough"\n2 passed, 0 failed\n')

    def test_a_failing_one_shows_place_expected_and_got(self):
        self.write("r.cep", TESTS % 3)
        lines = self.cep("test", "r.cep", code=1).stdout.splitlines()
        self.assertEqual(lines[0], 'FAIL  pair: "two in time"')
        self.assertRegex(lines[1], r"^      r\.cep:\d+:\d+$")
        self.assertRegex(lines[2], r"^      expected .*n: 3")
        self.assertRegex(lines[3], r"^      got .*n: 2")
        self.assertEqual(lines[-1], "1 passed, 1 failed")

    def test_quiet_shows_only_what_failed(self):
        self.write("r.cep", TESTS % 3)
        self.assertNotIn("ok  ", self.cep("test", "-q", "r.cep", code=1).stdout)

    def test_an_evaluator_can_be_forced_where_it_fits(self):
        self.write("r.cep", TESTS % 2)
        told = self.cep("test", "r.cep").stdout
        self.assertEqual(self.cep("test", "--evaluator", "runs", "r.cep").stdout, told)
        self.assertEqual(self.cep("test", "--evaluator=best", "r.cep").stdout, told)
        wrong = self.cep("test", "--evaluator", "compact", "r.cep", code=1).stderr
        self.assertRegex(wrong, "debug.evaluator: compact is not for 'pair', which has (first-of|runs): ")
        self.assertIn("best, runs, compact or firstof", self.cep("test", "--evaluator", "x", "r.cep", code=2).stderr)
        self.assertNotIn("evaluator", self.cep("test", "--help").stdout)

    def test_several_files_and_wrong_ones(self):
        self.write("r.cep", TESTS % 2)
        self.write("wrong.cep", "detect")
        done = self.cep("test", "r.cep", "wrong.cep", code=1)
        self.assertIn("2 passed, 0 failed", done.stdout)
        self.assertIn("wrong.cep:1:", done.stderr)

    def test_filter_by_text_or_pattern(self):
        self.write("r.cep", TESTS % 3)
        self.assertEqual(self.cep("test", "r.cep", "--filter", "not enough").stdout, 'ok    pair: "one is not enough"\n1 passed, 0 failed\n')
        self.assertIn("0 passed, 1 failed", self.cep("test", "r.cep", "--filter", "pair: two*", code=1).stdout)
        self.assertIn("no test fits --filter 'x*'", self.cep("test", "r.cep", "--filter", "x*", code=1).stderr)

    def test_junit_has_a_suite_for_each_file(self):
        self.write("r.cep", (TESTS % 3).replace("two in time", "two <in> & time"))
        self.write("wrong.cep", "detect")
        done = self.cep("test", "r.cep", "wrong.cep", "--junit", "out.xml", code=1)
        self.assertIn("1 passed, 1 failed", done.stdout)
        suites = list(xml.etree.ElementTree.fromstring(self.read("out.xml")))
        self.assertEqual([(s.get("name"), s.get("tests"), s.get("failures"), s.get("errors")) for s in suites],
                         [("r.cep", "2", "1", "0"), ("wrong.cep", "1", "0", "1")])
        failed, passed = suites[0]
        self.assertEqual((failed.get("classname"), failed.get("name")), ("pair", "two <in> & time"))
        self.assertRegex(failed[0].text, r"^r\.cep:\d+:\d+\nexpected \{n: 3\}\ngot      at 1s \{n: 2\}$")
        self.assertEqual(len(passed), 0)
        self.assertIn("cannot write", self.cep("test", "r.cep", "--junit", "no/such/out.xml", code=3).stderr)

    def test_watch_runs_again_when_a_file_changes(self):
        self.write("r.cep", TESTS % 3)
        run = self.start("test", "--watch", "--quiet", "r.cep", stdout=subprocess.PIPE, text=True)
        self.addCleanup(run.wait)
        self.addCleanup(run.kill)
        self.addCleanup(run.stdout.close)
        lines = iter(run.stdout.readline, "")
        self.assertIn("1 passed, 1 failed\n", lines)
        (self.folder / "new").write_text(TESTS % 2)
        (self.folder / "new").replace(self.folder / "r.cep")
        self.assertEqual([next(lines), next(lines)], ["r.cep has changed\n", "2 passed, 0 failed\n"])
        self.assertIn("cannot be watched", self.cep("test", "--watch", "-", code=2).stderr)

    def test_coverage_says_what_no_test_reaches(self):
        rules = """stream Login from file "in" { time ts s  ip: ip  user: string  ok: bool }
stream Reset from file "in" { time ts s  ip: ip }
detect brute by ip within 10m {
    match 2+ Login as fail where not ok
    then no Reset
    then Login as hit where ok and user == last(fail).user
    on timeout emit { tries: count(fail) }
    emit { user: hit.user }
    %s
}
aggregate sums from Login by ip window tumbling 1m { n: count()  test "one" { at 0s Login { ip: "::1", user: "a", ok: true } watermark 2m expect { n: 1 } } }
"""
        first = 'test "a" { at 0s Login { ip: "::1", user: "a", ok: false } repeat 2 every 1s at 5s Login { ip: "::1", user: "a", ok: true } expect { user: "a" } }'
        self.write("r.cep", rules % first)
        told = self.cep("test", "-q", "--coverage", "r.cep").stdout
        self.assertEqual(told, """ 73%  brute: 8 of 11 reached
      never came   no Reset
      never false  hit: user == last(fail).user
      never        a timeout
2 passed, 0 failed
""")
        more = 'test "b" { at 0s Login { ip: "::1", user: "b", ok: false } repeat 2 every 1s at 3s Login { ip: "::1", user: "x", ok: true } at 4s Reset { ip: "::1" } expect nothing }'
        more += ' test "c" { at 0s Login { ip: "::1", user: "b", ok: false } watermark 1h expect timeout { tries: 1 } }'
        self.write("r.cep", rules % (first + more))
        self.assertIn("100%  brute: 11 of 11 reached\n4 passed", self.cep("test", "-q", "--coverage", "r.cep").stdout)
        self.assertIn("never false  hit: user", self.cep("test", "-q", "--coverage", "--filter", "brute: a", "r.cep").stdout)
        self.assertIn("100%  of all: 22 of 22 reached\n", self.cep("test", "-q", "--coverage", "r.cep", "r.cep").stdout)

    def test_a_file_without_tests_is_told(self):
        self.write("r.cep", pair())
        self.assertIn("has no test", self.cep("test", "r.cep").stderr)


class Explain(Case):
    def test_every_form_says_something_of_its_own(self):
        path = str(SOURCE / "examples/sshd.cep")
        forms = {form: self.cep("explain", path, form).stdout for form in ("--plan", "--nfa", "--dot", "--code", "--automaton", "--mermaid")}
        self.assertEqual(len(set(forms.values())), 6)
        self.assertIn("brute_force", forms["--plan"])
        self.assertIn("runs", forms["--nfa"])
        self.assertTrue(forms["--dot"].lstrip().startswith("digraph"))
        self.assertEqual(forms["--dot"].count("{"), forms["--dot"].count("}"))
        both = self.cep("explain", path).stdout
        self.assertIn(forms["--plan"], both)
        self.assertIn(forms["--nfa"], both)

    def test_one_detection_is_drawn_alone(self):
        path = str(SOURCE / "examples/sshd.cep")
        alone = self.cep("explain", path, "brute_force").stdout
        self.assertTrue(alone.startswith("brute_force by "))
        self.assertIn(alone, self.cep("explain", path, "--automaton").stdout)
        self.assertIn("stateDiagram-v2", self.cep("explain", path, "brute_force", "--mermaid").stdout)
        self.assertIn("no detection 'nothing'", self.cep("explain", path, "nothing", code=1).stderr)

    def test_wrong_rules_are_1(self):
        self.write("r.cep", "detect")
        self.assertIn("r.cep:1:", self.cep("explain", "r.cep", code=1).stderr)


main()
