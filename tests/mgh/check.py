"""The 42 instances of the More-Garbow-Hillstrom problems: value and gradient at the standard start.

Usage: check.py GRADC
"""

import csv
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import gold

TOLERANCE = 1e-12
ILL_CONDITIONED = {"10_meyer.grad": 1e-9}


def check_instance(gradc, row, tally):
    name = row["file"]
    tolerance = ILL_CONDITIONED.get(name, TOLERANCE)
    result = gold.evaluate(gradc, HERE / name, "--order", "1")
    if result is None:
        tally.check(False, f"{name}: no result")
        return
    error = gold.relative_error(result["objective"], float(row["f_start"]))
    tally.check(error <= tolerance, f"{name}: value {result['objective']} for {row['f_start']}, error {error:.2e}")
    gradient = [float(part) for part in row["gradient_start"].split(",")]
    error = gold.vector_error(result["gradient"], gradient)
    tally.check(error <= tolerance, f"{name}: gradient {result['gradient']} for {gradient}, error {error:.2e}")


def main():
    tally = gold.Tally()
    with open(HERE / "gold.tsv", encoding="ascii") as table:
        rows = list(csv.DictReader(table, delimiter="\t"))
    listed = {row["file"] for row in rows}
    present = {path.name for path in HERE.glob("*.grad")}
    tally.check(listed == present, f"files and gold.tsv disagree about {sorted(listed ^ present)}")
    for row in rows:
        check_instance(sys.argv[1], row, tally)
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
