#!/usr/bin/env python3
"""start.py GRADC [REPEATS]: how long whole processes of the command take, in milliseconds.

A process is timed from before it is started until it has ended; the files it reads are in the machine's cache after the
first. Prints the 10th percentile and the median per command. Pin it to a core (taskset -c 1)."""
import os
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
QUARTIC = os.path.join(ROOT, "examples", "quartic.grad")
COMMANDS = [
    ["--version"],
    ["diff", QUARTIC],
    ["eval", QUARTIC],
    ["run", QUARTIC],
]


def seconds(command):
    nowhere = open(os.devnull, "w")
    actions = [(os.POSIX_SPAWN_DUP2, nowhere.fileno(), 1)]
    began = time.perf_counter()
    child = os.posix_spawn(command[0], command, os.environ, file_actions=actions)
    _, status = os.waitpid(child, 0)
    taken = time.perf_counter() - began
    nowhere.close()
    if status != 0:
        sys.exit("failed: " + " ".join(command))
    return taken


def measure(name, command, repeats):
    for _ in range(3):
        seconds(command)
    times = sorted(seconds(command) for _ in range(repeats))
    print("%-24s %8.2f %8.2f" % (name, 1e3 * times[repeats // 10], 1e3 * times[repeats // 2]), flush=True)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    gradc, repeats = os.path.abspath(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 100
    print("%-24s %8s %8s" % ("", "10 %", "median"))
    for arguments in COMMANDS:
        name = " ".join(os.path.basename(a) for a in arguments)
        measure(name, [gradc] + arguments, repeats)
    measure("true (for comparison)", ["/bin/true"], repeats)


main()
