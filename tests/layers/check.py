"""Checks the house rules that a compiler does not: the order of the layers, sizes, and what a library may do.

Usage: check.py ROOT
"""

import pathlib
import re
import sys

# Each folder of src/ with the folders it may include.
ORDER = ["support", "numeric", "sparse", "syntax", "special", "ir", "eval", "sema", "diff", "lower", "schedule", "jit", "emit", "formula", "descend", "check", "api"]
SIBLINGS = {"jit", "emit", "formula"}
ALLOWED = {layer: set(ORDER[:ORDER.index(layer)]) for layer in ORDER}
for layer in SIBLINGS:
    ALLOWED[layer] -= SIBLINGS
ALLOWED["descend"] = {"support", "sparse"}
ALLOWED["check"] -= SIBLINGS | {"lower", "schedule", "descend"}
ALLOWED["cli"] = set()
SEES_PUBLIC_HEADERS = {"jit", "emit", "schedule", "api", "cli"}

FILE_LINES = 700
FUNCTION_LINES = 80
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
FORBIDDEN = re.compile(r"(?<![\w.>])(printf|puts|putchar|perror|exit|_exit|abort|getenv|setlocale)\s*\(")
TO_STREAM = re.compile(r"(?<!\w)(std(?:out|err))(?!\w)")


def strip_comments_and_strings(text):
    """The text with comments, strings and characters blanked; line numbers stay."""
    pattern = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
    return pattern.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)


def check_include(layer, kind, target):
    if kind == "<":
        if target.startswith(("llvm-c/", "llvm/")) and layer != "jit":
            return f"only src/jit may include {target}"
        return None
    head = target.split("/")[0] if "/" in target else layer
    if head == layer:
        return None
    if head == "gradc":
        return None if layer in SEES_PUBLIC_HEADERS else f"{layer} must not include the public header {target}"
    if head not in ALLOWED:
        return f"{target} is no known layer"
    return None if head in ALLOWED[layer] else f"{layer} must not include {head}: {target}"


def long_functions(lines):
    """(first line, length) of every function over the limit; clang-format puts its closing brace in column 0."""
    start = None
    previous = ""
    for number, line in enumerate(lines, 1):
        if start is None and re.match(r"[A-Za-z_].*\)\s*\{\s*$", line):
            start = number
        elif start is None and line.startswith("{") and previous.rstrip().endswith(")"):
            start = number
        elif line.startswith("}") and start is not None:
            if number - start + 1 > FUNCTION_LINES:
                yield start, number - start + 1
            start = None
        if line.strip():
            previous = line


def check_file(path, name, layer):
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    if len(lines) > FILE_LINES:
        yield f"{name}: {len(lines)} lines, more than {FILE_LINES}"
    if not text.isascii():
        yield f"{name}: not ASCII"
    code = strip_comments_and_strings(text).splitlines()
    for start, length in long_functions(code):
        yield f"{name}:{start}: a function of {length} lines, more than {FUNCTION_LINES}"
    if layer is None:
        return
    for number, line in enumerate(lines, 1):
        match = INCLUDE.match(line)
        complaint = check_include(layer, *match.groups()) if match else None
        if complaint:
            yield f"{name}:{number}: {complaint}"
    if layer == "cli" or path.suffix not in {".c", ".h"}:
        return
    for number, line in enumerate(code, 1):
        match = FORBIDDEN.search(line) or TO_STREAM.search(line)
        if match:
            yield f"{name}:{number}: library code must not use {match.group(1)}"


def check(root):
    root = pathlib.Path(root)
    checked = 0
    complaints = []
    for top in ["src", "include", "tests", "bench", "grammar"]:
        for path in sorted((root / top).rglob("*")):
            if path.suffix not in {".c", ".h", ".y", ".l", ".def"} or not path.is_file():
                continue
            name = path.relative_to(root).as_posix()
            parts = name.split("/")
            layer = parts[1] if top == "src" and len(parts) > 2 else "syntax" if top == "grammar" else None
            if layer is not None and layer not in ALLOWED:
                complaints.append(f"{name}: {layer} is no known layer")
                continue
            checked += 1
            complaints += check_file(path, name, layer)
    return checked, complaints


def main():
    checked, complaints = check(sys.argv[1])
    for complaint in complaints:
        print(complaint)
    print(f"{checked} files checked, {len(complaints)} complaints")
    return 1 if complaints or checked == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
