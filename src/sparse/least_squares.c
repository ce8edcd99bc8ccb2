#include "sparse/least_squares.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sparse/lapack.h"

void least_squares_release(struct least_squares *s) {
    free(s->singular);
    free(s->right);
    free(s->image);
    *s = (struct least_squares){0};
}

/* The triangle that QR has left, as a matrix by columns of `count` rows; b's part goes to `rotated`. */
static void take_triangle(const double *augmented, size_t rows, size_t columns, size_t count,
                          double *triangle, double *rotated) {
    for (size_t j = 0; j < columns; j++)
        for (size_t i = 0; i < count && i <= j; i++) triangle[j * count + i] = augmented[j * rows + i];
    for (size_t i = 0; i < count; i++) rotated[i] = augmented[columns * rows + i];
}

static bool decompose_triangle(struct least_squares *s, double *triangle, const double *rotated) {
    lapack_int rows = (lapack_int)s->count, columns = (lapack_int)s->columns;
    double *left = calloc(s->count * s->count + 1, sizeof *left);
    double *right = calloc(s->count * s->columns + 1, sizeof *right);
    bool good = left && right &&
                LAPACKE_dgesdd(LAPACK_COL_MAJOR, 'S', rows, columns, triangle, rows, s->singular, left, rows,
                               right, rows) == 0;
    for (size_t k = 0; good && k < s->count; k++) {
        s->image[k] = 0;
        for (size_t i = 0; i < s->count; i++) s->image[k] += left[k * s->count + i] * rotated[i];
        for (size_t j = 0; j < s->columns; j++) s->right[k * s->columns + j] = right[j * s->count + k];
    }
    free(left);
    free(right);
    return good;
}

static bool all_finite(const double *values, size_t count) {
    for (size_t k = 0; k < count; k++)
        if (!isfinite(values[k])) return false;
    return true;
}

bool least_squares_decompose(struct least_squares *s, double *augmented, size_t rows, size_t columns) {
    size_t count = rows < columns ? rows : columns;
    *s = (struct least_squares){.columns = columns, .count = count};
    if (!all_finite(augmented, rows * (columns + 1)) || !lapack_load()) return false;
    s->singular = calloc(count + 1, sizeof *s->singular);
    s->image = calloc(count + 1, sizeof *s->image);
    s->right = calloc(count * columns + 1, sizeof *s->right);
    if (!s->singular || !s->image || !s->right) return false;
    if (count == 0) return true;
    double *triangle = calloc(count * columns + count + 1, sizeof *triangle);
    double *reflections = calloc(columns + 1, sizeof *reflections);
    bool good = triangle && reflections &&
                LAPACKE_dgeqrf(LAPACK_COL_MAJOR, (lapack_int)rows, (lapack_int)columns + 1, augmented,
                               (lapack_int)rows, reflections) == 0;
    if (good) {
        take_triangle(augmented, rows, columns, count, triangle, triangle + count * columns);
        good = decompose_triangle(s, triangle, triangle + count * columns);
    }
    free(triangle);
    free(reflections);
    return good;
}

size_t least_squares_rank(const struct least_squares *s, double rows) {
    size_t rank = 0;
    double least = s->count ? DBL_EPSILON * fmax(rows, (double)s->columns) * s->singular[0] : 0;
    while (rank < s->count && s->singular[rank] > least) rank++;
    return rank;
}

double least_squares_solve(const struct least_squares *s, size_t rank, double damping, double *y) {
    double squares = 0;
    memset(y, 0, s->columns * sizeof *y);
    for (size_t k = 0; k < rank; k++) {
        double factor = -s->singular[k] * s->image[k] / (s->singular[k] * s->singular[k] + damping);
        for (size_t j = 0; j < s->columns; j++) y[j] += factor * s->right[k * s->columns + j];
        squares += factor * factor;
    }
    return sqrt(squares);
}

/* The norm of the damped solution; *decline: half the derivative of its square by the damping, negated. */
static double damped_norm(const struct least_squares *s, size_t rank, double damping, double *decline) {
    double squares = 0;
    *decline = 0;
    for (size_t k = 0; k < rank; k++) {
        double sum = s->singular[k] * s->singular[k] + damping;
        double part = s->singular[k] * s->image[k] / sum;
        squares += part * part;
        *decline += part * part / sum;
    }
    return sqrt(squares);
}

double least_squares_damping(const struct least_squares *s, size_t rank, double radius) {
    double decline, norm = damped_norm(s, rank, 0, &decline), damping = 0, low = 0, high = 0;
    if (norm <= 1.1 * radius) return 0;
    for (size_t k = 0; k < rank; k++) {
        double slope = s->singular[k] * s->image[k];
        high += slope * slope;
    }
    high = sqrt(high) / radius;
    for (int tries = 0; tries < 100 && fabs(norm - radius) > 0.1 * radius; tries++) {
        if (norm > radius)
            low = damping;
        else
            high = damping;
        damping += (norm / radius - 1) * norm * norm / decline;
        if (!(damping > low && damping < high)) damping = fmax(1e-3 * high, sqrt(low * high));
        norm = damped_norm(s, rank, damping, &decline);
    }
    return damping;
}
