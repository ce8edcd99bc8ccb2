"""Problems of Hock and Schittkowski, Test Examples for Nonlinear Programming Codes (1981): what `gradc run` finds with
the options nobody gave, and with the interior-point method where there are only bounds.

Usage: run_check.py GRADC
"""

import csv
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import gold

TOLERANCE = 1e-6  # relative to max(1, |f|)
# At the solution of problem 13 the active constraints have parallel gradients: no multipliers exist.
NO_MULTIPLIERS = {"hs013.grad": 1e-2}
# Another point that meets the second-order conditions: a local minimum, at which the descent from the start ends. From
# several starts the published one is found.
OTHERS = {
    "hs002.grad": [4.94122931798918],
}


def error_of(value, minima):
    return min(abs(value - minimum) / max(1, abs(minimum)) for minimum in minima)


def check_problem(gradc, row, arguments, tally):
    name = " ".join([row["file"], *arguments])
    result = gold.run(gradc, HERE / row["file"], *arguments)
    if result is None:
        tally.check(False, f"{name}: no result")
        return
    minima = [float(row["f_min"]), *OTHERS.get(row["file"], [])]
    value = gold.number(result["objective"])
    allowed = NO_MULTIPLIERS.get(row["file"], TOLERANCE)
    tally.check(error_of(value, minima) <= allowed, f"{name}: {value} for {minima}")
    if row["file"] in NO_MULTIPLIERS:
        tally.check(result["status"] == "stalled", f"{name}: {result['status']}, {result['reason']}")
        return
    kind = result["critical_point"]["kind"]
    tally.check(result["status"] == "converged", f"{name}: {result['status']}, {result['reason']}")
    tally.check(kind in ("minimum", "degenerate"), f"{name}: {kind}")
    violation = gold.number(result.get("constraints", {"violation": 0})["violation"])
    tally.check(violation <= 1e-11, f"{name}: violated by {violation}")


def check_search(gradc, row, tally):
    result = gold.run(gradc, HERE / row["file"], "--multistart", "20")
    value = gold.number(result["objective"]) if result else float("inf")
    good = error_of(value, [float(row["f_min"])]) <= TOLERANCE
    tally.check(good, f"{row['file']} from 20 starts: {value} for {row['f_min']}")


def main():
    tally = gold.Tally()
    with open(HERE / "gold.tsv", encoding="ascii") as table:
        rows = list(csv.DictReader(table, delimiter="\t"))
    listed = {row["file"] for row in rows}
    present = {path.name for path in HERE.glob("*.grad")}
    tally.check(len(rows) == 33 and listed == present, f"{len(rows)} problems; disagreement: {listed ^ present}")
    for row in rows:
        check_problem(sys.argv[1], row, [], tally)
        if row["file"] in OTHERS:
            check_search(sys.argv[1], row, tally)
        if "subject to" not in (HERE / row["file"]).read_text(encoding="ascii"):
            check_problem(sys.argv[1], row, ["--method", "ipopt"], tally)
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
