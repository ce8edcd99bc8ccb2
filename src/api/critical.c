#include "api/critical.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sparse/eigen.h"
#include "sparse/lapack_load.h"
#include "sparse/vector.h"

/* All eigenvalues up to here; beyond, the extreme ones. */
enum { MOST_DENSE = 500 };

/* ---- What may move ---- */

/* An element at a bound that the objective pushes it against does not move. Interior points come near alone.
 */
static bool is_free(const struct examination *x, const double *lower, const double *upper, size_t k) {
    double slope = x->sign * x->gradient[k], below = x->point[k] - lower[k], above = upper[k] - x->point[k];
    if ((below <= 0 && slope > 0) || (above <= 0 && slope < 0)) return false;
    return !x->multipliers || !(examination_presses(x, below, lower[k], slope) ||
                                examination_presses(x, above, upper[k], -slope));
}

static double start_of(const struct examination *x, size_t element) {
    double start = x->e->owner->model->start[element];
    return start * start > 0 ? fabs(start) : 1;
}

/* The size of the unknowns that may move, by their starts; 1 for each that starts at 0. */
static double size_of_start(const struct examination *x) {
    double squares = 0;
    for (size_t k = 0; k < x->count; k++) squares += start_of(x, x->free[k]) * start_of(x, x->free[k]);
    return sqrt(squares);
}

/* The size by which values are tried some way off: of the point, but where it is small beside the start. */
static double size_of_trials(const struct examination *x) {
    return fmax(x->size, 1e-2 * size_of_start(x));
}

static void find_free(struct examination *x, const double *lower, const double *upper) {
    double squares = 0;
    for (size_t k = 0; k < x->dimension; k++) {
        if (lower[k] >= upper[k]) continue;
        if (!is_free(x, lower, upper, k)) {
            x->pressing++;
            continue;
        }
        x->free[x->count++] = k;
        squares += x->point[k] * x->point[k];
    }
    x->size = squares > 0 ? sqrt(squares) : 1;
}

/* ---- Flat directions ---- */

/* The objective beside the point, less that at the point. */
static double change(struct examination *x, const double *vector, double step) {
    double value = NAN;
    for (size_t k = 0; k < x->dimension; k++) x->direction[k] = x->point[k];
    for (size_t k = 0; k < x->count; k++) x->direction[x->free[k]] += step * vector[k];
    if (gradc_evaluate(x->e, x->direction, &value, NULL) != GRADC_DONE) return NAN;
    return x->sign * (value - x->value);
}

enum shape { SHAPE_FLAT, SHAPE_UP, SHAPE_DOWN, SHAPE_INFLECTION };

/* How the objective goes on where its second derivative is 0: by its values on both sides. */
static enum shape shape_along(struct examination *x, const double *vector) {
    static const double steps[] = {1e-3, 1e-2, 1e-1};
    double size = fmax(x->size, size_of_start(x));
    for (size_t k = 0; k < sizeof steps / sizeof *steps; k++) {
        double there = change(x, vector, steps[k] * size), back = change(x, vector, -steps[k] * size);
        double noise = 64 * 0x1p-52 * fabs(x->value);
        if (!(fabs(there) > noise) && !(fabs(back) > noise)) continue;
        if (there > noise && back > noise) return SHAPE_UP;
        if (there < -noise && back < -noise) return SHAPE_DOWN;
        if ((there > noise && back < -noise) || (there < -noise && back > noise)) return SHAPE_INFLECTION;
    }
    return SHAPE_FLAT;
}

/* Whether the objective's values some way off show a curvature: along a valley that is flat but bent, a slope
 * that is left makes some, which steps along a straight line do not meet. */
static bool is_confirmed(struct examination *x, const double *vector, double curvature) {
    static const double steps[] = {1e-2, 3e-2, 1e-1};
    for (size_t k = 0; k < sizeof steps / sizeof *steps; k++) {
        double step = steps[k] * size_of_trials(x);
        double mean = (change(x, vector, step) + change(x, vector, -step)) / 2;
        double ratio = mean / (x->sign * curvature * step * step / 2);
        if (fabs(mean) > 64 * 0x1p-52 * fabs(x->value) && ratio > 0.5 && ratio < 2) return true;
    }
    return false;
}

