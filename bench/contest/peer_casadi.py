"""CasADi as a contestant: scalar expressions (SX) of one row or of the whole, their reverse gradient, compiled as C
where there is a compiler and called through buffers, as its manual advises for speed; rows are summed by a mapped
function. WORKLOAD [NAME=VALUE...]."""

import shutil
import sys
import time

import casadi as ca
import numpy as np
import peer

LARGEST = 20000  # of unrolled scalars: beyond, compilation takes minutes


def compiled(name, inputs, outputs):
    function = ca.Function(name, inputs, outputs)
    if shutil.which("gcc") is None:
        return function
    level = "-O1" if function.n_instructions() > 3000 else "-O3"  # beyond, -O3 takes minutes and gains nothing
    return ca.Function(name, inputs, outputs, {"compiler": "shell", "jit": True,
                                               "jit_options": {"flags": [level, "-march=native"]}})


class Call:
    """A function on fixed memory."""

    def __init__(self, function, *arguments):
        self.inputs = [np.ravel(np.array(argument, dtype=np.float64), order="F") for argument in arguments]
        self.outputs = [np.zeros(function.numel_out(k)) for k in range(function.n_out())]
        self.buffer, self.run = function.buffer()
        for k, array in enumerate(self.inputs):
            self.buffer.set_arg(k, memoryview(array))
        for k, array in enumerate(self.outputs):
            self.buffer.set_res(k, memoryview(array))
        self.function = function

    def numbers(self):
        self.run()
        return np.concatenate(self.outputs)


def whole(objective, x, point):
    """A function of all unknowns at once."""
    value = Call(compiled("value", [x], [objective]), point)
    both = Call(compiled("both", [x], [objective, ca.gradient(objective, x)]), point)
    return value.numbers, both.numbers


def summed(row, x, parameters, point, data, rest=None):
    """The sum of a function over the columns of the data, and a rest that does not depend on them."""
    columns, n = ca.MX.sym("columns", *data.shape), data.shape[1]
    each = compiled("row", [x, parameters], [row, ca.gradient(row, x)])
    alone = compiled("row_value", [x, parameters], [row])
    at = ca.MX.sym("at", x.size1())
    values, gradients = each.map(n)(at, columns)
    total, slope, value = ca.sum2(values), ca.sum2(gradients), ca.sum2(alone.map(n)(at, columns))
    if rest is not None:
        more = ca.Function("rest", [x], [rest, ca.gradient(rest, x)])
        rest_value, rest_slope = more(at)
        total, slope, value = total + rest_value, slope + rest_slope, value + rest_value
    both = Call(ca.Function("both", [at, columns], [total, slope]), point, data)
    return Call(ca.Function("value", [at, columns], [value]), point, data).numbers, both.numbers


def rosenbrock(n):
    if n > LARGEST:
        peer.skip("too long to compile, unrolled")
    x = ca.SX.sym("x", n)
    terms = 100 * (x[1:] - x[:-1]**2)**2 + (1 - x[:-1])**2
    return whole(ca.sum1(terms), x, peer.lattice(n, 7919, 1, 0.5))


def product(n):
    if n > LARGEST:
        peer.skip("too long to compile, unrolled")
    x = ca.SX.sym("x", n)
    all_of = x[0]
    for i in range(1, n):
        all_of = all_of * x[i]
    return whole(all_of, x, peer.lattice(n, 7919, 0.2, 0.9))


def gmm(d, K, N):
    alpha, mean, log_diagonal, lower, points = peer.mixture_inputs(d, K, N)
    point = np.concatenate([np.ravel(part) for part in (alpha, mean, log_diagonal, lower)])
    x, at = ca.SX.sym("x", point.size), ca.SX.sym("at", d)
    a, mu, diagonal, L = ca.vertsplit(x, np.cumsum([0, K, K * d, K * d, lower.size]).tolist())
    triangle, inner = d * (d - 1) // 2, []
    for k in range(K):
        offset = at - mu[k * d:k * d + d]
        scaled, e = [ca.exp(diagonal[k * d + j]) * offset[j] for j in range(d)], k * triangle
        for j in range(d):
            for i in range(j + 1, d):
                scaled[i] += L[e] * offset[j]
                e += 1
        inner.append(a[k] + ca.sum1(diagonal[k * d:k * d + d]) - 0.5 * ca.sumsqr(ca.vertcat(*scaled)))
    row = ca.logsumexp(ca.vertcat(*inner))
    rest = (-N * ca.logsumexp(a) - N * d * 0.5 * np.log(2 * np.pi)
            + 0.5 * (ca.sum1(ca.exp(2 * diagonal)) + ca.sumsqr(L)))
    return summed(row, x, at, point, points.T, rest)


def fit(m):
    t, y = peer.fit_inputs(m)
    b, row = ca.SX.sym("b", 2), ca.SX.sym("row", 2)
    residual = row[1] - b[0] * (1 - ca.exp(-b[1] * row[0]))
    return summed(residual**2, b, row, np.array([250, 5e-4]), np.vstack([t, y]))


def nested():
    x = ca.SX.sym("x")
    y = x
    for i in range(50):
        y = (ca.cos, ca.exp, ca.sin)[i % 3](y)
    return whole(y, x, 0.7)


def logistic(m):
    w0, x, y = peer.logistic_inputs(m)
    w, row = ca.SX.sym("w", 20), ca.SX.sym("row", 21)
    z = -row[20] * ca.dot(row[:20], w)
    loss = ca.fmax(z, 0) + ca.log1p(ca.exp(-ca.fabs(z)))
    return summed(loss, w, row, w0, np.vstack([x.T, y]))


WORKLOADS = {"rosenbrock": rosenbrock, "product": product, "gmm": gmm, "fit": fit, "nested": nested,
             "logistic": logistic}


def main():
    begin = time.process_time()
    if sys.argv[1] not in WORKLOADS:
        peer.skip("not written for CasADi")
    value, derivative = WORKLOADS[sys.argv[1]](**peer.sizes())
    last = [derivative()]

    def run():
        last[0] = derivative()
    peer.serve(value, run, lambda: last[0], time.process_time() - begin)


main()
