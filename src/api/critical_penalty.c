#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api/critical.h"
#include "sparse/envelope.h"
#include "sparse/vector.h"

/* A matrix H is positive definite along the null space of A where H + c*A'*A is positive definite for some
 * c (G. Debreu, Definite and Semidefinite Quadratic Forms, Econometrica 20, 1952, theorem 3). Here A has the
 * gradients of the active constraints over the free elements, each with length 1. */

struct penalty {
    struct pattern rows, columns; /* of A, and of its transpose */
    double *a;                    /* by entry of the rows */
    struct pattern lower;         /* of H + c*A'*A */
    double *h, *products;         /* both parts, by its entries */
    bool *fixed;
};

static void release(struct penalty *p) {
    pattern_release(&p->rows);
    pattern_release(&p->columns);
    pattern_release(&p->lower);
    free(p->a);
    free(p->h);
    free(p->products);
    free(p->fixed);
}

/* ---- The active constraints ---- */

static void take_row(struct penalty *p, const struct gradc_matrix *jacobian, size_t row) {
    size_t begin = pattern_count(&p->rows), count = 0;
    for (size_t k = jacobian->starts[row]; k < jacobian->starts[row + 1]; k++) {
        if (p->fixed[jacobian->column[k]] || jacobian->values[k] == 0) continue;
        p->rows.entry[begin + count] = jacobian->column[k];
        p->a[begin + count++] = jacobian->values[k];
    }
    double length = vector_norm(p->a + begin, count);
    for (size_t k = 0; k < count; k++) p->a[begin + k] /= length;
    p->rows.rows++;
    p->rows.starts[p->rows.rows] = begin + count;
}

static bool take_rows(struct penalty *p, struct examination *x) {
    struct gradc_matrix jacobian;
    if (gradc_jacobian(x->e, GRADC_CONSTRAINTS, x->point, &jacobian) != GRADC_DONE) return false;
    p->rows = (struct pattern){.columns = x->dimension,
                               .starts = calloc(x->active_count + 1, sizeof *p->rows.starts),
                               .entry = malloc((jacobian.count + 1) * sizeof *p->rows.entry)};
    p->a = malloc((jacobian.count + 1) * sizeof *p->a);
    if (!p->rows.starts || !p->rows.entry || !p->a) return false;
    for (size_t row = 0; row < jacobian.rows; row++)
        if (x->active[row]) take_row(p, &jacobian, row);
    return pattern_transpose(&p->columns, &p->rows);
}

/* How many products the rows make: what A'*A may have as entries. */
static double products_of_rows(const struct penalty *p) {
    double count = 0;
    for (size_t r = 0; r < p->rows.rows; r++) {
        double width = (double)(p->rows.starts[r + 1] - p->rows.starts[r]);
        count += width * width;
    }
    return count;
}

/* ---- The sum ---- */

static int compare(const void *a, const void *b) {
    uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
    return (i > j) - (i < j);
}

/* The columns of a row, in their order; `seen` holds a mark by column: the row, from 1. */
static size_t mark_row(const struct penalty *p, const struct gradc_matrix *h, size_t i, size_t *seen,
                       uint32_t *entry) {
    size_t count = 0;
    for (size_t k = h->starts[i]; k < h->starts[i + 1]; k++) {
        seen[h->column[k]] = i + 1;
        entry[count++] = h->column[k];
    }
    for (size_t c = p->columns.starts[i]; c < p->columns.starts[i + 1]; c++) {
        size_t r = p->columns.entry[c];
        for (size_t k = p->rows.starts[r]; k < p->rows.starts[r + 1]; k++) {
            uint32_t j = p->rows.entry[k];
            if (j > i || seen[j] == i + 1) continue;
            seen[j] = i + 1;
            entry[count++] = j;
        }
    }
    qsort(entry, count, sizeof *entry, compare);
    return count;
}

static bool find_pattern(struct penalty *p, const struct gradc_matrix *h) {
    size_t n = h->rows, most = h->count + (size_t)products_of_rows(p) + 1;
    size_t *seen = calloc(n + 1, sizeof *seen);
    p->lower = (struct pattern){.rows = n,
                                .columns = n,
                                .starts = calloc(n + 1, sizeof *p->lower.starts),
                                .entry = malloc(most * sizeof *p->lower.entry)};
    bool good = seen && p->lower.starts && p->lower.entry;
    for (size_t i = 0; good && i < n; i++) {
        size_t begin = p->lower.starts[i];
        p->lower.starts[i + 1] = begin + mark_row(p, h, i, seen, p->lower.entry + begin);
    }
    free(seen);
    return good;
}

static void add_products(struct penalty *p) {
    for (size_t r = 0; r < p->rows.rows; r++)
        for (size_t k = p->rows.starts[r]; k < p->rows.starts[r + 1]; k++)
            for (size_t m = p->rows.starts[r]; m <= k; m++)
                p->products[pattern_find(&p->lower, p->rows.entry[k], p->rows.entry[m])] += p->a[k] * p->a[m];
}

static bool fill(struct penalty *p, const struct gradc_matrix *h) {
    size_t count = pattern_count(&p->lower);
    p->h = calloc(count + 1, sizeof *p->h);
    p->products = calloc(count + 1, sizeof *p->products);
    if (!p->h || !p->products) return false;
    for (size_t i = 0; i < h->rows; i++)
        for (size_t k = h->starts[i]; k < h->starts[i + 1]; k++)
            p->h[pattern_find(&p->lower, i, h->column[k])] = h->values[k];
    add_products(p);
    return true;
}