const char *examination_name(const struct examination *x, size_t element) {
    struct model *model = x->e->owner->model;
    for (size_t k = 0; k < model->unknowns.count; k++) {
        struct gradc_array unknown = gradc_array_at(x->e->owner, GRADC_UNKNOWNS, k);
        if (element - unknown.offset >= unknown.count) continue;
        char *name = gradc_element_name(&unknown, element - unknown.offset);
        const char *kept = name ? arena_text(&model->arena, name, strlen(name)) : NULL;
        free(name);
        return kept ? kept : unknown.name;
    }
    return "an unknown";
}

static const char *name_of_largest(const struct examination *x, const double *vector) {
    size_t best = 0;
    for (size_t k = 1; k < x->count; k++)
        if (fabs(vector[k]) > fabs(vector[best])) best = k;
    return examination_name(x, x->free[best]);
}

void examination_conclude(struct examination *x, enum gradc_critical_kind kind, const char *detail) {
    x->found->kind = kind;
    free(x->found->detail);
    x->found->detail = text_copy(detail);
}

static void conclude_about(struct examination *x, enum gradc_critical_kind kind, const char *before,
                           const char *what, const char *after) {
    char text[200];
    snprintf(text, sizeof text, "%s%s%s", before, what, after);
    examination_conclude(x, kind, text);
}

static void conclude_degenerate(struct examination *x, const double *vector) {
    static const char *const endings[] = {
        [SHAPE_FLAT] = "the objective is flat along %s: the second derivative is 0, and values do not tell",
        [SHAPE_UP] = "the second derivative along %s is 0, and the objective is worse on both sides",
        [SHAPE_DOWN] = "the second derivative along %s is 0, and the objective is better on both sides",
        [SHAPE_INFLECTION] = "a stationary inflection along %s: the second derivative is 0, and the "
                             "objective is better on one "
                             "side"};
    char text[300];
    const char *name = name_of_largest(x, vector);
    enum shape shape = shape_along(x, vector);
    /* The compiler cannot check a format from a table: each has one %s. */
    const char *place = strstr(endings[shape], "%s");
    snprintf(text, sizeof text, "%.*s%s%s", (int)(place - endings[shape]), endings[shape], name, place + 2);
    examination_conclude(x, GRADC_DEGENERATE, text);
}

/* ---- Small matrices ---- */

double *examination_dense(const struct examination *x, const struct gradc_matrix *h) {
    size_t n = x->count, *place = calloc(x->dimension + 1, sizeof *place);
    double *matrix = calloc(n * n + 1, sizeof *matrix);
    for (size_t k = 0; place && k < n; k++) place[x->free[k]] = k + 1;
    for (size_t row = 0; place && matrix && row < h->rows; row++)
        for (size_t k = h->starts[row]; k < h->starts[row + 1]; k++)
            if (place[row] && place[h->column[k]])
                matrix[(place[row] - 1) * n + place[h->column[k]] - 1] = h->values[k];
    free(place);
    return matrix;
}

/* Newton's step, beside the size of what moves. */
static const double nearest = 1e-2;

/* Whether each unknown moves by little beside what it started from: a minimum at 0 is met but for rounding,
 * or for the tolerance of the descent. */
static bool is_short_by_starts(const struct examination *x, const double *vectors, const double *values,
                               const double *slopes) {
    if (x->multipliers) return false;
    for (size_t i = 0; i < x->count; i++) {
        double step = 0, start = start_of(x, x->free[i]);
        for (size_t k = 0; k < x->order; k++)
            if (slopes[k] != 0) step += vectors[k * x->order + i] * slopes[k] / values[k];
        if (!(fabs(step) <= nearest * fmax(start, fabs(x->point[x->free[i]])))) return false;
    }
    return true;
}

/* Below it, what Newton's step promises is rounding: at a point that is 0 but for it, no step is short. */
bool examination_is_short(const struct examination *x, double step, double promise) {
    static const double least_promise = 1e-4;
    double unit = fmax(1, fabs(x->value));
    return promise <= 0x1p-104 * unit || (promise <= least_promise * unit && step <= nearest * x->size);
}

enum nearness { IS_FAR, IS_NEAR_BY_STARTS, IS_NEAR };

