#include "descend/newton.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double least_ratio = 1e-4;

bool newton_has_matrix(const struct newton *s) {
    return s->hessian || s->is_sparse;
}

static bool open_room(struct newton *s, bool dense) {
    size_t n = s->n;
    if (dense) s->hessian = calloc(n * n + 1, sizeof(double));
    s->step = calloc(9 * n + 1, sizeof(double));
    s->fixed = calloc(n + 1, sizeof(bool));
    if (!s->step || !s->fixed || (dense && !s->hessian)) return false;
    s->product = s->step + n;
    s->model_gradient = s->step + 2 * n;
    s->solved = s->step + 3 * n;
    s->residual = s->step + 4 * n;
    s->direction = s->step + 5 * n;
    s->scaled = s->step + 6 * n;
    s->widths = s->step + 7 * n;
    s->diagonal = s->step + 8 * n;
    bool has_matrix = dense || newton_open_sparse(s);
    for (size_t j = 0; j < n; j++) s->widths[j] = has_matrix ? INFINITY : s->d.units[j];
    return true;
}

static void close_room(struct newton *s) {
    free(s->hessian);
    free(s->step);
    free(s->fixed);
    free(s->entries);
    envelope_release(&s->envelope);
    ball_release(&s->ball);
}

/* ---- The end ---- */

/* What rounding leaves of a difference of two values. */
static double noise(const struct newton *s) {
    return 16 * DBL_EPSILON * fabs(s->d.current.value);
}

/* The gradient is small, and a full step promises next to nothing. */
static bool is_done(struct newton *s) {
    double tolerance = s->d.stop->tolerance, norm = descent_scaled_norm(&s->d);
    double value = fabs(s->d.current.value), scale = fmax(1, fmin(value, fabs(s->d.start_value)));
    bool flat = s->is_linear || s->promise <= fmax(tolerance * value, tolerance * DBL_EPSILON * scale);
    if (!(norm <= tolerance * scale) || !flat) return false;
    if (s->is_linear)
        descent_finish(
            &s->d, DESCENT_CONVERGED,
            "the scaled gradient norm %s is at most the tolerance %s; the Hessian here is not finite",
            descent_number(norm).digits, descent_number(tolerance).digits);
    else
        descent_finish(&s->d, DESCENT_CONVERGED,
                       "the scaled gradient norm %s is at most the tolerance %s%s, and a full step would "
                       "improve the objective by %s",
                       descent_number(norm).digits, descent_number(tolerance).digits,
                       norm > tolerance ? " times the objective" : "", descent_number(s->promise).digits);
    return true;
}

static void finish_stuck(struct newton *s, bool undefined) {
    double norm = descent_scaled_norm(&s->d);
    if (s->promise <= noise(s) || norm == 0)
        descent_finish(&s->d, DESCENT_CONVERGED,
                       "a full step would improve the objective by %s, which its rounding hides; the scaled "
                       "gradient norm "
                       "is %s",
                       descent_number(s->promise).digits, descent_number(norm).digits);
    else if (undefined)
        descent_finish(&s->d, DESCENT_STALLED, "no step stays in the domain of the objective");
    else
        descent_finish(&s->d, DESCENT_STALLED,
                       "no step improves the objective any more, though the scaled gradient norm is %s",
                       descent_number(norm).digits);
}

/* ---- Steps ---- */

static bool place_trial(struct newton *s) {
    bool moved = false;
    for (size_t j = 0; j < s->n; j++) {
        double x = s->d.current.x[j];
        s->d.trial.x[j] = descent_project(&s->d, j, x + s->step[j]);
        moved |= s->d.trial.x[j] < x || s->d.trial.x[j] > x;
    }
    return moved;
}

static double scaled_length(const struct newton *s) {
    for (size_t j = 0; j < s->n; j++) s->d.direction[j] = s->step[j] / s->widths[j];
    return descent_norm(s->d.direction, s->n);
}

