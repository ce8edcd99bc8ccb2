#include "descend/lm.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sparse/lapack_load.h"

static const double first_radius =
    1; /* times the size of the start; where that is 0, the first step is a full one */
static const double least_ratio = 1e-4;
/* Below this part of the sum of squares, promises cannot be told from rounding. */
static const double hidden = 1e-10;

/* ---- Room ---- */

static bool open_room(struct lm *l) {
    size_t m = l->m, n = l->n;
    l->residuals = calloc(m + 1, sizeof(double));
    l->trial = calloc(m + 1, sizeof(double));
    l->image = calloc(m + 1, sizeof(double));
    l->jacobian = calloc(m * n + 1, sizeof(double));
    l->augmented = calloc(m * (n + 1) + 1, sizeof(double));
    l->scale = calloc(5 * n + 1, sizeof(double));
    l->fixed = calloc(n + 1, sizeof(bool));
    if (!l->scale) return false;
    l->length = l->scale + n;
    l->step = l->scale + 2 * n;
    l->full = l->scale + 3 * n;
    l->solved = l->scale + 4 * n;
    return l->residuals && l->trial && l->image && l->jacobian && l->augmented && l->fixed;
}

static void close_room(struct lm *l) {
    free(l->residuals);
    free(l->trial);
    free(l->image);
    free(l->jacobian);
    free(l->augmented);
    free(l->scale);
    free(l->fixed);
    least_squares_release(&l->parts);
}

static void fail(struct lm *l, const char *what) {
    descent_finish(&l->d, DESCENT_FAILED, "%s", what);
}

/* ---- Residuals and Jacobian ---- */

static bool find_residuals(struct lm *l, const double *x, double *values, double *sum) {
    const struct objective *o = l->d.objective;
    l->d.result->evaluations.residual++;
    *sum = 0;
    if (!o->residuals(o->context, x, values)) {
        fail(l, "the residuals could not be evaluated");
        return false;
    }
    for (size_t i = 0; i < l->m; i++) *sum += values[i] * values[i];
    return true;
}

/* Copies the Jacobian at a point where all of it is finite; *finite says whether it is. */
static bool find_jacobian(struct lm *l, const double *x, bool *finite) {
    const struct objective *o = l->d.objective;
    struct descent_matrix matrix;
    l->d.result->evaluations.jacobian++;
    if (!o->jacobian(o->context, x, &matrix)) {
        fail(l, "the Jacobian could not be evaluated");
        return false;
    }
    *finite = true;
    for (size_t k = 0; k < matrix.starts[matrix.rows]; k++) *finite &= isfinite(matrix.values[k]) != 0;
    if (!*finite) return true;
    memset(l->jacobian, 0, l->m * l->n * sizeof *l->jacobian);
    for (size_t i = 0; i < matrix.rows; i++)
        for (size_t k = matrix.starts[i]; k < matrix.starts[i + 1]; k++)
            l->jacobian[matrix.column[k] * l->m + i] = matrix.values[k];
    return true;
}

/* The gradient of the sum of squares: 2*J'*r. */
static void fill_gradient(const struct lm *l, const double *residuals, double *gradient) {
    for (size_t j = 0; j < l->n; j++) {
        double sum = 0;
        for (size_t i = 0; i < l->m; i++) sum += l->jacobian[j * l->m + i] * residuals[i];
        gradient[j] = 2 * sum;
    }
}

/* ---- Scales ---- */

static void measure_columns(struct lm *l) {
    for (size_t j = 0; j < l->n; j++) {
        l->length[j] = descent_norm(l->jacobian + j * l->m, l->m);
        l->scale[j] = fmax(l->scale[j], l->length[j]);
        if (!(l->scale[j] > 0)) l->scale[j] = 1;
    }
}

static double scaled_norm(const struct lm *l, const double *vector) {
    for (size_t j = 0; j < l->n; j++) l->solved[j] = l->scale[j] * vector[j];
    return descent_norm(l->solved, l->n);
}

/* ---- The end ---- */

/* The largest relative change that the full step makes; elements whose change is lost in the rounding of the
 * others' effect do not count. */
static double relative_change(const struct lm *l) {
    double effect = 0, largest = 0;
    for (size_t j = 0; j < l->n; j++) effect = fmax(effect, l->length[j] * fabs(l->d.current.x[j]));
    for (size_t j = 0; j < l->n; j++) {
        double change = fabs(l->full[j]);
        if (l->length[j] * change > DBL_EPSILON * effect)
            largest = fmax(largest, change / fabs(l->d.current.x[j]));
    }
    return largest;
}

