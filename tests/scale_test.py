#!/usr/bin/env python3
"""The size of what gradc makes does not depend on how long arrays are.

Each model is evaluated with 10 elements, 65, 100, a hundred thousand and a million; steps, nodes and LLVM instructions of
every phase must be the same from 65 on, but for loops that are cut into chunks for threads where they are long: what each of
these adds once, at least and at most, is stated. Sizes up to 32 may be constants of the code, and arrays of up to 64 elements
stand on the stack, so 10 elements take no more instructions than 100, for the same steps and nodes. With --strict no loop is
cut, and from 65 on all are the same. Times are measured by bench/first.
"""
import os
import re
import subprocess
import sys
import tempfile

SIZES = 10, 65, 100, 100000, 1000000
# Steps, nodes, instructions, by each loop that is cut: two loops more, and a part of at least one sum.
LEAST_BY_CHUNKS, MOST_BY_CHUNKS = (8, 8, 16), (16, 40, 240)
PHASE = re.compile(r"(.*\S) +[0-9.]+ ms *(.*)")  # name, sizes

ROSENBROCK = """\
param n = 10
var x[i in 1..n] = if i % 2 == 1 then -1.2 else 1
minimize sum(100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2 for i in 1..n-1)
"""
RECURRENCE = """\
param n = 10
var a = 0.5, b = 0.25
let s[i in 1..n] = if i == 1 then b else s[i-1]*a + sin(b)/i
minimize (s[n] - 1)^2
"""
PRODUCT = """\
param n = 10
var x[i in 1..n] = 1 + 1/n
minimize prod(x[i] for i in 1..n)
"""
# Products in the body of a loop: their factors' prefixes are kept, a million of them.
LOCAL = """\
param n = 10
var x[i in 1..n] = 1 + 1/n
minimize sum(prod(x[j] + k/n for j in 1..n) for k in 1..2)
"""
FIT = """\
data rows from "rows.csv"
var a = 1, b = 0.5
fit y ~ a*(1 - exp(-b*t)) over rows
"""
# Name, text, and how many loops are cut.
MODELS = (("rosenbrock", ROSENBROCK, 1), ("recurrence", RECURRENCE, 0), ("product", PRODUCT, 0), ("local", LOCAL, 0))


def write_rows(path, count):
    with open(path, "w") as out:
        out.write("t,y\n")
        out.writelines(f"{k % 97},{k % 7}.5\n" for k in range(count))


def sizes(gradc, arguments):
    """The phases of an evaluation: name, steps, nodes, instructions as printed by -v."""
    done = subprocess.run([gradc, "eval", "-v", "--no-cache", *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"gradc eval {' '.join(arguments)} failed:\n{done.stderr}")
    phases = (PHASE.match(line) for line in done.stderr.splitlines())
    return [(phase[1], phase[2].split()) for phase in phases if phase]


def without_code(phases):
    return [(name, numbers[:2]) for name, numbers in phases]


def instructions(phases):
    return sum(int(numbers[2]) for _, numbers in phases if len(numbers) == 3)


def is_chunked(whole, chunked, loops):
    """Whether the second is the first with so many of its loops in chunks: the same where there are none."""
    if [(name, len(numbers)) for name, numbers in whole] != [(name, len(numbers)) for name, numbers in chunked]:
        return False
    for (name, numbers), (_, more) in zip(whole, chunked):
        cut = loops if name == "compiling" else 0
        added = [int(b) - int(a) for a, b in zip(numbers, more)]
        if any(not cut * least <= n <= cut * most for n, least, most in zip(added, LEAST_BY_CHUNKS, MOST_BY_CHUNKS)):
            return False
    return True


def is_smaller(few, short):
    """Whether a small size has the program of a larger one, in no more instructions."""
    return without_code(few) == without_code(short) and 0 < instructions(few) <= instructions(short)


def compare(gradc, name, cut, arguments):
    """How many loops are cut, and the arguments for each size. Prints what differs; whether nothing does."""
    strictly = [sizes(gradc, [*a, "--strict"]) for a in arguments]
    few, first, short, many, long = made = [sizes(gradc, a) for a in arguments]
    if not dict(short).get("deriving") or len(dict(short).get("compiling", [])) != 3:
        print(f"{name}: no sizes are printed: {short}")
        return False
    if (first == short and many == long and is_chunked(short, many, cut) and all(s == strictly[1] for s in strictly[2:])
            and all(is_smaller(*sides) for sides in [(few, short), strictly[:2]])):
        return True
    for size, phases, strict in zip(SIZES, made, strictly):
        print(f"{name}: {size} elements: {phases}; strictly: {strict}")
    return False


def main(gradc):
    gradc = os.path.abspath(gradc)
    good = True
    with tempfile.TemporaryDirectory() as folder:
        for name, text, cut in MODELS:
            path = os.path.join(folder, name + ".grad")
            with open(path, "w") as out:
                out.write(text)
            good &= compare(gradc, name, cut, [[path, "-D", f"n={n}"] for n in SIZES])
        path = os.path.join(folder, "fit.grad")
        with open(path, "w") as out:
            out.write(FIT)
        tables = []
        for count in SIZES:
            tables.append(os.path.join(folder, f"rows_{count}.csv"))
            write_rows(tables[-1], count)
        good &= compare(gradc, "fit", 1, [[path, "--data", f"rows={table}"] for table in tables])
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