/* Where rounding hides what a step does to the objective, the gradient must shrink. */
static bool gradient_shrinks(struct newton *s, double share) {
    double here = descent_scaled_norm(&s->d);
    descent_projected_norm(&s->d, &s->d.trial);
    for (size_t j = 0; j < s->n; j++) s->d.direction[j] *= s->d.units[j];
    return descent_norm(s->d.direction, s->n) < share * here;
}

/* A value near 0 may be a difference of terms as large as that at the start, and as rough. */
static double noise_of_terms(const struct newton *s) {
    static const double most = 1e-9;
    double value = fabs(s->d.current.value);
    return fmin(16 * DBL_EPSILON * fmax(value, fabs(s->d.start_value)), most * fmax(1, value));
}

static bool is_good(struct newton *s, double actual, bool finite) {
    if (!finite) return false;
    if (fabs(s->predicted) <= noise(s) && fabs(actual) <= noise(s)) return gradient_shrinks(s, 0.9);
    if (s->predicted > 0 && actual >= least_ratio * s->predicted) return true;
    double rough = noise_of_terms(s);
    return fabs(s->predicted) <= rough && fabs(actual) <= rough && gradient_shrinks(s, 0.1);
}

static void adapt_radius(struct newton *s, double actual, double length, bool good) {
    bool finite = isfinite(actual);
    if (!good || actual < 0.25 * s->predicted)
        s->radius = (finite ? 0.25 : 0.1) * fmin(length, s->radius);
    else if (actual > 0.75 * s->predicted)
        s->radius = fmax(s->radius, 2 * length);
}

/* One trial; *moved says whether it became the current point. False where the descent has ended. */
static bool attempt(struct newton *s, bool *moved) {
    *moved = false;
    if (!newton_find_step(s)) return false;
    if (!newton_has_matrix(s) && is_done(s)) return false;
    double length = scaled_length(s);
    if (!place_trial(s)) {
        finish_stuck(s, false);
        return false;
    }
    if (!descent_evaluate(&s->d, &s->d.trial) || descent_is_unbounded(&s->d)) return false;
    bool finite = point_is_finite(&s->d, &s->d.trial);
    double actual = finite ? s->d.current.value - s->d.trial.value : NAN;
    bool good = is_good(s, actual, finite);
    if (!good && finite && s->promise <= noise(s)) {
        finish_stuck(s, false);
        return false;
    }
    if (!good || fabs(s->predicted) > noise(s)) adapt_radius(s, actual, length, good);
    if (!good && !(s->radius > 1e-300)) {
        finish_stuck(s, !finite);
        return false;
    }
    if (!good) return true;
    *moved = true;
    s->d.step = descent_norm(s->step, s->n);
    return descent_accept(&s->d);
}

/* As far as the start is from 0. */
static double first_radius(const struct newton *s) {
    for (size_t j = 0; j < s->n; j++) s->d.direction[j] = s->d.current.x[j] / s->widths[j];
    double size = descent_norm(s->d.direction, s->n);
    return size > 0 ? size : 1;
}

static void iterate(struct newton *s) {
    bool moved = false;
    if (!newton_look(s) || (newton_has_matrix(s) && is_done(s))) return;
    if (s->d.result->iterations == 0) s->radius = first_radius(s);
    do descent_check_limits(&s->d);
    while (!s->d.finished && attempt(s, &moved) && !moved);
}

void descend_newton(const struct objective *objective, const double *start,
                    const struct descent_options *options, struct descent_result *result) {
    struct newton s = {.n = objective->dimension};
    if (descent_begin(&s.d, objective, start, &options->stop, result)) {
        descent_choose_units(&s.d);
        bool dense = s.n <= MOST_DENSE && objective->hessian;
        if (!open_room(&s, dense)) descent_finish(&s.d, DESCENT_FAILED, "memory is exhausted");
        while (!s.d.finished) iterate(&s);
    }
    close_room(&s);
    descent_end(&s.d);
}
