#include "sparse/eigen.h"

#include <criterion/criterion.h>
#include <math.h>

/* A matrix that is diagonal, or that of second differences plus a multiple of the unit matrix. */
struct matrix {
    size_t n;
    const double *diagonal; /* NULL: second differences */
    double shift;
    size_t products, failing; /* the product that fails; 0: none */
};

static bool multiply(void *context, const double *v, double *result) {
    struct matrix *m = context;
    if (++m->products == m->failing) return false;
    for (size_t i = 0; i < m->n; i++) {
        double below = i > 0 ? v[i - 1] : 0, above = i + 1 < m->n ? v[i + 1] : 0;
        result[i] = m->diagonal ? m->diagonal[i] * v[i] : (2 + m->shift) * v[i] - below - above;
    }
    return true;
}

/* The eigenvalues are 4*sin(k*pi/(2*(n + 1)))^2 + shift. */
static double difference_eigenvalue(size_t n, size_t k, double shift) {
    double s = sin((double)k * acos(-1) / (2 * (double)(n + 1)));
    return 4 * s * s + shift;
}

/* Both ends are known to a hundredth, from three vectors and far more steps than stay orthogonal. */
Test(eigen, second_differences) {
    struct matrix m = {.n = 1000};
    struct eigen_extremes found;
    double low = difference_eigenvalue(m.n, 1, 0), high = difference_eigenvalue(m.n, m.n, 0);
    cr_assert(eigen_extremes(multiply, &m, m.n, 20000, &found));
    cr_expect(found.error <= 0.01 * found.smallest, "%g beside %g", found.error, found.smallest);
    cr_expect(fabs(found.smallest - low) <= found.error + 1e-13, "%g, not %g", found.smallest, low);
    cr_expect(fabs(found.largest - high) <= found.error + 1e-13, "%g, not %g", found.largest, high);
}

/* Few steps are told to be too few. */
Test(eigen, too_few_steps) {
    struct matrix m = {.n = 1000};
    struct eigen_extremes found;
    cr_assert(eigen_extremes(multiply, &m, m.n, 40, &found));
    cr_expect_eq(m.products, 40);
    cr_expect(found.error > 0.1 * found.smallest);
    cr_expect(found.smallest >= difference_eigenvalue(m.n, 1, 0));
    cr_expect(found.largest <= difference_eigenvalue(m.n, m.n, 0));
}

/* Two signs end the search. */
Test(eigen, two_signs) {
    struct matrix m = {.n = 1000, .shift = -1};
    struct eigen_extremes found;
    cr_assert(eigen_extremes(multiply, &m, m.n, 20000, &found));
    cr_expect_eq(m.products, 32);
    cr_expect(found.smallest < -0.9 && found.largest > 2.9, "%g %g", found.smallest, found.largest);
}

/* A space that is complete ends it, whatever the number of steps that were allowed. */
Test(eigen, few_eigenvalues) {
    double diagonal[700];
    struct matrix m = {.n = 700, .diagonal = diagonal};
    struct eigen_extremes found;
    for (size_t i = 0; i < m.n; i++) diagonal[i] = i % 3 ? 5 : 2;
    cr_assert(eigen_extremes(multiply, &m, m.n, 100, &found));
    cr_expect_leq(m.products, 4);
    cr_expect_float_eq(found.smallest, 2, 1e-12);
    cr_expect_float_eq(found.largest, 5, 1e-12);
    cr_expect_leq(found.error, 1e-12);
    m.n = 1;
    cr_assert(eigen_extremes(multiply, &m, m.n, 100, &found));
    cr_expect_eq(found.smallest, 2);
    cr_expect_eq(found.largest, 2);
}

Test(eigen, failures) {
    double diagonal[50] = {0};
    struct matrix m = {.n = 50, .failing = 3};
    struct eigen_extremes found;
    cr_expect(!eigen_extremes(multiply, &m, m.n, 100, &found));
    m = (struct matrix){.n = 50, .diagonal = diagonal};
    cr_expect(eigen_extremes(multiply, &m, m.n, 100, &found));
    cr_expect(found.smallest == 0 && found.largest == 0 && found.error == 0);
    diagonal[7] = NAN;
    cr_expect(!eigen_extremes(multiply, &m, m.n, 100, &found));
}
