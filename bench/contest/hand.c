/* Hand-written C as a contestant: WORKLOAD [NAME=VALUE...]. Inputs are those of models/WORKLOAD.grad. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "contest/contest.h"
#include "hand/limits.h"

/* The arguments of whichever function is called. */
struct inputs {
    size_t n, m, k; /* sizes, as the workload names them */
    double *x;      /* the point */
    double *data, *more;
    double *result, *workspace;
    int *first, *second;
};

static struct inputs in;

/* ---- Quartic ---- */

static void quartic_descent(void *state) {
    (void)state;
    in.result[0] = hand_quartic_descent(5, 0.001, 1e-6, 100000);
}

static void quartic(struct contest *c) {
    *c = (struct contest){NULL, NULL, quartic_descent, in.result = contest_memory(1), 1};
}

/* ---- Rosenbrock ---- */

static void rosenbrock_value(void *state) {
    (void)state;
    in.result[0] = hand_rosenbrock_value(in.n, in.x);
}

static void rosenbrock_gradient(void *state) {
    (void)state;
    in.result[0] = hand_rosenbrock_with_gradient(in.n, in.x, in.result + 1);
}

static void rosenbrock_hessian(void *state) {
    (void)state;
    hand_rosenbrock_hessian(in.n, in.x, in.result);
}

static void rosenbrock_point(void) {
    in.x = contest_memory(in.n);
    in.result = contest_memory(2 * in.n);
    for (size_t i = 0; i < in.n; i++) in.x[i] = 0.5 + contest_lattice(i + 1, 7919);
}

static void rosenbrock(struct contest *c) {
    rosenbrock_point();
    *c = (struct contest){NULL, rosenbrock_value, rosenbrock_gradient, in.result, in.n + 1};
}

static void curvature(struct contest *c) {
    rosenbrock_point();
    *c = (struct contest){NULL, rosenbrock_gradient, rosenbrock_hessian, in.result, 2 * in.n - 1};
}

/* ---- Product ---- */

static void product_value(void *state) {
    (void)state;
    in.result[0] = hand_product_value(in.n, in.x);
}

static void product_gradient(void *state) {
    (void)state;
    in.result[0] = hand_product_with_gradient(in.n, in.x, in.result + 1);
}

static void product(struct contest *c) {
    in.x = contest_memory(in.n);
    in.result = contest_memory(in.n + 1);
    for (size_t i = 0; i < in.n; i++) in.x[i] = 0.9 + 0.2 * contest_lattice(i + 1, 7919);
    *c = (struct contest){NULL, product_value, product_gradient, in.result, in.n + 1};
}

/* ---- Mixture: d, K, N ---- */

static void mixture_value(void *state) {
    (void)state;
    in.result[0] = hand_mixture(in.k, in.m, in.n, in.x, in.data, in.workspace, NULL);
}

static void mixture_gradient(void *state) {
    (void)state;
    in.result[0] = hand_mixture(in.k, in.m, in.n, in.x, in.data, in.workspace, in.result + 1);
}

static void mixture(struct contest *c) {
    size_t d = in.k, K = in.m, N = in.n, triangle = d * (d - 1) / 2, count = K * (1 + 2 * d + triangle);
    if (!hand_mixture_knows(d, K) || N % HAND_LANES != 0) contest_skip("not written for this size");
    in.x = contest_memory(count);
    in.result = contest_memory(count + 1);
    in.workspace = contest_memory(hand_mixture_workspace(d, K));
    in.data = contest_memory(N * d);
    double *x = in.x;
    for (size_t k = 0; k < K; k++) *x++ = contest_lattice(k + 1, 4241) - 0.5;
    for (size_t e = 0; e < K * d; e++) *x++ = contest_lattice(e + 1, 5003) - 0.5;
    for (size_t e = 0; e < K * d; e++) *x++ = contest_lattice(e + 1, 6007) - 0.5;
    for (size_t k = 0; k < K; k++)
        for (size_t e = 0; e < triangle; e++) *x++ = contest_lattice(k * d * d + e + 1, 7001) - 0.5;
    /* Points of a block side by side. */
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < d; j++)
            in.data[(i / HAND_LANES * d + j) * HAND_LANES + i % HAND_LANES] =
                2 * contest_lattice(i * d + j + 1, 7919) - 1;
    *c = (struct contest){NULL, mixture_value, mixture_gradient, in.result, count + 1};
}