/* Along each eigenvector: whether Newton's step is short; where the curvature is 0, whether the slope is
 * small. By starts only where it is short beside those alone. */
static enum nearness nearness_of(const struct examination *x, const double *vectors, const double *values,
                                 double threshold) {
    static const double smallest = 1e-6;
    double squares = 0, promise = 0, unit = fmax(1, fabs(x->value)), *slopes = x->product;
    for (size_t k = 0; k < x->order; k++) {
        double slope = 0;
        for (size_t i = 0; i < x->order; i++) slope += vectors[k * x->order + i] * x->slopes[i];
        slopes[k] = fabs(values[k]) > threshold ? slope : 0;
        if (fabs(values[k]) > threshold) {
            squares += slope * slope / (values[k] * values[k]);
            promise += slope * slope / (2 * fabs(values[k]));
        } else if (fabs(slope) * x->size > smallest * unit) {
            return IS_FAR;
        }
    }
    if (examination_is_short(x, sqrt(squares), promise)) return IS_NEAR;
    bool promises_little = examination_is_short(x, 0, promise);
    return promises_little && is_short_by_starts(x, vectors, values, slopes) ? IS_NEAR_BY_STARTS : IS_FAR;
}

static double slope_along(const struct examination *x, const double *vector, const double *gradient) {
    double slope = 0;
    for (size_t i = 0; i < x->count; i++) slope += vector[i] * gradient[x->free[i]];
    return slope;
}

/* Whether slope and curvature along the longest of Newton's steps vanish together: then the slope has a
 * double zero, twice as far as that step leads. Degenerate points are approached, not reached. */
static bool is_beside_double_zero(struct examination *x, const double *vectors, const double *values,
                                  size_t *which) {
    static const double lessened = 1e-2;
    double longest = 0, value, slope = 0;
    for (size_t k = 0; k < x->count; k++) {
        double step = fabs(slope_along(x, vectors + k * x->count, x->gradient) / values[k]);
        if (!(step > longest)) continue;
        longest = step;
        *which = k;
    }
    const double *vector = vectors + *which * x->count;
    slope = slope_along(x, vector, x->gradient);
    double step = -slope / values[*which], *there = calloc(2 * x->dimension + 1, sizeof *there);
    if (!there || !(longest > 0) || !(fabs(slope * step) <= 1e-4 * fmax(1, fabs(x->value)))) {
        free(there);
        return false;
    }
    double *gradient = there + x->dimension;
    memcpy(there, x->point, x->dimension * sizeof *there);
    for (size_t i = 0; i < x->count; i++) there[x->free[i]] += 2 * step * vector[i];
    bool good = gradc_evaluate(x->e, there, &value, gradient) == GRADC_DONE &&
                fabs(slope_along(x, vector, gradient)) <= lessened * fabs(slope);
    memset(x->direction, 0, x->dimension * sizeof *x->direction);
    for (size_t i = 0; i < x->count; i++) x->direction[x->free[i]] = vector[i];
    good = good && gradc_hessian_times(x->e, there, x->direction, x->product) == GRADC_DONE &&
           fabs(slope_along(x, vector, x->product)) <= lessened * fabs(values[*which]);
    free(there);
    return good;
}

/* Whether an eigenvalue is 0 within rounding, or within what the slope that is left leaves open. */
static bool is_zero(struct examination *x, const double *vector, double value, double threshold,
                    double slope) {
    if (fabs(value) <= threshold) return true;
    bool is_open = slope > 1e-2 * size_of_trials(x) * fabs(value);
    return is_open && !x->multipliers && !is_confirmed(x, vector, value);
}

static void conclude_touching(struct examination *x) {
    examination_conclude(
        x, GRADC_UNKNOWN,
        "constraints that are touched and do not press may hold it where derivatives do not");
}

void examination_conclude_sign(struct examination *x, bool is_up, const char *how) {
    bool is_better = is_up == (x->sign < 0); /* than at the point, along what may move */
    if (is_better && x->touching > 0)
        conclude_touching(x);
    else if (is_better && x->pressing > 0)
        examination_conclude(x, GRADC_SADDLE, "along what may move the objective gets better on both sides");
    else
        examination_conclude(x, is_up ? GRADC_MINIMUM : GRADC_MAXIMUM, how);
}

