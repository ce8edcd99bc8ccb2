"""Every file of examples/ must run to its solution within seconds.

Usage: examples_test.py GRADC FOLDER
A line `# expect NAME = VALUE` in an example names what `gradc run` must find: an unknown to four digits, the
objective to six.
"""

import json
import pathlib
import re
import subprocess
import sys

import gold

EXPECT = re.compile(r"^# expect ([\w.]+(?:\[\d+\])?) = (\S+)$", re.M)
TOLERANCE = {"objective": 1e-6}
TOLERANCE_OF_UNKNOWNS = 1e-4


def found_value(result, name):
    if name == "objective":
        return result["objective"]
    base, _, index = name.rstrip("]").partition("[")
    value = result["x"][base]
    return value[int(index) - 1] if index else value


def check_example(gradc, path, tally):
    done = subprocess.run([gradc, "run", "--json", path], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=120, check=False)
    tally.check(done.returncode == 0, f"{path.name}: exit status {done.returncode}\n{done.stderr}{done.stdout}")
    if done.returncode != 0:
        return
    result = json.loads(done.stdout)
    expected = EXPECT.findall(path.read_text(encoding="utf-8"))
    tally.check(bool(expected), f"{path.name}: has no `# expect NAME = VALUE`")
    for name, value in expected:
        error = gold.relative_error(found_value(result, name), float(value))
        tally.check(error <= TOLERANCE.get(name, TOLERANCE_OF_UNKNOWNS), f"{path.name}: {name} is {found_value(result, name)}, expected {value}")


def main():
    tally = gold.Tally()
    for path in sorted(pathlib.Path(sys.argv[2]).glob("*.grad")):
        if path.name == "quartic.grad":  # kept to the four lines of a first file; tests/golden/run holds its result
            continue
        check_example(sys.argv[1], path, tally)
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
