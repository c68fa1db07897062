#!/usr/bin/env python3
# test_why.py - `cep run --why`: the story of the partial matches of a key, and why they ended.
import json

from command import SOURCE, Case, main

RULES = """input Web from file "in" format json { time ts s lateness 0s  type: string }
stream Login from Web where type == "login" { ip: ip  user: string  ok: bool }
stream Reset from Web where type == "reset" { ip: ip }
detect brute by ip within 10m {
    match 3+ Login as fail where not ok
    then  no Reset
    then  Login as hit where ok and user == last(fail).user
    emit  { user: hit.user, attempts: count(fail) }
}
detect quick by ip within 10m {
    match Login as a where not ok
    then immediately Login as b where not ok
    then within 30s Login as c where ok
    emit  { user: c.user }
}
detect many by ip within 1h {
    match Login as a then Login as b where not ok having count(b) > 1 emit { n: 1 }
}
"""


def login(t, ok=False, user="ann", ip="10.0.0.1"):
    return json.dumps({"ts": t, "type": "login", "ip": ip, "user": user, "ok": ok}) + "\n"


def reset(t, ip="10.0.0.1"):
    return json.dumps({"ts": t, "type": "reset", "ip": ip}) + "\n"


class Why(Case):
    def story(self, text, what="brute=10.0.0.1", *more):
        self.write("r.cep", RULES)
        self.write("in", text)
        return self.cep("run", "r.cep", "--quiet", "--why", what, *more).stdout

    def test_a_key_without_an_event_is_told(self):
        self.write("r.cep", RULES)
        self.write("in", login(1))
        done = self.cep("run", "r.cep", "--quiet", "--why", "brute=10.0.0.9")
        self.assertEqual(done.stdout, "")
        self.assertEqual(done.stderr, "--why has nothing to tell: no event came for brute with the key 10.0.0.9\n")

    def test_a_match_and_what_it_drops(self):
        told = self.story("".join(login(t) for t in (1, 2, 3, 4)) + login(9, True) + login(1, ip="10.0.0.2"))
        self.assertEqual(told.splitlines()[-6:], [
            "1970-01-01T00:00:09Z  Login @292",
            "    is not fail of attempt @0",
            "        false    not ok   (ok = true)",
            "    MATCH of attempt @0: 5 events, the last as hit",
            "    ends: attempt @73, @146, @219: a match came out, and 'after match skip past last' drops them",
            "1970-01-01T00:00:09Z  brute  ip=10.0.0.1  user=ann attempts=4"])
        self.assertEqual(told.splitlines()[:5], [
            "1970-01-01T00:00:01Z  Login @0", "    begins an attempt as fail",
            "1970-01-01T00:00:02Z  Login @73", "    taken by attempt @0 as fail", "    begins an attempt as fail"])

    def test_what_a_condition_has_against_an_event(self):
        told = self.story("".join(login(t) for t in (1, 2, 3)) + login(9, True, "bob"))
        self.assertIn('    is not hit of attempt @0\n        false    user == last(fail).user   (user = "bob", last(fail).user = "ann")\n', told)
        self.assertIn("1970-01-01T00:10:01Z  the time has passed\n    ends: attempt @0 after 3 events: fail or hit did not come within 10m of its first event\n", told)

    def test_an_event_that_fits_no_step_is_told_too(self):
        told = self.story(login(1, True) + reset(2) + login(3) + login(4, True, "bob"))
        self.assertTrue(told.startswith("1970-01-01T00:00:01Z  Login @0\n    is not fail\n        false    not ok   (ok = true)\n"
                                        "1970-01-01T00:00:02Z  Reset @72\n    no attempt is open\n"), told)
        self.assertIn("Login @190\n    is not fail of attempt @117\n        false    not ok   (ok = true)\n", told)

    def test_what_must_not_come(self):
        told = self.story("".join(login(t) for t in (1, 2, 3)) + reset(5) + login(9, True))
        self.assertIn("1970-01-01T00:00:05Z  Reset @219\n    ends: attempt @0 after 3 events: it had to be without Reset\n", told)
        self.assertNotIn("MATCH", told)

    def test_what_had_to_come_at_once_or_within_a_bound(self):
        told = self.story(login(1) + login(2, True) + login(100) + login(101) + login(200, True), "quick=10.0.0.1")
        self.assertIn("    is not b of attempt @0\n        false    not ok   (ok = true)\n", told)
        self.assertIn("    ends: attempt @0 after 1 event: b had to be the next event\n", told)
        self.assertIn("1970-01-01T00:02:11Z  the time has passed\n    ends: attempt @145 after 2 events: c did not come within 30s of b\n", told)

    def test_having(self):
        told = self.story(login(1) + login(2), "many=10.0.0.1")
        self.assertIn("after 1 event: 'having' is not true of it", told)

    def test_alerts_of_other_keys_are_left_out(self):
        text = "".join(login(t, t == 4, ip=ip) for t in (1, 2, 3, 4) for ip in ("10.0.0.1", "10.0.0.2"))
        self.assertEqual(self.story(text).count("brute  ip=10.0.0."), 1)
        self.assertEqual(self.story(text, "brute").count("brute  ip=10.0.0."), 2)

    def test_a_key_with_a_nul_is_another_one(self):
        self.write("r.cep", 'stream A from file "in" format json { time ts s  k: string }\ndetect d by k within 10s { match A as a }\n')
        self.write("in", '{"ts":1,"k":"ab\\u0000cdefgh"}\n')
        self.assertEqual(self.cep("run", "r.cep", "--quiet", "--why", "d=ab").stdout, "")

    def test_all_keys_have_their_names(self):
        told = self.story(login(1) + login(2, ip="::1"), "brute")
        self.assertIn('1970-01-01T00:00:01Z  Login @0  ip="10.0.0.1"\n', told)
        self.assertIn('1970-01-01T00:10:02Z  the time has passed  ip="::1"\n', told)

    def test_bytes_of_events_do_no_harm(self):
        told = self.story("".join(login(t, user="\x1b[2J\u009b2J") for t in (1, 2, 3)) + login(4, True))
        self.assertIn("last(fail).user = ", told)
        self.assertNotIn("\x1b", told)
        self.assertNotIn("\x9b", told)

    def test_the_alerts_are_those_of_a_run_without(self):
        rules = str(SOURCE / "examples/sshd.cep")
        for name in ("brute_force", "guessed_password", "long_session", "user_guessing"):
            plain = self.cep("run", rules, "--quiet", "--format", "text", "--detection", name, "--input", f"Sshd={SOURCE}/examples/sshd.log").stdout
            told = self.cep("run", rules, "--quiet", "--why", name, "--input", f"Sshd={SOURCE}/examples/sshd.log").stdout
            self.assertEqual(len(plain.splitlines()), 1)
            self.assertIn("\n" + plain, told)

    def test_mistakes(self):
        self.write("r.cep", RULES)
        self.write("in", "")
        self.assertIn("no detection 'x'", self.cep("run", "r.cep", "--why", "x", code=2).stderr)
        self.assertIn("one story at a time", self.cep("run", "r.cep", "--why", "brute", "--why", "quick", code=2).stderr)
        self.assertIn("as text", self.cep("run", "r.cep", "--why", "brute", "--format", "csv", code=2).stderr)


main()
