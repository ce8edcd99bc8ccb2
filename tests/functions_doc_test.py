"""docs/functions.md must be what `gradc functions --markdown` prints.

Usage: functions_doc_test.py GRADC FILE
"""

import difflib
import pathlib
import subprocess
import sys


def main():
    gradc, path = sys.argv[1:]
    printed = subprocess.run([gradc, "functions", "--markdown"], capture_output=True, text=True, check=True).stdout
    written = pathlib.Path(path).read_text(encoding="utf-8")
    for line in difflib.unified_diff(written.splitlines(), printed.splitlines(), path, "printed", lineterm=""):
        print(line)
    print("current" if printed == written else f"out of date: gradc functions --markdown > {path}")
    return 0 if printed == written else 1


if __name__ == "__main__":
    sys.exit(main())
