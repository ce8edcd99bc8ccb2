#!/usr/bin/env python3
"""The cache of compiled code under load: eight processes at once with the same and with different programs, files that are
damaged, shortened or emptied meanwhile. Results are those without a cache, always.
"""
import os
import pathlib
import random
import subprocess
import sys
import tempfile

PROCESSES, ROUNDS = 8, 6


def program(k):
    return f"var x = 0.{k + 1}, y[3] = 0.5\nminimize sum(sin(i*x)*y[j]^{k + 2} for i in 1..20, j in 1..3)\n"


def evaluate(gradc, path, folder, *options):
    return subprocess.Popen([gradc, "eval", "-v", "--json", *options, str(path)], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, env=dict(os.environ, XDG_CACHE_HOME=str(folder)))


def damage(folder, draw):
    """Some of the files there are now."""
    for path in list((folder / "gradc").glob("*")) if (folder / "gradc").is_dir() else []:
        kind = draw.randrange(4)
        try:
            data = bytearray(path.read_bytes())
            if kind == 0 and data:
                data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
            elif kind == 1:
                data = data[:draw.randrange(len(data) + 1)]
            elif kind == 2:
                data = b""
            path.write_bytes(data)
        except FileNotFoundError:
            pass


def main(gradc):
    gradc = os.path.abspath(gradc)
    draw = random.Random(3)
    good = True
    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place, "cache")
        paths = [pathlib.Path(place, f"{k}.grad") for k in range(4)]
        for k, path in enumerate(paths):
            path.write_text(program(k))
        wanted = [evaluate(gradc, path, folder, "--no-cache").communicate()[0] for path in paths]
        if folder.exists() or len(set(wanted)) != len(wanted):
            print("--no-cache keeps code, or the programs are the same")
            good = False
        for turn in range(ROUNDS):
            running = [(k % 4 if turn % 2 else turn % 4, None) for k in range(PROCESSES)]
            running = [(k, evaluate(gradc, paths[k], folder)) for k, _ in running]
            damage(folder, draw)
            for k, process in running:
                out, err = process.communicate()
                if process.returncode != 0 or out != wanted[k] or b"warning" in err:
                    print(f"round {turn}, program {k}: exit {process.returncode}, {out[:300]}, {err[:300]}")
                    good = False
        left = [path.name for path in (folder / "gradc").iterdir()]
        if not left or any(name.startswith("unfinished") for name in left):
            print(f"kept: {left}")
            good = False
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
