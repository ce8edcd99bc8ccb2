"""The 42 instances of the More-Garbow-Hillstrom problems: what `gradc run` finds with the options nobody gave, and with
single methods.

Usage: run_check.py GRADC
"""

import csv
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import gold

TOLERANCE = 1e-8  # relative; below ZERO where the minimum is 0
ZERO = 1e-12
# Published minima besides those of gold.tsv, to the digits given; 0 is the global minimum. The values of Biggs EXP6,
# Freudenstein and Roth, and the trigonometric function in gold.tsv are local ones.
OTHERS = {
    "02_freudenstein_roth.grad": [(0, 0)],
    "08_bard.grad": [(17.4286, 1e-5)],
    "15_kowalik_osborne.grad": [(1.02734e-3, 1e-5)],
    "18_biggs_exp6.grad": [(0, 0)],
    "26_trigonometric_n10.grad": [(0, 0)],
    "35_chebyquad_n10.grad": [(4.77271369638e-3, TOLERANCE)],
}
# How many of the 42 each method has to reach. The others are Biggs EXP6, where Newton's method follows a valley to
# infinity, and Watson with 12 unknowns, whose minimum of 5e-10 lies in a valley flatter than a gradient of 1e-8.
AT_LEAST = {"auto": 42, "newton": 41, "lbfgs": 41}


def reaches(value, minimum, tolerance):
    return value <= ZERO if minimum == 0 else abs(value - minimum) <= tolerance * minimum


def check_method(gradc, rows, method, tally):
    missed = []
    for row in rows:
        name = row["file"]
        result = gold.run(gradc, HERE / name, "--method", method)
        minima = [(float(row["f_min"]), TOLERANCE)] + OTHERS.get(name, [])
        value = gold.number(result["objective"]) if result else float("inf")
        if not any(reaches(value, *minimum) for minimum in minima):
            missed.append(f"{name}: {value} for {row['f_min']}")
        elif method == "auto":
            tally.check(result["status"] == "converged", f"{name}: {result['status']}, {result['reason']}")
    good = len(rows) - len(missed)
    tally.check(good >= AT_LEAST[method], f"{method} reaches {good} of {len(rows)} minima: " + "; ".join(missed))


def main():
    tally = gold.Tally()
    with open(HERE / "gold.tsv", encoding="ascii") as table:
        rows = list(csv.DictReader(table, delimiter="\t"))
    tally.check(len(rows) == 42, f"{len(rows)} instances instead of 42")
    for method in AT_LEAST:
        check_method(sys.argv[1], rows, method, tally)
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
