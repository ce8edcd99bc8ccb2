#include <math.h>

#include "descend/state.h"

/* Writes the next point into the trial; returns the norm of the step. */
static double take_step(struct descent *d, double rate) {
    size_t n = d->objective->dimension;
    for (size_t i = 0; i < n; i++) {
        double step = rate * d->current.gradient[i];
        double next = d->current.x[i] - step;
        double allowed = descent_project(d, i, next);
        d->trial.x[i] = allowed;
        d->direction[i] = allowed < next || allowed > next ? d->current.x[i] - allowed : step;
    }
    return descent_norm(d->direction, n);
}

static bool is_unchanged(const struct descent *d) {
    for (size_t i = 0; i < d->objective->dimension; i++)
        if (d->trial.x[i] < d->current.x[i] || d->trial.x[i] > d->current.x[i]) return false;
    return true;
}

static void finish_diverged(struct descent *d, double rate, const char *what) {
    descent_finish(d, DESCENT_DIVERGED, "%s at iteration %zu; try a smaller rate than %s", what,
                   d->result->iterations + 1, descent_number(rate).digits);
}

static void finish_undefined(struct descent *d, double rate) {
    const struct objective *o = d->objective;
    bool infinite = isinf(d->trial.value) || (o->overflows && o->overflows(o->context, d->trial.x));
    if (infinite)
        finish_diverged(d, rate, "the objective or its gradient overflows");
    else
        descent_finish(d, DESCENT_DOMAIN_ERROR, "the objective has no finite %s at iteration %zu",
                       isfinite(d->trial.value) ? "derivative" : "value", d->result->iterations + 1);
}

/* Checks the evaluated trial; false where the descent ends without accepting it. */
static bool trial_is_sound(struct descent *d, double rate) {
    if (!point_is_finite(d, &d->trial))
        finish_undefined(d, rate);
    else if (fabs(d->trial.value) > 1e100 * (1 + fabs(d->start_value)))
        finish_diverged(d, rate, "the objective grows without bound");
    return !d->finished;
}

static void iterate(struct descent *d, double rate) {
    double step = take_step(d, rate);
    d->step = step;
    if (!isfinite(step)) {
        finish_diverged(d, rate, "the step overflows");
        return;
    }
    bool small = step <= d->stop->tolerance, unchanged = is_unchanged(d);
    if (!descent_evaluate(d, &d->trial) || !trial_is_sound(d, rate)) return;
    if (!descent_accept(d) && !small) return;
    if (small)
        descent_finish(d, DESCENT_CONVERGED, "the step %s is at most the tolerance %s",
                       descent_number(step).digits, descent_number(d->stop->tolerance).digits);
    else if (unchanged)
        descent_finish(d, DESCENT_STALLED, "the step %s no longer changes the point",
                       descent_number(step).digits);
}

void descend_fixed_rate(const struct objective *objective, const double *start, double rate,
                        const struct stop_criteria *stop, struct descent_result *result) {
    struct descent d;
    descent_begin(&d, objective, start, stop, result);
    descent_check_limits(&d);
    while (!d.finished) {
        iterate(&d, rate);
        descent_check_limits(&d);
    }
    descent_end(&d);
}
