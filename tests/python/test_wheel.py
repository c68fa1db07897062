#!/usr/bin/env python3
# test_wheel.py - the wheel in a fresh virtual environment: the examples, and the log of an SSH server from dicts.
#
# OpenSSH_2k.log lies in a folder ../shared beside the checkout, if it is there; else the log of examples/.
import ast
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
DATA = SOURCE.parent / "shared/data/openssh"
# Lines to dicts, as a program would that has them from somewhere; then the alerts as (detection, time, key).
PROGRAM = r"""
import datetime, pathlib, re, sys
import cep

rules = cep.compile(pathlib.Path(sys.argv[1]))
year, lines = int(sys.argv[3]), pathlib.Path(sys.argv[2]).read_text().splitlines()
SHAPES = {
    "Failed": r"sshd\[\d+\]: Failed password for (?:invalid user )?(?P<user>.*?) from (?P<ip>\S+) port \d+",
    "Accepted": r"sshd\[\d+\]: Accepted (?P<how>\S+) for (?P<user>\S+) from (?P<ip>\S+) port \d+",
    "Invalid": r"sshd\[\d+\]: Invalid user (?P<user>.*?) from (?P<ip>\S+)",
    "Opened": r"sshd\[(?P<pid>\d+)\]: pam_unix\(sshd:session\): session opened for user (?P<user>[\w-]+)",
    "Closed": r"sshd\[(?P<pid>\d+)\]: pam_unix\(sshd:session\): session closed for user (?P<user>[\w-]+)"}
with rules.engine(ignore_unknown=True) as engine:
    for line in lines:
        time = datetime.datetime.strptime(f"{year} {line[:15]}", "%Y %b %d %H:%M:%S")
        for stream, shape in SHAPES.items():
            found = stream in rules.streams and re.search(shape, line)
            if found:
                row = found.groupdict()
                if "pid" in row:
                    row["pid"] = int(row["pid"])
                engine.push(stream, row, time)
    print([(alert.detection, str(alert.time), str(next(iter(alert.key.values())))) for alert in engine.finish()])
with rules.engine() as engine:
    with open(sys.argv[2], "rb") as file:
        engine.records("Sshd", file)
    print([(alert.detection, str(alert.time), str(next(iter(alert.key.values())))) for alert in engine.finish()])
"""


class Wheel(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="cep-wheel-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.home = pathlib.Path(cls.folder.name)
        wheel = cls.sh(sys.executable, str(SOURCE / "tools/build_wheel.py"), os.environ["CEP_LIBRARY"], str(cls.home)).strip()
        again = cls.sh(sys.executable, str(SOURCE / "tools/build_wheel.py"), os.environ["CEP_LIBRARY"], str(cls.home / "again")).strip()
        assert pathlib.Path(wheel).read_bytes() == pathlib.Path(again).read_bytes(), "the same files give the same wheel"
        cls.sh(sys.executable, "-m", "venv", str(cls.home / "venv"))
        cls.python = str(cls.home / "venv/bin/python")
        cls.sh(cls.python, "-m", "pip", "install", "-q", "--no-index", "--disable-pip-version-check", wheel)

    @classmethod
    def sh(cls, *args):
        bare = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "CEP_LIBRARY")}
        done = subprocess.run(args, cwd=cls.home, env=bare, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, f"{args}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def alerts(self, rules, log, year):
        program = self.home / "from_dicts.py"
        program.write_text(PROGRAM)
        by_row, by_record = map(ast.literal_eval, self.sh(self.python, str(program), str(rules), str(log), str(year)).splitlines())
        self.assertEqual(sorted(by_row), sorted(by_record))
        return by_row

    def test_the_library_is_the_one_in_the_wheel(self):
        told = self.sh(self.python, "-c", "import cep; print(cep.__version__, cep.__file__); print(open('/proc/self/maps').read())")
        self.assertIn(str(self.home / "venv"), told.splitlines()[0])
        self.assertEqual({line.split()[-1] for line in told.splitlines() if "libcep.so" in line},
                         {str(pathlib.Path(told.splitlines()[0].split()[1]).with_name("libcep.so.0.1"))})

    def test_the_sample_from_dicts(self):
        found = self.alerts(SOURCE / "examples/sshd.cep", SOURCE / "examples/sshd.log", 2026)
        self.assertEqual(sorted(name for name, _, _ in found), ["brute_force", "guessed_password", "long_session", "user_guessing"])

    @unittest.skipUnless(DATA.is_dir(), "no ../shared")
    def test_the_real_log_from_dicts(self):
        found = self.alerts(SOURCE / "examples/openssh.cep", DATA / "OpenSSH_2k.log", 2015)
        self.assertEqual(sum(name == "five_in_60s" for name, _, _ in found), 95)
        self.assertEqual(sum(name == "every_fifth_in_60s" for name, _, _ in found), 439)

    def test_the_example(self):
        self.assertIn("5 failures", self.sh(self.python, str(SOURCE / "examples/pandas_rows.py")))


if __name__ == "__main__":
    unittest.main()
