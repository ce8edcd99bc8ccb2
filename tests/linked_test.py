"""Builds gradc with its libraries linked in (-DGRADC_LAZY=OFF): the command links them, says what the other one says, and
what is installed serves as well.

Usage: linked_test.py BUILD SOURCE COMPILER
"""

import os
import pathlib
import subprocess
import sys
import tempfile

import install_test

# Native code, interior points, a method of NLopt, eigenvalues, other machines.
COMMANDS = [
    ["run", "examples/quartic.grad"],
    ["run", "examples/mixture.grad"],
    ["run", "tests/hs/hs071.grad"],
    ["run", "examples/rosenbrock.grad", "--method", "bobyqa", "--max-iterations", "3000"],
    ["eval", "examples/tracking.grad", "--order", "2", "--strict"],
    ["emit", "examples/fit.grad", "--lang", "asm", "--target", "aarch64-linux-gnu", "--what", "gradient,hessian,jacobian"],
]


def run(command, timeout=500, **options):
    return subprocess.run([str(c) for c in command], capture_output=True, text=True, check=False, timeout=timeout, **options)


def made(source, nested, compiler):
    # Where the compiler has another name than before, CMake would forget what else it is told.
    (nested / "CMakeCache.txt").unlink(missing_ok=True)
    for command in [["cmake", "-G", "Ninja", "-S", source, "-B", nested, f"-DCMAKE_C_COMPILER={compiler}", "-DCMAKE_BUILD_TYPE=None",
                     "-DCMAKE_C_FLAGS=-O1 -w", "-DGRADC_LAZY=OFF", "-DGRADC_BENCH=OFF", "-DGRADC_TESTS=OFF"],
                    ["ninja", "-C", nested, "--quiet"]]:
        done = run(command)
        if done.returncode:
            print((done.stdout + done.stderr)[-3000:])
            return False
    return True


def say(folder, source, arguments):
    """What the command says where no code has been kept for it."""
    with tempfile.TemporaryDirectory() as cache:
        return run([folder / "bin/gradc", *arguments], 120, cwd=source, env=dict(os.environ, XDG_CACHE_HOME=cache))


def says_the_same(build, nested, source, arguments):
    ours, other = say(build, source, arguments), say(nested, source, arguments)
    same = (ours.returncode, ours.stdout, ours.stderr) == (other.returncode, other.stdout, other.stderr)
    if not same or not ours.stdout + ours.stderr:
        print(f"gradc {' '.join(arguments)}: not what the other one says\n{(other.stdout + other.stderr)[-600:]}")
    return same and bool(ours.stdout + ours.stderr)


def links(nested):
    needed = run(["readelf", "-d", nested / "bin/gradc"]).stdout
    missing = [name for name in ["LLVM", "lapacke", "ipopt", "nlopt"] if name not in needed]
    if missing:
        print("not linked:", *missing)
    return not missing


def main(build, source, compiler):
    build, source = pathlib.Path(build), pathlib.Path(source)
    nested = build / "linked"
    if not made(source, nested, compiler):
        print("0 passed, 1 failed")
        return 1
    good = [links(nested), install_test.main(nested, source) == 0]
    good += [says_the_same(build, nested, source, arguments) for arguments in COMMANDS]
    print(f"{sum(good)} passed, {len(good) - sum(good)} failed")
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
