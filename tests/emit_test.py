"""Emitted C against the command: the same bits of value and gradient, for files and random programs.

Usage: emit_test.py GRADC FILE.grad...
       emit_test.py GRADC --random DIFFERENTIAL FIRST COUNT
"""

import csv
import ctypes
import json
import math
import pathlib
import re
import struct
import subprocess
import sys
import tempfile

import random_programs

FLAGS = ["-std=c99", "-O2", "-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Werror",
         "-ffp-contract=off", "-shared", "-fPIC"]
GUARD = 12345.678  # behind the workspace


def arrays_of(path):
    """The arrays that a file gives by literals and tables, by their names in C."""
    text = path.read_text(encoding="utf-8")
    arrays = {}
    for name, numbers in re.findall(r"(\w+)\[[^=\n]*\] = (\[[^A-Za-z]*?\])\n", text):
        arrays[name] = [float(x) for x in re.findall(r"-?[\d.]+(?:e[-+]?\d+)?", numbers)]
    for name, file in re.findall(r'data (\w+) from "([^"]+)"', text):
        with (path.parent / file).open(encoding="utf-8", newline="") as table:
            lines = [line for line in csv.reader(table) if line and not line[0].startswith("#")]
        for column, cells in zip(lines[0], zip(*lines[1:])):
            try:
                arrays[f"{name}_{column.strip()}"] = list(map(float, cells))
            except ValueError:
                pass  # a column of text, which no formula uses
    return arrays


def inputs_of(source, arrays):
    """The structure of inputs with the values that the comments state, or the arrays; None where one is missing."""
    body = re.search(r"struct model_inputs \{(.*?)\};", source, re.S).group(1)
    fields, values = [], []
    for kind, star, name, value, what in re.findall(r"(int64_t|double|int) (\*?)(\w+); /\* here (\S+)( elements)?", body):
        number, convert = (ctypes.c_double, float) if kind == "double" else (ctypes.c_int64, int)
        if star and (name not in arrays or len(arrays[name]) != int(value)):
            return None
        fields.append((name, ctypes.POINTER(number) if star else number))
        values.append((number * int(value))(*map(convert, arrays[name])) if star else convert(value))
    structure = type("Inputs", (ctypes.Structure,), {"_fields_": fields or [("unused", ctypes.c_int)]})
    return structure(*values)


def compiled(source, folder, flags):
    (folder / "model.c").write_text(source, encoding="ascii")
    subprocess.run(["gcc", *flags, "-o", "model.so", "model.c", "-lm"], cwd=folder, check=True)
    library = ctypes.CDLL(str(folder / "model.so"))
    library.model_dimension.restype = library.model_workspace.restype = ctypes.c_size_t
    library.model_value.restype = library.model_gradient.restype = ctypes.c_double
    return library


def flatten(value):
    return [x for part in value for x in flatten(part)] if isinstance(value, list) else [float(value)]


def same_bits(numbers, others):
    """Whether two lists hold the same doubles; a NaN is as good as any other."""
    return len(numbers) == len(others) and all(
        struct.pack("d", a) == struct.pack("d", float(b)) or math.isnan(a) and math.isnan(float(b))
        for a, b in zip(numbers, others))


def check(gradc, path, folder, flags=FLAGS):
    source = subprocess.run([gradc, "emit", path], capture_output=True, text=True, check=True).stdout
    source = re.sub(r"from \S*\. C99", "from a file. C99", source)
    inputs = inputs_of(source, arrays_of(path))
    if inputs is None:
        return "skipped"
    evaluated = subprocess.run([gradc, "eval", "--json", path], capture_output=True, text=True, check=False)
    if evaluated.returncode not in (0, 3):  # 3: not finite, which is a result
        return evaluated.stderr
    answer = json.loads(evaluated.stdout, parse_int=float)  # -0 is a double too
    library = compiled(source, folder, flags)
    point = [x for value in answer["x"].values() for x in flatten(value)]
    count = library.model_dimension(ctypes.byref(inputs))
    array = ctypes.c_double * max(count, 1)
    size = library.model_workspace(ctypes.byref(inputs))
    work = (ctypes.c_double * (size + 1))(*[GUARD] * (size + 1))
    x, gradient = array(*point), array()
    value = library.model_value(ctypes.byref(inputs), x, work)
    again = library.model_gradient(ctypes.byref(inputs), x, gradient, work)
    expected = [answer["objective"], *answer["gradient"]]
    same = same_bits([value, *gradient][:count + 1], expected) and same_bits([again], expected[:1]) and \
        count == len(point) and work[size] == GUARD
    return "passed" if same else f"{value} {list(gradient)[:3]} for {answer['objective']} {answer['gradient'][:3]}"


def check_all(gradc, paths):
    results = {}
    for path in paths:
        with tempfile.TemporaryDirectory() as folder:
            results[path] = check(gradc, path, pathlib.Path(folder))
    wrong = {path: result for path, result in results.items() if result not in ("passed", "skipped")}
    for path, result in wrong.items():
        print(f"{path}: {result}")
    passed = sum(result == "passed" for result in results.values())
    print(f"{passed} passed, {len(wrong)} failed, {len(results) - passed - len(wrong)} with inputs that are unknown here")
    return 1 if wrong or not passed else 0


def main():
    with tempfile.TemporaryDirectory() as folder:
        return check_all(sys.argv[1], random_programs.files(sys.argv[2:], pathlib.Path(folder)))


if __name__ == "__main__":
    sys.exit(main())
