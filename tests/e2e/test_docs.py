#!/usr/bin/env python3
# test_docs.py - examples in the pages of docs/: rules are right and pass, commands print what is shown.
#
# A block that begins with ```KIND file=NAME is written to that file. A ```cep block is a
# whole rule file: it passes `cep check --strict` and its tests; ```cep-wrong does not. In a ```console
# block each line behind "$ " is run, in a folder with the files above it, and what follows is
# what it prints. A ```mermaid block begins with "%% NAME" and is the picture of that detection of
# the ```cep block before it. With CEP_UPDATE=1 in the environment the outputs are written into the pages.
import os
import pathlib
import re
import subprocess

from command import CEP, SOURCE, Case, main

BLOCK = re.compile(r"^```([\w-]+)(?: file=(\S+))?\n(.*?)^```$", re.M | re.S)
PAGES = sorted([SOURCE / "README.md", *(SOURCE / "docs").rglob("*.md")])


class Docs(Case):
    def run_line(self, line):
        path = f"{self.folder}:{os.environ['PATH']}"
        done = subprocess.run(["sh", "-c", line], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, env=self.environment(PATH=path), timeout=60)
        return done.stdout

    def played(self, text):
        """The console block with the outputs that come now."""
        lines = [line for line in text.splitlines() if line.startswith("$ ")]
        return "".join(f"{line}\n{self.run_line(line[2:])}" for line in lines)

    def test_every_example(self):
        (self.folder / "cep").symlink_to(CEP)
        rules = commands = pictures = 0
        for page in PAGES:
            text = page.read_text(encoding="utf-8")

            def one(match):
                nonlocal rules, commands, pictures
                kind, name, body = match.groups()
                where = f"{page.relative_to(SOURCE)}, at {body[:60]!r}"
                if name:
                    self.write(name, body)
                if kind in ("cep", "cep-wrong"):
                    rules += 1
                    self.write("block.cep", body)
                    with self.subTest(where):
                        if kind == "cep-wrong":
                            self.cep("check", "block.cep", code=1)
                        else:
                            self.cep("check", "--strict", "block.cep")
                        if kind == "cep" and re.search(r"^\s*test \"", body, re.M):
                            self.cep("test", "block.cep")
                if kind not in ("console", "mermaid"):
                    return match.group(0)
                if kind == "console":
                    commands += body.count("$ ")
                    fresh = self.played(body)
                else:
                    pictures += 1
                    fresh = self.cep("explain", "--mermaid", "block.cep", body.split()[1]).stdout
                if os.environ.get("CEP_UPDATE") != "1":
                    with self.subTest(where):
                        self.assertEqual(body, fresh)
                return f"```{kind}\n{fresh}```"

            fresh = BLOCK.sub(one, text)
            if os.environ.get("CEP_UPDATE") == "1" and fresh != text:
                page.write_text(fresh, encoding="utf-8")
        self.assertGreater(rules, 10)
        self.assertGreater(commands, 3)
        self.assertGreater(pictures, 15)


main()
