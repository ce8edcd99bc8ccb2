"""Emitted C of long files: compilers get through it in reasonable time, and it has the bits of the command.

Usage: emit_long_test.py GRADC
"""

import os
import pathlib
import random
import resource
import sys
import tempfile

import emit_test

FLAGS = ["-std=c99", "-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"]
SECONDS = 20  # of processor time, for one file


def terms(draw, count):
    """As many unknowns as terms, with distinct constants."""
    lines = [f"var x{k} = {draw.randrange(1, 100) / 10}" for k in range(count)]
    lines.append("minimize " + " + ".join(f"{draw.randrange(1, 10**6) / 1000}*x{k}^2" for k in range(count)))
    return lines


def loops(draw, count):
    """A long body of a loop: indices, whole numbers, conditions and sums used throughout; many params."""
    lines = ["param n = 7"] + [f"param p{k} = {draw.randrange(1, 1000) / 100}" for k in range(count // 4)]
    lines.append("var x[i in 1..n] = 0.3 + i/10, y = 0.7")
    parts = []
    for k in range(count):
        factor = f"p{draw.randrange(count // 4)}*{draw.randrange(1, 1000) / 100}"
        parts.append(draw.choice([
            f"{factor}*sin({k}*x[i]*y)",
            f"{factor}*x[(i + {k}) % n + 1]*x[(i*i + 5) % n + 1]",
            f"(if x[i] > 0.6 then {factor}*x[i] else x[i]^2/{k + 1})",
            f"(if (i + {k}) % 3 == 1 then {factor}*exp(-y) else y/{k + 1})",
            f"{factor}*sum(x[i]*x[j] for j in 1..(i + {k}) % n + 1)",
        ]))
    lines.append("minimize sum(" + " + ".join(parts) + " for i in 1..n)")
    return lines


def cases():
    scale = min(100, max(30, int(os.environ.get("GRADC_TEST_SCALE", "100"))))
    yield "terms", terms(random.Random(1), 50 * scale)
    yield "loops", loops(random.Random(2), 6 * scale)


def seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main(gradc):
    good = True
    for case, lines in cases():
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            path = folder / f"{case}.grad"
            path.write_text("\n".join(lines) + "\n", encoding="ascii")
            began = seconds()
            result = emit_test.check(os.path.abspath(gradc), path, folder, FLAGS)
            took = seconds() - began
            print(f"{case}: {result}, {took:.1f} s")
            good &= result == "passed" and took < SECONDS
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
