#include "support/transpose.h"

/* Squares of two by two: compilers make two loads, two exchanges and two stores of each. */

void transpose_rows(double *const *columns, const double *rows, size_t width, size_t count) {
    size_t k = 0;
    for (; k + 2 <= width; k += 2) {
        double *restrict one = columns[k], *restrict two = columns[k + 1];
        const double *restrict from = rows + k;
        size_t p = 0;
        for (; p + 2 <= count; p += 2, from += 2 * width) {
            double a = from[0], b = from[1], c = from[width], d = from[width + 1];
            one[p] = a, one[p + 1] = c;
            two[p] = b, two[p + 1] = d;
        }
        if (p < count) one[p] = from[0], two[p] = from[1];
    }
    for (size_t p = 0; k < width && p < count; p++) columns[k][p] = rows[p * width + k];
}

void transpose_columns(double *rows, double *const *columns, size_t width, size_t count) {
    size_t k = 0;
    for (; k + 2 <= width; k += 2) {
        const double *restrict one = columns[k], *restrict two = columns[k + 1];
        double *restrict to = rows + k;
        size_t p = 0;
        for (; p + 2 <= count; p += 2, to += 2 * width) {
            double a = one[p], b = two[p], c = one[p + 1], d = two[p + 1];
            to[0] = a, to[1] = b;
            to[width] = c, to[width + 1] = d;
        }
        if (p < count) to[0] = one[p], to[1] = two[p];
    }
    for (size_t p = 0; k < width && p < count; p++) rows[p * width + k] = columns[k][p];
}
