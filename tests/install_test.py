"""Installs gradc into a scratch folder, looks at what is there, and builds programs against it: a project of its own by
find_package, and programs by pkg-config, each with the shared and the static library.

Usage: install_test.py BUILD SOURCE [SANITIZERS]
"""

import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

EXPECTED = "f(2) = -6, df/dx = -4, minimum converged at 2.250000, emitted, 23, 0 messages\n"
EXPECTED_PLUSPLUS = "f(0) = 1, df/dx = -1\n"
# What a library must not do by itself: print, end the process, read the environment, change the locale.
FORBIDDEN = {
    "printf", "vprintf", "fprintf", "vfprintf", "puts", "fputs", "putchar", "putc", "fputc", "fwrite", "perror", "psignal",
    "exit", "_exit", "_Exit", "quick_exit", "abort", "__assert_fail", "raise", "kill", "getenv", "secure_getenv", "environ",
    "setenv", "putenv", "setlocale", "uselocale", "stderr", "stdout", "signal", "sigaction", "system", "fork", "srand", "rand",
}
# Generated scanners name the stream to which they would copy what no rule matches; here a rule matches everything.
EXCEPTED = {"stdout"}


EXAMPLES = {
    "text.c": "at the start f = 24.2, gradient (-215.6, -88.0)\niteration 0: f = 2.960e+01\niteration 10: ",
    "built.c": "param t[1000]\nparam y[1000]\nvar amount = 100\nvar rate in [0, inf] = 1\n"
               "residual misfit: y[i] - amount*exp(-rate*t[i]) for i in 1..1000\nconverged: amount = 449.99, rate = 0.3000\n",
    "threads.c": "both threads found the same, downhill to ",
}

ENDS = {"text.c": "iterations at x = 2.000000, y = 4.000000\n", "threads.c": "downhill to 2660.141\n"}

# Names that the linker defines, and shows where it links libraries that ask for them.
OF_THE_LINKER = {"__bss_start", "_edata", "_end"}

# What is kept between calls: libraries that are loaded once, the lock before one of them, the guard of a thread.
GLOBAL = {
    "llvm", "lapack", "ipopt", "nlopt", "loaded", "targets_loaded", "installed", "has_llvm", "has_lapack", "has_ipopt",
    "has_nlopt", "has_sleef", "has_mvec", "addresses", "sine_and_cosine_addresses", "one_at_a_time", "current",
}


class Failure(Exception):
    pass


def run(*command, **options):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, check=False, timeout=500, **options)
    if done.returncode:
        raise Failure(f"{' '.join(str(c) for c in command)}: status {done.returncode}\n{(done.stdout + done.stderr)[-3000:]}")
    return done.stdout


def same(found, expected, what):
    if found != expected:
        raise Failure(f"{what}: expected {expected}, found {found}")


class Installation:
    def __init__(self, build, source, sanitizers, scratch):
        self.build, self.source, self.scratch = build, source, scratch
        self.flags = [f"-fsanitize={sanitizers}"] if sanitizers else []
        self.prefix = scratch / "a prefix"
        run("cmake", "--install", build, "--prefix", self.prefix)
        self.libraries = next(self.prefix.glob("**/libgradc.so")).parent
        self.environment = dict(os.environ, PKG_CONFIG_PATH=str(self.libraries / "pkgconfig"))

    def names(self, *command):
        """The symbols that nm lists."""
        lines = run("nm", *command).splitlines()
        return {line.split()[-1].split("@")[0] for line in lines if len(line.split()) > 1}

    def declared(self):
        """The functions of the public headers."""
        names = set()
        for header in (self.prefix / "include/gradc").glob("*.h"):
            text = re.sub(r"/\*.*?\*/", " ", header.read_text(encoding="ascii"), flags=re.S)
            text = re.sub(r"^#.*$", "", text, flags=re.M)
            names |= set(re.findall(r"\b(gradc_\w+)\s*\([^;{}]*\)\s*;", text)) - {"gradc_kernel"}
        return names

    def compile(self, package, *sources):
        flags = shlex.split(run("pkg-config", "--cflags", "--libs", package, env=self.environment))
        program = self.scratch / "program"
        run("cc", "-std=c99", "-Wall", "-Wextra", "-Werror", *self.flags, "-o", program, *sources, *flags, "-lm", "-pthread")
        environment = dict(os.environ, LD_LIBRARY_PATH=str(self.libraries))
        return run(program, env=environment, cwd=self.scratch)


def test_symbols(at):
    declared = at.declared()
    if len(declared) < 50:
        raise Failure(f"only {len(declared)} declarations were found")
    for found, what in [(at.names("-D", "--defined-only", at.libraries / "libgradc.so"), "libgradc.so"),
                        (at.names("-g", "--defined-only", at.libraries / "libgradc.a"), "libgradc.a")]:
        found = {name for name in found if not name.startswith(("__asan_", "__odr_asan", "asan."))}
        same(sorted(found - declared - OF_THE_LINKER), [], f"{what} shows what no public header declares")
        same(sorted(declared - found), [], f"{what} lacks what a public header declares")


