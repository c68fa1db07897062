#!/usr/bin/env python3
# test_readme.py - the output that README.md shows is what comes; what docs/cannot.md lists is refused.
import re
import subprocess

from command import CEP, SOURCE, Case, main

HEAD = 'stream A from file "x" format json { time ts ms  k: int  v: float  s: string? }\n' \
       'stream B from file "y" format json { time ts ms  k: int }\n'


def detect(body, head="by k within 1m"):
    return HEAD + f"detect d {head} {{ {body} }}\n"


PLAIN = "detect d by k within 1m { match A as a }"
NOT_YET = {
    "late to": HEAD.replace("time ts ms  k: int  v", 'time ts ms late to "x"  k: int  v') + PLAIN,
}


def blocks():
    return re.findall(r"```\n(.*?)```", (SOURCE / "README.md").read_text(), re.S)


def run(*options):
    return subprocess.run([CEP, "run", "examples/sshd.cep", "--format", "text", *options], cwd=SOURCE, capture_output=True, text=True, check=True).stdout


class Readme(Case):
    def test_the_picture_is_what_comes(self):
        picture, = [block for block in blocks() if block.startswith("$ build/release/cep run examples/sshd.cep ")]
        command, shown = picture.split("\n", 1)
        self.assertEqual(run(*command.split()[4:]), shown)

    def test_the_alerts_shown_are_the_alerts_that_come(self):
        quick, = [block for block in blocks() if block.startswith("$ tools/quickstart.sh")]
        self.assertEqual(run(), "".join(line + "\n" for line in quick.splitlines() if line.startswith("2026-")))

    def test_the_rule_shown_is_right_and_passes(self):
        rule, = [block for block in blocks() if block.startswith("input ")]
        self.write("r.cep", rule)
        self.assertIn("1 passed, 0 failed", self.cep("test", "r.cep").stdout)


class NotYet(Case):
    def test_what_is_not_built_is_refused_with_its_place(self):
        for name, text in NOT_YET.items():
            self.write("r.cep", text)
            told = self.cep("check", "r.cep", code=1).stderr
            self.assertRegex(told, r"r\.cep:[0-9]+:[0-9]+: error: .*not supported yet", name)
        page = (SOURCE / "docs/cannot.md").read_text()
        for name in NOT_YET:
            self.assertIn(name.removeprefix("a "), page)


main()
