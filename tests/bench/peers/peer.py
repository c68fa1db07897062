# peer.py - what scripts that run bench_suite beside another engine have in common: arguments, a turn of ours, how rates are told.
import argparse
import json
import pathlib
import statistics
import subprocess
import tempfile


def arguments(lanes, rounds):
    """The command line; `work` is a folder that is there."""
    parser = argparse.ArgumentParser()
    parser.add_argument("suite")
    parser.add_argument("lanes", nargs="*", default=list(lanes))
    parser.add_argument("--events", type=int, default=2000000)
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--work", type=pathlib.Path)
    args = parser.parse_args()
    args.work = (args.work or pathlib.Path(tempfile.mkdtemp(prefix="peers-"))).resolve()
    args.work.mkdir(parents=True, exist_ok=True)
    return args


def our_turn(suite, lane, events, work):
    """Events a second, matches, and events that were pushed: fewer than asked for if the suite has cut the turn short."""
    subprocess.run([suite, lane, "--events", str(events), "--rounds", "1", "--json", str(work / "json")], check=True,
                   stdout=subprocess.DEVNULL)
    for line in (work / "json").read_text().splitlines():
        one = json.loads(line)
        if one["name"] == lane:
            side = one.get("engine") or one["two"]
            return 1e9 / side["ns"], one["matches"], one.get("events_in_all", events)
    raise SystemExit(f"bench_suite has no lane {lane}")


def spread(rates):
    return f"{statistics.median(rates):12,.0f} ({min(rates):,.0f} .. {max(rates):,.0f})"
