#!/usr/bin/env python3
"""Files that are long or deep rather than about long arrays: every command gets through them.

Nothing may recurse on what a user has written, and native code is cut into functions. Values are compared with sums in
Python; times are not looked at.
"""
import json
import math
import os
import random
import subprocess
import sys
import tempfile

TERMS, DEPTH, CHAIN = 20000, 10000, 100000


def scalars():
    """As many unknowns as terms, with distinct constants."""
    draw = random.Random(1)
    starts = [draw.randrange(1, 100) / 10 for _ in range(TERMS)]
    factors = [draw.randrange(1, 10**6) / 1000 for _ in range(TERMS)]
    lines = [f"var x{k} = {start}" for k, start in enumerate(starts)]
    lines.append("minimize " + " + ".join(f"{factor}*x{k}^2" for k, factor in enumerate(factors)))
    return "\n".join(lines) + "\n", math.fsum(f * x * x for f, x in zip(factors, starts))


def cases():
    yield "scalars", *scalars()
    yield "brackets", f"var x = 0.5\nminimize {'(' * DEPTH}x{')' * DEPTH}^2\n", 0.25
    yield "polynomial", f"var x = 0.5\nminimize {'(1 + x*' * DEPTH}x{')' * DEPTH}\n", 2
    yield "equal terms", f"var x = 0.5\nminimize {' + '.join(['x'] * CHAIN)}\n", CHAIN / 2
    terms = " + ".join(f"{k}.5*x^2" for k in range(CHAIN))
    yield "terms", f"var x = 0.5\nminimize {terms}\n", sum(k + 0.5 for k in range(CHAIN)) / 4
    terms = " + ".join(f"sin({k}*x)" for k in range(1, TERMS))
    yield "distinct terms", f"var x = 0.5\nminimize {terms}\n", math.fsum(math.sin(k / 2) for k in range(1, TERMS))


    value, lines = 0.5, ["var x = 0.5", "let y0 = sin(x)"]
    for k in range(TERMS):
        value = math.sin(value)
        lines.append(f"let y{k + 1} = sin(y{k})")
    yield "calls", "\n".join([*lines, f"minimize y{TERMS - 1}"]) + "\n", value
    terms = "*".join(f"(x + {k}/{TERMS})" for k in range(2000))
    yield "factors", f"var x = 0.9\nminimize {terms}\n", math.prod(0.9 + k / TERMS for k in range(2000))


def command(gradc, *arguments):
    done = subprocess.run([gradc, *arguments], capture_output=True, text=True)
    return done.stdout if done.returncode == 0 else print(f"gradc {' '.join(arguments)}: {done.stderr[:600]}")


def check(gradc, path, value):
    """The interpreter and native code (-v asks for it), formulas, C."""
    for options in ([], ["-v"]):
        out = command(gradc, "eval", "--json", *options, path)
        if out is None:
            return False
        found = float(json.loads(out)["objective"])
        if not math.isclose(found, value, rel_tol=1e-9, abs_tol=1e-9):
            print(f"{path}: {found}, {value} expected")
            return False
    return bool(command(gradc, "diff", path)) and bool(command(gradc, "emit", "--lang", "c", path))


def product(count):
    """Of distinct factors in ten unknowns."""
    names = [f"x{k}" for k in range(10)]
    return f"var {', '.join(names)}\nminimize {'*'.join(f'({names[k % 10]} + {k})' for k in range(1, count + 1))}\n"


def check_lengths(gradc, folder):
    """A product has as many derivatives as factors, each of all others: what they share has lines of its own, so the
    whole grows with the product and not with its square."""
    lengths = []
    for count in (500, 2000):
        path = os.path.join(folder, f"product{count}.grad")
        with open(path, "w") as out:
            out.write(product(count))
        lengths.append(len(command(gradc, "diff", path) or ""))
    if 0 < lengths[0] and lengths[1] < 6 * lengths[0]:
        return True
    print(f"formulas of products with 500 and 2000 factors: {lengths} characters")
    return False


def main(gradc):
    gradc = os.path.abspath(gradc)
    good = True
    with tempfile.TemporaryDirectory() as folder:
        for name, text, value in cases():
            path = os.path.join(folder, name + ".grad")
            with open(path, "w") as out:
                out.write(text)
            good &= check(gradc, path, value)
        good &= check_lengths(gradc, folder)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
