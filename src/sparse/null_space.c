#include "sparse/null_space.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static double square(const double *v, size_t from, size_t to) {
    double sum = 0;
    for (size_t j = from; j < to; j++) sum += v[j] * v[j];
    return sum;
}

/* v -= 2*u*(u'v)/(u'u) over the elements from `from`; u has been scaled so that u'u is 2. */
static void reflect(const double *u, double *v, size_t from, size_t to) {
    double product = 0;
    for (size_t j = from; j < to; j++) product += u[j] * v[j];
    for (size_t j = from; j < to; j++) v[j] -= product * u[j];
}

static void exchange(double *a, double *b, size_t count) {
    for (size_t j = 0; j < count; j++) {
        double kept = a[j];
        a[j] = b[j];
        b[j] = kept;
    }
}

/* The largest of the rows that are left, by what the reflections so far have not taken from it. */
static double bring_largest(double *matrix, size_t rows, size_t columns, size_t step) {
    size_t largest = step;
    double most = -1;
    for (size_t i = step; i < rows; i++) {
        double size = square(matrix + i * columns, step, columns);
        if (size > most) most = size, largest = i;
    }
    if (largest != step) exchange(matrix + step * columns, matrix + largest * columns, columns);
    return sqrt(most);
}

/* Turns row `step` into the reflection that makes its elements behind `step` 0. */
static void make_reflection(double *row, size_t step, size_t columns, double size) {
    row[step] += row[step] > 0 ? size : -size;
    double scale = sqrt(2 / square(row, step, columns));
    for (size_t j = step; j < columns; j++) row[j] *= scale;
}

static size_t factor(double *matrix, size_t rows, size_t columns) {
    size_t most = rows < columns ? rows : columns;
    double first = 0;
    for (size_t step = 0; step < most; step++) {
        double size = bring_largest(matrix, rows, columns, step);
        if (step == 0) first = size;
        if (!(size > (double)(rows + columns) * 8 * DBL_EPSILON * first)) return step;
        double *row = matrix + step * columns;
        make_reflection(row, step, columns, size);
        for (size_t i = step + 1; i < rows; i++) reflect(row, matrix + i * columns, step, columns);
    }
    return most;
}

/* What a row says does not depend on its size. False where an element is not finite. */
static bool make_unit(double *row, size_t columns) {
    double largest = 0;
    for (size_t j = 0; j < columns; j++) {
        if (!isfinite(row[j])) return false;
        largest = fmax(largest, fabs(row[j]));
    }
    for (size_t j = 0; j < columns && largest > 0; j++) row[j] /= largest;
    return true;
}

bool null_space(double *matrix, size_t rows, size_t columns, double **basis, size_t *count) {
    for (size_t i = 0; i < rows; i++)
        if (!make_unit(matrix + i * columns, columns)) return false;
    size_t rank = factor(matrix, rows, columns);
    *count = columns - rank;
    *basis = calloc(*count * columns + 1, sizeof **basis);
    if (!*basis) return false;
    for (size_t k = 0; k < *count; k++) {
        double *vector = *basis + k * columns;
        vector[rank + k] = 1;
        for (size_t step = rank; step-- > 0;) reflect(matrix + step * columns, vector, step, columns);
    }
    return true;
}
