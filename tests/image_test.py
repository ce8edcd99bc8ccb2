#!/usr/bin/env python3
"""The linker of kept code, by itself: objects of this machine and of ARM in 64 bits, which qemu imitates, made by clang and by
gcc at several levels, run to the results of the same sources linked as usual.

ARM needs gcc-aarch64-linux-gnu, libc6-dev-arm64-cross and qemu-user. What is missing is left out, and said.
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
LINKER = [ROOT / "src" / path for path in ("jit/image.c", "jit/relocate.c", "support/vec.c")]

FIRST = r"""
#include <math.h>
#include <string.h>
double helper(double x, int k);
extern double shared[4];
static const double table[] = {1.5, -2.25, 1e300, 0x1p-1070};
static double (*const functions[])(double) = {sin, exp, cos};
static double sums[70000];
static float singles[9] = {1.25f, 2.5f};
static short shorts[40] = {7, 8, 9};
static signed char bytes[50] = {1, -2, 3};
double kernel(double x, int n) {
    double sum = 0.1234567890123 * x, copy[300];
    memset(sums, 0, sizeof sums);
    for (int k = 0; k < n; k++) {
        copy[k % 300] = table[k % 4] * x;
        sums[k * 97 % 70000] += functions[k % 3](x + k) + copy[k % 300];
        shared[k % 4] += singles[k % 9] + shorts[k % 40] + bytes[k % 50];
        sum += helper(sums[k * 97 % 70000], k) + tgamma(1 + x * x / (k + 1));
    }
    return sum + shared[0] - shared[3];
}
"""
SECOND = r"""
#include <math.h>
double kernel(double x, int n);
double shared[4] = {0.5, 0.25, 3, 4};
double helper(double x, int k) {
    switch (k % 7) {
    case 0: return sin(x) * 3.0000000001;
    case 1: return x * 2 + 17.75;
    case 2: return fmin(x, 100);
    case 3: return k > 40 ? 0.5 : kernel(0.5, 3) * 1e-3;
    case 4: return sqrt(fabs(x)) / 7;
    case 5: return exp(-x * x);
    default: return shared[k % 4];
    }
}
"""
MAIN = r"""
#include "jit/image.h"
#include "jit/symbols.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
uintptr_t symbol_address(const char *name) {
    static const struct { const char *name; uintptr_t address; } known[] = {
        {"sin", (uintptr_t)sin}, {"cos", (uintptr_t)cos}, {"exp", (uintptr_t)exp}, {"tgamma", (uintptr_t)tgamma},
        {"fmin", (uintptr_t)fmin}, {"sqrt", (uintptr_t)sqrt}, {"memset", (uintptr_t)memset}, {"sincos", 0}};
    for (size_t k = 0; k < sizeof known / sizeof *known; k++)
        if (strcmp(known[k].name, name) == 0) return known[k].address;
    return 0;
}
double kernel(double x, int n);
static struct image_object take(const char *path) {
    FILE *file = fopen(path, "rb");
    unsigned char *bytes = malloc(1 << 20);
    return (struct image_object){bytes, fread(bytes, 1, 1 << 20, file)};
}
int main(int argc, char **argv) {
    struct image_object objects[2] = {take(argv[1]), take(argv[2])};
    struct image *image = image_link(objects, 2);
    if (!image) return puts("refused"), 2;
    double (*linked)(double, int) = (double (*)(double, int))image_symbol(image, "kernel");
    if (!linked || image_symbol(image, "nothing")) return puts("symbols"), 3;
    for (int n = 0; n < 60; n++) {
        double a = linked(0.3 + n, n), b = kernel(0.3 + n, n);
        if (memcmp(&a, &b, sizeof a) != 0) return printf("%d: %a, %a\n", n, a, b), 1;
    }
    image_free(image);
    if (image_link(objects, 1)) return puts("a symbol is missing, and nobody notices"), 4;
    return (void)argc, 0;
}
"""
COMMON = ["-fPIC", "-ffp-contract=off", "-fno-builtin-sincos", "-fno-math-errno"]


def machines():
    yield "here", ["gcc"], ["clang"], []
    arm = "aarch64-linux-gnu-gcc"
    if shutil.which(arm) and shutil.which("qemu-aarch64"):
        yield "ARM", [arm, "-static"], ["clang", "--target=aarch64-linux-gnu", "-I/usr/aarch64-linux-gnu/include"], ["qemu-aarch64"]
    else:
        print("not tried on ARM: gcc-aarch64-linux-gnu or qemu-aarch64 is not installed")


def call(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else f"{command[0]}: {done.returncode} {done.stdout} {done.stderr}"[:1500]


def check(folder, link, compiler, level, runner):
    flags = [*COMMON, level]
    objects = [folder / "first.o", folder / "second.o"]
    for source, target in zip(("first.c", "second.c"), objects):
        wrong = call(*compiler, *flags, "-c", folder / source, "-o", target)
        if wrong:
            return wrong
    program = folder / "program"
    wrong = call(*link, "-std=c17", "-D_XOPEN_SOURCE=700", "-O1", f"-I{ROOT / 'src'}", "-o", program, folder / "main.c", *LINKER,
                 *objects, "-lm")
    return wrong or call(*runner, program, *objects)


def main():
    failed = tried = 0
    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place)
        for name, text in (("first.c", FIRST), ("second.c", SECOND), ("main.c", MAIN)):
            (folder / name).write_text(text)
        for machine, link, clang, runner in machines():
            for compiler in ([clang] if shutil.which("clang") else []) + [[part for part in link if part != "-static"]]:
                for level in ("-O0", "-O2", "-O3"):
                    wrong = check(folder, link, compiler, level, runner)
                    tried += 1
                    failed += bool(wrong)
                    if wrong:
                        print(f"{machine}, {' '.join(compiler)} {level}: {wrong}")
    print(f"{tried - failed} passed, {failed} failed")
    return 1 if failed or not tried else 0


if __name__ == "__main__":
    sys.exit(main())