static bool is_done(struct lm *l) {
    double tolerance = l->d.stop->tolerance, change = relative_change(l);
    double cosine = l->sum > 0 ? sqrt(l->promise / l->sum) : 0;
    if (l->sum == 0)
        descent_finish(&l->d, DESCENT_CONVERGED, "the sum of squares is 0");
    else if (cosine <= tolerance)
        descent_finish(&l->d, DESCENT_CONVERGED,
                       "the residuals are orthogonal to their derivatives: the cosine %s is at most the "
                       "tolerance %s",
                       descent_number(cosine).digits, descent_number(tolerance).digits);
    else if (change <= tolerance)
        descent_finish(&l->d, DESCENT_CONVERGED,
                       "a full step would change every unknown by %s of its value, at most the tolerance %s",
                       descent_number(change).digits, descent_number(tolerance).digits);
    return l->d.finished;
}

static void finish_hidden(struct lm *l) {
    descent_finish(&l->d, DESCENT_CONVERGED,
                   "a full step would lower the sum of squares by %s of it, which its rounding hides",
                   descent_number(l->promise / l->sum).digits);
}

/* The largest cosine between the residuals and a column of the Jacobian. Where columns depend on each other,
 * it says more than the full step, which divides by singular values that are rounding. */
static double column_cosine(const struct lm *l) {
    double largest = 0, norm = sqrt(l->sum);
    descent_projected_norm(&l->d, &l->d.current);
    for (size_t j = 0; j < l->n; j++)
        if (l->length[j] > 0) largest = fmax(largest, fabs(l->d.direction[j]) / (2 * l->length[j] * norm));
    return largest;
}

/* How large the residuals are beside what rounding the unknowns makes of them. */
static double roundings(const struct lm *l) {
    double squares = 0;
    for (size_t j = 0; j < l->n; j++) {
        double effect = DBL_EPSILON * l->length[j] * l->d.current.x[j];
        squares += effect * effect;
    }
    return sqrt(l->sum / squares);
}

/* No step lowers the sum of squares any more. */
static void finish_stuck(struct lm *l, bool undefined) {
    double cosine = column_cosine(l), times = roundings(l);
    if (l->promise <= hidden * l->sum)
        finish_hidden(l);
    else if (cosine <= 1e-6)
        descent_finish(&l->d, DESCENT_CONVERGED,
                       "no step lowers the sum of squares any more, and the cosine between the residuals and "
                       "each of their derivatives is at most %s",
                       descent_number(cosine).digits);
    else if (times <= 16)
        descent_finish(&l->d, DESCENT_CONVERGED,
                       "the residuals are %s times what rounding the unknowns makes of them",
                       descent_number(times).digits);
    else if (undefined)
        descent_finish(&l->d, DESCENT_STALLED,
                       "no step stays where the residuals and their derivatives are finite");
    else
        descent_finish(&l->d, DESCENT_STALLED,
                       "no step lowers the sum of squares any more, though a full one would by %s of it",
                       descent_number(l->promise / l->sum).digits);
}

/* ---- Steps ---- */

static double lowered_by(const struct lm *l) {
    double sum = 0;
    for (size_t i = 0; i < l->m; i++)
        sum += (l->residuals[i] - l->trial[i]) * (l->residuals[i] + l->trial[i]);
    return sum;
}

static bool place_trial(struct lm *l) {
    bool moved = false;
    for (size_t j = 0; j < l->n; j++) {
        double x = l->d.current.x[j];
        l->d.trial.x[j] = descent_project(&l->d, j, x + l->step[j]);
        moved |= l->d.trial.x[j] < x || l->d.trial.x[j] > x;
        l->step[j] = l->d.trial.x[j] - x;
    }
    return moved;
}

/* By how much the radius shrinks after a bad step (More, section 7): by the minimum of the parabola through
 * the values and the slope here. */
static double shrinkage(const struct lm *l, double actual) {
    double slope = 0;
    if (!isfinite(actual)) return 0.1;
    if (actual >= 0) return 0.5;
    for (size_t j = 0; j < l->n; j++) slope += l->d.current.gradient[j] * l->step[j];
    double factor = 0.5 * slope / (slope + actual);
    return l->d.trial.value >= 100 * l->sum || !(factor > 0.1) ? 0.1 : fmin(factor, 0.5);
}

