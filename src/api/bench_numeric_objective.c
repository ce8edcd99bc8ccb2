#include "api/bench_numeric_objective.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double value_on_line(void *context, double x) {
    struct numeric_objective *n = context;
    double value = NAN;
    n->x[n->moved] = x;
    n->evaluations++;
    if (!n->exact.evaluate(n->exact.context, n->x, &value, NULL)) n->failed = true;
    return value;
}

static bool evaluate(void *context, const double *x, double *value, double *gradient) {
    struct numeric_objective *n = context;
    n->evaluations++;
    if (!n->exact.evaluate(n->exact.context, x, value, NULL)) return false;
    if (!gradient) return true;
    memcpy(n->x, x, n->exact.dimension * sizeof *x);
    for (size_t k = 0; k < n->exact.dimension; k++) {
        struct line line = {value_on_line, n, x[k], *value};
        n->moved = k;
        gradient[k] = difference_derivative(n->formula, &line, difference_usual_step(n->formula, x[k]));
        n->x[k] = x[k];
    }
    return !n->failed;
}

static bool residuals(void *context, const double *x, double *values) {
    struct numeric_objective *n = context;
    n->evaluations++;
    return n->exact.residuals(n->exact.context, x, values);
}

/* Adds what a node of the formula gives to column k. */
static bool add_node(struct numeric_objective *n, size_t k, double node, double weight, double step) {
    size_t rows = n->exact.residual_count, columns = n->exact.dimension;
    const double *at = n->centre;
    if (node != 0) {
        double kept = n->x[k];
        n->x[k] = kept + node * step;
        bool good = residuals(n, n->x, n->residuals);
        n->x[k] = kept;
        if (!good) return false;
        at = n->residuals;
    }
    for (size_t i = 0; i < rows; i++) n->values[i * columns + k] += weight * at[i] / step;
    return true;
}

static bool jacobian(void *context, const double *x, struct descent_matrix *to) {
    struct numeric_objective *n = context;
    size_t rows = n->exact.residual_count, columns = n->exact.dimension;
    bool good = n->formula->nodes[0] != 0 || residuals(n, x, n->centre);
    memcpy(n->x, x, columns * sizeof *x);
    memset(n->values, 0, rows * columns * sizeof *n->values);
    for (size_t k = 0; good && k < columns; k++) {
        double step = difference_step(x[k], difference_usual_step(n->formula, x[k]));
        for (size_t i = 0; good && i < n->formula->count; i++)
            good = add_node(n, k, n->formula->nodes[i], n->formula->weights[i], step);
    }
    *to = (struct descent_matrix){rows, columns, n->starts, n->columns, n->values};
    return good;
}

static bool take_memory(struct numeric_objective *n) {
    size_t rows = n->exact.residuals ? n->exact.residual_count : 0, columns = n->exact.dimension;
    n->x = calloc(columns + 1, sizeof *n->x);
    n->residuals = calloc(rows + 1, sizeof *n->residuals);
    n->centre = calloc(rows + 1, sizeof *n->centre);
    n->values = calloc(rows * columns + 1, sizeof *n->values);
    n->columns = calloc(rows * columns + 1, sizeof *n->columns);
    n->starts = calloc(rows + 1, sizeof *n->starts);
    if (!n->x || !n->residuals || !n->centre || !n->values || !n->columns || !n->starts) return false;
    for (size_t i = 0; i < rows * columns; i++) n->columns[i] = (uint32_t)(i % columns);
    for (size_t i = 0; i <= rows; i++) n->starts[i] = i * columns;
    return true;
}

static bool fail(void *context, const double *x, double *value, double *gradient) {
    (void)context, (void)x, (void)value, (void)gradient;
    return false;
}

void numeric_objective_apply(void *context, struct objective *objective) {
    struct numeric_objective *n = context;
    n->exact = *objective;
    n->failed = !take_memory(n);
    objective->context = n;
    objective->evaluate = n->failed ? fail : evaluate;
    objective->steps_ahead = NULL;
    objective->overflows = NULL;
    objective->hessian = NULL;
    objective->hessian_is_sparse = NULL;
    objective->hessian_times = NULL;
    objective->lagrangian = NULL;
    if (!objective->residuals) return;
    objective->residuals = n->failed ? NULL : residuals;
    objective->jacobian = n->failed ? NULL : jacobian;
}

void numeric_objective_release(struct numeric_objective *n) {
    free(n->x);
    free(n->residuals);
    free(n->centre);
    free(n->values);
    free(n->columns);
    free(n->starts);
    *n = (struct numeric_objective){.formula = n->formula};
}
