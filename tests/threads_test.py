"""Builds the library and tests/threads with ThreadSanitizer and runs it: threads that do everything at the same time must
share nothing.

What is not compiled here (LLVM, MPFR, Ipopt, ...) is not instrumented: the sanitizer does not see what it synchronises by, so
calls of its own that it makes of the C library are left out (ignore_noninstrumented_modules). All of gradc is seen, but for
the machine code that it makes, whose results the program compares. The program has to call every public function.

Usage: threads_test.py BUILD SOURCE COMPILER
"""

import os
import pathlib
import platform
import re
import subprocess
import sys
import tempfile

RACE = """
#include <pthread.h>
static int shared;
static void *add(void *data) { shared++; return data; }
int main(void) {
    pthread_t thread;
    if (pthread_create(&thread, 0, add, 0)) return 1;
    shared++;
    return pthread_join(thread, 0);
}
"""
FOUND = 66  # the exit status after a race
OPTIONS = f"ignore_noninstrumented_modules=1:exitcode={FOUND}"


def run(command, timeout=800):
    environment = dict(os.environ, TSAN_OPTIONS=OPTIONS)
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=timeout, env=environment)


def way_to_run(compiler, folder):
    """The words before a program with the sanitizer: some kernels scatter memory more than it can bear. None where it does
    not find a race that is there."""
    source, program = folder / "race.c", folder / "race"
    source.write_text(RACE, "ascii")
    if run([compiler, "-g", "-fsanitize=thread", "-o", program, source]).returncode:
        return None
    for words in [[], ["setarch", platform.machine(), "-R"]]:
        if run([*words, program], 60).returncode == FOUND:
            return words
    return None


def left_out(source):
    """Public functions that the program does not call."""
    def named(pattern, paths):
        texts = (re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.S) for path in paths)
        return {name for text in texts for name in re.findall(pattern, text, re.M)}
    declared = named(r"^(?!typedef)[a-z][\w ]*[ *](gradc_\w+)\(", source.glob("include/gradc/*.h"))
    return sorted(declared - named(r"\b(gradc_\w+)\(", source.glob("tests/threads/*.c"))) if declared else ["anything"]


def main(build, source, compiler):
    forgotten = left_out(pathlib.Path(source))
    if forgotten:
        print("tests/threads does not call", *forgotten)
        print("0 passed, 1 failed")
        return 1
    nested = pathlib.Path(build) / "thread-sanitizer"
    # Where the compiler has another name than before, CMake would forget what else it is told.
    (nested / "CMakeCache.txt").unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        words = way_to_run(compiler, pathlib.Path(folder))
    if words is None:
        print("ThreadSanitizer does not work here: skipped")
        return 77
    for command in [["cmake", "-G", "Ninja", "-S", source, "-B", nested, f"-DCMAKE_C_COMPILER={compiler}", "-DCMAKE_BUILD_TYPE=None",
                     "-DCMAKE_C_FLAGS=-O1", "-DGRADC_SANITIZE=thread", "-DGRADC_BENCH=OFF"],
                    ["ninja", "-C", nested, "--quiet", "threads"], [*words, nested / "bin/threads", "3"]]:
        done = run(command)
        if done.returncode:
            print((done.stdout + done.stderr)[:6000])
            print("0 passed, 1 failed")
            return 1
    print(done.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