/* ---- The test ---- */

static double largest_entry(const struct penalty *p) {
    double largest = 0;
    for (size_t k = 0; k < pattern_count(&p->lower); k++) largest = fmax(largest, fabs(p->h[k]));
    return largest;
}

/* Whether H + factor*A'*A is positive definite by more than rounding takes. */
static bool is_positive(const struct penalty *p, struct envelope *e, double factor) {
    size_t count = pattern_count(&p->lower), n = p->lower.rows;
    double *values = malloc((count + 1) * sizeof *values), *widths = malloc((n + 1) * sizeof *widths);
    bool good = values && widths;
    for (size_t k = 0; good && k < count; k++) values[k] = p->h[k] + factor * p->products[k];
    for (size_t i = 0; good && i < n; i++) widths[i] = 1;
    if (good) {
        envelope_fill(e, &p->lower, values, widths, p->fixed, -0x1p-46 * factor);
        good = envelope_factor(e);
    }
    free(values);
    free(widths);
    return good;
}

/* Whether some multiple of the squares makes the sum positive definite; its factor is left. */
static bool has_factor(const struct penalty *p, struct envelope *e) {
    static const double factors[] = {1e2, 1e4, 1e6, 1e8, 1e10};
    double largest = largest_entry(p);
    for (size_t k = 0; k < sizeof factors / sizeof *factors; k++)
        if (is_positive(p, e, factors[k] * (largest > 0 ? largest : 1))) return true;
    return false;
}

static bool is_near_critical(struct examination *x, struct envelope *e) {
    double promise = 0, *step = x->direction;
    memset(step, 0, x->dimension * sizeof *step);
    for (size_t k = 0; k < x->count; k++) step[x->free[k]] = x->gradient[x->free[k]];
    envelope_solve(e, step);
    for (size_t k = 0; k < x->count; k++) promise += fabs(step[x->free[k]] * x->gradient[x->free[k]]) / 2;
    return examination_is_short(x, vector_norm(step, x->dimension), promise);
}

static void conclude_definite(struct examination *x, struct envelope *e, bool is_up) {
    if (!is_near_critical(x, e))
        examination_conclude(x, GRADC_NOT_CRITICAL, "Newton's step from here is not short");
    else
        examination_conclude_sign(x, is_up,
                                  is_up ? "the Lagrangian's Hessian is positive definite along the active "
                                          "constraints, by its factors"
                                        : "the Lagrangian's Hessian is negative definite along the active "
                                          "constraints, by its factors");
}

/* With the sign of a minimum where the objective is minimised, else of a maximum; then the other way. */
static void test(struct penalty *p, struct examination *x, struct envelope *e) {
    bool is_up = x->sign > 0;
    for (int turn = 0; turn < 2; turn++, is_up = !is_up) {
        for (size_t k = 0; k < pattern_count(&p->lower) && (turn == 1 || !is_up); k++) p->h[k] = -p->h[k];
        if (!has_factor(p, e)) continue;
        conclude_definite(x, e, is_up);
        return;
    }
    examination_conclude(x, GRADC_UNKNOWN,
                         "the factors of the Lagrangian's Hessian do not show which sign it has along the "
                         "active constraints");
}

static enum gradc_outcome sum_up(struct penalty *p, struct examination *x) {
    struct gradc_matrix h;
    enum gradc_outcome outcome = examination_lagrangian(x, &h);
    if (outcome != GRADC_DONE) return outcome;
    return find_pattern(p, &h) && fill(p, &h) ? GRADC_DONE : GRADC_EXHAUSTED;
}

static bool is_small(const struct penalty *p, const struct examination *x) {
    return products_of_rows(p) <= envelope_entries * (double)x->dimension;
}

/* False where memory is exhausted. */
static bool penalise(struct penalty *p, struct examination *x, struct envelope *e) {
    if (!take_rows(p, x)) return false;
    enum gradc_outcome outcome = is_small(p, x) ? sum_up(p, x) : GRADC_REFUSED;
    if (outcome == GRADC_UNDEFINED)
        examination_conclude(x, GRADC_UNKNOWN, "the Hessian is not finite here");
    else if (outcome == GRADC_DONE && envelope_open(e, &p->lower, envelope_entries, envelope_operations))
        test(p, x, e);
    else
        examination_conclude(x, GRADC_UNKNOWN,
                             "constraints or terms read too many unknowns at once for factors of the "
                             "Lagrangian's Hessian along the active constraints");
    return outcome != GRADC_EXHAUSTED;
}

bool examination_penalise(struct examination *x) {
    const char *objection = examination_objection(x);
    if (objection) {
        examination_conclude(x, GRADC_NOT_CRITICAL, objection);
        return true;
    }
    struct penalty p = {.fixed = malloc(x->dimension + 1)};
    struct envelope e = {0};
    if (!p.fixed) return false;
    memset(p.fixed, 1, x->dimension);
    for (size_t k = 0; k < x->count; k++) p.fixed[x->free[k]] = false;
    bool good = penalise(&p, x, &e);
    envelope_release(&e);
    release(&p);
    return good;
}
