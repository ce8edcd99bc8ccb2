"""Sparse matrices in machine code: patterns, entries and rows are those of the emitted C, bit for bit, as a library, as
LLVM's text, and on ARM; nothing is written behind the workspace.

Usage: emit_matrices_test.py GRADC FILE.grad...

LLVM's text is tried where llc of LLVM 19 is, ARM where gcc-arm-linux-gnueabihf, libc6-dev-armhf-cross and qemu-user are.
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import gold

STRICT = ["-std=c99", "-O2", "-fno-builtin", "-ffp-contract=off", "-Wall", "-Wextra", "-Werror"]
ARM = "arm-linux-gnueabihf"

HEAD = """#include <stdio.h>
#include <stdlib.h>
#include "model.h"
static void print(const char *what, const double *numbers, size_t count) {
    for (size_t k = 0; k < count; k++) printf("%s %a\\n", what, numbers[k]);
}
int main(int argc, char **argv) {
    const size_t room = model_workspace(), n = model_dimension();
    double *workspace = calloc(room + 1, sizeof *workspace), *point = calloc(n + 1, sizeof *point);
    if ((size_t)argc != n + 1) return 1;
    workspace[room] = 12345;
    for (size_t k = 0; k < n; k++) point[k] = strtod(argv[k + 1], NULL);
"""
MATRIX = """    {
        const size_t terms = model_@_terms();
        int64_t *row = calloc(5 * terms + 1, sizeof *row), *column = row + terms, *order = row + 2 * terms;
        double *values = calloc(terms + 1, sizeof *values), multipliers[999];
        for (int k = 0; k < 999; k++) multipliers[k] = 0.5 + 0.25 * (k % 3);
        (void)multipliers;
        const size_t count = model_@_pattern(row, column, order, row + 3 * terms, workspace);
        model_@(point, #order, values, workspace);
        for (size_t k = 0; k < count; k++) printf("@ %d %d %a\\n", (int)row[k], (int)column[k], values[k]);
        free(row);
        free(values);
    }
"""
ROWS = """    {
        const size_t count = model_@_count();
        double *numbers = calloc(count + 1, sizeof *numbers);
        model_@(point, numbers, workspace);
        print("@", numbers, count);
        free(numbers);
    }
"""
TAIL = """    print("behind", workspace + room, 1);
    free(point);
    free(workspace);
    return 0;
}
"""


def run(*command):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, check=False, timeout=200)
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))[:200]}: {(done.stdout + done.stderr)[-800:] or done.returncode}")
    return done.stdout


def emit(gradc, path, what, folder, name, *options):
    folder.mkdir()
    run(gradc, "emit", path, "--what", what, *options, "-o", folder / name)
    return folder


def driver(header):
    """A program that prints everything that the header declares."""
    text = HEAD
    for name in re.findall(r"model_(\w+)_count\(void\)", header):
        text += ROWS.replace("@", name)
    for name in re.findall(r"model_(\w+)_terms\(void\)", header):
        text += MATRIX.replace("@", name).replace("#", "0.75, multipliers, " if name == "lagrangian" else "")
    return text + TAIL


def numbers(compiler, folder, sources, point, *runner):
    program = folder / "program"
    (folder / "driver.c").write_text(driver((folder / "model.h").read_text("utf-8")), "ascii")
    static = ["-static"] if runner else []
    run(compiler, *STRICT, *static, "-o", program, folder / "driver.c", *sources, "-lm")
    return run(*runner, program, *map(repr, point)).splitlines()


def near(got, wanted):
    """The same places, and nearly the same numbers: the mathematical library is another one."""
    def same(a, b):
        a, b = a.split(), b.split()
        value, other = float.fromhex(a[-1]), float.fromhex(b[-1])
        return a[:-1] == b[:-1] and (abs(value - other) <= 1e-9 * max(1, abs(other)) or value != value and other != other)
    return len(got) == len(wanted) and all(map(same, got, wanted))


def llc():
    return shutil.which("llc-19") or shutil.which("llc", path="/usr/lib/llvm-19/bin")


def checks(gradc, path, folder):
    what = next(w for w in ("gradient,hessian,hvp,jacobian,lagrangian", "gradient,hessian,jacobian", "gradient,hessian")
                if subprocess.run([gradc, "emit", path, "--what", w], capture_output=True, check=False).returncode == 0)
    n = int(re.search(r"_DIMENSION (\d+)", run(gradc, "emit", path, "--freeze"))[1])
    point = [0.4 + 0.01 * (7 * k % 31) for k in range(n)]
    plain = emit(gradc, path, what, folder / "c", "model.c", "--freeze")
    wanted = numbers("gcc", plain, [plain / "model.c"], point)
    code = emit(gradc, path, what, folder / "shared", "model.so", "--lang", "shared")
    yield "shared", numbers("gcc", code, [code / "model.so", f"-Wl,-rpath,{code}"], point) == wanted
    code = emit(gradc, path, what, folder / "llvm", "model.ll", "--lang", "llvm")
    if llc():
        run(llc(), "-O2", "-filetype=obj", "-relocation-model=pic", code / "model.ll", "-o", code / "model.o")
        yield "LLVM's text", numbers("gcc", code, [code / "model.o", *code.glob("*_special.c")], point) == wanted
    if shutil.which(f"{ARM}-gcc") and shutil.which("qemu-arm"):
        code = emit(gradc, path, what, folder / "arm", "model.o", "--lang", "obj", "--target", ARM, "--cpu", "cortex-a9")
        yield "ARM", near(numbers(f"{ARM}-gcc", code, [code / "model.o"], point, "qemu-arm"), wanted)
    yield "something to compare", len(wanted) > 2 and "behind 0x1.81c8p+13" in wanted and any("0x0p" not in w for w in wanted[:-1])


def main(gradc, paths):
    gradc, tally = pathlib.Path(gradc).resolve(), gold.Tally()
    if not llc():
        print("LLVM's text is not tried: llc of LLVM 19 is not installed")
    if not (shutil.which(f"{ARM}-gcc") and shutil.which("qemu-arm")):
        print("ARM is not tried: its compiler or qemu-arm is not installed")
    for path in paths:
        with tempfile.TemporaryDirectory() as folder:
            for what, good in checks(gradc, path, pathlib.Path(folder)):
                tally.check(good, f"{path}: {what}: other numbers")
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
