"""Emitted C is clean: no warning from gcc, clang and g++, in any variant, and none from clang-tidy and cppcheck; no
line over 120 characters; the same bytes from run to run, in other locales and at other addresses.

Usage: emit_lint_test.py GRADC FILE.grad...
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wdouble-promotion", "-Wshadow", "-Wcast-qual", "-Werror"]
COMPILERS = [
    ["gcc", "-std=c99", "-O2", "-S", "-o", os.devnull],
    ["gcc", "-std=c17", "-fsyntax-only"],
    ["clang", "-std=c99", "-fsyntax-only"],
    ["clang", "-std=c17", "-fsyntax-only"],
    ["g++", "-x", "c++", "-std=c++17", "-fsyntax-only"],
]
# Float comparisons, parameters of one type and short names are what formulas are made of.
TIDY = "bugprone-*,clang-analyzer-*,misc-*,performance-*,portability-*,readability-misleading-indentation," \
       "-bugprone-easily-swappable-parameters,-bugprone-narrowing-conversions"
VARIANTS = [[], ["--float"], ["--freeze"], ["--freeze", "--float"], ["--main"], ["--main", "--float", "--freeze"]]
WHAT = "value,gradient,hessian,hvp"


def emit(gradc, path, output, options, environment=None, wrapper=()):
    """Emits everything that the model has; whether that worked."""
    for what in (WHAT + ",jacobian,lagrangian", WHAT + ",jacobian", WHAT):
        command = [*wrapper, gradc, "emit", path, "--what", what, *options, "-o", output]
        if subprocess.run(command, env=environment, capture_output=True, check=False).returncode == 0:
            return True
    return False


def run(command, folder):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    output = (done.stdout + done.stderr).strip()
    return "" if done.returncode == 0 else f"{' '.join(command[:4])}: {output or done.returncode}"


def tools(names):
    """What the analysers say about files; a missing tool is told and says nothing."""
    if shutil.which("clang-tidy"):
        yield ["clang-tidy", "--quiet", f"-checks=-*,{TIDY}", "--warnings-as-errors=*", *names, "--", "-std=c99"]
    if shutil.which("cppcheck"):
        yield ["cppcheck", "--quiet", "--std=c99", "--enable=warning,performance,portability", "--error-exitcode=1",
               "--inline-suppr", *names]


def check_lines(folder):
    return [f"{path.name}:{number}: {len(line)} characters" for path in sorted(folder.glob("*.[ch]"))
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if len(line) > 120]


def check_compilers(gradc, paths, folder):
    wrong, names = [], []
    for number, path in enumerate(paths):
        for variant, options in enumerate(VARIANTS):
            name = f"m{number}_{variant}.c"
            if not emit(gradc, path, folder / name, options):
                wrong.append(f"{path}: cannot be emitted with {options}")
            names.append(name)
    for compiler in COMPILERS:
        wrong += [run([*compiler, *WARNINGS, name], folder) for name in names]
    return wrong, names


def check_bytes(gradc, path, folder):
    """One file again and again: what it must not depend on changes."""
    def text(number, environment, wrapper):
        output = folder / f"same{number}.c"
        (folder / f"in{number}").mkdir()
        target = folder / f"in{number}" / "same.c"
        emit(gradc, path, target, [], {**os.environ, **environment}, wrapper)
        content = target.read_text(encoding="utf-8") + (target.parent / "same.h").read_text(encoding="utf-8")
        output.write_text(content, encoding="utf-8")
        return content

    fixed = ["setarch", "-R"] if shutil.which("setarch") else []
    texts = {text(0, {}, ()), text(1, {}, ()), text(2, {"LC_ALL": "de_DE.UTF-8", "LANG": "de_DE.UTF-8"}, ()),
             text(3, {"LC_ALL": "C", "TZ": "Asia/Tokyo"}, ()), text(4, {"MALLOC_PERTURB_": "85"}, fixed)}
    return [] if len(texts) == 1 else [f"{path}: {len(texts)} different texts"]


def main(gradc, paths):
    gradc = os.path.abspath(gradc)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        wrong, names = check_compilers(gradc, paths, folder)
        for command in tools([n for n in names if n.endswith(("_0.c", "_3.c"))]):
            wrong.append(run(command, folder))
        wrong += check_lines(folder)
        for path in paths[:4]:
            with tempfile.TemporaryDirectory() as other:
                wrong += check_bytes(gradc, path, pathlib.Path(other))
    for tool in ("clang-tidy", "cppcheck"):
        if not shutil.which(tool):
            print(f"{tool} is not installed: not asked")
    wrong = [w for w in wrong if w]
    print("\n".join(wrong[:20]))
    print(f"{len(names)} files, {len(wrong)} complaints")
    return 1 if wrong or not names else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