/* ---- Bundle adjustment: cameras, points, m ---- */

static double *residuals;
static struct hand_bundle scene;

static void bundle_residuals(void *state) {
    (void)state;
    hand_bundle_residuals(&scene, residuals);
}

static void bundle_jacobian(void *state) {
    (void)state;
    hand_bundle_jacobian(&scene, residuals, in.result);
}

static double *fill(size_t count, size_t factor, double scale, double shift) {
    double *values = contest_memory(count);
    for (size_t e = 0; e < count; e++) values[e] = scale * contest_lattice(e + 1, factor) + shift;
    return values;
}

static void bundle(struct contest *c) {
    size_t cameras = in.k, points = in.n, m = in.m;
    int *seen = (int *)(void *)contest_memory(m);
    scene = (struct hand_bundle){.m = m,
                                 .camera = seen,
                                 .place = seen + m,
                                 .u = fill(m, 7919, 640, 0),
                                 .v = fill(m, 5003, 480, 0),
                                 .weight = fill(m, 6007, 1, 0.5)};
    for (size_t o = 0; o < m; o++) {
        seen[o] = (int)((o + 1) * 31 % cameras);
        seen[m + o] = (int)((o + 1) * 4099 % points);
    }
    double *at = contest_memory(cameras * 11);
    for (size_t k = 0; k < cameras; k++) {
        double *camera = at + 11 * k;
        for (size_t j = 0; j < 3; j++) camera[j] = 0.4 * (contest_lattice(3 * k + j + 1, 7919) - 0.5);
        for (size_t j = 0; j < 3; j++) camera[3 + j] = contest_lattice(3 * k + j + 1, 5003) - 0.5;
        camera[6] = 500 + 100 * contest_lattice(k + 1, 7919);
        camera[7] = 320;
        camera[8] = 240;
        camera[9] = 0.1 * (contest_lattice(2 * k + 1, 4241) - 0.5);
        camera[10] = 0.01 * (contest_lattice(2 * k + 2, 4241) - 0.5);
    }
    scene.cameras = at;
    double *positions = fill(3 * points, 7919, 2, -1);
    for (size_t p = 0; p < points; p++) positions[3 * p + 2] += 5;
    scene.points = positions;
    residuals = contest_memory(2 * m);
    in.result = contest_memory(2 * m * HAND_BUNDLE_ROW);
    *c = (struct contest){NULL, bundle_residuals, bundle_jacobian, in.result, 2 * m * HAND_BUNDLE_ROW};
}

/* ---- Fit: m ---- */

static void fit_value(void *state) {
    (void)state;
    in.result[0] = hand_fit_value(in.m, in.data, in.more, in.x[0], in.x[1]);
}

static void fit_gradient(void *state) {
    (void)state;
    in.result[0] = hand_fit_with_gradient(in.m, in.data, in.more, in.x[0], in.x[1], in.result + 1);
}

static void fit(struct contest *c) {
    in.x = contest_memory(2);
    in.x[0] = 250;
    in.x[1] = 5e-4;
    in.data = fill(in.m, 7919, 1000, 0);
    in.more = contest_memory(in.m);
    for (size_t i = 0; i < in.m; i++)
        in.more[i] = 238.9 * (1 - exp(-5.5e-4 * in.data[i])) + contest_lattice(i + 1, 5003) - 0.5;
    in.result = contest_memory(3);
    *c = (struct contest){NULL, fit_value, fit_gradient, in.result, 3};
}

/* ---- Nested functions ---- */

static void nested_value(void *state) {
    (void)state;
    in.result[0] = hand_nested_value(in.x[0]);
}

static void nested_gradient(void *state) {
    (void)state;
    in.result[0] = hand_nested_with_gradient(in.x[0], in.result + 1);
}

