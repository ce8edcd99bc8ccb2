"""Emitted C against the command: the same bits of value and gradient, for files whose inputs are numbers.

Usage: emit_test.py GRADC FILE.grad...
"""

import ctypes
import json
import pathlib
import re
import subprocess
import sys
import tempfile

FLAGS = ["-std=c99", "-O2", "-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Werror",
         "-ffp-contract=off", "-shared", "-fPIC"]


def inputs_of(source):
    """The structure of inputs with the values that the comments state; None where there are arrays."""
    body = re.search(r"struct model_inputs \{(.*?)\};", source, re.S).group(1)
    if "*" in re.sub(r"/\*.*?\*/", "", body):
        return None
    fields, values = [], []
    for kind, name, value in re.findall(r"(int64_t|double|int) (\w+); /\* here (\S+) \*/", body):
        fields.append((name, ctypes.c_double if kind == "double" else ctypes.c_int64))
        values.append(float(value) if kind == "double" else int(value))
    structure = type("Inputs", (ctypes.Structure,), {"_fields_": fields or [("unused", ctypes.c_int)]})
    return structure(*values)


def compiled(source, folder):
    (folder / "model.c").write_text(source, encoding="ascii")
    subprocess.run(["gcc", *FLAGS, "-o", "model.so", "model.c", "-lm"], cwd=folder, check=True)
    library = ctypes.CDLL(str(folder / "model.so"))
    library.model_dimension.restype = library.model_workspace.restype = ctypes.c_size_t
    library.model_value.restype = library.model_gradient.restype = ctypes.c_double
    return library


def flatten(value):
    return [x for part in value for x in flatten(part)] if isinstance(value, list) else [float(value)]


def check(gradc, path, folder):
    source = subprocess.run([gradc, "emit", path], capture_output=True, text=True, check=True).stdout
    source = re.sub(r"from \S*\. C99", "from a file. C99", source)
    inputs = inputs_of(source)
    if inputs is None:
        return "skipped"
    answer = json.loads(subprocess.run([gradc, "eval", "--json", path], capture_output=True, text=True,
                                       check=True).stdout)
    library = compiled(source, folder)
    point = [x for value in answer["x"].values() for x in flatten(value)]
    count = library.model_dimension(ctypes.byref(inputs))
    array = ctypes.c_double * max(count, 1)
    work = (ctypes.c_double * (library.model_workspace(ctypes.byref(inputs)) + 1))()
    x, gradient = array(*point), array()
    value = library.model_value(ctypes.byref(inputs), x, work)
    again = library.model_gradient(ctypes.byref(inputs), x, gradient, work)
    same = value == again == answer["objective"] and list(gradient)[:count] == answer["gradient"] and \
        count == len(point)
    return "passed" if same else f"{value} {list(gradient)[:3]} for {answer['objective']} {answer['gradient'][:3]}"


def main():
    results = {}
    for path in sys.argv[2:]:
        with tempfile.TemporaryDirectory() as folder:
            results[path] = check(sys.argv[1], path, pathlib.Path(folder))
    wrong = {path: result for path, result in results.items() if result not in ("passed", "skipped")}
    for path, result in wrong.items():
        print(f"{path}: {result}")
    passed = sum(result == "passed" for result in results.values())
    print(f"{passed} passed, {len(wrong)} failed")
    return 1 if wrong or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
