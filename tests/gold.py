"""What the corpus checks share: running `gradc eval --json` and comparing numbers."""

import json
import math
import subprocess

TIMEOUT = 120


class Tally:
    """Counts checks and prints those that fail."""

    def __init__(self):
        self.passed = self.failed = 0

    def check(self, good, message):
        if good:
            self.passed += 1
        else:
            self.failed += 1
            print(message)

    def finish(self):
        print(f"{self.passed} passed, {self.failed} failed")
        return 1 if self.failed or not self.passed else 0


def evaluate(gradc, *arguments):
    """The JSON of `gradc eval`, or None with the reason printed."""
    return result_of([str(gradc), "eval", "--json", *map(str, arguments)], {0})


def run(gradc, *arguments):
    """The same of `gradc run`, whether it converged or not."""
    return result_of([str(gradc), "run", "--json", *map(str, arguments)], {0, 2})


def result_of(command, statuses):
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TIMEOUT,
                              check=False)
    except subprocess.TimeoutExpired:
        print(f"{' '.join(command)}: timed out after {TIMEOUT} seconds")
        return None
    if done.returncode not in statuses:
        print(f"{' '.join(command)}: exit status {done.returncode}\n{done.stderr}")
        return None
    try:
        return json.loads(done.stdout)
    except ValueError as error:
        print(f"{' '.join(command)}: not JSON: {error}\n{done.stdout[:500]}")
        return None


def number(value):
    """A number of the JSON contract, where nan and the infinities are strings."""
    return float(value)


def relative_error(actual, expected):
    actual = number(actual)
    if math.isnan(actual):
        return math.inf
    return abs(actual - expected) / abs(expected) if expected else abs(actual)


def vector_error(actual, expected):
    """The largest difference, relative to the largest component expected."""
    if len(actual) != len(expected):
        return math.inf
    scale = max(map(abs, expected), default=0.0) or 1.0
    differences = [abs(number(a) - e) for a, e in zip(actual, expected)]
    return math.inf if any(map(math.isnan, differences)) else max(differences, default=0.0) / scale
