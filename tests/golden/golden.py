#!/usr/bin/env python3
"""Golden tests of the gradc command.

Usage: golden.py [--bless] [--filter TEXT] GRADC PATH...

PATH is a .case file, a .md file or a folder of them. A case file has input files and commands with what is
expected of them:

    # a comment, before the first section
    --- file broken.grad
    var x
    minimize 2x
    --- python big.grad         (a Python program whose standard output becomes the file)
    print("minimize", "+".join(["1"] * 100000))
    --- commands
    $ gradc eval broken.grad
    2> what is expected on standard error, line by line
    what is expected on standard output
    [exit 1]

Commands run in a fresh folder that holds the input files, through sh, with gradc on the PATH. The status is 0
where no [exit N] stands. `[..]` in an expected line stands for any characters, a line `...` for any lines; an
expected line that would be mistaken for something else begins with a backslash. --bless writes what came out
into the case; what matched already, wildcards included, stays as it is.

From a .md file every block fenced as ```console is taken: a line `$ gradc ...` and below it standard output, then
standard error (without `2>`), then `[exit N]` where it is not 0. Other `$` lines are not run. Files in a block
fenced as ```grad file=NAME or ```csv file=NAME are at hand for the blocks below it, and so is the project's root.
"""

import argparse
import difflib
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
TIMEOUT = 120
SECTION = re.compile(r"^--- (file|python|commands)(?: (\S+))?$")
EXIT = re.compile(r"^\[exit (\d+)\]$")
FENCE = re.compile(r"^```(\w*)(?: file=(\S+))?\s*$")


class Command:
    """One command line and what is expected of it."""

    def __init__(self, text, where):
        self.text = text
        self.where = where
        self.out, self.err, self.status = [], [], 0
        self.lines = []  # as written, for documentation

    def expect(self, line):
        self.lines.append(line)
        match = EXIT.match(line)
        if match:
            self.status = int(match.group(1))
        elif line.startswith("2>"):
            self.err.append(line[3:])
        else:
            self.out.append(line[1:] if line.startswith("\\") else line)


def escaped(line):
    special = line.startswith(("$ ", "--- ", "2>", "\\")) or EXIT.match(line)
    return "\\" + line if special else line


def line_matches(expected, actual):
    if "[..]" not in expected:
        return expected == actual
    pattern = ".*".join(re.escape(part) for part in expected.split("[..]"))
    return re.fullmatch(pattern, actual) is not None


def matches(expected, actual):
    """Whether the lines match; a line `...` stands for any number of lines."""
    reachable = {0}
    for line in expected:
        if line == "...":
            reachable = set(range(min(reachable), len(actual) + 1)) if reachable else set()
        else:
            reachable = {i + 1 for i in reachable if i < len(actual) and line_matches(line, actual[i])}
    return len(actual) in reachable


def lines_of(data):
    text = data.decode("utf-8", "backslashreplace")
    if not text:
        return []
    lines = text.split("\n")
    return lines[:-1] if lines[-1] == "" else lines + ["[no newline at the end]"]


def environment(gradc, folder):
    env = {key: value for key, value in os.environ.items() if not key.startswith(("GRADC_", "XDG_", "LC_", "LANG"))}
    env.pop("NO_COLOR", None)
    env.update(PATH=f"{gradc.parent}:{env['PATH']}", HOME=str(folder), XDG_CACHE_HOME=str(folder / ".cache"),
               LC_ALL="C", TERM="dumb", GRADC_ROOT=str(ROOT))
    return env


def execute(command, gradc, folder, cwd):
    try:
        done = subprocess.run(["sh", "-c", command.text], cwd=cwd, env=environment(gradc, folder), timeout=TIMEOUT,
                              stdin=subprocess.DEVNULL, capture_output=True, check=False)
    except subprocess.TimeoutExpired:
        return [], [f"timed out after {TIMEOUT} seconds"], 124
    status = done.returncode if done.returncode >= 0 else 128 - done.returncode
    return lines_of(done.stdout), lines_of(done.stderr), status


def shown(out, err, status):
    lines = [f"2> {line}".rstrip() if not line else f"2> {line}" for line in err]
    lines += [escaped(line) for line in out]
    return lines + ([f"[exit {status}]"] if status else [])


