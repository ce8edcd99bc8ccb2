#!/usr/bin/env python3
"""count.py CONTEST_GRADC [--bless]: how many instructions gradc's code takes per element, counted by valgrind's
callgrind, against the committed counts (counts.json). Fails where a count has grown by more than 10 percent.

Two runs differ only in how often they evaluate, so what is not evaluation cancels; both take the code from a cache. Counts do not depend on the load of
the machine, and hardly on the machine: valgrind shows every processor as one with AVX2."""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
COUNTS = HERE / "counts.json"
GROWTH = 1.10
# Name, model, sizes, elements, evaluations of the shorter run.
CASES = [
    ("Rosenbrock n=1000", "rosenbrock", ["n=1000"], 1000, 20),
    ("mixture d=2 K=5", "gmm", ["d=2", "K=5", "N=200"], 200, 5),
    ("fit", "fit", ["m=1000"], 1000, 10),
]


def run(tool, contest, cache, case, evaluations):
    _, model, sizes, _, _ = case
    command = ["valgrind", *tool, contest, "--cache", cache, HERE / "models" / f"{model}.grad", "gradient", "default",
               *sizes]
    done = subprocess.run(command, input=f"time derivative {evaluations}\nquit\n", capture_output=True, text=True,
                          check=False, timeout=600)
    if done.returncode != 0 or "took" not in done.stdout:
        sys.exit(f"{model}: {done.stdout}{done.stderr[-2000:]}")
    return done.stderr


def instructions(contest, cache, case, evaluations):
    said = run(["--tool=callgrind", "--callgrind-out-file=/dev/null"], contest, cache, case, evaluations)
    found = re.search(r"Collected : (\d+)", said)
    return int(found.group(1)) if found else sys.exit(f"{case[0]}: {said[-2000:]}")


def count(contest, case):
    _, _, _, elements, evaluations = case
    with tempfile.TemporaryDirectory() as cache:
        run(["--tool=none"], contest, cache, case, 1)
        few = instructions(contest, cache, case, evaluations)
        many = instructions(contest, cache, case, 3 * evaluations)
    return (many - few) / (2 * evaluations * elements)


def main():
    bless = "--bless" in sys.argv
    arguments = [a for a in sys.argv[1:] if a != "--bless"]
    if len(arguments) != 1:
        sys.exit(__doc__)
    committed = json.loads(COUNTS.read_text(encoding="utf-8")) if COUNTS.exists() else {}
    counts, grown = {}, 0
    for case in CASES:
        name = case[0]
        counts[name] = round(count(arguments[0], case), 2)
        before = committed.get(name)
        bad = not bless and (before is None or counts[name] > GROWTH * before)
        grown += bad
        print(f"{name}: {counts[name]} instructions an element, committed {before}{'  GROWN' if bad else ''}")
    if bless:
        COUNTS.write_text(json.dumps(counts, indent=1) + "\n", encoding="utf-8")
    return 1 if grown else 0


if __name__ == "__main__":
    sys.exit(main())
