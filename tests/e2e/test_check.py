#!/usr/bin/env python3
# test_check.py - `cep check` and the command line itself: exit codes, places, carets, help.
from command import Case, main, pair


class Check(Case):
    def test_a_right_file_says_nothing(self):
        self.write("r.cep", pair())
        done = self.cep("check", "r.cep")
        self.assertEqual((done.stdout, done.stderr), ("", ""))

    def test_an_error_has_place_line_and_carets(self):
        text = "stream A from file \"x\" format json { time ts ms  k: int }\n" \
               "detect d by k within 1s { match Zed as z emit { n: count(z) } }\n"
        self.write("r.cep", text)
        done = self.cep("check", "r.cep", code=1)
        lines = done.stderr.splitlines()
        self.assertRegex(lines[0], r"^r\.cep:2:33: error: .*Zed")
        self.assertEqual(lines[1].strip(), text.splitlines()[1])
        self.assertEqual(lines[2].index("^"), lines[1].index("Zed"))
        self.assertEqual(lines[2].strip(), "^~~")
        self.assertNotIn("\033", done.stderr)

    def test_carets_stand_right_behind_wide_characters(self):
        self.write("r.cep", "stream A from file \"x\" format json { time ts ms  `ключ`: int  k: Zed }\n")
        lines = self.cep("check", "r.cep", code=1).stderr.splitlines()
        self.assertEqual(lines[2].index("^"), lines[1].index("Zed"))

    def test_every_mistake_is_told(self):
        self.write("r.cep", pair().replace("match 2 A", "match 2 B") + pair().split("\n", 2)[2].replace("pair", "other").replace("2 A", "2 C"))
        done = self.cep("check", "r.cep", code=1)
        self.assertEqual(done.stderr.count("error: "), 2)

    def test_several_files_and_the_worst_code_counts(self):
        self.write("right.cep", pair())
        self.write("wrong.cep", "detect")
        self.assertIn("wrong.cep:1:", self.cep("check", "right.cep", "wrong.cep", code=1).stderr)
        self.assertIn("no.cep", self.cep("check", "no.cep", "wrong.cep", code=3).stderr)

    def test_rules_from_standard_input(self):
        self.assertIn("<stdin>:1:", self.cep("check", "-", stdin="detect", code=1).stderr)
        self.cep("check", "-", stdin=pair())

    def test_a_file_without_detection_is_a_warning_and_an_empty_one_an_error(self):
        self.write("r.cep", pair().split("detect")[0])
        self.assertIn("warning", self.cep("check", "r.cep").stderr)
        self.write("r.cep", "")
        self.assertIn("error", self.cep("check", "r.cep", code=1).stderr)

    def test_hostile_bytes_are_refused_in_good_order(self):
        for name, text in {"nul": b"detect \0\0", "high": bytes(range(128, 256)) * 9, "deep": b"detect d unbounded { match A as a where " + b"(" * 100000}.items():
            self.write(name, text)
            done = self.cep("check", name, code=1)
            self.assertLess(len(done.stderr), 20000)
            self.assertFalse(any(ord(c) < 32 and c != "\n" for c in done.stderr))

    def test_strict_makes_warnings_errors(self):
        self.write("r.cep", pair().replace("match 2 A as a", "match 2 A as a where k > 5 and k < 2"))
        done = self.cep("check", "r.cep")
        if "warning: " not in done.stderr:
            self.skipTest("no warning for a condition that is never true")
        self.cep("check", "--strict", "r.cep", code=1)


class CommandLine(Case):
    def test_usage_is_2(self):
        for args in [(), ("nonsense",), ("check",), ("check", "--nonsense", "x"), ("run",), ("infer",), ("test",),
                     ("explain",), ("explain", "a", "b", "c"), ("explain", "--plan", "a", "b"), ("run", "x", "--input"), ("run", "x", "--quiet=1"),
                     ("run", "x", "--input", "A"), ("run", "x", "--set", "a"), ("run", "x", "--set", "no.such=1"),
                     ("run", "x", "--set", "record.max=0"), ("import",), ("import", "sql"),
                     ("import", "epl", "x"), ("import", "sql", "a", "b"), ("import", "sql", "x", "--dialect", "oracle")]:
            done = self.cep(*args, code=2)
            self.assertEqual(done.stdout, "", args)
            self.assertIn("--help" if args else "usage", done.stderr)

    def test_a_rule_file_in_the_place_of_a_command_is_to_be_run(self):
        self.assertIn("Try: cep run r.cep\n", self.cep("r.cep", code=2).stderr)

    def test_what_was_meant_is_proposed(self):
        self.assertIn("cep: there is no command 'chekc'; did you mean 'cep check'?", self.cep("chekc", code=2).stderr)
        self.assertIn("there is no option '--fromat'; did you mean '--format'?", self.cep("run", "--fromat=csv", code=2).stderr)
        self.assertIn("there is no option '--zzz'\nTry", self.cep("run", "--zzz", code=2).stderr)
        self.write("r.cep", 'stream A from file "a" format json { time ts ms  k: int }\ndetect cardtest by k within 1m { match A as a }\n')
        told = "there is no detection 'cardtset' in r.cep; did you mean 'cardtest'?"
        self.assertIn(told, self.cep("explain", "r.cep", "cardtset", code=1).stderr)
        self.write("a", "")
        self.assertIn("there is no detection 'crdtest' in the rules; did you mean 'cardtest'?", self.cep("run", "r.cep", "--detection", "crdtest", code=2).stderr)

    def test_help_has_examples(self):
        self.assertIn("examples:", self.cep("--help").stdout)
        for name in ("check", "run", "test", "explain", "import", "infer"):
            done = self.cep(name, "--help")
            self.assertIn("examples:", done.stdout)
            self.assertIn("exit code", done.stdout)
            self.assertEqual(done.stdout, self.cep("help", name).stdout)

    def test_version_and_features(self):
        lines = self.cep("--version").stdout.splitlines()
        self.assertRegex(lines[0], r"^cep \d+\.\d+\.\d+$")
        self.assertRegex(lines[1], r"^features: ")


main()
