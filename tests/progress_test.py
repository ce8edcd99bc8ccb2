#!/usr/bin/env python3
"""progress_test.py GRADC: what a long descent shows on a terminal, and that it shows nothing elsewhere.

The last line counts what passed and failed."""

import os
import pty
import re
import subprocess
import sys
import tempfile

MODEL = """param n = 3000
var x[n] = -1.2
minimize sum(100*(x[i + 1] - x[i]^2)^2 + (1 - x[i])^2 for i in 1..n - 1)
"""
LINE = re.compile(r"\r\d+ iterations, objective [-+.e\d]+, gradient [-+.e\d]+"
                  r", (falling|rising) by [-+.e\d]+ per iteration, \d+ s left \x1b\[K")


def on_terminal(arguments):
    """What standard error of a command shows when it is a terminal."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=theirs)
    os.close(theirs)
    shown = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # how Linux ends a terminal nobody has open
            break
        if not part:
            break
        shown += part
    process.wait()
    os.close(ours)
    return shown.decode()


def main():
    gradc = sys.argv[1]
    with tempfile.NamedTemporaryFile("w", suffix=".grad") as model:
        model.write(MODEL)
        model.flush()
        command = [gradc, "run", model.name, "--method", "gd", "--rate", "1e-9", "--max-iterations", "1000000000000",
                   "--tolerance", "0", "--timeout", "3"]
        shown = on_terminal(command)
        elsewhere = subprocess.run(command[:-1] + ["1"], capture_output=True, text=True).stderr
        quiet = on_terminal(command[:-1] + ["1", "-q"])
    results = {
        "a line with the rate of decrease and the time left": bool(LINE.search(shown)),
        "the line is cleared at the end": shown.rstrip().endswith("\r\x1b[K"),
        "nothing where there is no terminal": elsewhere == "",
        "nothing with -q": quiet == "",
    }
    for name, holds in results.items():
        if not holds:
            print(f"failed: {name}: {shown!r} {elsewhere!r} {quiet!r}")
    passed = sum(results.values())
    print(f"{passed} passed, {len(results) - passed} failed")
    return passed < len(results)


if __name__ == "__main__":
    sys.exit(main())
