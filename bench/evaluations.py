"""How many evaluations it takes to reach the minima of the 42 More-Garbow-Hillstrom instances, against NLopt's LBFGS and
SciPy's L-BFGS-B and trust-exact, all on the same functions: those that `gradc emit` writes.

Usage: /usr/bin/python3 bench/evaluations.py build/bin/gradc

It takes Debian's packages python3-scipy and libnlopt0, and gcc. A value counts 1, a gradient 1, a Hessian or a Jacobian as
many as there are unknowns. The peers are stopped, and counted, where they first come within 1e-8 of a published minimum;
gradc is counted to the end of its run, with the options nobody gave.
"""

import csv
import ctypes
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy
from scipy import optimize

ROOT = pathlib.Path(__file__).resolve().parents[1]
MGH = ROOT / "tests" / "mgh"
sys.path.insert(0, str(MGH))
sys.path.insert(0, str(MGH.parent))
import run_check

MOST = 20000  # evaluations; so many are given up
NUMBERS = ctypes.POINTER(ctypes.c_double)


class Reached(Exception):
    """A peer has come to a minimum."""


class Spent(Exception):
    """A peer has had all evaluations there are."""


class Function:
    """The emitted value and gradient of a model, counted."""

    def __init__(self, gradc, path, folder, minima):
        source, library = folder / f"{path.stem}.c", folder / f"{path.stem}.so"
        subprocess.run([gradc, "emit", "--freeze", path, "-o", source], check=True)
        subprocess.run(["gcc", "-O2", "-shared", "-fPIC", "-o", library, source, "-lm"], check=True)
        self.code = ctypes.CDLL(str(library))
        self.code.model_gradient.restype = ctypes.c_double
        self.code.model_dimension.restype = self.code.model_workspace.restype = ctypes.c_size_t
        self.n = self.code.model_dimension()
        self.workspace = numpy.zeros(self.code.model_workspace() + 1)
        self.minima = minima
        self.count = 0

    def evaluate(self, x):
        point, gradient = numpy.ascontiguousarray(x, dtype=float), numpy.zeros(self.n)
        arrays = [point, gradient, self.workspace] if self.code.model_workspace() else [point, gradient]
        value = self.code.model_gradient(*[array.ctypes.data_as(NUMBERS) for array in arrays])
        return value, gradient

    def counted(self, x):
        value, gradient = self.evaluate(x)
        self.count += 2
        if any(run_check.reaches(value, *minimum) for minimum in self.minima):
            raise Reached
        if self.count > MOST:
            raise Spent
        return value, gradient

    def hessian(self, x):
        """By central differences of the gradient: what it costs is not counted, but as an exact one."""
        columns = []
        for j in range(self.n):
            step = numpy.zeros(self.n)
            step[j] = 6e-6 * max(1, abs(x[j]))
            columns.append((self.evaluate(x + step)[1] - self.evaluate(x - step)[1]) / (2 * step[j]))
        self.count += self.n
        matrix = numpy.array(columns)
        return (matrix + matrix.T) / 2


def run_scipy(method, options, needs_hessian):
    def run(function, start):
        extra = {"hess": function.hessian} if needs_hessian else {}
        optimize.minimize(function.counted, start, jac=True, method=method, options=options, **extra)

    return run


def nlopt_lbfgs(function, start):
    """Through the C interface, so that no further package is needed."""
    nlopt = ctypes.CDLL("libnlopt.so.0")
    callback = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_uint, NUMBERS, NUMBERS, ctypes.c_void_p)
    nlopt.nlopt_create.restype = ctypes.c_void_p
    ended = []

    def objective(n, x, gradient, _):
        try:
            value, slopes = function.counted(numpy.array([x[i] for i in range(n)]))
        except (Reached, Spent) as reason:
            ended.append(reason)
            nlopt.nlopt_force_stop(ctypes.c_void_p(problem))
            return 0.0
        for i in range(n if gradient else 0):
            gradient[i] = slopes[i]
        return value

    kept = callback(objective)
    problem = nlopt.nlopt_create(nlopt.nlopt_algorithm_from_string(b"LD_LBFGS"), function.n)
    nlopt.nlopt_set_min_objective(ctypes.c_void_p(problem), kept, None)
    nlopt.nlopt_set_xtol_rel(ctypes.c_void_p(problem), ctypes.c_double(1e-15))
    nlopt.nlopt_set_maxeval(ctypes.c_void_p(problem), MOST)
    point, value = numpy.array(start, dtype=float), ctypes.c_double()
    nlopt.nlopt_optimize(ctypes.c_void_p(problem), point.ctypes.data_as(NUMBERS), ctypes.byref(value))
    nlopt.nlopt_destroy(ctypes.c_void_p(problem))
    if ended:
        raise ended[0]


