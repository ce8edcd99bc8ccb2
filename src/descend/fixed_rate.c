#include <math.h>

#include "descend/state.h"
#include "support/number.h"

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

/* ---- Many steps at once ---- */

/* Nothing has to be looked at between two steps: nobody watches, and there are no bounds. */
static bool may_run_ahead(const struct descent *d) {
    const struct objective *o = d->objective;
    if (!o->steps_ahead || d->stop->observe) return false;
    for (size_t i = 0; i < o->dimension; i++)
        if ((o->lower && o->lower[i] > -INFINITY) || (o->upper && o->upper[i] < INFINITY)) return false;
    return true;
}

static struct descent_stretch stretch_of(const struct descent *d, double rate) {
    return (struct descent_stretch){.rate = d->objective->maximize ? -rate : rate,
                                    .shortest = d->stop->tolerance,
                                    .longest = 1e150,
                                    .highest = 1e100 * (1 + fabs(d->start_value)),
                                    .most = d->stop->max_iterations - d->result->iterations};
}

static bool is_moderate(const struct descent *d, const struct descent_stretch *stretch,
                        const struct descent_path *path, size_t k) {
    bool good = fabs(path->values[k]) <= stretch->highest;
    for (size_t i = 0; i < d->objective->dimension; i++) good &= fabs(path->moves[i][k]) <= stretch->longest;
    return good;
}

static bool changes(const struct descent *d, const struct descent_path *path, size_t k) {
    bool changed = false;
    for (size_t i = 0; i < d->objective->dimension; i++)
        changed |= path->points[i][k + 1] < path->points[i][k] || path->points[i][k + 1] > path->points[i][k];
    return changed;
}

/* How many steps of a path end no descent: the last one may, and the one that leads to a point where it does.
 * A step that changes nothing is followed by others like it. */
static size_t plain_steps(const struct descent *d, const struct descent_stretch *stretch,
                          const struct descent_path *path) {
    size_t count = path->steps - 1;
    if (count > 0 && !is_moderate(d, stretch, path, count)) count--;
    while (count > 0 && !changes(d, path, count - 1)) count--;
    return count;
}

/* Evaluates a point of the path that has been counted already. */
static bool visit(struct descent *d, const struct descent_path *path, size_t k, struct evaluated_point *to) {
    struct descent_counts counts = d->result->evaluations;
    for (size_t i = 0; i < d->objective->dimension; i++) to->x[i] = path->points[i][k];
    bool good = descent_evaluate(d, to);
    d->result->evaluations = counts;
    return good;
}

/* The first of the best points 1 .. count, where it is better than the best one so far; else 0. */
static size_t best_of(const struct descent *d, const struct descent_path *path, size_t count) {
    double sign = d->objective->maximize ? -1 : 1, least = sign * path->values[count];
    size_t best = 0;
    if (numbers_at_most(path->values + 1, count - 1, sign, least) == 0)
        return least < d->best.value ? count : 0;
    least = d->best.value;
    for (size_t k = 1; k <= count; k++) {
        if (!(sign * path->values[k] < least)) continue;
        least = sign * path->values[k];
        best = k;
    }
    return best;
}

static void take_steps(struct descent *d, const struct descent_path *path, size_t count) {
    size_t best = best_of(d, path, count);
    for (size_t i = 0; i < d->objective->dimension; i++) d->direction[i] = path->moves[i][count - 1];
    d->step = descent_norm(d->direction, d->objective->dimension);
    d->result->iterations += count;
    d->result->evaluations.value += count;
    d->result->evaluations.gradient += count;
    if (best && best < count && !visit(d, path, best, &d->best)) return;
    if (visit(d, path, count, &d->current) && best == count) descent_copy(d, &d->best, &d->current);
}

static void run_ahead(struct descent *d, double rate) {
    const struct objective *o = d->objective;
    struct descent_path path;
    struct descent_stretch stretch = stretch_of(d, rate);
    if (stretch.most < 2 || !o->steps_ahead(o->context, d->current.x, &stretch, &path)) return;
    size_t count = plain_steps(d, &stretch, &path);
    if (count) take_steps(d, &path, count);
}

void descend_fixed_rate(const struct objective *objective, const double *start, double rate,
                        const struct stop_criteria *stop, struct descent_result *result) {
    struct descent d;
    descent_begin(&d, objective, start, stop, result);
    descent_check_limits(&d);
    bool ahead = may_run_ahead(&d);
    while (!d.finished) {
        if (ahead) run_ahead(&d, rate);
        if (!d.finished) iterate(&d, rate);
        descent_check_limits(&d);
    }
    descent_end(&d);
}
