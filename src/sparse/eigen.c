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

enum { FIRST_LOOK = 32 };

struct lanczos {
    size_t n, most;
    double *last, *current, *next;
    double *diagonal, *beside; /* of the tridiagonal matrix */
    double *work;              /* for LAPACK: four vectors of `most` */
    lapack_int *failures;      /* as many numbers */
};

/* Some vector that is not orthogonal to anything but by bad luck; the same at every run. */
static void begin(double *v, size_t n) {
    uint64_t state = 1;
    for (size_t k = 0; k < n; k++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        v[k] = (double)(state >> 11) * 0x1p-53 - 0.5;
    }
    double length = vector_norm(v, n);
    for (size_t k = 0; k < n; k++) v[k] /= length;
}

/* Step k; false: a product failed. */
static bool advance(struct lanczos *l, size_t k, eigen_product product, void *context) {
    if (!product(context, l->current, l->next)) return false;
    if (k > 0) vector_add(l->next, -l->beside[k - 1], l->last, l->n);
    l->diagonal[k] = vector_dot(l->current, l->next, l->n);
    vector_add(l->next, -l->diagonal[k], l->current, l->n);
    l->beside[k] = vector_norm(l->next, l->n);
    double *free_vector = l->last;
    for (size_t i = 0; i < l->n && l->beside[k] > 0; i++) l->next[i] /= l->beside[k];
    l->last = l->current;
    l->current = l->next;
    l->next = free_vector;
    return true;
}

/* Eigenvalue `which`, from 1, of the first `count` rows, with the last element of its vector. */
static bool find_one(const struct lanczos *l, size_t count, size_t which, double *value, double *last) {
    lapack_int found, k = (lapack_int)which, n = (lapack_int)count;
    double *diagonal = l->work, *beside = diagonal + l->most, *vector = beside + l->most;
    double *values = vector + l->most;
    memcpy(diagonal, l->diagonal, count * sizeof *diagonal);
    memcpy(beside, l->beside, count * sizeof *beside);
    bool good = LAPACKE_dstevx(LAPACK_COL_MAJOR, 'V', 'I', n, diagonal, beside, 0, 0, k, k, 0, &found, values,
                               vector, n, l->failures) == 0;
    *value = values[0];
    *last = fabs(vector[count - 1]);
    return good && found == 1;
}

static bool look(const struct lanczos *l, size_t count, struct eigen_extremes *found) {
    double low, high;
    if (!find_one(l, count, 1, &found->smallest, &low)) return false;
    if (!find_one(l, count, count, &found->largest, &high)) return false;
    found->error = l->beside[count - 1] * fmax(low, high);
    return true;
}

static bool is_enough(const struct eigen_extremes *found) {
    double least = fmin(fabs(found->smallest), fabs(found->largest));
    double most = fmax(fabs(found->smallest), fabs(found->largest));
    return found->error <= 0.01 * least || (found->smallest < 0 && found->largest > 0 && least > 1e-6 * most);
}

static bool iterate(struct lanczos *l, eigen_product product, void *context, struct eigen_extremes *found) {
    double norm = 0;
    begin(l->current, l->n);
    for (size_t k = 0, next = FIRST_LOOK; k < l->most; k++) {
        if (!advance(l, k, product, context) || !isfinite(l->diagonal[k]) || !isfinite(l->beside[k]))
            return false;
        norm = fmax(norm, fabs(l->diagonal[k]) + l->beside[k]);
        bool is_whole = l->beside[k] <= 1e-14 * norm;
        if (!is_whole && k + 1 < l->most && k + 1 < next) continue;
        if (!look(l, k + 1, found)) return false;
        if (is_whole || is_enough(found)) break;
        next *= 2;
    }
    return true;
}

bool eigen_extremes(eigen_product product, void *context, size_t n, size_t steps,
                    struct eigen_extremes *found) {
    struct lanczos l = {.n = n, .most = steps};
    *found = (struct eigen_extremes){0};
    if (n == 0 || steps == 0) return true;
    double *vectors = calloc(3 * n, sizeof *vectors), *numbers = calloc(6 * steps, sizeof *numbers);
    l.failures = calloc(steps, sizeof *l.failures);
    bool good = vectors && numbers && l.failures && lapack_load();
    if (good) {
        l.last = vectors;
        l.current = vectors + n;
        l.next = vectors + 2 * n;
        l.diagonal = numbers;
        l.beside = numbers + steps;
        l.work = numbers + 2 * steps;
        good = iterate(&l, product, context, found);
    }
    free(vectors);
    free(numbers);
    free(l.failures);
    return good;
}
