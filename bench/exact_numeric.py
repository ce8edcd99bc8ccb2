#!/usr/bin/env python3
"""Exact against numeric gradients, as `gradc bench --json` measures them: a table in Markdown.

Usage: exact_numeric.py GRADC [--only NAME,...]

Each cell tells the right bits of the worst and of the median partial, of 53, and the time of a gradient. What is measured and how stands in
docs/bench.md. All runs are on one core, in processor time.
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from table import machine, time_text

MODELS = pathlib.Path(__file__).resolve().parent / "models"
WAYS = [("exact, JIT", "exact"), ("forward, usual step", "forward"), ("central, usual step", "central"),
        ("five-point, usual step", "five-point"), ("Ridders", "Ridders")]
TIMEOUT = 600


def as_residuals(text):
    """Outputs of a model as residuals, so that it has a sum of squares to minimise."""
    return re.sub(r"^output \w+\[(\w+) in ([^\]]+)\] = (.*)$", r"residual \3 for \1 in \2", text, flags=re.M)


# The name, the model, its sizes, and what is done to its text.
WORKLOADS = [
    ("Rosenbrock, chained", "rosenbrock", {"n": 10}, None),
    ("Rosenbrock, chained", "rosenbrock", {"n": 1000}, None),
    ("nonlinear least squares", "fit", {"m": 1000}, None),
    ("logistic regression", "logistic", {"m": 1000, "k": 20}, None),
    ("Gaussian mixture", "gmm", {"d": 2, "K": 5, "N": 500}, None),
    ("Gaussian mixture", "gmm", {"d": 10, "K": 5, "N": 500}, None),
    ("bundle adjustment", "bundle", {"cameras": 5, "points": 100, "m": 400}, as_residuals),
]


def measure(gradc, model, sizes, change):
    text = (MODELS / f"{model}.grad").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory(prefix="gradc-exact-") as folder:
        path = pathlib.Path(folder) / f"{model}.grad"
        path.write_text(change(text) if change else text, encoding="utf-8")
        command = [gradc, "bench", str(path), "--json", "--no-descents", "-q"]
        for name, value in sizes.items():
            command += ["-D", f"{name}={value}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit {done.returncode}\n{done.stderr}")
    return json.loads(done.stdout)


def cell(way):
    if way["obstacle"]:
        return "-"
    bits = f"{way['bits']['worst']:.0f}/{way['bits']['median']:.0f}" if "bits" in way else "?"
    return f"{bits}, {time_text(way['seconds'])}"


def row(title, sizes, found):
    ways = {way["name"]: way for way in found["ways"]}
    settings = ", ".join(f"{name}={value}" for name, value in sizes.items())
    central = ways["central, usual step"]["seconds"]/ways["exact, JIT"]["seconds"]
    times = f"{central:.0f}" if central >= 99.5 else f"{central:.2g}"
    cells = [f"{title}, {settings}", str(found["dimension"]), time_text(found["value"]["seconds"])]
    return cells + [cell(ways[name]) for name, _ in WAYS] + [times]


def use_one_core():
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("gradc")
    parser.add_argument("--only", default="", help="names of models")
    options = parser.parse_args()
    wanted = [name for name in options.only.split(",") if name]
    use_one_core()
    head = ["function", "n", "f"] + [title for _, title in WAYS] + ["central/exact"]
    print(f"{machine()}: right bits of 53 in the worst and in the median partial, and the time of a gradient\n")
    print("| " + " | ".join(head) + " |\n|" + " --- |"*len(head))
    for title, model, sizes, change in WORKLOADS:
        if not wanted or model in wanted:
            print("| " + " | ".join(row(title, sizes, measure(options.gradc, model, sizes, change))) + " |", flush=True)


if __name__ == "__main__":
    main()
