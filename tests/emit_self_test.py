"""Emitted self-tests: they pass here, on an ARM processor that qemu imitates, and after --freeze and --float; a wrong
figure is found; they compile for a Cortex-M4 without an operating system.

Usage: emit_self_test.py GRADC FILE.grad...

ARM needs gcc-arm-linux-gnueabihf, libc6-dev-armhf-cross and qemu-user; Cortex-M4 gcc-arm-none-eabi and
libnewlib-arm-none-eabi. What is missing is left out, and said.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wdouble-promotion", "-Wshadow", "-Wcast-qual", "-Werror"]
HERE = ["gcc", "-std=c99", "-O2", *WARNINGS]
ARM = ["arm-linux-gnueabihf-gcc", "-std=c99", "-O2", "-static", *WARNINGS]
CORTEX = ["arm-none-eabi-gcc", "-std=c99", "-Os", "-ffreestanding", "-mcpu=cortex-m4", "-mthumb", "-mfloat-abi=hard",
          "-mfpu=fpv4-sp-d16", *WARNINGS]
VARIANTS = [[], ["--float"], ["--freeze"], ["--freeze", "--float"]]


def emit(gradc, path, target, options):
    for what in ("value,gradient,hessian,hvp,jacobian,lagrangian", "value,gradient,hessian,hvp,jacobian",
                 "value,gradient,hessian,hvp"):
        command = [gradc, "emit", path, "--main", "--what", what, *options, "-o", target]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return ""
    return f"{path} {options}: {done.stderr}"


def build(compiler, source, program, *libraries):
    done = subprocess.run([*compiler, "-o", program, source, *libraries], capture_output=True, text=True, check=False)
    return done.stderr[:2000] if done.returncode else ""


def run(*command):
    """What is wrong with a self-test: "" where all of its figures, and at least one, are right."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    counts = re.search(r"^(\d+) passed, (\d+) failed$", done.stdout, re.M)
    good = counts and counts[1] != "0" and counts[2] == "0" and done.returncode == 0
    return "" if good else done.stdout[-600:] or f"status {done.returncode}"


def notices(source, function, folder):
    """Whether a figure that is wrong makes the test fail."""
    text = source.read_text(encoding="utf-8")
    at = text.index("expected[", text.index(f"_test_{function}("))
    wrong = text[:at] + re.sub(r"\{(-?\d)", r"{1\1", text[at:], count=1)
    spoilt = folder / "spoilt.c"
    spoilt.write_text(wrong, encoding="utf-8")
    return wrong != text and not build(HERE, spoilt, folder / "spoilt", "-lm") and run(folder / "spoilt") != ""


def check(gradc, path, folder, tools):
    for variant, options in enumerate(VARIANTS):
        source = folder / f"m{variant}.c"
        wrong = emit(gradc, path, source, options)
        yield f"{path} {options}", wrong
        if wrong:
            return
        yield f"{path} {options}, gcc", build(HERE, source, folder / "here", "-lm") or run(folder / "here")
        if "arm" in tools and variant < 2:
            yield f"{path} {options}, ARM", build(ARM, source, folder / "arm", "-lm") or run("qemu-arm", folder / "arm")
        if "cortex" in tools and "--float" in options:
            yield f"{path} {options}, Cortex-M4", build([*CORTEX, "-c"], source, folder / "cortex.o")
    for function in re.findall(r"^static void \w+_test_(\w+)\(", (folder / "m0.c").read_text(encoding="utf-8"), re.M):
        yield f"{path}: a wrong figure of {function}", "" if notices(folder / "m0.c", function, folder) else "is not noticed"


def main(gradc, paths):
    tools = set()
    if shutil.which(ARM[0]) and shutil.which("qemu-arm"):
        tools.add("arm")
    if shutil.which(CORTEX[0]):
        tools.add("cortex")
    for tool in sorted({"arm", "cortex"} - tools):
        print(f"not tried on {tool}: its compiler or qemu-arm is not installed")
    passed = failed = 0
    for path in paths:
        with tempfile.TemporaryDirectory() as folder:
            for what, wrong in check(os.path.abspath(gradc), path, pathlib.Path(folder), tools):
                passed += not wrong
                failed += bool(wrong)
                if wrong:
                    print(f"{what}: {wrong}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