static void conclude_from_signs(struct examination *x, const double *vectors, const double *values,
                                double threshold) {
    size_t up = 0, down = 0, flat = x->order;
    double slope = vector_norm(x->slopes, x->order);
    for (size_t k = 0; k < x->order; k++) {
        bool zero = is_zero(x, vectors + k * x->order, values[k], threshold, slope);
        up += !zero && values[k] > 0;
        down += !zero && values[k] < 0;
        if (zero && flat == x->order) flat = k;
    }
    char how[200];
    snprintf(how, sizeof how, "all eigenvalues of %s are %s", x->what, up > 0 ? "positive" : "negative");
    if (x->touching > 0 && (x->sign > 0 ? up : down) < x->order)
        conclude_touching(x);
    else if (up > 0 && down > 0)
        conclude_about(x, GRADC_SADDLE, "", x->what, " has eigenvalues of both signs");
    else if (flat < x->order && x->multipliers)
        conclude_about(x, GRADC_DEGENERATE, "an eigenvalue of ", x->what, " is 0");
    else if (flat < x->order)
        conclude_degenerate(x, vectors + flat * x->order);
    else
        examination_conclude_sign(x, up > 0, how);
}

static double *plain_hessian(struct examination *x, enum gradc_outcome *outcome) {
    struct gradc_matrix h;
    *outcome = gradc_hessian(x->e, x->point, &h);
    x->order = x->count;
    x->what = "the Hessian";
    x->slopes = calloc(x->count + 1, sizeof *x->slopes);
    for (size_t k = 0; x->slopes && k < x->count; k++) x->slopes[k] = x->gradient[x->free[k]];
    return *outcome == GRADC_DONE && x->slopes ? examination_dense(x, &h) : NULL;
}

/* Takes the matrix over and decides by its eigenvalues. */
static bool decide(struct examination *x, double *matrix) {
    double *values = calloc(x->order + 1, sizeof *values);
    bool good = values && (x->order == 0 || eigen_dense(matrix, values, x->order));
    if (!good) {
        free(values);
        return false;
    }
    double largest = x->order ? fmax(fabs(values[0]), fabs(values[x->order - 1])) : 0;
    double threshold = 16 * (double)x->count * 0x1p-52 * fmax(largest, x->largest);
    size_t flat = 0;
    const char *objection = x->multipliers ? examination_objection(x) : NULL;
    enum nearness nearness = nearness_of(x, matrix, values, threshold);
    if (objection)
        examination_conclude(x, GRADC_NOT_CRITICAL, objection);
    else if (nearness != IS_NEAR && !x->multipliers && is_beside_double_zero(x, matrix, values, &flat))
        conclude_degenerate(x, matrix + flat * x->count);
    else if (nearness == IS_FAR)
        examination_conclude(x, GRADC_NOT_CRITICAL, "Newton's step from here is not short");
    else if (x->order == 0)
        examination_conclude(x, x->sign > 0 ? GRADC_MINIMUM : GRADC_MAXIMUM,
                             "the active bounds and constraints leave no direction to move in");
    else
        conclude_from_signs(x, matrix, values, threshold);
    x->found->eigenvalues = values;
    x->found->eigenvalue_count = x->order;
    x->found->complete = true;
    return true;
}

static bool examine_dense(struct examination *x) {
    enum gradc_outcome outcome = GRADC_DONE;
    double *matrix = x->multipliers ? examination_reduce(x, &outcome) : plain_hessian(x, &outcome);
    bool good = true;
    if (outcome == GRADC_UNDEFINED)
        examination_conclude(x, GRADC_UNKNOWN, "the Hessian is not finite here");
    else if (outcome == GRADC_DONE && x->order > 1 && !lapack_load())
        examination_conclude(x, GRADC_UNKNOWN,
                             "LAPACK, which finds the eigenvalues of the Hessian, could not be loaded");
    else
        good = matrix && decide(x, matrix);
    free(matrix);
    free(x->slopes);
    return good;
}

/* ---- The whole ---- */

