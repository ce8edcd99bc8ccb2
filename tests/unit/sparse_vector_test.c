#include "sparse/vector.h"

#include <criterion/criterion.h>
#include <math.h>

enum { MOST = 40 };

Test(vector, sums_are_those_of_all_elements) {
    double a[MOST], b[MOST], c[MOST], dot = 0, dot3 = 0;
    for (size_t n = 0; n < MOST; n++) {
        cr_expect(vector_dot(a, b, n) == dot && vector_dot3(a, b, c, n) == dot3, "%zu elements", n);
        a[n] = (double)n + 1;
        b[n] = 3 - (double)n;
        c[n] = (double)(n % 5);
        dot += a[n] * b[n];
        dot3 += a[n] * b[n] * c[n];
    }
    vector_add(a, 2, b, MOST);
    for (size_t k = 0; k < MOST; k++) cr_expect(a[k] == (double)k + 1 + 2 * b[k]);
}

Test(vector, norms_neither_overflow_nor_underflow) {
    cr_expect(fabs(vector_norm((const double[]){3e200, 4e200}, 2) / 5e200 - 1) < 1e-15);
    cr_expect(fabs(vector_norm((const double[]){3e-200, 4e-200}, 2) / 5e-200 - 1) < 1e-15);
    cr_expect(vector_norm((const double[]){3, 4}, 2) == 5);
    cr_expect(vector_norm((const double[]){-7e-320}, 1) == 7e-320);
    cr_expect(vector_norm((const double[]){0, 0, 0}, 3) == 0);
    cr_expect(isinf(vector_norm((const double[]){1, -INFINITY}, 2)));
    cr_expect(isnan(vector_norm((const double[]){1, NAN, INFINITY}, 3)));
    cr_expect(vector_norm(NULL, 0) == 0);
}
