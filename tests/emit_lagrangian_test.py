"""The emitted Hessian of the Lagrangian, dense and from its elements: along a direction it is what differences of the emitted
gradient and Jacobian say, for several factors and multipliers, and it compiles without warnings.

Usage: emit_lagrangian_test.py GRADC
"""

import ctypes
import pathlib
import random
import subprocess
import sys
import tempfile

MODELS = {
    "dense": "var x[4] in [1, 5] = [1, 5, 4, 2]\nminimize x[1]*x[4]*(x[1] + x[2] + x[3]) + x[3]\n"
             "subject to product: prod(x) >= 25\nsubject to sphere: sum(x[i]^2 for i in 1..4) == 40\n"
             "subject to pairs: x[i]*x[i + 1]^3 <= 9 for i in 1..3\n",
    "sparse": "param n = 9\nvar x[i in 1..n] = 0.3*i, y = 1\nminimize sum((x[i] - x[i - 1]^2)^2 for i in 2..n) + y^4\n"
              "subject to c: exp(-x[i])*x[i + 1] <= 3 for i in 1..n - 1\nsubject to x[1]*y + y^3 == 1\n",
    "linear": "var x[3] = [1, 2, 3]\nminimize sum(x[i]^4 for i in 1..3)\nsubject to sum(x) <= 5\n",
    "no objective": "var x[3] = [1, 2, 3]\nsubject to c: x[i]^3*x[1] <= 5 for i in 1..3\n",
}
STEP = 1e-6


def run(*command):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, check=False, timeout=120)
    if done.returncode:
        raise RuntimeError(f"{command}: {done.stderr[-1000:]}")
    return done.stdout


def matrix(library, name, point, work, *arguments):
    for end in ["terms", "pattern"]:
        getattr(library, f"{name}_{end}").restype = ctypes.c_size_t
    count = max(getattr(library, f"{name}_terms")(), 1)
    row, column, order = ((ctypes.c_int64 * count)() for _ in range(3))
    values, scratch = (ctypes.c_double * count)(), (ctypes.c_int64 * (2 * count))()
    used = getattr(library, f"{name}_pattern")(row, column, order, scratch, work)
    getattr(library, name)(point, *arguments, order, values, work)
    return list(zip(row, column, values))[:used]


class Subject:
    def __init__(self, gradc, text, folder):
        model = folder / "model.grad"
        model.write_text(text, "ascii")
        self.has_objective = "minimize" in text
        what = "lagrangian,jacobian" + (",gradient" if self.has_objective else "")
        run(gradc, "emit", "--what", what, "--freeze", "-o", folder / "model.c", model)
        run("gcc", "-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-O1", "-shared", "-fPIC", "-o", folder / "model.so",
            folder / "model.c", "-lm")
        self.library = ctypes.CDLL(str(folder / "model.so"))
        for name in ["dimension", "workspace", "constraints_count"]:
            getattr(self.library, f"model_{name}").restype = ctypes.c_size_t
        self.n, self.rows = self.library.model_dimension(), self.library.model_constraints_count()
        self.met = False  # an entry that is not 0
        self.work = (ctypes.c_double * (self.library.model_workspace() + 1))()

    def slope(self, x, factor, multipliers):
        """The gradient of the Lagrangian."""
        point, gradient = (ctypes.c_double * self.n)(*x), (ctypes.c_double * self.n)()
        if self.has_objective:
            self.library.model_gradient(point, gradient, self.work)
        slope = [factor * g for g in gradient]
        for i, j, value in matrix(self.library, "model_constraints_jacobian", point, self.work):
            slope[j] += multipliers[i] * value
        return slope

    def along(self, x, factor, multipliers, direction):
        point, weights = (ctypes.c_double * self.n)(*x), (ctypes.c_double * self.rows)(*multipliers)
        result = [0.0] * self.n
        for i, j, value in matrix(self.library, "model_lagrangian", point, self.work, ctypes.c_double(factor), weights):
            if i < j:
                raise RuntimeError("an entry above the diagonal")
            result[i] += value * direction[j]
            result[j] += value * direction[i] * (i != j)
        return result


def agrees(subject, draw):
    x = [draw.uniform(0.5, 2) for _ in range(subject.n)]
    direction = [draw.uniform(-1, 1) for _ in range(subject.n)]
    multipliers, factor = [draw.uniform(-2, 2) for _ in range(subject.rows)], draw.choice([0.0, 1.0, -2.5])
    after = subject.slope([a + STEP * d for a, d in zip(x, direction)], factor, multipliers)
    before = subject.slope([a - STEP * d for a, d in zip(x, direction)], factor, multipliers)
    found = subject.along(x, factor, multipliers, direction)
    subject.met |= any(found)
    size = max(1.0, *map(abs, found))
    return all(abs((a - b) / (2 * STEP) - f) <= 1e-6 * size for a, b, f in zip(after, before, found))


def main(gradc):
    failed, draw = 0, random.Random(1)
    for name, text in MODELS.items():
        with tempfile.TemporaryDirectory() as folder:
            subject = Subject(gradc, text, pathlib.Path(folder))
            sparse = "model_lagrangian_places" in (pathlib.Path(folder) / "model.c").read_text("ascii")
            good = all(agrees(subject, draw) for _ in range(20)) and subject.met
        if not good or sparse == (name == "dense"):
            failed += 1
            print(f"{name}: {'other numbers' if not good else 'not the form that it should have'}")
    print(f"{len(MODELS) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
