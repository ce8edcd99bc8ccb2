#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api/critical.h"
#include "descend/press.h"
#include "sparse/null_space.h"

enum gradc_outcome examination_subtract(struct examination *x) {
    struct gradc_matrix jacobian;
    enum gradc_outcome outcome = gradc_jacobian(x->e, GRADC_CONSTRAINTS, x->point, &jacobian);
    for (size_t i = 0; outcome == GRADC_DONE && i < jacobian.rows; i++)
        for (size_t k = jacobian.starts[i]; k < jacobian.starts[i + 1]; k++)
            x->gradient[jacobian.column[k]] -= x->forces[i] * jacobian.values[k];
    return outcome;
}

const char *examination_objection(const struct examination *x) {
    double slope = 0;
    for (size_t k = 0; k < x->count; k++) slope = fmax(slope, fabs(x->gradient[x->free[k]]));
    if (x->violation > 1e-5) return "constraints are violated";
    if (slope > 1e-3 * fmax(1, x->steepness)) return "the gradient of the Lagrangian is not small";
    return NULL;
}

/* ---- Active constraints ---- */

/* What counts as touching a bound, beside its size. */
static const double touching = 1e-6;

bool examination_presses(const struct examination *x, double distance, double bound, double force) {
    static const double beside = 1e-3, product = 1e-6;
    double away = fabs(distance), unit = fmax(1, fabs(bound));
    bool touches = away <= touching * unit || (away <= beside * unit && force * away <= product);
    return touches && bound_presses(distance, bound, force, x->steepness);
}

/* Where a value stands between its bounds. The force of the objective on the lower one is sign*multiplier. */
enum place { PLACE_FREE, PLACE_TOUCHING, PLACE_EQUAL, PLACE_VIOLATED, PLACE_PRESSING };

static enum place place_of(const struct examination *x, double value, double lower, double upper,
                           double multiplier) {
    static const double violated = 1e-6;
    double below = value - lower, above = upper - value, force = x->sign * multiplier;
    double bound = fabs(below) < fabs(above) ? lower : upper;
    if (!(lower < upper)) return PLACE_EQUAL;
    if (fmin(below, above) < -violated * fmax(1, fabs(bound))) return PLACE_VIOLATED;
    if (isfinite(lower) && examination_presses(x, below, lower, force)) return PLACE_PRESSING;
    if (isfinite(upper) && examination_presses(x, above, upper, -force)) return PLACE_PRESSING;
    double nearest = fmin(below, above);
    return isfinite(nearest) && nearest <= touching * fmax(1, fabs(bound)) ? PLACE_TOUCHING : PLACE_FREE;
}

bool examination_hold(struct examination *x) {
    const struct model *model = x->e->owner->model;
    size_t rows = gradc_constraint_count(x->e->owner);
    double *bounds = calloc(2 * rows + 1, sizeof *bounds);
    for (size_t k = 0; k < x->dimension; k++) x->steepness = fmax(x->steepness, fabs(x->gradient[k]));
    x->active = calloc(rows + 1, sizeof *x->active);
    x->forces = calloc(rows + 1, sizeof *x->forces);
    bool good = bounds && x->active && x->forces &&
                gradc_constraint_bounds(x->e, bounds, bounds + rows) == GRADC_DONE &&
                gradc_evaluate_arrays(x->e, GRADC_CONSTRAINTS, x->point) == GRADC_DONE;
    for (size_t k = 0, row = 0; good && k < model->constraints.count; k++) {
        const double *values = gradc_values(x->e, GRADC_CONSTRAINTS, k);
        for (size_t i = 0; i < model->constraints.at[k].shape.count; i++, row++) {
            enum place place = place_of(x, values[i], bounds[row], bounds[rows + row], x->multipliers[row]);
            x->active[row] = place > PLACE_TOUCHING;
            x->pressing += place == PLACE_PRESSING;
            x->touching += place == PLACE_TOUCHING;
            x->active_count += x->active[row];
            if (x->active[row]) x->forces[row] = x->multipliers[row];
            double limit = values[i] < bounds[row] ? bounds[row] : bounds[rows + row];
            double excess = fmax(bounds[row] - values[i], values[i] - bounds[rows + row]);
            x->violation = fmax(x->violation, excess / fmax(1, fabs(limit)));
        }
    }
    free(bounds);
    return good;
}

