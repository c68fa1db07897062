#!/usr/bin/env python3
# test_fmt.py - `cep fmt`: where the result goes, what is left alone, exit codes; the examples are laid out with it.
import os
import shutil
import subprocess
import unittest

from command import SOURCE, Case, main

UGLY = "stream A{time t x:int}\n\n\ndetect d within 1m{match A as a emit{x:a.x}} // end\n"
NEAT = "stream A { time t  x: int }\n\ndetect d within 1m { match A as a emit { x: a.x } }  // end\n"


class Fmt(Case):
    def test_standard_input_to_standard_output(self):
        for args in ((), ("-",)):
            self.assertEqual(self.cep("fmt", *args, stdin=UGLY).stdout, NEAT)

    def test_a_file_stays_as_it_is_unless_asked(self):
        self.write("a.cep", UGLY)
        self.assertEqual(self.cep("fmt", "a.cep").stdout, NEAT)
        self.assertEqual(self.read("a.cep"), UGLY)

    def test_write_changes_only_what_is_not_laid_out_yet(self):
        self.write("a.cep", UGLY)
        self.write("b.cep", NEAT)
        os.chmod(self.folder / "a.cep", 0o640)
        os.symlink("a.cep", self.folder / "link.cep")
        before = (self.folder / "b.cep").stat().st_ino
        for option in ("--write", "-i"):
            self.assertEqual(self.cep("fmt", option, "link.cep", "b.cep").stdout, "")
        self.assertEqual(self.read("a.cep"), NEAT)
        self.assertTrue((self.folder / "link.cep").is_symlink())
        self.assertEqual((self.folder / "a.cep").stat().st_mode & 0o777, 0o640)
        self.assertEqual((self.folder / "b.cep").stat().st_ino, before)
        self.assertEqual(sorted(os.listdir(self.folder)), ["a.cep", "b.cep", "link.cep"])

    def test_check_names_the_files_that_would_change(self):
        self.write("a.cep", UGLY)
        self.write("b.cep", NEAT)
        self.assertEqual(self.cep("fmt", "--check", "a.cep", "b.cep", code=1).stdout, "a.cep\n")
        self.assertEqual(self.cep("fmt", "--check", "b.cep").stdout, "")
        self.assertEqual(self.read("a.cep"), UGLY)

    def test_diff_is_one_that_patch_takes(self):
        self.write("a.cep", UGLY)
        shown = self.cep("fmt", "--diff", "a.cep").stdout
        self.assertTrue(shown.startswith("--- a.cep\n+++ a.cep\n@@ -1,4 +1,3 @@\n-stream A{"), shown)
        self.assertEqual(self.cep("fmt", "--diff", "--check", "a.cep", code=1).stdout, shown)
        self.assertEqual(self.cep("fmt", "--diff", stdin=NEAT).stdout, "")

    @unittest.skipIf(shutil.which("patch") is None, "there is no patch")
    def test_patches_lead_to_the_result(self):
        lines = [f"define A{i} = S where x == {i}\n" for i in range(60)]
        for ugly in ([3], [3, 8], [3, 11], [0, 59], [20, 21, 22, 40], range(60)):
            text = "".join(line.replace(" == ", "==") + "\n\n" * (i % 3) if i in ugly else line for i, line in enumerate(lines))
            self.write("b.cep", text)
            neat = self.cep("fmt", "b.cep").stdout
            subprocess.run(["patch", "-s", "-p0"], cwd=self.folder, input=self.cep("fmt", "--diff", "b.cep").stdout, text=True, check=True)
            self.assertEqual(self.read("b.cep"), neat)

    def test_mistakes_are_shown_and_the_file_is_left_alone(self):
        self.write("a.cep", "stream A {\n")
        self.write("b.cep", UGLY)
        done = self.cep("fmt", "-i", "a.cep", "b.cep", code=1)
        self.assertIn("a.cep:2:1: error: ", done.stderr)
        self.assertEqual(self.read("a.cep"), "stream A {\n")
        self.assertEqual(self.read("b.cep"), NEAT)

    def test_names_and_types_are_not_looked_at(self):
        self.assertEqual(self.cep("fmt", stdin="define A=B where x+1\n").stdout, "define A = B where x + 1\n")

    def test_wrong_usage_and_files_that_are_not_there(self):
        self.cep("fmt", "--check", "--write", "a.cep", code=2)
        self.cep("fmt", "--write", code=2)
        self.assertIn("no.cep", self.cep("fmt", "no.cep", code=3).stderr)

    def test_the_examples_are_laid_out(self):
        examples = sorted(str(path) for path in (SOURCE / "examples").glob("*.cep"))
        self.assertGreater(len(examples), 7)
        self.cep("fmt", "--check", "--diff", *examples)


main()
