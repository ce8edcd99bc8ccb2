"""The physics formulas of $GRADC_CORPUS/feynman.csv as C: the bits of the strict evaluator.

Usage: emit_check.py EMISSION
The table is no part of the project: without it the test is skipped (exit status 77).
"""

import csv
import pathlib
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import check
import emit_test


def models(table, folder):
    with open(table, encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            path = folder / f"formula_{row['number']}.grad"
            path.write_text(check.source_of(row), encoding="utf-8")
            yield path


def main(emission):
    table = check.corpus_folder() / "feynman.csv"
    if not table.is_file():
        print(f"skipped: there is no {table} (GRADC_CORPUS names its folder)")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        return emit_test.main(emission, [str(path) for path in models(table, pathlib.Path(folder))])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