/* The gradients of the active constraints over the free elements, a row each. */
static double *active_gradients(struct examination *x) {
    struct gradc_matrix jacobian;
    if (gradc_jacobian(x->e, GRADC_CONSTRAINTS, x->point, &jacobian) != GRADC_DONE) return NULL;
    size_t *place = calloc(x->dimension + 1, sizeof *place);
    double *gradients = calloc(x->active_count * x->count + 1, sizeof *gradients);
    for (size_t k = 0; place && k < x->count; k++) place[x->free[k]] = k + 1;
    for (size_t i = 0, row = 0; place && gradients && i < jacobian.rows; i++) {
        if (!x->active[i]) continue;
        for (size_t k = jacobian.starts[i]; k < jacobian.starts[i + 1]; k++)
            if (place[jacobian.column[k]])
                gradients[row * x->count + place[jacobian.column[k]] - 1] = jacobian.values[k];
        row++;
    }
    if (!place) {
        free(gradients);
        gradients = NULL;
    }
    free(place);
    return gradients;
}

/* ---- The reduced Hessian ---- */

enum gradc_outcome examination_lagrangian(struct examination *x, struct gradc_matrix *h) {
    size_t rows = gradc_constraint_count(x->e->owner);
    double *negated = calloc(rows + 1, sizeof *negated);
    if (!negated) return GRADC_EXHAUSTED;
    for (size_t k = 0; k < rows; k++) negated[k] = -x->forces[k];
    enum gradc_outcome outcome = gradc_lagrangian(x->e, x->point, 1, negated, h);
    free(negated);
    return outcome;
}

static double *dense_lagrangian(struct examination *x, enum gradc_outcome *outcome) {
    struct gradc_matrix h;
    *outcome = examination_lagrangian(x, &h);
    for (size_t k = 0; *outcome == GRADC_DONE && k < h.count; k++)
        x->largest = fmax(x->largest, fabs(h.values[k]));
    return *outcome == GRADC_DONE ? examination_dense(x, &h) : NULL;
}

/* Z'*H*Z for the rows of `basis` as Z'; of H the lower triangle is given, of the product it is made. */
static void project(const double *basis, const double *h, double *reduced, double *product, size_t order,
                    size_t n) {
    for (size_t a = 0; a < order; a++) {
        const double *vector = basis + a * n;
        memset(product, 0, n * sizeof *product);
        for (size_t i = 0; i < n; i++) {
            for (size_t j = 0; j < i; j++) {
                product[i] += h[i * n + j] * vector[j];
                product[j] += h[i * n + j] * vector[i];
            }
            product[i] += h[i * n + i] * vector[i];
        }
        for (size_t b = a; b < order; b++) {
            double sum = 0;
            for (size_t i = 0; i < n; i++) sum += basis[b * n + i] * product[i];
            reduced[b * order + a] = sum;
        }
    }
}

static double *reduce(struct examination *x, const double *basis, const double *h) {
    size_t n = x->count, order = x->order;
    double *reduced = calloc(order * order + 1, sizeof *reduced), *product = calloc(n + 1, sizeof *product);
    x->slopes = calloc(order + 1, sizeof *x->slopes);
    bool good = reduced && product && x->slopes;
    if (good) project(basis, h, reduced, product, order, n);
    for (size_t a = 0; good && a < order; a++)
        for (size_t i = 0; i < n; i++) x->slopes[a] += basis[a * n + i] * x->gradient[x->free[i]];
    free(product);
    if (good) return reduced;
    free(reduced);
    return NULL;
}

double *examination_reduce(struct examination *x, enum gradc_outcome *outcome) {
    double *h = dense_lagrangian(x, outcome), *basis = NULL, *reduced = NULL;
    double *gradients = h ? active_gradients(x) : NULL;
    x->what = x->active_count > 0 ? "the Lagrangian's Hessian along the active constraints"
                                  : "the Lagrangian's Hessian";
    if (gradients && null_space(gradients, x->active_count, x->count, &basis, &x->order))
        reduced = reduce(x, basis, h);
    free(h);
    free(gradients);
    free(basis);
    return reduced;
}
