"""What `diff --format dot` prints is accepted by Graphviz, and draws a node for each of its own.

Usage: dot_test.py GRADC FILE.grad...
"""

import re
import shutil
import subprocess
import sys

SKIPPED = 77


def check(gradc, path):
    done = subprocess.run([gradc, "diff", path, "--format", "dot"], capture_output=True, text=True,
                          check=False, timeout=120)
    nodes = set(re.findall(r"^ +(n[0-9]+) \[label=", done.stdout, re.MULTILINE))
    ends = {n for edge in re.findall(r"^ +(n[0-9]+) -> (n[0-9]+)", done.stdout, re.MULTILINE) for n in edge}
    drawn = subprocess.run(["dot", "-Tplain"], input=done.stdout, capture_output=True, text=True, check=False,
                           timeout=120)
    named = set(re.findall(r"^node (\S+)", drawn.stdout, re.MULTILINE))
    if done.returncode == 0 and drawn.returncode == 0 and not drawn.stderr and nodes and named == nodes >= ends:
        return True
    print(f"{path}: {done.stderr[:300]}{drawn.stderr[:300]} {sorted(named ^ nodes | ends - nodes)[:9]}")
    return False


def main(gradc, files):
    if not shutil.which("dot"):
        print("skipped: there is no dot (Debian package graphviz)")
        return SKIPPED
    failed = sum(not check(gradc, path) for path in files)
    print(f"{len(files)} files, {failed} failed")
    return 1 if failed or not files else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
