#!/usr/bin/env python3
# drift.py - the memory of a run of which one input is a day ahead of the other; beside it what reading ahead without a bound would hold.
#
#   python3 tests/bench/drift.py build/bench/cep [EVENTS]
import os
import pathlib
import subprocess
import sys
import tempfile

RULES = """stream Fast { time ts ms  k: int }
stream Slow { time ts ms  k: int }
detect both by k within 1m { match Fast as f then Slow as s emit { n: 1 } }
"""
DAY = 86_400_000  # ms
SILENT = 8  # seconds that the slow pipe says nothing


def records(start, count):
    step = DAY / count
    for i in range(count):
        yield b'{"ts":%d,"k":%d}\n' % (start + i * step, i % 1000)


def write(path, start, count):
    with open(path, "wb") as file:
        file.writelines(records(start, count))
    return path


def run(cep, folder, *options):
    """Peak memory in MiB."""
    child = subprocess.Popen([cep, "run", "r.cep", "--input", "Fast=fast", "--input", "Slow=slow", "--quiet", *options], cwd=folder,
                             stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    assert status == 0, status
    return usage.ru_maxrss / 1024


def say(what, peak):
    print(f"{what:60} {peak:8.1f} MiB", flush=True)


def files(cep, folder, count):
    for name, first in (("fast", DAY), ("slow", 0)):
        write(folder / name, first, count)
    for workers in ("1", "2"):
        say(f"files, one a day ahead, workers {workers}", run(cep, folder, "--workers", workers))
    for name in ("fast", "slow"):
        os.remove(folder / name)


def pipes(cep, folder, count):
    day = write(folder / "day", 0, count)
    for drift in (None, "36500d"):
        for workers in ("1", "2"):
            for name in ("fast", "slow"):
                os.mkfifo(folder / name)
            feeders = [subprocess.Popen(["sh", "-c", f"exec > {name}; {command}"], cwd=folder)
                       for name, command in (("fast", f"cat {day}"), ("slow", f"head -n 1 {day}; sleep {SILENT}; tail -n +2 {day}"))]
            options = ("--workers", workers) + (("--set", f"drift.max={drift}") if drift else ())
            say(f"pipes, one silent {SILENT} s, drift.max {drift or 'as it is'}, workers {workers}", run(cep, folder, *options))
            for feeder in feeders:
                feeder.wait()
            for name in ("fast", "slow"):
                os.remove(folder / name)


def main():
    cep = os.path.abspath(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    with tempfile.TemporaryDirectory(prefix="cep-drift-") as name:
        folder = pathlib.Path(name)
        (folder / "r.cep").write_text(RULES)
        print(f"{count} events a day in each input")
        files(cep, folder, count)
        pipes(cep, folder, count)


main()
