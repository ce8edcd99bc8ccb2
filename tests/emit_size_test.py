"""Emitted C does not know how much data there is: only comments and constants that tell the sizes change with them.

Usage: emit_size_test.py GRADC FOLDER-OF-MODELS ROSENBROCK
"""

import pathlib
import re
import subprocess
import sys
import tempfile


def emit(gradc, path, options):
    command = [gradc, "emit", path, "--what", "value,gradient,hvp,hessian", *options]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return re.sub(r"here -?[\d.e]+|\d+ numbers? here", "here", text)


def larger_table(path, folder):
    """The same table ten times over."""
    lines = path.read_text(encoding="utf-8").splitlines()
    target = folder / "larger.csv"
    target.write_text("\n".join(lines[:1] + 10 * lines[1:]) + "\n", encoding="utf-8")
    return target


def main(gradc, models, rosenbrock):
    models, wrong, count = pathlib.Path(models), 0, 0
    with tempfile.TemporaryDirectory() as folder:
        seen = larger_table(models / "bundle.csv", pathlib.Path(folder))
        cases = [(rosenbrock, ["-D", "n=1000"]), (models / "gmm.grad", ["-D", "n=40", "-D", "d=5", "-D", "k=7"]),
                 (models / "hmm_forward.grad", ["-D", "T=300", "-D", "states=9"]),
                 (models / "lstm.grad", ["-D", "T=90", "-D", "width=5"]),
                 (models / "bundle.grad", ["--data", f"seen={seen}"])]
        for path, options in cases:
            small, large = emit(gradc, path, []), emit(gradc, path, options)
            count += 1
            wrong += small != large
            if small != large:
                print(f"{path}: {len(small)} characters become {len(large)} with {' '.join(options)}")
    print(f"{count - wrong} passed, {wrong} failed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
