"""What the contestants in Python share: inputs, and the questions of bench/run (see contest.h)."""

import sys
import time

import numpy as np


def lattice(count, factor, scale=1.0, shift=0.0):
    return scale * ((np.arange(1, count + 1, dtype=np.int64) * factor % 65537) / 65537.0) + shift


def sizes():
    return {name: int(value) for name, _, value in (argument.partition("=") for argument in sys.argv[2:])}


def skip(reason):
    print(f"skip {reason}", flush=True)
    sys.exit(0)


def mixture_inputs(d, components, rows):
    triangle = d * (d - 1) // 2
    lower = np.array([[(k * d * d + e + 1) * 7001 % 65537 / 65537 - 0.5 for e in range(triangle)]
                      for k in range(components)]).reshape(components, triangle)
    return (lattice(components, 4241, 1, -0.5), lattice(components * d, 5003, 1, -0.5).reshape(components, d),
            lattice(components * d, 6007, 1, -0.5).reshape(components, d), lower,
            lattice(rows * d, 7919, 2, -1).reshape(rows, d))


def fit_inputs(m):
    t = lattice(m, 7919, 1000)
    return t, 238.9 * (1 - np.exp(-5.5e-4 * t)) + lattice(m, 5003, 1, -0.5)


def markov_inputs(T, S=16, O=8):
    return (lattice(S, 4241, 1 / S, 0.5 / S), lattice(S * S, 5003, 1 / S, 0.5 / S).reshape(S, S),
            lattice(O * S, 6007, 1 / O, 0.5 / O).reshape(O, S), np.arange(1, T + 1) * 7919 % 65537 % O)


def logistic_inputs(m, k=20):
    side = np.where(np.arange(1, m + 1) * 5003 % 65537 > 32768, 1.0, -1.0)
    return lattice(k, 4241, 1, -0.5), lattice(m * k, 7919, 2, -1).reshape(m, k), side


def serve(value, derivative, numbers, preparation):
    """value() and derivative() evaluate; numbers() gives what the last derivative() left as doubles."""
    print(f"ready {preparation:.9g}", flush=True)
    for line in sys.stdin:
        word = line.split()
        if word[0] == "quit":
            break
        if word[0] == "check":
            derivative()
            np.asarray(numbers(), dtype=np.float64).tofile(word[1])
            print("checked", np.size(numbers()), flush=True)
        elif word[0] == "time":
            run = value if word[1] == "value" else derivative
            begin = time.process_time()
            for _ in range(int(word[2])):
                run()
            print(f"took {time.process_time() - begin:.9g}", flush=True)
