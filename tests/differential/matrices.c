#include <gradc/gradc.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "differential/bounds.h"

/* Both sides have the same derivatives added up in another order: this times what rounding may make of one of
 * them, in units of 2^-53. */
static const double tolerance = 64;
static const double underflow = 1e-300;

struct matrices {
    struct comparison *c;
    struct gradc_model *model;
    struct gradc_evaluator *evaluator;
    const double *point;
    size_t n;
    double *direction, *product, *expected, *bound; /* as long as the point and the rows are */
};

/* Not a short binary fraction, or a calculation may be exact on one side and rounded on the other. */
static double seventeenth(size_t place) {
    return ((double)((place * 11 + 5) % 29) - 14) / 17;
}

static bool begin(struct matrices *m, const char *source) {
    struct gradc_load_options none = {0};
    struct gradc_evaluator_options options = {.evaluations = 1, .interpret = true};
    m->model = gradc_load_text(m->c->name, ".", source, strlen(source), &none);
    if (!m->model || gradc_has_errors(m->model)) return false;
    m->evaluator = gradc_evaluator_new(m->model, &options);
    m->point = gradc_start(m->model);
    m->n = gradc_dimension(m->model);
    size_t rows = m->n;
    for (size_t k = 0; k < gradc_count(m->model, GRADC_OUTPUTS); k++)
        rows += gradc_array_at(m->model, GRADC_OUTPUTS, k).count;
    m->direction = calloc(rows + 1, sizeof *m->direction);
    m->product = calloc(rows + 1, sizeof *m->product);
    m->expected = calloc(rows + 1, sizeof *m->expected);
    m->bound = calloc(rows + 1, sizeof *m->bound);
    for (size_t k = 0; m->direction && k < rows; k++) m->direction[k] = seventeenth(k);
    return m->evaluator && m->point && m->direction && m->product && m->expected && m->bound;
}

static void compare_products(struct matrices *m, const char *what, size_t count) {
    for (size_t k = 0; k < count; k++) {
        double most = tolerance * m->bound[k] * 0x1p-53 + underflow;
        if (!(fabs(m->product[k] - m->expected[k]) <= most) && isfinite(most))
            comparison_differs(m->c, what, "product", k, m->product[k], m->expected[k]);
    }
}

static void add_entry(struct matrices *m, size_t row, size_t column, double value) {
    m->expected[row] += value * m->direction[column];
    m->bound[row] += fabs(value * m->direction[column]);
}

static void clear(struct matrices *m, size_t count) {
    memset(m->expected, 0, count * sizeof *m->expected);
    memset(m->bound, 0, count * sizeof *m->bound);
}

/* The lower triangle with the mirrored upper one. */
static bool check_hessian(struct matrices *m) {
    struct gradc_matrix h;
    enum gradc_outcome outcome = gradc_hessian(m->evaluator, m->point, &h);
    if (outcome == GRADC_UNDEFINED) return true;
    if (outcome != GRADC_DONE) return false;
    clear(m, m->n);
    for (size_t row = 0; row < h.rows; row++) {
        for (size_t k = h.starts[row]; k < h.starts[row + 1]; k++) {
            add_entry(m, row, h.column[k], h.values[k]);
            if (h.column[k] != row) add_entry(m, h.column[k], row, h.values[k]);
        }
    }
    outcome = gradc_hessian_times(m->evaluator, m->point, m->direction, m->product);
    if (outcome != GRADC_DONE) return outcome == GRADC_UNDEFINED;
    if (!bound_hessian_product(m->c, m->direction, m->bound)) return false;
    compare_products(m, "the Hessian and a product with it differ", m->n);
    return true;
}

static bool check_jacobian(struct matrices *m) {
    struct gradc_matrix j;
    enum gradc_outcome outcome = gradc_jacobian(m->evaluator, GRADC_OUTPUTS, m->point, &j);
    if (outcome == GRADC_UNDEFINED) return true;
    if (outcome != GRADC_DONE) return false;
    clear(m, j.rows);
    for (size_t row = 0; row < j.rows; row++)
        for (size_t k = j.starts[row]; k < j.starts[row + 1]; k++)
            add_entry(m, row, j.column[k], j.values[k]);
    outcome = gradc_jacobian_times(m->evaluator, GRADC_OUTPUTS, m->point, m->direction, m->product);
    if (outcome != GRADC_DONE) return outcome == GRADC_UNDEFINED;
    if (!bound_jacobian_product(m->c, m->direction, m->bound)) return false;
    compare_products(m, "the Jacobian and a product with it differ", j.rows);
    clear(m, m->n);
    for (size_t row = 0; row < j.rows; row++)
        for (size_t k = j.starts[row]; k < j.starts[row + 1]; k++)
            add_entry(m, j.column[k], row, j.values[k]);
    outcome = gradc_times_jacobian(m->evaluator, GRADC_OUTPUTS, m->point, m->direction, m->product);
    if (outcome != GRADC_DONE) return outcome == GRADC_UNDEFINED;
    if (!bound_product_with_jacobian(m->c, m->direction, m->bound)) return false;
    compare_products(m, "the Jacobian and a product from the left differ", m->n);
    return true;
}

void compare_matrices(struct comparison *c, const char *source) {
    struct matrices m = {.c = c};
    if (!begin(&m, source) || !check_hessian(&m) || !check_jacobian(&m))
        comparison_fails(c, "the matrices cannot be compared");
    if (m.evaluator) gradc_evaluator_free(m.evaluator);
    gradc_free(m.model);
    free(m.direction);
    free(m.product);
    free(m.expected);
    free(m.bound);
}
