"""Emitted C against the strict evaluator: the same bits of values and derivatives, for files and random programs.

Usage: emit_test.py EMISSION [-f] FILE...
       emit_test.py EMISSION [-f] --random FIRST COUNT
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

STRICT = ["-std=c99", "-O2", "-ffp-contract=off"]
BATCH = 50  # programs that are compiled at a time


def check(emission, arguments, folder, flags, limit=None):
    """Passed and failed models; what the tool prints about failures is printed. `limit` is called by the compiler's process
    before it begins."""
    made = subprocess.run([emission, folder, *arguments], capture_output=True, text=True, check=False)
    if made.returncode:
        print(made.stdout + made.stderr)
        return 0, 1
    sources = sorted(str(path) for path in pathlib.Path(folder).glob("check*.c"))
    subprocess.run(["gcc", *flags, "-o", f"{folder}/check", *sources, "-lm"], check=True, preexec_fn=limit)
    ran = subprocess.run([f"{folder}/check"], capture_output=True, text=True, check=False)
    counts = re.search(r"^(\d+) passed, (\d+) failed$", ran.stdout, re.M)
    if not counts:
        print(ran.stdout, "the check broke off with status", ran.returncode)
        return 0, 1
    if counts[2] != "0":
        print(ran.stdout)
    return int(counts[1]), int(counts[2])


def batches(arguments):
    if arguments[0] != "--random":
        yield arguments
        return
    scale = int(os.environ.get("GRADC_TEST_SCALE", "100"))
    first, count = int(arguments[1]), max(1, int(arguments[2]) * scale // 100)
    for begin in range(0, count, BATCH):
        yield ["-s", str(first + begin), str(min(BATCH, count - begin))]


def main(emission, arguments):
    frozen = arguments[:1] == ["-f"]
    passed = failed = 0
    for batch in batches(arguments[frozen:]):
        # A compiler computes functions of constants itself, rounded another way than the library.
        flags = STRICT + ["-fno-builtin"] * frozen
        with tempfile.TemporaryDirectory() as folder:
            good, bad = check(emission, ["-f"] * frozen + batch, folder, flags)
        if bad:
            print("among", *batch[:4], flush=True)
        passed += good
        failed += bad
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