static void nested(struct contest *c) {
    in.x = contest_memory(1);
    in.x[0] = 0.7;
    in.result = contest_memory(2);
    *c = (struct contest){NULL, nested_value, nested_gradient, in.result, 2};
}

/* ---- Hidden Markov model: T ---- */

static void markov_value(void *state) {
    (void)state;
    in.result[0] = hand_markov(in.n, in.first, in.x, in.workspace, NULL);
}

static void markov_gradient(void *state) {
    (void)state;
    in.result[0] = hand_markov(in.n, in.first, in.x, in.workspace, in.result + 1);
}

static void markov(struct contest *c) {
    size_t S = HAND_STATES, O = HAND_SYMBOLS, count = S + S * S + O * S;
    in.x = contest_memory(count);
    in.result = contest_memory(count + 1);
    in.workspace = contest_memory(in.n * (2 * S + 1));
    in.first = (int *)(void *)contest_memory(in.n);
    for (size_t t = 0; t < in.n; t++) in.first[t] = (int)((t + 1) * 7919 % 65537 % O);
    for (size_t s = 0; s < S; s++) in.x[s] = (0.5 + contest_lattice(s + 1, 4241)) / (double)S;
    for (size_t e = 0; e < S * S; e++) in.x[S + e] = (0.5 + contest_lattice(e + 1, 5003)) / (double)S;
    for (size_t e = 0; e < O * S; e++) in.x[S + S * S + e] = (0.5 + contest_lattice(e + 1, 6007)) / (double)O;
    *c = (struct contest){NULL, markov_value, markov_gradient, in.result, count + 1};
}

/* ---- Logistic regression: m rows of 20 columns ---- */

static void logistic_value(void *state) {
    (void)state;
    in.result[0] = hand_logistic(in.m, in.data, in.more, in.x, NULL);
}

static void logistic_gradient(void *state) {
    (void)state;
    in.result[0] = hand_logistic(in.m, in.data, in.more, in.x, in.result + 1);
}

static void logistic(struct contest *c) {
    in.x = contest_memory(HAND_COLUMNS);
    for (size_t j = 0; j < HAND_COLUMNS; j++) in.x[j] = contest_lattice(j + 1, 4241) - 0.5;
    in.data = fill(in.m * HAND_COLUMNS, 7919, 2, -1);
    in.more = contest_memory(in.m);
    for (size_t i = 0; i < in.m; i++) in.more[i] = (i + 1) * 5003 % 65537 > 32768 ? 1 : -1;
    in.result = contest_memory(HAND_COLUMNS + 1);
    *c = (struct contest){NULL, logistic_value, logistic_gradient, in.result, HAND_COLUMNS + 1};
}

static const struct workload {
    const char *name, *n, *m, *k; /* of the sizes, NULL: none */
    void (*open)(struct contest *);
} workloads[] = {{"quartic", NULL, NULL, NULL, quartic},
                 {"rosenbrock", "n", NULL, NULL, rosenbrock},
                 {"curvature", "n", NULL, NULL, curvature},
                 {"product", "n", NULL, NULL, product},
                 {"gmm", "N", "K", "d", mixture},
                 {"bundle", "points", "m", "cameras", bundle},
                 {"fit", NULL, "m", NULL, fit},
                 {"nested", NULL, NULL, NULL, nested},
                 {"markov", "T", NULL, NULL, markov},
                 {"logistic", NULL, "m", NULL, logistic}};

int main(int argc, char **argv) {
    for (size_t k = 0; argc > 1 && k < sizeof workloads / sizeof *workloads; k++) {
        const struct workload *w = &workloads[k];
        struct contest c;
        if (strcmp(w->name, argv[1]) != 0) continue;
        if (w->n) in.n = contest_size(argc, argv, w->n, 0);
        if (w->m) in.m = contest_size(argc, argv, w->m, 0);
        if (w->k) in.k = contest_size(argc, argv, w->k, 0);
        double start = contest_seconds();
        w->open(&c);
        return contest_serve(&c, contest_seconds() - start);
    }
    contest_skip("not written by hand");
}
