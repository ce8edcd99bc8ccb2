"""A function is a row of the table: builds gradc with one row more and finds it everywhere.

Usage: extra_operation_test.py SOURCE_FOLDER
"""

import json
import math
import pathlib
import subprocess
import sys
import tempfile

ROW = ('OP_FN1(CUBED, "cubed", NULL, NULL, NONE, NULL, NULL, mk_mul(g, mk_number(g, 3), mk_mul(g, a, a)), '
       'mk_mul(g, a, mk_mul(g, a, a)), ULP(1, 2), "all reals", -3, 3, "%^3", "third power, from outside")\n')


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "extra.def").write_text(ROW, encoding="ascii")
        run("cmake", "-S", sys.argv[1], "-B", str(folder / "build"), "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug",
            "-DGRADC_TESTS=OFF", "-DGRADC_BENCH=OFF", f"-DGRADC_EXTRA_OPS={folder / 'extra.def'}")
        run("ninja", "-C", str(folder / "build"), "gradc")
        gradc = str(folder / "build" / "bin" / "gradc")
        answer = json.loads(run(gradc, "eval", "--json", "-e", "sin(cubed(x))", "--at", "x=1.5"))
        checks = {
            "value": math.isclose(answer["objective"], math.sin(1.5**3), rel_tol=1e-14),
            "gradient": math.isclose(answer["gradient"][0], math.cos(1.5**3) * 3 * 1.5**2, rel_tol=1e-14),
            "formula": "3*x^2*cos(cubed(x))" in run(gradc, "diff", "-e", "sin(cubed(x))"),
            "documented": "third power, from outside" in run(gradc, "functions"),
        }
    for name, good in checks.items():
        print(f"{name}: {'found' if good else 'MISSING'}")
    failed = sum(not good for good in checks.values())
    print(f"{len(checks) - failed} passed, {failed} failed")
    return failed


if __name__ == "__main__":
    sys.exit(main())
