#include <math.h>
#include <stdlib.h>

#include "api/handle.h"

/* The normal equations of a fit: a symmetric matrix over the unknowns that are not held. */
struct normal {
    size_t size;
    size_t *places;  /* in the point */
    double *matrix;  /* row by row */
    double *inverse; /* of the matrix */
};

static void normal_free(struct normal *n) {
    free(n->places);
    free(n->matrix);
    free(n->inverse);
}

static bool normal_open(struct normal *n, size_t dimension, const bool *held) {
    *n = (struct normal){.places = calloc(dimension + 1, sizeof(size_t))};
    for (size_t i = 0; n->places && i < dimension; i++)
        if (!held || !held[i]) n->places[n->size++] = i;
    n->matrix = calloc(n->size * n->size + 1, sizeof(double));
    n->inverse = calloc(n->size * n->size + 1, sizeof(double));
    return n->places && n->matrix && n->inverse;
}

static void add_row(struct normal *n, const double *row) {
    for (size_t i = 0; i < n->size; i++)
        for (size_t j = 0; j < n->size; j++)
            n->matrix[i * n->size + j] += row[n->places[i]] * row[n->places[j]];
}

static enum gradc_outcome add_residuals(struct normal *n, struct gradc_evaluator *e, const double *point) {
    const struct model *model = e->owner->model;
    double *row = calloc(model->dimension + 1, sizeof *row);
    enum gradc_outcome outcome = row ? GRADC_DONE : GRADC_EXHAUSTED;
    for (size_t k = 0; k < model->residuals.count; k++) {
        size_t count = model->residuals.at[k].shape.count;
        for (size_t i = 0; i < count && outcome == GRADC_DONE; i++) {
            outcome = gradc_element_gradient(e, GRADC_RESIDUALS, k, i, point, row);
            if (outcome == GRADC_DONE) add_row(n, row);
        }
    }
    free(row);
    return outcome;
}

/* Divides rows and columns by the roots of the diagonal, which are kept: unknowns of different magnitudes.
 * False where one of them is 0. */
static bool scale(struct normal *n, double *roots) {
    for (size_t i = 0; i < n->size; i++) {
        roots[i] = sqrt(n->matrix[i * n->size + i]);
        if (!(roots[i] > 0) || !isfinite(roots[i])) return false;
    }
    for (size_t i = 0; i < n->size; i++)
        for (size_t j = 0; j < n->size; j++) n->matrix[i * n->size + j] /= roots[i] * roots[j];
    return true;
}

/* Cholesky factorisation in place, of the lower triangle; false where the matrix is singular to rounding. */
static bool factor(struct normal *n) {
    double *m = n->matrix;
    size_t size = n->size;
    for (size_t j = 0; j < size; j++) {
        for (size_t k = 0; k < j; k++) m[j * size + j] -= m[j * size + k] * m[j * size + k];
        if (!(m[j * size + j] > 1e-15)) return false;
        m[j * size + j] = sqrt(m[j * size + j]);
        for (size_t i = j + 1; i < size; i++) {
            for (size_t k = 0; k < j; k++) m[i * size + j] -= m[i * size + k] * m[j * size + k];
            m[i * size + j] /= m[j * size + j];
        }
    }
    return true;
}

/* Solves for one column of the inverse. */
static void invert_column(struct normal *n, size_t column) {
    const double *m = n->matrix;
    size_t size = n->size;
    double *x = n->inverse + column * size;
    x[column] = 1;
    for (size_t i = 0; i < size; i++) {
        for (size_t k = 0; k < i; k++) x[i] -= m[i * size + k] * x[k];
        x[i] /= m[i * size + i];
    }
    for (size_t i = size; i-- > 0;) {
        for (size_t k = i + 1; k < size; k++) x[i] -= m[k * size + i] * x[k];
        x[i] /= m[i * size + i];
    }
}

static bool fill(const struct normal *n, const double *roots, size_t dimension, struct gradc_fit *fit) {
    fit->standard_errors = calloc(dimension + 1, sizeof(double));
    fit->correlation = calloc(dimension * dimension + 1, sizeof(double));
    if (!fit->standard_errors || !fit->correlation) return false;
    for (size_t i = 0; i < dimension; i++) fit->correlation[i * dimension + i] = 1;
    for (size_t i = 0; i < n->size; i++) {
        double variance = n->inverse[i * n->size + i];
        fit->standard_errors[n->places[i]] = fit->residual_std * sqrt(variance) / roots[i];
        for (size_t j = 0; j < n->size; j++) {
            double other = n->inverse[j * n->size + j];
            if (i != j)
                fit->correlation[n->places[i] * dimension + n->places[j]] =
                    n->inverse[i * n->size + j] / sqrt(variance * other);
        }
    }
    return true;
}

static enum gradc_outcome solve(struct normal *n, size_t dimension, struct gradc_fit *fit) {
    double *roots = calloc(n->size + 1, sizeof *roots);
    bool done = roots != NULL;
    if (done && scale(n, roots) && factor(n)) {
        for (size_t k = 0; k < n->size; k++) invert_column(n, k);
        done = fill(n, roots, dimension, fit);
    }
    free(roots);
    return done ? GRADC_DONE : GRADC_EXHAUSTED;
}

static size_t sum_up(const struct gradc_evaluator *e, struct gradc_fit *fit) {
    const struct model *model = e->owner->model;
    size_t total = 0;
    for (size_t k = 0; k < model->residuals.count; k++) {
        const double *values = gradc_values(e, GRADC_RESIDUALS, k);
        total += model->residuals.at[k].shape.count;
        for (size_t i = 0; i < model->residuals.at[k].shape.count; i++) fit->rss += values[i] * values[i];
    }
    return total;
}

enum gradc_outcome gradc_fit_statistics(struct gradc_evaluator *e, const double *point, const bool *held,
                                        struct gradc_fit *fit) {
    const struct model *model = e->owner->model;
    struct normal n;
    *fit = (struct gradc_fit){0};
    enum gradc_outcome outcome = gradc_evaluate_arrays(e, GRADC_RESIDUALS, point);
    if (outcome != GRADC_DONE) return outcome;
    size_t total = sum_up(e, fit);
    bool room = normal_open(&n, model->dimension, held);
    fit->freedom = (double)total - (double)n.size;
    fit->residual_std = fit->freedom > 0 ? sqrt(fit->rss / fit->freedom) : NAN;
    bool in_reach = fit->freedom > 0 && total <= GRADC_FIT_RESIDUALS && n.size <= GRADC_FIT_UNKNOWNS;
    if (room && in_reach) outcome = add_residuals(&n, e, point);
    if (room && in_reach && outcome == GRADC_DONE) outcome = solve(&n, model->dimension, fit);
    normal_free(&n);
    return room ? outcome : GRADC_EXHAUSTED;
}

void gradc_fit_free(struct gradc_fit *fit) {
    free(fit->standard_errors);
    free(fit->correlation);
    *fit = (struct gradc_fit){0};
}
