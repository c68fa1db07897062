#!/usr/bin/env python3
# test_docs.py - the programs in docs/guide.md and python/README.md print what is shown.
#
# A block that begins with ```KIND file=NAME is written to that file; a ```python block is run in the folder with the
# files above it, and a ```text block after it is what it prints.
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```([\w-]+)(?: file=(\S+))?\n(.*?)^```$", re.M | re.S)


class Docs(unittest.TestCase):
    def play(self, page):
        shown = 0
        with tempfile.TemporaryDirectory() as folder:
            told = None
            for kind, name, body in BLOCK.findall((SOURCE / page).read_text(encoding="utf-8")):
                if name:
                    (pathlib.Path(folder) / name).write_text(body, encoding="utf-8")
                if kind == "python":
                    done = subprocess.run([sys.executable, "-c", body], cwd=folder, env=os.environ, capture_output=True, text=True, timeout=60)
                    self.assertEqual(done.stderr, "")
                    told = done.stdout
                if kind == "text" and told is not None:
                    self.assertEqual(told, body)
                    shown, told = shown + 1, None
        self.assertGreater(shown, 0)

    def test_the_guide(self):
        self.play("docs/guide.md")

    def test_the_readme_of_the_package(self):
        self.play("python/README.md")


if __name__ == "__main__":
    unittest.main()