static void adapt_radius(struct lm *l, double actual, double norm) {
    double ratio = l->predicted > 0 ? actual / l->predicted : -1;
    if (!(ratio > 0.25))
        l->radius = shrinkage(l, actual) * fmin(l->radius, 10 * norm);
    else if (l->damping == 0 || ratio >= 0.75)
        l->radius = 2 * norm;
}

/* Moves to the evaluated trial where the derivatives are finite too. */
static bool move(struct lm *l, bool *finite) {
    if (!find_jacobian(l, l->d.trial.x, finite)) return false;
    if (!*finite) return true;
    double *former = l->residuals;
    l->residuals = l->trial;
    l->trial = former;
    l->sum = l->d.trial.value;
    fill_gradient(l, l->residuals, l->d.trial.gradient);
    l->d.step = descent_norm(l->step, l->n);
    descent_accept(&l->d);
    return true;
}

/* Where rounding hides what a step does to the sum of squares, a full step is taken for its promise. */
static bool is_trusted(struct lm *l, double actual) {
    return l->damping == 0 && l->promise <= hidden * l->sum && fabs(actual) <= 10 * hidden * l->sum;
}

/* One trial; *moved says whether it became the current point. False where the descent has ended. */
static bool attempt(struct lm *l, bool *moved) {
    bool finite;
    *moved = false;
    if (!lm_find_step(l)) {
        fail(l, "the step could not be computed");
        return false;
    }
    bool changes = place_trial(l);
    double norm = scaled_norm(l, l->step);
    if (l->d.result->iterations == 0) l->radius = fmin(l->radius, norm);
    if (changes && !find_residuals(l, l->d.trial.x, l->trial, &l->d.trial.value)) return false;
    finite = changes && isfinite(l->d.trial.value);
    double actual = finite ? lowered_by(l) : NAN;
    bool trusted = finite && is_trusted(l, actual);
    bool proven = finite && actual >= least_ratio * l->predicted && l->predicted > 0;
    bool good = proven || trusted;
    if (!trusted) adapt_radius(l, actual, norm);
    l->on_trust = !proven;
    if (good && !move(l, &finite)) return false;
    *moved = good && finite;
    if (good && !finite) l->radius = 0.1 * norm;
    if (l->d.finished || *moved) return !l->d.finished;
    if (!changes) finish_stuck(l, !isfinite(l->d.trial.value));
    return !l->d.finished;
}

static void iterate(struct lm *l) {
    bool moved = false;
    double former = l->d.result->iterations > 0 ? l->promise : INFINITY;
    measure_columns(l);
    if (!lm_decompose(l)) {
        fail(l, lapack_load() ? "the Jacobian could not be decomposed"
                              : "the Jacobian could not be decomposed: LAPACK could not be loaded");
        return;
    }
    if (is_done(l)) return;
    /* Steps taken on trust must make promises shrink. */
    if (l->on_trust && l->promise > 0.9 * former) {
        finish_hidden(l);
        return;
    }
    if (l->d.result->iterations == 0) {
        double size = scaled_norm(l, l->d.current.x);
        l->radius = size > 0 ? first_radius * size : INFINITY;
    }
    do descent_check_limits(&l->d);
    while (!l->d.finished && attempt(l, &moved) && !moved);
}

static bool begin(struct lm *l) {
    bool finite;
    if (!open_room(l)) {
        fail(l, "memory is exhausted");
        return false;
    }
    if (!find_residuals(l, l->d.current.x, l->residuals, &l->sum) ||
        !find_jacobian(l, l->d.current.x, &finite))
        return false;
    if (!finite || !isfinite(l->sum))
        descent_finish(&l->d, DESCENT_DOMAIN_ERROR, "the residuals have no finite %s at the start",
                       finite ? "values" : "derivatives");
    return !l->d.finished;
}

/* The value and the gradient of the point that is reported are those of the objective itself. */
static void evaluate_end(struct lm *l) {
    struct descent *d = &l->d;
    struct evaluated_point *point = d->result->status == DESCENT_CONVERGED ? &d->current : &d->best;
    if (d->result->status == DESCENT_FAILED || d->result->iterations == 0) return;
    double value = point->value;
    if (descent_evaluate(d, point) && !isfinite(point->value)) point->value = value;
}

void descend_lm(const struct objective *objective, const double *start, const struct descent_options *options,
                struct descent_result *result) {
    struct lm l = {.m = objective->residual_count, .n = objective->dimension};
    bool begun = descent_begin(&l.d, objective, start, &options->stop, result);
    if (begun && begin(&l)) {
        while (!l.d.finished) iterate(&l);
        evaluate_end(&l);
    }
    close_room(&l);
    descent_end(&l.d);
}