def test_manners(at):
    if at.flags or "CMAKE_BUILD_TYPE:STRING=Debug" in (at.build / "CMakeCache.txt").read_text("utf-8"):
        return  # without optimisation the generated scanner keeps a function that nobody calls
    for library in ["libgradc.so", "libgradc.a"]:
        flags = ["-D"] if library.endswith("so") else []
        used = at.names(*flags, "--undefined-only", at.libraries / library)
        if not {"malloc", "pow"} <= used:
            raise Failure(f"{library}: nm names no functions that are called")
        same(sorted((used & FORBIDDEN) - EXCEPTED), [], f"{library} uses what a library must not")


def test_command(at):
    """The command calls nothing of the library but what the public headers declare."""
    command = at.build / "src/libgradc_cli.a"
    used = at.names("--undefined-only", command) - at.names("--defined-only", command)
    inside = at.names("--defined-only", at.build / "gradc_whole.o")
    if "gradc_evaluate" not in used & inside:
        raise Failure("nm does not name what the command calls")
    same(sorted(used & inside - at.declared()), [], "what the command uses of the inside of the library")


def test_global_state(at):
    if at.flags:
        return  # sanitizers have variables of their own
    lines = [line.split() for line in run("objdump", "-t", at.libraries / "libgradc.a").splitlines()]
    found = {line[-1] for line in lines if len(line) > 4 and line[-3] in {".data", ".bss", ".tdata", ".tbss", "*COM*"}}
    found |= {line[-1] for line in lines if len(line) > 4 and line[-4] in {".data", ".bss", ".tdata", ".tbss", "*COM*"}}
    found -= {".data", ".bss", ".tdata", ".tbss"}
    if "loaded" not in found:
        raise Failure("objdump names no variables")
    same(sorted(found - GLOBAL), [], "variables that are kept between calls")


def test_dynamic_section(at):
    text = run("readelf", "-d", at.libraries / "libgradc.so")
    same(re.findall(r"SONAME.*\[(.*)\]", text), ["libgradc.so.0"], "soname")
    needed = " ".join(re.findall(r"NEEDED.*\[(.*)\]", text))
    if "GRADC_LAZY:BOOL=OFF" in (at.build / "CMakeCache.txt").read_text("utf-8"):
        return
    for late in ["LLVM", "lapack", "ipopt", "nlopt"]:
        if late in needed:
            raise Failure(f"{late} is loaded with the library, not when it is needed: {needed}")


def test_find_package(at):
    folder = at.scratch / "outside"
    flags = " ".join(at.flags)
    run("cmake", "-G", "Ninja", "-S", at.source / "tests/outside", "-B", folder, f"-DCMAKE_PREFIX_PATH={at.prefix}", f"-DCMAKE_C_FLAGS={flags}",
        f"-DCMAKE_CXX_FLAGS={flags}", "-DCMAKE_BUILD_TYPE=Release")
    run("cmake", "--build", folder)
    for program, expected in [("shared", EXPECTED), ("static", EXPECTED), ("plusplus", EXPECTED_PLUSPLUS)]:
        same(run(folder / program), expected, program)


def test_versions(at):
    """A project that asks for a later version is told."""
    folder = at.scratch / "later"
    folder.mkdir()
    (folder / "CMakeLists.txt").write_text("cmake_minimum_required(VERSION 3.13)\nproject(later C)\n"
                                           "find_package(gradc 0.2 QUIET)\nmessage(STATUS \"found ${gradc_FOUND}\")\n", "ascii")
    if "found 0" not in run("cmake", "-G", "Ninja", "-S", folder, "-B", folder / "build", f"-DCMAKE_PREFIX_PATH={at.prefix}"):
        raise Failure("version 0.2 was found")


def test_pkg_config(at):
    version = run("pkg-config", "--modversion", "gradc", env=at.environment).strip()
    for package in ["gradc", "gradc-static"]:
        same(at.compile(package, at.source / "tests/outside/main.c"), EXPECTED, package)
    same(run(at.prefix / "bin/gradc", "--version").split()[1], version, "the version of the command")


def test_examples(at):
    """Each is short, and does what it says."""
    folder = at.source / "examples/library"
    same(sorted(EXAMPLES), sorted(p.name for p in folder.glob("*.c")), "the examples that are known here")
    for name, expected in EXAMPLES.items():
        if len((folder / name).read_text("ascii").splitlines()) >= 60:
            raise Failure(f"{name}: 60 lines or more")
        said = at.compile("gradc", folder / name)
        if not said.startswith(expected) or not said.endswith(ENDS.get(name, "\n")):
            raise Failure(f"{name}: {said}")


def main(build, source, sanitizers=""):
    tests = [test for name, test in globals().items() if name.startswith("test_")]
    failed = 0
    with tempfile.TemporaryDirectory() as scratch:
        at = Installation(pathlib.Path(build), pathlib.Path(source), sanitizers, pathlib.Path(scratch))
        for test in tests:
            try:
                test(at)
            except Failure as failure:
                failed += 1
                print(f"{test.__name__}: {failure}")
    print(f"{len(tests) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