class Case:
    """A .case file."""

    def __init__(self, path):
        self.path = path
        self.head, self.files, self.commands = [], [], []
        self.read(path.read_text(encoding="utf-8").split("\n")[:-1])

    def read(self, lines):
        current = None
        for number, line in enumerate(lines, 1):
            section = SECTION.match(line)
            if section:
                kind, name = section.groups()
                if (name is None) != (kind == "commands"):
                    raise ValueError(f"{self.path}:{number}: a name belongs to file and python")
                current = (kind, name, [])
                self.head.append(line)
                if kind != "commands":
                    self.files.append(current)
            elif current is None:
                self.head.append(line)
            elif current[0] != "commands":
                self.head.append(line)
                current[2].append(line)
            elif line.startswith("$ "):
                self.commands.append(Command(line[2:], f"{self.path}:{number}"))
            elif self.commands:
                self.commands[-1].expect(line)
            else:
                raise ValueError(f"{self.path}:{number}: expected a command")
        if not self.commands:
            raise ValueError(f"{self.path}: no commands")

    def write_files(self, folder):
        for kind, name, lines in self.files:
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            text = "".join(line + "\n" for line in lines)
            if kind == "python":
                with target.open("wb") as out:
                    subprocess.run([sys.executable, "-c", text], stdout=out, check=True, cwd=folder)
            else:
                target.write_text(text, encoding="utf-8")

    def run(self, gradc, bless):
        failures, blessed = [], list(self.head)
        with tempfile.TemporaryDirectory(prefix="gradc-golden-") as name:
            folder = pathlib.Path(name)
            work = folder / "work"
            work.mkdir()
            self.write_files(work)
            for command in self.commands:
                out, err, status = execute(command, gradc, folder, work)
                good = matches(command.out, out) and matches(command.err, err) and status == command.status
                blessed += ["$ " + command.text] + (command.lines if good else shown(out, err, status))
                if not good:
                    expected = shown(command.out, command.err, command.status)
                    failures.append(difference(command, expected, shown(out, err, status)))
        if bless and failures:
            self.path.write_text("\n".join(blessed) + "\n", encoding="utf-8")
        return len(self.commands), failures


class Document:
    """The console blocks of a .md file."""

    def __init__(self, path):
        self.path = path
        self.lines = path.read_text(encoding="utf-8").split("\n")
        self.files = {}

    def blocks(self):
        start = language = name = None
        for number, line in enumerate(self.lines):
            fence = FENCE.match(line)
            if start is None and fence:
                start, (language, name) = number + 1, fence.groups()
            elif start is not None and line.rstrip() == "```":
                yield language, name, start, number
                start = None

    def commands(self, start, end):
        current = None
        for number in range(start, end):
            line = self.lines[number]
            if line.startswith("$ "):
                current = None
                if line.startswith("$ gradc "):
                    current = Command(line[2:], f"{self.path}:{number + 1}")
                    current.first, current.last = number + 1, number + 1
                    yield current
            elif current is not None:
                current.expect(line)
                current.last = number + 1

    def run(self, gradc, bless):
        count, failures, changes = 0, [], []
        with tempfile.TemporaryDirectory(prefix="gradc-golden-") as name:
            folder = pathlib.Path(name)
            work = folder / "work"
            work.mkdir()
            for entry in ["examples", "tests", "bench"]:
                (work / entry).symlink_to(ROOT / entry)
            for language, file_name, start, end in self.blocks():
                if file_name:
                    (work / file_name).write_text("\n".join(self.lines[start:end]) + "\n", encoding="utf-8")
                if language != "console":
                    continue
                for command in list(self.commands(start, end)):
                    count += 1
                    out, err, status = execute(command, gradc, folder, work)
                    if matches(command.out, out + err) and status == command.status:
                        continue
                    actual = [escaped(line) for line in out + err] + ([f"[exit {status}]"] if status else [])
                    failures.append(difference(command, command.lines, actual))
                    changes.append((command.first, command.last, actual))
        if bless and changes:
            for first, last, actual in reversed(changes):
                self.lines[first:last] = actual
            self.path.write_text("\n".join(self.lines), encoding="utf-8")
        return count, failures


def difference(command, expected, actual):
    lines = difflib.unified_diff(expected, actual, "expected", "actual", lineterm="")
    shortened = [line if len(line) <= 400 else line[:400] + " ..." for line in lines]
    return "\n".join([f"{command.where}: $ {command.text}"] + shortened)


def collect(paths):
    for path in map(pathlib.Path, paths):
        if path.is_dir():
            for found in sorted(path.rglob("*")):
                if found.suffix in {".case", ".md"}:
                    yield found
        else:
            yield path


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bless", action="store_true", help="write what came out into the cases")
    parser.add_argument("--filter", default="", help="only cases whose path contains this")
    parser.add_argument("gradc", type=lambda text: pathlib.Path(text).resolve())
    parser.add_argument("paths", nargs="+")
    options = parser.parse_args()
    passed = failed = 0
    for path in collect(options.paths):
        if options.filter not in str(path):
            continue
        count, failures = (Document if path.suffix == ".md" else Case)(path).run(options.gradc, options.bless)
        passed += count - len(failures)
        failed += len(failures)
        for failure in failures:
            print(failure, end="\n\n")
    if options.bless:
        print(f"{failed} blessed: read the changes before you commit them")
    print(f"{passed} passed, {failed} failed")
    return 1 if (failed and not options.bless) or passed + failed == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
