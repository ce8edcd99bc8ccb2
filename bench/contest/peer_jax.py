"""JAX as a contestant: jit of value_and_grad in double precision on one core, loops as scans, as its manual advises.
WORKLOAD [NAME=VALUE...]."""

import os
import sys
import time

os.environ["JAX_ENABLE_X64"] = "1"
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")

import jax  # noqa: E402 (the environment comes first)
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402
import peer  # noqa: E402


def rosenbrock(n):
    def f(x):
        return jnp.sum(100 * (x[1:] - x[:-1]**2)**2 + (1 - x[:-1])**2)
    return f, peer.lattice(n, 7919, 1, 0.5)


def product(n):
    return jnp.prod, peer.lattice(n, 7919, 0.2, 0.9)


def gmm(d, K, N):
    alpha, mean, log_diagonal, lower, points = peer.mixture_inputs(d, K, N)
    columns, rows = np.array([(j, i) for j in range(d) for i in range(j + 1, d)], dtype=int).reshape(-1, 2).T

    def f(p):
        a, mu, diagonal, L = p
        matrix = jnp.zeros((K, d, d)).at[:, rows, columns].set(L)
        matrix = matrix + jnp.exp(diagonal)[:, :, None] * jnp.eye(d)
        offset = points[:, None, :] - mu
        scaled = jnp.einsum("kij,nkj->nki", matrix, offset)
        inner = a + jnp.sum(diagonal, axis=1) - 0.5 * jnp.sum(scaled**2, axis=2)
        return (jnp.sum(jax.scipy.special.logsumexp(inner, axis=1)) - N * jax.scipy.special.logsumexp(a)
                - N * d * 0.5 * np.log(2 * np.pi) + 0.5 * (jnp.sum(jnp.exp(2 * diagonal)) + jnp.sum(L**2)))
    return f, (alpha, mean, log_diagonal, lower)


def fit(m):
    t, y = map(jnp.asarray, peer.fit_inputs(m))

    def f(b):
        return jnp.sum((y - b[0] * (1 - jnp.exp(-b[1] * t)))**2)
    return f, np.array([250, 5e-4])


def nested():
    def f(x):
        for i in range(50):
            x = (jnp.cos, jnp.exp, jnp.sin)[i % 3](x)
        return x
    return f, np.float64(0.7)


def markov(T):
    start, move, show, symbols = peer.markov_inputs(T)

    def f(p):
        first, moves, shows = p
        def step(before, symbol):
            reached = shows[symbol] * (before @ moves)
            total = jnp.sum(reached)
            return reached / total, jnp.log(total)
        reached = shows[symbols[0]] * first
        total = jnp.sum(reached)
        _, logarithms = jax.lax.scan(step, reached / total, jnp.asarray(symbols[1:]))
        return jnp.log(total) + jnp.sum(logarithms)
    return f, (start, move, show)


def logistic(m):
    w, x, y = peer.logistic_inputs(m)
    x, y = jnp.asarray(x), jnp.asarray(y)

    def f(weights):
        return jnp.sum(jax.nn.softplus(-y * (x @ weights)))
    return f, w


WORKLOADS = {"rosenbrock": rosenbrock, "product": product, "gmm": gmm, "fit": fit, "nested": nested, "markov": markov,
             "logistic": logistic}


def main():
    begin = time.process_time()
    if sys.argv[1] not in WORKLOADS:
        peer.skip("not written for JAX")
    function, point = WORKLOADS[sys.argv[1]](**peer.sizes())
    point = jax.tree.map(jnp.asarray, point)
    value = jax.jit(function)
    both = jax.jit(jax.value_and_grad(function))
    last = [both(point)]
    jax.block_until_ready((last[0], value(point)))

    def derivative():
        last[0] = jax.block_until_ready(both(point))

    def numbers():
        f, gradient = last[0]
        return np.concatenate([np.ravel(f)] + [np.ravel(part) for part in jax.tree.leaves(gradient)])
    peer.serve(lambda: jax.block_until_ready(value(point)), derivative, numbers, time.process_time() - begin)


main()
