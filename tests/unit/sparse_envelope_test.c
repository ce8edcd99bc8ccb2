#include "sparse/envelope.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 30 };

/* The lower triangle of a matrix with a diagonal, and entries where the rule says so. */
struct matrix {
    struct pattern lower;
    double values[MOST * MOST], full[MOST][MOST];
};

static void make(struct matrix *m, size_t n, size_t reach, bool has_hub, double diagonal) {
    size_t count = 0;
    *m = (struct matrix){.lower = {.rows = n, .columns = n}};
    m->lower.starts = calloc(n + 1, sizeof(size_t));
    m->lower.entry = calloc(n * n + 1, sizeof(uint32_t));
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j <= i; j++) {
            bool is_entry = i - j == 0 || i - j == reach || (has_hub && j == 3);
            if (!is_entry) continue;
            m->lower.entry[count] = (uint32_t)j;
            m->values[count++] = m->full[i][j] = m->full[j][i] =
                i == j ? diagonal + 0.1 * (double)i : cos((double)(3 * i + 5 * j));
        }
        m->lower.starts[i + 1] = count;
    }
}

static double quadratic(const struct matrix *m, const double *v) {
    double sum = 0;
    for (size_t i = 0; i < m->lower.rows; i++)
        for (size_t j = 0; j < m->lower.rows; j++) sum += v[i] * m->full[i][j] * v[j];
    return sum;
}

static void expect_solution(size_t n, size_t reach, bool has_hub) {
    struct matrix m;
    struct envelope e;
    double widths[MOST], b[MOST], x[MOST];
    bool fixed[MOST] = {false};
    make(&m, n, reach, has_hub, has_hub ? 9 : 3);
    fixed[n / 2] = n > 4;
    for (size_t i = 0; i < n; i++) {
        widths[i] = 1 / (1 + 0.2 * (double)i);
        x[i] = b[i] = sin((double)i);
    }
    cr_assert(envelope_open(&e, &m.lower, 1e9, 1e9));
    envelope_fill(&e, &m.lower, m.values, widths, fixed, 0.5);
    cr_assert(envelope_factor(&e));
    envelope_solve(&e, x);
    double inner = 0;
    for (size_t i = 0; i < n; i++) {
        double sum = fixed[i] ? x[i] : 0.5 * x[i];
        for (size_t j = 0; j < n; j++)
            if (!fixed[i] && !fixed[j]) sum += widths[i] * m.full[i][j] * widths[j] * x[j];
        cr_expect(fabs(sum - b[i]) < 1e-13, "row %zu of %zu, reach %zu: %g", i, n, reach, sum - b[i]);
        inner += x[i] * b[i];
    }
    cr_expect(fabs(envelope_inner(&e, b) - inner) < 1e-13 * fmax(1, fabs(inner)));
    envelope_release(&e);
    pattern_release(&m.lower);
}

Test(envelope, systems_are_solved) {
    for (size_t n = 1; n < MOST; n++)
        for (size_t reach = 1; reach < 12; reach += 2) {
            expect_solution(n, reach, false);
            expect_solution(n, reach, true);
        }
}

/* A hub that all others know comes last: the factor has no more entries than the matrix. */
Test(envelope, order_keeps_it_narrow) {
    struct matrix m;
    struct envelope e;
    make(&m, 29, 29, true, 9);
    cr_expect(envelope_open(&e, &m.lower, 3, 1e9));
    envelope_release(&e);
    pattern_release(&m.lower);
    make(&m, 29, 7, false, 9); /* seven chains */
    cr_expect(envelope_open(&e, &m.lower, 2, 4));
    envelope_release(&e);
    cr_expect(!envelope_open(&e, &m.lower, 1.5, 4));
    envelope_release(&e);
    cr_expect(!envelope_open(&e, &m.lower, 2, 3));
    envelope_release(&e);
    pattern_release(&m.lower);
}

Test(envelope, where_it_fails_curvature_is_not_positive) {
    for (size_t n = 2; n < MOST; n++) {
        struct matrix m;
        struct envelope e;
        double widths[MOST], z[MOST];
        bool fixed[MOST] = {false};
        for (size_t i = 0; i < n; i++) widths[i] = 1;
        make(&m, n, 1, false, 0.6);
        m.values[m.lower.starts[n] - 1] = m.full[n - 1][n - 1] = -2;
        cr_assert(envelope_open(&e, &m.lower, 1e9, 1e9));
        envelope_fill(&e, &m.lower, m.values, widths, fixed, 0);
        cr_assert(!envelope_factor(&e));
        envelope_descent(&e, z);
        cr_expect(quadratic(&m, z) < 1e-12, "%zu: %g", n, quadratic(&m, z));
        envelope_release(&e);
        pattern_release(&m.lower);
    }
}
