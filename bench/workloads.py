"""What is measured: the models, their sizes, and what is counted."""

import dataclasses


@dataclasses.dataclass
class Workload:
    title: str  # "W2 Rosenbrock n=1000"
    model: str  # of models/, without .grad
    kind: str  # gradient, jacobian, hessian or descent
    sizes: dict
    count: int  # of what the time is given for: elements, rows, iterations
    unit: str
    by_hand: str = ""  # the name in contest/hand.c where it is not the model's
    goal: float = 0.0  # the ratio to the hand-written C that is asked for; 0: none

    def arguments(self):
        return [f"{name}={value}" for name, value in self.sizes.items()]


def rosenbrock(n, goal):
    return Workload(f"W2 Rosenbrock n={n}", "rosenbrock", "gradient", {"n": n}, n, "element", goal=goal)


def product(n):
    return Workload(f"W3 product n={n}", "product", "gradient", {"n": n}, n, "element", goal=1.5)


def mixture(d, components):
    return Workload(f"W4 mixture d={d} K={components}", "gmm", "gradient", {"d": d, "K": components, "N": 1000}, 1,
                    "evaluation", goal=1.0)


def all_of(quick):
    many = 100000 if quick else 1000000
    grid = 100 if quick else 500
    scene = {"cameras": 49, "points": 7776, "m": 31843}
    return [
        Workload("W1 quartic, a descent", "quartic", "descent", {}, 468, "iteration", goal=1.6),
        rosenbrock(10, 1.5),
        rosenbrock(1000, 1.2),
        rosenbrock(many, 1.2),
        product(10),
        product(1000),
        product(100000),
        mixture(2, 5),
        mixture(10, 25),
        *([] if quick else [mixture(32, 25)]),
        Workload("W5 bundle adjustment, Jacobian", "bundle", "jacobian", scene, 31843, "observation", goal=0.65),
        Workload(f"W6 fit of {many} rows", "fit", "gradient", {"m": many}, many, "row", goal=1.6),
        Workload("W7 fifty nested functions", "nested", "gradient", {}, 1, "evaluation", goal=1.1),
        Workload("W8 hidden Markov model", "markov", "gradient", {"T": 10000}, 10000, "step", goal=1.3),
        Workload("W9 LSTM", "lstm", "gradient", {}, 1, "evaluation"),
        Workload(f"W10 logistic regression, {many} x 20", "logistic", "gradient", {"m": many}, many, "row", goal=1.3),
        Workload(f"W11 Hessian of Rosenbrock n={many}", "rosenbrock", "hessian", {"n": many}, many, "element",
                 by_hand="curvature"),
        Workload(f"W11 Hessian of a surface {grid} x {grid}", "surface", "hessian", {"n": grid}, grid * grid, "cell"),
    ]
