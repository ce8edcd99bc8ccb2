#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api/handle.h"
#include "api/student.h"
#include "sparse/lapack_load.h"
#include "sparse/least_squares.h"
#include "support/text.h"

/* The Jacobian of the residuals over the unknowns that are not held, each column divided by its norm, as
 * unknowns may be of different magnitudes. Standard errors and correlations come from its singular values
 * (Seber and Wild, Nonlinear Regression, 1989, section 5.1: sigma^2*(J'J)^-1). */
struct regression {
    struct gradc_evaluator *e;
    size_t rows, count;
    size_t *places; /* in the point */
    double *norms;
    double *augmented; /* rows*(count + 1), by columns */
    struct least_squares parts;
};

static const double hardly_apart = 1e-7; /* a singular value beside the largest */
static const size_t most_numbers = (size_t)1 << 25;

static void release(struct regression *r) {
    free(r->places);
    free(r->norms);
    free(r->augmented);
    least_squares_release(&r->parts);
}

static bool open_regression(struct regression *r, size_t dimension, const bool *held) {
    r->places = calloc(dimension + 1, sizeof *r->places);
    r->norms = calloc(dimension + 1, sizeof *r->norms);
    for (size_t i = 0; r->places && i < dimension; i++)
        if (!held || !held[i]) r->places[r->count++] = i;
    return r->places && r->norms;
}

/* ---- The Jacobian ---- */

static void copy_columns(struct regression *r, const struct gradc_matrix *jacobian, const size_t *column_of) {
    for (size_t i = 0; i < jacobian->rows; i++)
        for (size_t k = jacobian->starts[i]; k < jacobian->starts[i + 1]; k++) {
            size_t column = column_of[jacobian->column[k]];
            if (column) r->augmented[(column - 1) * r->rows + i] = jacobian->values[k];
        }
}

static void normalise(struct regression *r) {
    for (size_t j = 0; j < r->count; j++) {
        double *column = r->augmented + j * r->rows, squares = 0;
        for (size_t i = 0; i < r->rows; i++) squares += column[i] * column[i];
        r->norms[j] = sqrt(squares);
        for (size_t i = 0; i < r->rows && squares > 0; i++) column[i] /= r->norms[j];
    }
}

static enum gradc_outcome decompose(struct regression *r, const double *point) {
    struct gradc_matrix jacobian;
    enum gradc_outcome outcome = gradc_jacobian(r->e, GRADC_RESIDUALS, point, &jacobian);
    if (outcome != GRADC_DONE) return outcome;
    if (r->count > 0 && !lapack_load()) {
        diag_add(&r->e->owner->model->diags, SEVERITY_WARNING, "lapack", (struct span){0},
                 "standard errors need LAPACK, which could not be loaded");
        return GRADC_EXHAUSTED;
    }
    size_t *column_of = calloc(jacobian.columns + 1, sizeof *column_of);
    r->augmented = calloc(r->rows * (r->count + 1) + 1, sizeof *r->augmented);
    bool good = column_of && r->augmented;
    for (size_t j = 0; good && j < r->count; j++) column_of[r->places[j]] = j + 1;
    if (good) {
        copy_columns(r, &jacobian, column_of);
        normalise(r);
        good = least_squares_decompose(&r->parts, r->augmented, r->rows, r->count);
    }
    free(column_of);
    return good ? GRADC_DONE : GRADC_EXHAUSTED;
}

/* ---- What cannot be told apart ---- */

static void add_name(struct text *text, const struct gradc_model *model, size_t place) {
    for (size_t k = 0; k < gradc_count(model, GRADC_UNKNOWNS); k++) {
        struct gradc_array unknown = gradc_array_at(model, GRADC_UNKNOWNS, k);
        if (place - unknown.offset >= unknown.count) continue;
        char *name = gradc_element_name(&unknown, place - unknown.offset);
        text_add(text, name ? name : unknown.name);
        free(name);
        return;
    }
}

/* "b1, b2 and b3": the elements that a direction moves most. */
static size_t add_names(struct text *text, const struct regression *r, const double *direction) {
    double largest = 0;
    size_t wanted = 0, written = 0;
    for (size_t j = 0; j < r->count; j++) largest = fmax(largest, fabs(direction[j]));
    for (size_t j = 0; j < r->count; j++) wanted += fabs(direction[j]) >= 0.1 * largest;
    for (size_t j = 0; j < r->count && written < 10; j++) {
        if (!(fabs(direction[j]) >= 0.1 * largest)) continue;
        if (written) text_add(text, written + 1 == wanted ? " and " : ", ");
        add_name(text, r->e->owner, r->places[j]);
        written++;
    }
    if (wanted > written) text_add(text, ", ...");
    return wanted;
}

