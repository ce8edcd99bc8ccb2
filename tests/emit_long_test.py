"""Emitted C of long files: gcc -O2 gets through it in a minute and 2 GB, 100000 operations with their gradient too, and it has
the strict bits.

Usage: emit_long_test.py EMISSION GRADC
"""

import os
import pathlib
import random
import resource
import subprocess
import sys
import tempfile

import emit_test

FLAGS = ["-std=c99", "-O2", "-ffp-contract=off", "-Wall", "-Wextra", "-Werror"]


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


def chain(draw, count):
    """One expression after the other, each of the one before, over few unknowns: nothing but straight code."""
    lines = [f"var x{k} = {draw.randrange(1, 100) / 100}" for k in range(20)]
    for k in range(count):
        before = f"t{k - 1}" if k else "x0"
        lines.append(f"let t{k} = {draw.randrange(1, 1000) / 1000}*{before} + x{k % 20}*{draw.randrange(1, 100) / 100}")
    lines.append(f"minimize t{count - 1}^2")
    return lines


def scale():
    return min(100, max(30, int(os.environ.get("GRADC_TEST_SCALE", "100"))))


def cases():
    yield "terms", terms(random.Random(1), 50 * scale())
    yield "loops", loops(random.Random(2), 6 * scale())
    yield "chain", chain(random.Random(3), 20 * scale())


def limit_work():
    """What a compiler may take: a minute of processor time and 2 GB."""
    resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))


def compiles(gradc, lines, folder):
    """Whether a compiler gets through value and gradient within the limits."""
    path, source = pathlib.Path(folder) / "long.grad", pathlib.Path(folder) / "long.c"
    path.write_text("\n".join(lines) + "\n", encoding="ascii")
    subprocess.run([gradc, "emit", path, "-o", source], check=True)
    done = subprocess.run(["gcc", *FLAGS, "-c", source, "-o", source.with_suffix(".o")], check=False, preexec_fn=limit_work)
    return done.returncode == 0


def main(emission, gradc):
    good = True
    for case, lines in cases():
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / f"{case}.grad"
            path.write_text("\n".join(lines) + "\n", encoding="ascii")
            passed, failed = emit_test.check(os.path.abspath(emission), [str(path)], folder, FLAGS, limit_work)
        print(f"{case}: {'passed' if passed and not failed else 'failed'}")
        good &= passed > 0 and failed == 0
    with tempfile.TemporaryDirectory() as folder:
        # Three operations a line.
        within = compiles(os.path.abspath(gradc), chain(random.Random(4), scale() * 1000 // 3), folder)
    print(f"{scale()}000 operations: {'compiled' if within else 'not compiled'} within the limits")
    return 0 if good and within else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
