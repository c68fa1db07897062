#!/usr/bin/env python3
# esper.py - bench_suite beside Esper 9 on B1 (no skip) and B4: the same events, equal matches, turn about.
#
#   esper.py BENCH_SUITE [LANE...] [--events N] [--rounds N] [--work FOLDER]
#
# Needs a JDK 17, Maven and Maven Central. LANE: b1/1k b1/1M b4/10 b4/100 b4/1k (all, if none is said). Both get half of the events to warm up; the second half counts,
# of bench_suite by the processor time of its one thread, of Esper by the clock. The JVM may use all cores (compiler, collector): `taskset -c 0` before it
# all gives it one. What was built in FOLDER is used again.
# Exit code 1: the generators or the matches differ.
import pathlib
import statistics
import subprocess
import sys

from peer import arguments, our_turn, spread

HERE = pathlib.Path(__file__).resolve().parent
SEED = 88172645463325252
LANES = {  # name: lane of bench_suite, that of EsperLanes, keys or rules
    "b1/1k": ("B1/1k/no_skip", "b1", 1000),
    "b1/1M": ("B1/1M/no_skip", "b1", 1000000),
    "b4/10": ("B4/10", "b4", 10),
    "b4/100": ("B4/100", "b4", 100),
    "b4/1k": ("B4/1k", "b4", 1000),
}


def build(work):
    """Esper and EsperLanes in the folder `work`, if they are not there yet; gives the class path."""
    if (work / "EsperLanes.class").exists():
        return f"{(work / 'classpath').read_text().strip()}:{work}"
    done = subprocess.run(["mvn", "-q", "-B", "-f", str(HERE / "pom.xml"), "dependency:build-classpath",
                           f"-Dmdep.outputFile={work}/classpath"], check=False)
    if done.returncode:
        sys.exit("Maven cannot get Esper")
    path = f"{(work / 'classpath').read_text().strip()}:{work}"
    subprocess.run(["javac", "-cp", path, "-d", str(work), str(HERE / "EsperLanes.java")], check=True)
    return path


def java(path, *args):
    return subprocess.run(["java", "-Xmx6g", "-XX:+UseParallelGC", "-cp", path, "EsperLanes", *map(str, args)], check=True,
                          capture_output=True, text=True).stdout.split()


def check_generator(suite, path, work):
    lane, esper, keys = LANES["b1/1M"]
    subprocess.run([suite, lane, "--events", "20000", "--write", str(work / "ours")], check=True)
    java(path, esper, keys, 20000, SEED, "write", work / "theirs")
    if (work / "ours").read_bytes() != (work / "theirs").read_bytes():
        sys.exit("the generators differ")


def main():
    args = arguments(LANES, 3)
    work = args.work
    path = build(work)
    check_generator(args.suite, path, work)
    print(f"{'':8} {'cep, events/s':>40} {'Esper 9, events/s':>40}   times   matches")
    is_wrong = False
    for name in args.lanes:
        lane, esper, keys = LANES[name]
        ours, theirs, ratios = [], [], []
        for _ in range(args.rounds):
            rate, matches, events = our_turn(args.suite, lane, args.events, work)
            other = java(path, esper, keys, args.events, SEED)
            ours.append(rate)
            theirs.append(float(other[0]))
            ratios.append(rate / theirs[-1])
        is_cut = events < args.events // 1000 * 1000  # bench_suite stops a turn that takes too long
        is_equal = matches == int(other[1])
        is_wrong |= not is_equal and not is_cut
        verdict = "equal" if is_equal else "cut short, not compared" if is_cut else f"DIFFERENT: {other[1]}"
        print(f"{name:8} {spread(ours):>40} {spread(theirs):>40}  {statistics.median(ratios):6.2f}   {matches} {verdict}", flush=True)
    sys.exit(is_wrong)


main()