PEERS = {
    "NLopt LBFGS": nlopt_lbfgs,
    "SciPy L-BFGS-B": run_scipy("L-BFGS-B", {"ftol": 0, "gtol": 1e-14, "maxiter": MOST, "maxfun": MOST}, False),
    "SciPy trust-exact": run_scipy("trust-exact", {"gtol": 1e-14, "maxiter": MOST}, True),
}


def run_peer(function, start, run):
    """The count, and whether a minimum was reached."""
    function.count = 0
    try:
        run(function, start)
    except Reached:
        return function.count, True
    except (Spent, ValueError, ZeroDivisionError, numpy.linalg.LinAlgError, OverflowError):
        pass
    return function.count, False


def flatten(value):
    return [x for part in value for x in flatten(part)] if isinstance(value, list) else [value]


def run_gradc(gradc, path, minima):
    done = subprocess.run([gradc, "run", "--json", "-q", path], capture_output=True, text=True, check=False)
    result = json.loads(done.stdout)
    start = [x for part in result["x_start"].values() for x in flatten(part)]
    e, n = result["evaluations"], len(start)
    count = e["value"] + e["gradient"] + n * (e["hessian"] + e.get("jacobian", 0)) + e.get("residuals", 0)
    if e.get("residuals"):  # what lm counts as values and gradients are its first and last point
        count = e["residuals"] + n * e["jacobian"] + e["value"] + e["gradient"]
    return count, any(run_check.reaches(float(result["objective"]), *minimum) for minimum in minima), start


def shown(result):
    return f"{result[0]}{'' if result[1] else ' (no)'}"


def main():
    gradc = pathlib.Path(sys.argv[1]).resolve()
    with open(MGH / "gold.tsv", encoding="ascii") as table:
        rows = list(csv.DictReader(table, delimiter="\t"))
    names = ["gradc", *PEERS]
    totals, reached, both = dict.fromkeys(names, 0), dict.fromkeys(names, 0), {name: [0, 0] for name in PEERS}
    print("| problem | " + " | ".join(names) + " |\n|" + " --- |" * (len(names) + 1))
    with tempfile.TemporaryDirectory() as folder:
        for row in rows:
            path = MGH / row["file"]
            minima = [(float(row["f_min"]), run_check.TOLERANCE)] + run_check.OTHERS.get(row["file"], [])
            *result, start = run_gradc(gradc, path, minima)
            results = {"gradc": tuple(result)}
            function = Function(gradc, path, pathlib.Path(folder), minima)
            for name, run in PEERS.items():
                results[name] = run_peer(function, start, run)
                if results[name][1] and results["gradc"][1]:
                    both[name][0] += results["gradc"][0]
                    both[name][1] += results[name][0]
            for name in names:
                totals[name] += results[name][0]
                reached[name] += results[name][1]
            print(f"| {path.stem} | " + " | ".join(shown(results[name]) for name in names) + " |", flush=True)
    print("| reached | " + " | ".join(f"{reached[name]} of {len(rows)}" for name in names) + " |")
    print("| evaluations | " + " | ".join(str(totals[name]) for name in names) + " |")
    print("| gradc's, where both reach | | " + " | ".join(f"{both[name][0]} for {both[name][1]}" for name in PEERS) + " |")


if __name__ == "__main__":
    main()
