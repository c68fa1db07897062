# command.py - runs the command `cep` in a folder of its own; what the e2e tests share.
import fcntl
import json
import os
import pathlib
import pty
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
CEP = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else str(SOURCE / "build/dev/cep")
SKIPPED = 77

# The smallest rules that the tests vary: two of a kind within ten seconds.
PAIR = """input In format json { time ts ms lateness %s  kind: string }
stream A from In where kind == "a" { k: int? }
detect pair by k within 10s {
  match 2 A as a
  emit { n: count(a) }
}
"""


def pair(lateness="0s"):
    return PAIR % lateness


def event(seconds, k=1, kind="a"):
    return json.dumps({"ts": int(seconds * 1000), "kind": kind, "k": k}) + "\n"


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cep-e2e-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def write(self, name, text):
        data = text if isinstance(text, bytes) else text.encode()
        (self.folder / name).write_bytes(data)
        return name

    def read(self, name):
        return (self.folder / name).read_text(encoding="utf-8")

    def lines(self, text):
        return [json.loads(line) for line in text.splitlines()]

    def environment(self, **more):
        return {**os.environ, "LC_ALL": "C.UTF-8", **more}

    def start(self, *args, **more):
        return subprocess.Popen([CEP, *args], cwd=self.folder, env=self.environment(), **more)

    def cep(self, *args, stdin="", code=0):
        """Runs to the end and wants this exit code."""
        data = stdin if isinstance(stdin, bytes) else stdin.encode()
        done = subprocess.run([CEP, *args], cwd=self.folder, input=data, capture_output=True, env=self.environment(), timeout=300)
        done.stdout, done.stderr = done.stdout.decode(), done.stderr.decode()
        self.assertEqual(done.returncode, code, f"{args}\n{done.stdout}\n{done.stderr}")
        return done

    def terminal(self, *args, code=0, columns=0, stdout=None, **more):
        """The same with stderr, and stdout if it is not given, on a terminal; gives what it shows."""
        screen, other_end = pty.openpty()
        if columns:
            fcntl.ioctl(other_end, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        run = subprocess.Popen([CEP, *args], cwd=self.folder, env=self.environment(**{"TERM": "xterm", **more}),
                               stdin=subprocess.DEVNULL, stdout=stdout or other_end, stderr=other_end)
        os.close(other_end)
        told = b""
        try:
            while piece := os.read(screen, 65536):
                told += piece
        except OSError:  # the other end is closed
            pass
        os.close(screen)
        self.assertEqual(run.wait(timeout=300), code, told)
        return told.decode().replace("\r\n", "\n")

    def same_for_workers(self, *args, workers=("1", "2", "3", "8"), **more):
        """`cep run` with each number of workers: all that comes out is the same, the summary too but for its times."""
        seen = []
        for number in workers:
            done = self.cep("run", *args, "--workers", number, "--late", "late", "--dead-letter", "dead", **more)
            summary = re.sub(r"\S+ (s|MB/s|records/s|ms)\b|\d\S*/s", "", done.stderr)
            seen.append((done.stdout, self.read("late"), self.read("dead"), summary))
            for one, other in zip(seen[0], seen[-1]):
                self.assertTrue(one == other, f"{number} workers: {len(one)} and {len(other)} characters")
        return seen[0]


def main():
    unittest.main(verbosity=1)
