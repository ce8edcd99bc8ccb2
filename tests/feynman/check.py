"""Value and gradient of 100 physics formulas, read from $GRADC_CORPUS/feynman.csv.

Usage: check.py GRADC
The table is no part of the project: without it the test is skipped (exit status 77).
"""

import csv
import os
import pathlib
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import gold

TOLERANCE = 1e-12
# Formulas that lose digits at their test point whatever the order of operations.
CANCELLING = {}


def corpus_folder():
    return pathlib.Path(os.environ.get("GRADC_CORPUS") or HERE.parents[2] / "shared" / "corpus")


def source_of(row):
    names, values = row["variables"].split(), row["test_point"].split()
    declarations = [f"var {name} = {value}" for name, value in zip(names, values, strict=True)]
    return "\n".join(declarations + [f"minimize {row['formula']}", ""])


def check_formula(gradc, row, folder, tally):
    name = row["id"]
    path = folder / f"{row['number']}.grad"
    path.write_text(source_of(row), encoding="utf-8")
    tolerance = CANCELLING.get(name, TOLERANCE)
    result = gold.evaluate(gradc, path, "--order", "1")
    if result is None:
        tally.check(False, f"{name}: no result for {row['formula']}")
        return
    expected = float(row["f_at_test_point"])
    error = gold.relative_error(result["objective"], expected)
    tally.check(error <= tolerance, f"{name}: value {result['objective']} for {expected}, error {error:.2e}")
    tally.check(result["variables"] == row["variables"].split(), f"{name}: variables {result['variables']}")
    gradient = [float(part) for part in row["gradient_at_test_point"].split()]
    error = gold.vector_error(result["gradient"], gradient)
    tally.check(error <= tolerance, f"{name}: gradient {result['gradient']} for {gradient}, error {error:.2e}")


def main():
    table = corpus_folder() / "feynman.csv"
    if not table.is_file():
        print(f"skipped: there is no {table} (GRADC_CORPUS names its folder)")
        return 77
    tally = gold.Tally()
    with open(table, encoding="utf-8") as lines, tempfile.TemporaryDirectory() as folder:
        for row in csv.DictReader(lines):
            check_formula(sys.argv[1], row, pathlib.Path(folder), tally)
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
