"""The examples that use emitted code: each is built as its comment says, runs, and finds what it should. One whose
library is not installed is left out, which is said.

Usage: emit_solver_test.py GRADC FOLDER-OF-EXAMPLES
"""

import os
import pathlib
import shlex
import subprocess
import sys
import tempfile

# Example, its model, options of gradc emit, libraries, a header that has to be there, what it prints.
C_EXAMPLES = [
    ("solver_nlopt.c", "rosenbrock.grad", "", "-lnlopt -lm", "nlopt.h",
     "NLopt: result good, value 0.0, first 1.000000, last 1.000000"),
    ("solver_cminpack.c", "fit.grad", "--what jacobian --freeze", "-lcminpack -lm", "cminpack-1/cminpack.h",
     "cminpack: result good, b1 = 2.38942129, b2 = 0.55015643"),
    ("solver_ipopt.c", "emitted/chain.grad", "--what value,gradient,jacobian,lagrangian --freeze", "-lipopt -lm",
     "coin/IpStdCInterface.h", "Ipopt: status 0, value 5.8804, total 5.0000"),
    ("microcontroller.c", "tracking.grad", "--float --freeze", "-DSHOW -lm", "math.h", "microcontroller: downhill"),
]
WARNINGS = ["-Wall", "-Wextra", "-Werror"]


def run(command, **options):
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    return done.returncode, done.stdout + done.stderr


def has_header(header):
    return run(["gcc", "-fsyntax-only", "-x", "c", "-"], input=f"#include <stddef.h>\n#include <{header}>\n")[0] == 0


def try_c(gradc, examples, folder, example):
    name, model, options, libraries, _, expected = example
    status, said = run([gradc, "emit", *options.split(), examples.parent / model, "-o", folder / "model.c"])
    if status == 0:
        status, said = run(["gcc", "-std=c99", "-O2", *WARNINGS, f"-I{folder}", "-o", folder / "example", examples / name,
                            folder / "model.c", *shlex.split(libraries)])
    if status == 0:
        status, said = run([folder / "example"])
    return status == 0 and expected in said, said


def try_python(gradc, examples, folder):
    status, said = run([gradc, "emit", "--lang", "shared", examples.parent / "rosenbrock.grad", "-o", folder / "model.so"])
    if status == 0:
        status, said = run([sys.executable, "-B", examples / "call_ctypes.py", folder / "model.so"])
    return status == 0 and "ctypes: 10 unknowns, value 0.0" in said, said


def main(gradc, examples):
    gradc, examples, counts = os.path.abspath(gradc), pathlib.Path(examples), [0, 0]
    trials = [(e[0], lambda folder, e=e: try_c(gradc, examples, folder, e)) for e in C_EXAMPLES if has_header(e[4])]
    trials.append(("call_ctypes.py", lambda folder: try_python(gradc, examples, folder)))
    for example in C_EXAMPLES:
        if not has_header(example[4]):
            print(f"{example[0]}: {example[4]} is not installed")
    for name, trial in trials:
        with tempfile.TemporaryDirectory() as folder:
            good, said = trial(pathlib.Path(folder))
        counts[not good] += 1
        if not good:
            print(f"{name}: {said[-800:]}")
    long = [p.name for p in examples.glob("*.[cp]*") if len(p.read_text(encoding="utf-8").splitlines()) >= 60]
    counts[1] += len(long)
    for name in long:
        print(f"{name}: 60 lines or more")
    print(f"{counts[0]} passed, {counts[1]} failed")
    return 1 if counts[1] else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
