"""Random programs as files, for the tests that take files."""

import os
import pathlib
import subprocess


def draw(differential, first, count, folder):
    for seed in range(first, first + count):
        path = folder / f"seed-{seed}.grad"
        path.write_text(subprocess.run([differential, "-s", str(seed)], capture_output=True, text=True,
                                       check=True).stdout, encoding="utf-8")
        yield path


def files(arguments, folder):
    """The files that a test is given: FILE..., or --random DIFFERENTIAL FIRST COUNT, drawn into the folder."""
    if arguments[0] != "--random":
        return map(pathlib.Path, arguments)
    scale = int(os.environ.get("GRADC_TEST_SCALE", "100"))
    return draw(arguments[1], int(arguments[2]), max(1, int(arguments[3]) * scale // 100), folder)