static void name_undetermined(const struct regression *r, struct gradc_fit *fit) {
    struct text text = {0};
    for (size_t j = 0; j < r->count && !text.length; j++) {
        if (r->norms[j] > 0) continue;
        text_add(&text, "the residuals do not depend on ");
        add_name(&text, r->e->owner, r->places[j]);
    }
    const struct least_squares *s = &r->parts;
    if (!text.length && s->count > 0) {
        size_t last = s->count - 1;
        text_add(&text, "the residuals hardly tell ");
        size_t names = add_names(&text, r, s->right + last * s->columns);
        text_add(&text, names > 1 ? " apart" : " from the others");
        double ratio = s->singular[last] / s->singular[0];
        if (ratio > 1e-14)
            text_addf(&text, ": the Jacobian's least singular value is %.2g times its largest", ratio);
        else
            text_add(&text, ": the Jacobian is singular");
    }
    fit->undetermined = text_copy(text_string(&text));
    text_free(&text);
}

/* ---- Standard errors and correlations ---- */

/* An element of (J'J)^-1, for columns of norm 1. */
static double inverse_at(const struct least_squares *s, size_t i, size_t j) {
    double sum = 0;
    for (size_t k = 0; k < s->count; k++) {
        const double *row = s->right + k * s->columns;
        sum += row[i] * row[j] / (s->singular[k] * s->singular[k]);
    }
    return sum;
}

static bool fill(const struct regression *r, size_t dimension, struct gradc_fit *fit) {
    fit->standard_errors = calloc(dimension + 1, sizeof(double));
    fit->correlation = calloc(dimension * dimension + 1, sizeof(double));
    if (!fit->standard_errors || !fit->correlation) return false;
    for (size_t i = 0; i < dimension; i++) fit->correlation[i * dimension + i] = 1;
    for (size_t i = 0; i < r->count; i++) {
        double root = sqrt(inverse_at(&r->parts, i, i));
        fit->standard_errors[r->places[i]] = fit->residual_std * root / r->norms[i];
        for (size_t j = 0; j < i; j++) {
            double both = inverse_at(&r->parts, i, j) / (root * sqrt(inverse_at(&r->parts, j, j)));
            fit->correlation[r->places[i] * dimension + r->places[j]] = both;
            fit->correlation[r->places[j] * dimension + r->places[i]] = both;
        }
    }
    return true;
}

static enum gradc_outcome conclude(const struct regression *r, size_t dimension, struct gradc_fit *fit) {
    const struct least_squares *s = &r->parts;
    bool full = r->count > 0 && s->count == r->count && least_squares_rank(s, (double)r->rows) == r->count;
    if (r->count > 0 && (!full || s->singular[s->count - 1] < hardly_apart * s->singular[0]))
        name_undetermined(r, fit);
    return !full || fill(r, dimension, fit) ? GRADC_DONE : GRADC_EXHAUSTED;
}

/* ---- The whole ---- */

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
    struct regression r = {.e = e};
    *fit = (struct gradc_fit){0};
    enum gradc_outcome outcome = gradc_evaluate_arrays(e, GRADC_RESIDUALS, point);
    if (outcome != GRADC_DONE) return outcome;
    r.rows = sum_up(e, fit);
    bool room = open_regression(&r, model->dimension, held);
    fit->freedom = (double)r.rows - (double)r.count;
    fit->residual_std = fit->freedom > 0 ? sqrt(fit->rss / fit->freedom) : NAN;
    fit->t95 = student_quantile(fit->freedom, 0.05);
    bool in_reach =
        fit->freedom > 0 && r.count <= GRADC_FIT_UNKNOWNS && r.rows <= most_numbers / (r.count + 1);
    if (room && in_reach) outcome = decompose(&r, point);
    if (room && in_reach && outcome == GRADC_DONE) outcome = conclude(&r, model->dimension, fit);
    release(&r);
    return room ? outcome : GRADC_EXHAUSTED;
}

void gradc_fit_free(struct gradc_fit *fit) {
    free(fit->standard_errors);
    free(fit->correlation);
    free(fit->undetermined);
    *fit = (struct gradc_fit){0};
}
