"""Machine code from gradc emit: shared libraries, objects and assembly have the bits of the strict evaluation, objects
for other machines link and run there, and the example calls a library without gradc.

Usage: emit_object_test.py GRADC EXAMPLE.c FILE.grad...
"""

import ctypes
import json
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile

import gold

# Prints value and gradient at a point that follows as numbers.
DRIVER = """
#include <stdio.h>
#include <stdlib.h>
#include "model.h"
int main(int argc, char **argv) {
    size_t n = model_dimension();
    double *point = calloc(n + 1, sizeof *point), *gradient = calloc(n + 1, sizeof *gradient);
    double *workspace = calloc(model_workspace() + 1, sizeof *workspace);
    if ((size_t)argc != n + 1) return 1;
    for (size_t k = 0; k < n; k++) point[k] = strtod(argv[k + 1], NULL);
    printf("%a\\n", model_value(point, workspace));
    printf("%a\\n", model_gradient(point, gradient, workspace));
    for (size_t k = 0; k < n; k++) printf("%a\\n", gradient[k]);
    return 0;
}
"""


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))[:200]}: {done.stderr[-500:] or done.returncode}")
    return done.stdout


def flatten(value):
    return [x for part in value for x in flatten(part)] if isinstance(value, list) else [float(value)]


def expected(gradc, path):
    answer = json.loads(run(gradc, "eval", "--strict", "--json", path), parse_int=float)
    point = [x for value in answer["x"].values() for x in flatten(value)]
    return point, [float(answer["objective"])] * 2 + [float(x) for x in answer["gradient"]]


def same_bits(got, wanted):
    return len(got) == len(wanted) and all(struct.pack("d", a) == struct.pack("d", b) for a, b in zip(got, wanted))


def near(got, wanted):
    return len(got) == len(wanted) and all(abs(a - b) <= 1e-9 * max(1, abs(b)) for a, b in zip(got, wanted))


def load(path, point):
    library, n = ctypes.CDLL(str(path)), len(point)
    library.model_value.restype = library.model_gradient.restype = ctypes.c_double
    library.model_workspace.restype = library.model_dimension.restype = ctypes.c_size_t
    array = ctypes.c_double * max(n, 1)
    work, gradient = (ctypes.c_double * (library.model_workspace() + 1))(), array()
    values = [library.model_value(array(*point), work), library.model_gradient(array(*point), gradient, work)]
    return values + list(gradient)[:n] if library.model_dimension() == n else []


def check_shared(gradc, path, folder, point, wanted):
    run(gradc, "emit", "--lang", "shared", path, "-o", folder / "model.so")
    return same_bits(load(folder / "model.so", point), wanted)


def call(folder, compiler, source, point, *runner):
    run(compiler, "-std=c99", "-O1", "-o", folder / "driver", folder / "driver.c", source, "-lm",
        *(["-static"] if runner else []))
    return [float.fromhex(x) for x in run(*runner, folder / "driver", *map(repr, point)).split()]


def check_linked(gradc, path, folder, point, wanted, language, name):
    run(gradc, "emit", "--lang", language, path, "-o", folder / name)
    return same_bits(call(folder, "gcc", folder / name, point), wanted)


def check_other(gradc, path, folder, point, wanted, triple, runner):
    run(gradc, "emit", "--lang", "obj", "--target", triple, "--cpu", "cortex-a9", path, "-o",
        folder / "model.o")
    return near(call(folder, f"{triple}-gcc", folder / "model.o", point, runner), wanted)


def check_text(gradc, path):
    """The text is the same each time, and tells where special functions are."""
    text = run(gradc, "emit", "--lang", "llvm", path)
    return text == run(gradc, "emit", "--lang", "llvm", path) and bool(
        re.search(r"^define double @model_value\(", text, re.M)) and text.startswith("; Link it with") == ("special" in path)


def entries(library, name, n, point, work):
    """The matrix that a library computes, as (row, column, value)."""
    terms = getattr(library, f"{name}_terms")
    terms.restype = getattr(library, f"{name}_pattern").restype = ctypes.c_size_t
    count = terms()
    whole, array = ctypes.c_int64 * max(count, 1), ctypes.c_double * max(count, 1)
    row, column, order, values = whole(), whole(), whole(), array()
    used = getattr(library, f"{name}_pattern")(row, column, order, (ctypes.c_int64 * max(2 * count, 1))(), work)
    getattr(library, name)((ctypes.c_double * n)(*point), order, values, work)
    return list(zip(row, column, values))[:used]


def check_matrices(gradc, path, folder, point):
    """The Hessian times a direction is the product; twice the residuals times their Jacobian is the gradient."""
    run(gradc, "emit", "--lang", "shared", "--what", "gradient,hessian,hvp,jacobian", path, "-o", folder / "matrices.so")
    library, n = ctypes.CDLL(str(folder / "matrices.so")), len(point)
    library.model_workspace.restype = library.model_residuals_count.restype = ctypes.c_size_t
    vector = ctypes.c_double * n
    work = (ctypes.c_double * (library.model_workspace() + 1))()
    direction, product, gradient = [1.0 / (k + 1) for k in range(n)], vector(), vector()
    library.model_hessian_times(vector(*point), vector(*direction), product, work)
    library.model_gradient(vector(*point), gradient, work)
    residuals = (ctypes.c_double * library.model_residuals_count())()
    library.model_residuals(vector(*point), residuals, work)
    from_hessian, from_residuals = [0.0] * n, [0.0] * n
    for i, j, value in entries(library, "model_hessian", n, point, work):
        from_hessian[i] += value * direction[j]
        from_hessian[j] += value * direction[i] * (i != j)
    for i, j, value in entries(library, "model_residuals_jacobian", n, point, work):
        from_residuals[j] += 2 * value * residuals[i]
    return near(from_hessian, list(product)) and near(from_residuals, list(gradient)) and any(gradient)


def checks(gradc, path, folder):
    (folder / "driver.c").write_text(DRIVER, encoding="ascii")
    point, wanted = expected(gradc, path)
    yield "shared", check_shared(gradc, path, folder, point, wanted)
    yield "object", check_linked(gradc, path, folder, point, wanted, "obj", "model.o")
    yield "assembly", check_linked(gradc, path, folder, point, wanted, "asm", "model.s")
    yield "LLVM's text", check_text(gradc, path)
    if path.endswith("fit.grad"):
        yield "matrices", check_matrices(gradc, path, folder, point)
    if shutil.which("arm-linux-gnueabihf-gcc") and shutil.which("qemu-arm"):
        yield "ARM", check_other(gradc, path, folder, point, wanted, "arm-linux-gnueabihf", "qemu-arm")
    else:
        print("not tried on ARM: its compiler or qemu-arm is not installed")


def check_example(gradc, example, model):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        run(gradc, "emit", "--lang", "shared", model, "-o", folder / "libmodel.so")
        run("gcc", "-std=c99", "-Wall", "-Wextra", "-Werror", "-o", folder / "call", example, "-ldl")
        return "10 unknowns, value" in run(folder / "call", folder / "libmodel.so")


def main(gradc, example, paths):
    gradc, tally = os.path.abspath(gradc), gold.Tally()
    for path in paths:
        with tempfile.TemporaryDirectory() as folder:
            for what, good in checks(gradc, path, pathlib.Path(folder)):
                tally.check(good, f"{path}: {what}: other numbers")
    good = check_example(gradc, example, pathlib.Path(example).parent.parent / "rosenbrock.grad")
    tally.check(good, f"{example}: not what it prints")
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
