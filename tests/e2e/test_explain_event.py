#!/usr/bin/env python3
# test_explain_event.py - `cep explain --event`: what one record is to the rules, and why it is not what one thought.
import json

from command import SOURCE, Case, main

RULES = """input Web from file "web.ndjson" format json { time ts s lateness 5s  type: string }
stream Login from Web where type == "login" { ip: ip  user: string  ok: bool  extra: int?  agent: string? }
stream Reset from Web where type == "reset" { ip: ip? }
table users from file "users.csv" format csv key name { name: string  rank: int }
define Rooty = Login where user in ("root", "admin") or extra > 5
detect brute by ip within 10m {
    match 3+ Login as fail where not ok
    then  no Reset
    then  Login as hit where ok and user == last(fail).user
    emit  { user: hit.user, attempts: count(fail) }
}
detect rooty by ip within 10m { match Rooty as x where not ok and users[user].rank > 3 emit { u: x.user } }
"""


class ExplainEvent(Case):
    def setUp(self):
        super().setUp()
        self.write("r.cep", RULES)
        self.write("users.csv", "name,rank\nroot,2\nadmin,7\n")

    def explain(self, *args, code=0, **record):
        text = json.dumps({"ts": 5, "type": "login", "ip": "10.0.0.1", "user": "ann", "ok": True, **record})
        return self.cep("explain", "r.cep", *args, "--event", "-", stdin=text + "\n", code=code).stdout

    def test_streams_fields_keys_and_steps(self):
        told = self.explain("brute")
        self.assertTrue(told.startswith("record 1 of input Web, at byte 0 of -\n"))
        for part in ("time 1970-01-01T00:00:05Z\n", "stream Login: fits\n", '  user   "ann"\n', "  extra  null\n", "  no rule reads: agent\n",
                     'detection brute  key ip = "10.0.0.1"\n', "  step fail (Login): does not fit\n    false    not ok   (ok = true)\n",
                     "  step hit (Login): fits, if what looks back holds\n    true     ok   (ok = true)\n    looks back:  user == last(fail).user\n",
                     'stream Reset: does not fit\n    false    type == "reset"   (type = "login")\n'):
            self.assertIn(part, told)
        self.assertNotIn("rooty", told)

    def test_a_part_that_is_unknown_says_what_is_null(self):
        told = self.explain("rooty")
        self.assertIn('detection rooty: no event of it\n    false    user in ("root", "admin")   (user = "ann")\n    unknown  extra > 5   (extra = null)\n', told)

    def test_tables_are_looked_into(self):
        self.assertIn("step x (Rooty): fits\n", self.explain("rooty", user="admin", ok=False))
        self.assertIn("step x (Rooty): does not fit\n", self.explain("rooty", user="root", ok=False))

    def test_a_record_that_cannot_be_read(self):
        self.assertIn("stream Login: cannot be read (type): field 'ok': found 3, expected true or false\n", self.explain(ok=3))
        self.assertIn("stream Reset: does not fit\n", self.explain(ok=3))
        self.assertIn("stream Login: does not fit\n", self.explain(type="reset", user=None, ok=3))
        self.assertIn("cannot be read (time): ", self.explain(ts="soon"))
        self.assertIn("cannot be read (json): ", self.cep("explain", "r.cep", "--event", "-", stdin="{").stdout)

    def test_a_null_key_and_a_stream_that_nobody_reads(self):
        rules = RULES.replace("Login { ip: ip ", "Login { ip: ip? ").replace("login\" { ip: ip ", "login\" { ip: ip? ")
        self.write("r.cep", rules)
        self.assertIn("detection brute  key ip = null: without a key it is not looked at\n", self.explain(ip=None))
        self.assertIn("  the detection does not read it\n", self.explain("rooty", type="reset"))

    def test_lines_by_number_and_by_place(self):
        path, log = (str(SOURCE / "examples" / name) for name in ("sshd.cep", "sshd.log"))
        told = self.cep("explain", path, "--event", log, "--record", "12").stdout
        self.assertIn("record 12 of input Sshd, at byte 1033 of", told)
        self.assertIn("stream Invalid: does not fit; the line is not one of r\"sshd", told)
        self.assertEqual(told, self.cep("explain", path, "--event", log, "--record", "@1033").stdout)
        self.assertIn("has no record 99; it has 50", self.cep("explain", path, "--event", log, "--record", "99", code=1).stderr)

    def test_csv_by_the_columns_of_its_first_line(self):
        self.write("r.cep", 'stream A from file "a.csv" format csv { time at s  n: int }\ndetect d within 1s { match A as a where n > 3 emit { n: a.n } }\n')
        self.write("a.csv", "n,at\n\n2,100\n7,101\n")
        self.assertIn("    false    n > 3   (n = 2)\n", self.cep("explain", "r.cep", "--event", "a.csv", "--record", "2").stdout)
        self.assertIn("    true     n > 3   (n = 7)\n", self.cep("explain", "r.cep", "--event", "a.csv", "--record", "3").stdout)
        self.assertIn("it names the columns of csv", self.cep("explain", "r.cep", "--event", "a.csv").stdout)

    def test_what_came_with_it_does_not_move_the_cursor(self):
        told = self.cep("explain", "r.cep", "--event", "-", stdin=b'{"ts":5,"type":"login","ip":"10.0.0.1","user":"\x7f\xc2\x9b2J","ok":true} \x1b[2J').stdout
        self.assertNotIn("\x1b", told)
        self.assertNotIn("\x9b", told)

    def test_mistakes(self):
        self.assertIn("has no input 'X'", self.cep("explain", "r.cep", "--event", "-", "--input", "X", stdin="{}", code=2).stderr)
        self.assertIn("there is no detection 'x' in ", self.cep("explain", "r.cep", "x", "--event", "-", stdin="{}", code=1).stderr)
        self.assertIn("go with --event", self.cep("explain", "r.cep", "--record", "3", code=2).stderr)
        self.assertIn("--event stands alone", self.cep("explain", "r.cep", "--plan", "--event", "-", code=2).stderr)
        for wrong in ("x", "3x", "@", "-1"):
            self.assertIn("--record is a number", self.cep("explain", "r.cep", "--event", "-", "--record", wrong, stdin="{}", code=2).stderr)


main()