static bool examine_free(struct examination *x) {
    bool looks_at_all = x->count <= MOST_DENSE || hessian_is_local(x->e->owner);
    bool good = x->multipliers || !looks_at_all || examination_leave_idle(x);
    if (x->count == 0)
        examination_conclude(x, GRADC_DEGENERATE,
                             "near here the objective does not depend on any unknown that may move");
    else
        good = good && (x->count <= MOST_DENSE ? examine_dense(x) : examination_large(x));
    if (x->idle > 0 && x->count > 0) examination_tell_idle(x);
    return good;
}

static enum gradc_outcome examine(struct examination *x, const double *lower, const double *upper) {
    enum gradc_outcome outcome = gradc_evaluate(x->e, x->point, &x->value, x->gradient);
    if (outcome == GRADC_DONE && x->multipliers && !examination_hold(x)) return GRADC_EXHAUSTED;
    if (outcome == GRADC_DONE && x->multipliers) outcome = examination_subtract(x);
    if (outcome != GRADC_DONE) {
        examination_conclude(x, GRADC_UNKNOWN, "the objective or its gradient is not finite here");
        return outcome == GRADC_UNDEFINED ? GRADC_DONE : outcome;
    }
    find_free(x, lower, upper);
    bool good = true;
    if (x->count == 0)
        examination_conclude(x, x->sign > 0 ? GRADC_MINIMUM : GRADC_MAXIMUM,
                             "every unknown is held, or pushed against a bound");
    else
        good = examine_free(x);
    return good ? GRADC_DONE : GRADC_EXHAUSTED;
}

/* Derivatives on one side of a kink or a jump tell nothing of the other; where they are 0, values on both
 * sides have told. */
static enum gradc_outcome doubt_at_kink(struct examination *x) {
    struct gradc_check check;
    if (x->found->kind == GRADC_DEGENERATE || x->found->kind == GRADC_UNKNOWN) return GRADC_DONE;
    enum gradc_outcome outcome = gradc_find_kinks(x->e, x->point, &check);
    if (check.kink_count > 0) {
        examination_conclude(x, GRADC_UNKNOWN,
                             "at a kink: derivatives on one side do not tell what kind of point it is");
        free(x->found->eigenvalues);
        x->found->eigenvalues = NULL;
        x->found->eigenvalue_count = 0;
        x->found->complete = false;
    }
    gradc_check_free(&check);
    return outcome == GRADC_EXHAUSTED ? outcome : GRADC_DONE;
}

enum gradc_outcome gradc_examine(struct gradc_evaluator *e, const double *point, const double *lower,
                                 const double *upper, const double *multipliers,
                                 struct gradc_critical_point *found) {
    size_t n = e->owner->model->dimension;
    double *numbers = calloc(3 * n + 1, sizeof *numbers);
    size_t *free_elements = calloc(n + 1, sizeof *free_elements);
    struct examination x = {.e = e,
                            .point = point,
                            .multipliers = gradc_constraint_count(e->owner) ? multipliers : NULL,
                            .gradient = numbers,
                            .sign = gradc_maximizes(e->owner) ? -1 : 1,
                            .free = free_elements,
                            .dimension = n,
                            .direction = numbers ? numbers + n : NULL,
                            .product = numbers ? numbers + 2 * n : NULL,
                            .found = found};
    *found = (struct gradc_critical_point){.kind = GRADC_UNKNOWN};
    enum gradc_outcome outcome = GRADC_EXHAUSTED;
    if (numbers && free_elements)
        outcome = examine(&x, lower ? lower : gradc_lower(e->owner), upper ? upper : gradc_upper(e->owner));
    if (outcome == GRADC_DONE) outcome = doubt_at_kink(&x);
    free(numbers);
    free(free_elements);
    free(x.active);
    free(x.forces);
    return outcome;
}

void gradc_critical_point_free(struct gradc_critical_point *found) {
    free(found->detail);
    free(found->eigenvalues);
    *found = (struct gradc_critical_point){.kind = GRADC_UNKNOWN};
}

const char *gradc_critical_name(enum gradc_critical_kind kind) {
    static const char *const names[] = {
        [GRADC_UNKNOWN] = "unknown",       [GRADC_MINIMUM] = "minimum",
        [GRADC_MAXIMUM] = "maximum",       [GRADC_SADDLE] = "saddle",
        [GRADC_DEGENERATE] = "degenerate", [GRADC_NOT_CRITICAL] = "not_critical"};
    return names[kind];
}
