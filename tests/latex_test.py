"""What `diff --format latex` prints is accepted by LaTeX: formulas of first and second order of files, and the
golden cases; those of first order of the examples stay within the lines of a page.

Usage: latex_test.py GRADC FILE.grad... FILE.case...
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
PAGE = r"\documentclass{article}\usepackage{amsmath}\allowdisplaybreaks\textwidth=455pt\begin{document}" + "\n"
PROBLEM = re.compile(r"^(?:! .*|.*[Mm]issing character.*)$", re.MULTILINE)
TOO_WIDE = re.compile(r"^Overfull \\hbox.*$", re.MULTILINE)


def formulas(gradc, path, order):
    done = subprocess.run([gradc, "diff", path, "--order", order, "--format", "latex"], capture_output=True, text=True,
                          check=False, timeout=120)
    return done.stdout if done.returncode == 0 else f"\\failed: {done.stderr[:400]}"


def blessed(path):
    """The blocks of a golden case, in which a line's first backslash is doubled."""
    lines = [re.sub(r"^\\\\", r"\\", line) for line in path.read_text(encoding="utf-8").splitlines()]
    return re.findall(r"^\\begin\{align\*\}$.*?^\\end\{align\*\}$", "\n".join(lines), re.MULTILINE | re.DOTALL)


def typeset(text, folder):
    (folder / "page.tex").write_text(PAGE + text + "\n\\end{document}\n", encoding="utf-8")
    done = subprocess.run(["pdflatex", "-draftmode", "-interaction=nonstopmode", "page"], cwd=folder, check=False,
                          capture_output=True, timeout=120)
    return done.returncode, done.stdout.decode("utf-8", "replace")


def check(name, text, folder, within_lines):
    status, log = typeset(text, folder)
    problems = PROBLEM.findall(log) + (TOO_WIDE.findall(log) if within_lines else [])
    if status == 0 and not problems:
        return True
    print(f"{name}: pdflatex ends with {status}: {problems[:3]}\n{text[:600]}")
    return False


def main(gradc, files):
    if not shutil.which("pdflatex"):
        print("skipped: there is no pdflatex (Debian package texlive-latex-base)")
        return SKIPPED
    failed = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for path in map(pathlib.Path, files):
            if path.suffix == ".case":
                found = blessed(path)
                failed += not found or not check(path.name, "\n".join(found), folder, False)
                continue
            for order in "12":
                within = order == "1" and path.parent.name == "examples"
                failed += not check(f"{path.name}, order {order}", formulas(gradc, path, order), folder, within)
    print(f"{len(files)} files, {failed} failed")
    return 1 if failed or not files else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
