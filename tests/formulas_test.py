"""The formulas of derivatives against their values: `diff --format grad` is a file whose outputs, evaluated at the
start, are the gradient and, with `--order 2`, the Hessian; the Hessian also against differences of the gradient.

Usage: formulas_test.py GRADC FILE.grad...
       formulas_test.py GRADC --random DIFFERENTIAL FIRST COUNT
"""

import itertools
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

import random_programs

NOT_FINITE = 3  # the exit status
TOLERANCE = 1e-9  # formulas are evaluated in another order than the gradient
STEPS = 1e-4, 1e-5, 1e-3  # of differences, relative to the size of each unknown; one must be good
DIFFERENCE_TOLERANCE = 1e-6


def command(gradc, *arguments):
    done = subprocess.run([gradc, *arguments], capture_output=True, text=True, check=False, timeout=300)
    if done.returncode == NOT_FINITE:
        raise RuntimeError("not finite")
    if done.returncode != 0:
        raise RuntimeError(f"gradc {' '.join(map(str, arguments))}: {done.stderr[:600]}")
    return done.stdout


def flatten(value):
    return [x for part in value for x in flatten(part)] if isinstance(value, list) else [float(value)]


def difference(formulas, gradient, scale=0.0):
    """The largest difference relative to the largest component."""
    scale = max([scale, *map(abs, gradient)]) or 1.0
    return max((abs(a - b) / scale for a, b in zip(formulas, gradient)), default=0.0)


def distance(a, b):
    return max((abs(x - y) for x, y in zip(a, b)), default=0.0)


def operand_ends(text, at, step):
    """How far an operand of a comparison reaches from a place on, to the left or to the right."""
    opening, closing = (")]", "([") if step < 0 else ("([", ")]")
    depth, word = 0, re.compile(r"\b(if|and|or|not|then|else|for|in)\b" if step > 0 else r"\b(if|and|or|not|then|else)$")
    while 0 <= at < len(text):
        if depth == 0 and (word.match(text, at) if step > 0 else word.search(text, 0, at + 1)):
            return at
        depth += (text[at] in opening) - (text[at] in closing)
        if depth < 0 or depth == 0 and text[at] in "=,":
            return at
        at += step
    return at


def forgive_rounding(formulas):
    """The same formulas, in which numbers are equal that differ by rounding."""
    lines = []
    for line in formulas.splitlines():
        at = line.find(" == ")
        while at >= 0:
            begin, end = operand_ends(line, at, -1) + 1, operand_ends(line, at + 4, 1)
            left, right = line[begin:at].strip(), line[at + 4:end].strip()
            equal = f" abs(({left}) - ({right})) <= 1e-11*abs({right}) "
            line = line[:begin] + equal + line[end:]
            at = line.find(" == ", begin)
        lines.append(line)
    return "\n".join(lines) + "\n"


def excused(gradc, path, problem):
    """What formulas cannot say: which of computed values tie, for they add up in another order; a norm of nothing.
    That it is a tie is shown: where rounding is forgiven, all agrees."""
    source = path.read_text(encoding="utf-8")
    if "empty-extremum" in problem:
        return "norm(" in source
    return "differs" in problem and ("max(" in source or "min(" in source) and check(gradc, path, True) == "passed"


def outputs_of_formulas(gradc, path, order="1", at=(), forgiving=False):
    """The outputs of the file of formulas, by name, and the names of those that it says are 0."""
    derived = path.parent / f".{path.stem}-derived-{os.getpid()}.grad"  # beside its tables
    formulas = command(gradc, "diff", "--format", "grad", "--order", order, path)
    zero = [name for line in formulas.splitlines() if line.startswith("# d2") for name in line[2:].split(" = ")[:-1]]
    if "\noutput " not in formulas:
        return {}, zero
    derived.write_text(forgive_rounding(formulas) if forgiving else formulas, encoding="utf-8")
    try:
        return json.loads(command(gradc, "eval", "--order", "0", "--json", *at, derived))["outputs"], zero
    finally:
        derived.unlink()


def check_gradient(gradc, path, expected, forgiving):
    outputs, _ = outputs_of_formulas(gradc, path, forgiving=forgiving)
    missing = [name for name in expected["x"] if not any(o.endswith(f"_d{name}") for o in outputs)]
    formulas = [x for name in expected["x"] if name not in missing
                for o in outputs if o.endswith(f"_d{name}") for x in flatten(outputs[o]["value"])]
    if missing or len(formulas) != len(expected["gradient"]):
        return f"no derivative by {missing}, {len(formulas)} numbers for {len(expected['gradient'])}"
    error = difference(formulas, expected["gradient"])
    return "passed" if error <= TOLERANCE else f"differs by {error}: {formulas[:4]} {expected['gradient'][:4]}"


