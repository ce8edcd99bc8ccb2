#include "sparse/eigen.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sparse/lapack.h"
#include "sparse/vector.h"

bool eigen_dense(double *matrix, double *values, size_t n) {
    lapack_int size = (lapack_int)n;
    for (size_t k = 0; k < n * n; k++)
        if (!isfinite(matrix[k])) return false;
    if (n <= 1) {
        for (size_t k = 0; k < n; k++) {
            values[k] = matrix[k];
            matrix[k] = 1;
        }
        return true;
    }
    if (!lapack_load()) return false;
    /* By columns the lower triangle of the rows is the upper one, and eigenvectors are rows. */
    return LAPACKE_dsyevd(LAPACK_COL_MAJOR, 'V', 'U', size, matrix, size, values) == 0;
}

/* ---- Lanczos ---- */

struct lanczos {
    size_t n, steps;
    double *vectors; /* steps + 1 rows of n */
    double *diagonal, *beside;
};

static void add_multiple(double *a, double factor, const double *b, size_t n) {
    for (size_t k = 0; k < n; k++) a[k] += factor * b[k];
}

/* Some vector that is not orthogonal to anything but by bad luck; the same at every run. */
static void begin(double *v, size_t n) {
    uint64_t state = 1;
    for (size_t k = 0; k < n; k++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        v[k] = (double)(state >> 11) * 0x1p-53 - 0.5;
    }
    double length = sqrt(vector_dot(v, v, n));
    for (size_t k = 0; k < n; k++) v[k] /= length;
}

/* Makes w orthogonal to all vectors so far, twice over, for once is not enough. */
static void orthogonalise(const struct lanczos *l, double *w, size_t count) {
    for (int times = 0; times < 2; times++)
        for (size_t k = 0; k < count; k++) {
            const double *v = l->vectors + k * l->n;
            add_multiple(w, -vector_dot(v, w, l->n), v, l->n);
        }
}

/* Returns how many steps were made before the space was complete; SIZE_MAX: a product failed. */
static size_t iterate(struct lanczos *l, eigen_product product, void *context) {
    double norm = 0;
    begin(l->vectors, l->n);
    for (size_t k = 0; k < l->steps; k++) {
        double *v = l->vectors + k * l->n, *w = v + l->n;
        if (!product(context, v, w)) return SIZE_MAX;
        l->diagonal[k] = vector_dot(v, w, l->n);
        norm = fmax(norm, sqrt(vector_dot(w, w, l->n)));
        orthogonalise(l, w, k + 1);
        l->beside[k] = sqrt(vector_dot(w, w, l->n));
        if (!(l->beside[k] > 1e-12 * norm)) return k + 1;
        for (size_t i = 0; i < l->n; i++) w[i] /= l->beside[k];
    }
    return l->steps;
}

/* The extremes of the tridiagonal matrix, with the residuals of their vectors. */
static bool judge(const struct lanczos *l, size_t count, struct eigen_extremes *found) {
    double *dense = calloc(count * count + 1, sizeof *dense), *values = calloc(count + 1, sizeof *values);
    bool good = dense && values;
    for (size_t k = 0; good && k < count; k++) {
        dense[k * count + k] = l->diagonal[k];
        if (k + 1 < count) dense[(k + 1) * count + k] = l->beside[k];
    }
    good = good && eigen_dense(dense, values, count);
    if (good) {
        double last = count ? l->beside[count - 1] : 0;
        double low = fabs(dense[count - 1]), high = fabs(dense[count * count - 1]);
        found->smallest = values[0];
        found->largest = values[count - 1];
        found->error = last * fmax(low, high);
    }
    free(dense);
    free(values);
    return good;
}

bool eigen_extremes(eigen_product product, void *context, size_t n, size_t steps,
                    struct eigen_extremes *found) {
    struct lanczos l = {.n = n, .steps = steps < n ? steps : n};
    *found = (struct eigen_extremes){.complete = true};
    if (n == 0) return true;
    l.vectors = calloc((l.steps + 1) * n, sizeof *l.vectors);
    l.diagonal = calloc(l.steps + 1, sizeof *l.diagonal);
    l.beside = calloc(l.steps + 1, sizeof *l.beside);
    size_t made = l.vectors && l.diagonal && l.beside ? iterate(&l, product, context) : SIZE_MAX;
    bool good = made != SIZE_MAX && judge(&l, made, found);
    found->complete = good && made == n;
    free(l.vectors);
    free(l.diagonal);
    free(l.beside);
    return good;
}
