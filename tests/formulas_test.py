"""The formulas of derivatives against their values: `diff --format grad` is a file whose outputs, evaluated at the
start, are the gradient.

Usage: formulas_test.py GRADC FILE.grad...
       formulas_test.py GRADC --random DIFFERENTIAL FIRST COUNT
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

import random_programs

NOT_FINITE = 3  # the exit status
TOLERANCE = 1e-9  # formulas are evaluated in another order than the gradient


def command(gradc, *arguments):
    done = subprocess.run([gradc, *arguments], capture_output=True, text=True, check=False, timeout=300)
    if done.returncode == NOT_FINITE:
        raise RuntimeError("not finite")
    if done.returncode != 0:
        raise RuntimeError(f"gradc {' '.join(map(str, arguments))}: {done.stderr[:600]}")
    return done.stdout


def flatten(value):
    return [x for part in value for x in flatten(part)] if isinstance(value, list) else [float(value)]


def difference(formulas, gradient):
    """The largest difference relative to the largest component."""
    scale = max(map(abs, gradient), default=0.0) or 1.0
    return max((abs(a - b) / scale for a, b in zip(formulas, gradient)), default=0.0)


def excused(path, problem):
    """What formulas cannot say: which of computed values tie, for they add up in another order; a norm of nothing."""
    source = path.read_text(encoding="utf-8")
    tie = problem.startswith("differs") and ("max(" in source or "min(" in source)
    return tie or "empty-extremum" in problem and "norm(" in source


def check(gradc, path):
    try:
        expected = json.loads(command(gradc, "eval", "--json", path))
        derived = path.parent / f".{path.stem}-derived-{os.getpid()}.grad"  # beside its tables
        derived.write_text(command(gradc, "diff", "--format", "grad", path), encoding="utf-8")
        try:
            outputs = json.loads(command(gradc, "eval", "--order", "0", "--json", derived))["outputs"]
        finally:
            derived.unlink()
    except RuntimeError as error:
        return str(error)
    missing = [name for name in expected["x"] if not any(o.endswith(f"_d{name}") for o in outputs)]
    formulas = [x for name in expected["x"] if name not in missing
                for o in outputs if o.endswith(f"_d{name}") for x in flatten(outputs[o]["value"])]
    if missing or len(formulas) != len(expected["gradient"]):
        return f"no derivative by {missing}, {len(formulas)} numbers for {len(expected['gradient'])}"
    error = difference(formulas, expected["gradient"])
    return "passed" if error <= TOLERANCE else f"differs by {error}: {formulas[:4]} {expected['gradient'][:4]}"


def main():
    results = []
    with tempfile.TemporaryDirectory() as drawn:
        for path in random_programs.files(sys.argv[2:], pathlib.Path(drawn)):
            result = check(sys.argv[1], path)
            results.append("excused" if excused(path, result) else result)
            if results[-1] not in ("passed", "not finite", "excused"):
                print(f"{path.name}: {results[-1]}")
    passed, skipped = results.count("passed"), results.count("not finite") + results.count("excused")
    print(f"{passed} passed, {len(results) - passed - skipped} failed, {skipped} not finite or tied")
    return 1 if passed + skipped < len(results) or skipped > passed // 20 + 1 else 0


if __name__ == "__main__":
    sys.exit(main())