def hessian_of_formulas(gradc, path, sizes, at=(), forgiving=False):
    """The Hessian as its formulas have it: a list of rows."""
    outputs, zero = outputs_of_formulas(gradc, path, "2", at, forgiving)
    names = list(sizes)
    places = {name: sum(sizes[n] for n in names[:k]) for k, name in enumerate(names)}
    total = sum(sizes.values())
    hessian = [[0.0] * total for _ in range(total)]
    for k, a in enumerate(names):
        for b in names[k:]:
            name = f"d2f_d{a}_d{b}"
            if name in zero:
                continue
            block = iter(flatten(outputs[name]["value"]))
            for i in range(sizes[a]):
                for j in range(sizes[b]):
                    hessian[places[a] + i][places[b] + j] = value = next(block)
                    if a != b:
                        hessian[places[b] + j][places[a] + i] = value
    return hessian


def option_at(shapes, point):
    """A point as an option of `gradc eval`."""
    values = iter(point)

    def fill(shape):
        return [fill(part) for part in shape] if isinstance(shape, list) else next(values)

    return "--at", ",".join(f"{name}={json.dumps(fill(shape))}" for name, shape in shapes.items()).replace(" ", "")


def check_differences(gradc, path, expected, sizes, forgiving):
    """The Hessian times a direction against a central difference of the gradient, near the start: there, other
    than at the start itself, no two things are equal by chance."""
    shapes, draw = expected["x"], random.Random(path.name)
    start = flatten([shapes[name] for name in shapes])
    direction = [draw.choice((-1.0, 1.0)) * draw.uniform(0.5, 1.0) * (abs(x) or 1.0) for x in start]
    point = [x + 0.01 * draw.uniform(-1.0, 1.0) * d for x, d in zip(start, direction)]
    hessian = hessian_of_formulas(gradc, path, sizes, option_at(shapes, point), forgiving)
    products = [sum(h * d for h, d in zip(row, direction)) for row in hessian]
    sizes_of_products = [sum(abs(h * d) for h, d in zip(row, direction)) for row in hessian]
    scale = max(sizes_of_products + list(map(abs, flatten(expected["gradient"])))) or 1.0
    found = []
    for step in STEPS:
        slopes = [0.0] * len(point)
        for steps, weight in ((1, 8), (-1, -8), (2, -1), (-2, 1)):  # of fourth order
            at = option_at(shapes, [x + steps * step * d for x, d in zip(point, direction)])
            gradient = flatten(json.loads(command(gradc, "eval", "--json", *at, path))["gradient"])
            slopes = [slope + weight * g / (12 * step) for slope, g in zip(slopes, gradient)]
        if distance(products, slopes) <= DIFFERENCE_TOLERANCE * scale:
            return "passed"
        found.append(slopes)
    if min(distance(a, b) for a, b in itertools.combinations(found, 2)) > DIFFERENCE_TOLERANCE * scale:
        return "passed"  # the differences are not good enough to tell
    return f"order 2 is off differences by {min(distance(products, slopes) for slopes in found) / scale}"


def check_hessian(gradc, path, expected, forgiving):
    sizes = {name: len(flatten([value])) for name, value in expected["x"].items()}
    hessian = hessian_of_formulas(gradc, path, sizes, (), forgiving)
    sparse = json.loads(command(gradc, "eval", "--order", "2", "--json", path))["hessian"]
    values = [[0.0] * len(hessian) for _ in hessian]
    for row, column, value in zip(sparse["rows"], sparse["cols"], sparse["values"]):
        values[row][column] = values[column][row] = float(value)
    error = difference(flatten(hessian), flatten(values), max(abs(float(g)) for g in expected["gradient"]))
    if not error <= TOLERANCE:
        return f"order 2 differs by {error}"
    return check_differences(gradc, path, expected, sizes, forgiving)


def check(gradc, path, forgiving=False):
    try:
        expected = json.loads(command(gradc, "eval", "--json", path))
        result = check_gradient(gradc, path, expected, forgiving)
        if result != "passed" or "objective" not in expected:
            return result
        return check_hessian(gradc, path, expected, forgiving)
    except RuntimeError as error:
        return str(error)


def main():
    results = []
    with tempfile.TemporaryDirectory() as drawn:
        for path in random_programs.files(sys.argv[2:], pathlib.Path(drawn)):
            result = check(sys.argv[1], path)
            fails = result not in ("passed", "not finite")
            results.append("excused" if fails and excused(sys.argv[1], path, result) else result)
            if results[-1] not in ("passed", "not finite", "excused"):
                print(f"{path.name}: {results[-1]}")
    passed, skipped = results.count("passed"), results.count("not finite") + results.count("excused")
    print(f"{passed} passed, {len(results) - passed - skipped} failed, {skipped} not finite or tied")
    return 1 if passed + skipped < len(results) or skipped > passed // 20 + 1 else 0


if __name__ == "__main__":
    sys.exit(main())
