#include "descend/search.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sparse/vector.h"

enum { MOST_CREEPING = 50 };
static const double shortest_step = 1e-12; /* in the units of the unknowns */

double search_dot(const struct search *s, const double *a, const double *b) {
    return vector_dot(a, b, s->n);
}

static bool open_room(struct search *s) {
    s->gradient = calloc(4 * s->n + 1, sizeof(double));
    s->fixed = calloc(s->n + 1, sizeof(bool));
    if (!s->gradient || !s->fixed) return false;
    s->direction = s->gradient + s->n;
    s->change = s->gradient + 2 * s->n;
    s->turn = s->gradient + 3 * s->n;
    return true;
}

/* The gradient in units, without what the bounds hold back. True where other elements than before are held.
 */
static bool look(struct search *s) {
    const struct objective *o = s->d.objective;
    bool changed = false;
    s->any_fixed = false;
    descent_scaled_norm(&s->d);
    for (size_t i = 0; i < s->n; i++) {
        s->gradient[i] = s->d.direction[i];
        bool held = o->lower && o->upper && o->lower[i] >= o->upper[i];
        if (held) s->gradient[i] = 0;
        bool fixed =
            held || (s->gradient[i] == 0 && (s->d.current.gradient[i] > 0 || s->d.current.gradient[i] < 0));
        changed |= fixed != s->fixed[i];
        s->fixed[i] = fixed;
        s->any_fixed |= fixed;
    }
    return changed;
}

static void take_gradient(struct search *s) {
    s->forget(s);
    for (size_t i = 0; i < s->n; i++) s->direction[i] = -s->gradient[i];
    s->slope = search_dot(s, s->direction, s->gradient);
}

/* A direction that descends: the method's, or the gradient's. */
static void aim(struct search *s) {
    s->former = s->slope;
    s->aim(s);
    for (size_t i = 0; s->any_fixed && i < s->n; i++)
        if (s->fixed[i]) s->direction[i] = 0;
    s->slope = search_dot(s, s->direction, s->gradient);
    double norms = descent_norm(s->direction, s->n) * descent_norm(s->gradient, s->n);
    if (!(s->slope < -1e-12 * norms) || !isfinite(norms)) take_gradient(s);
}

static void note_step(struct search *s) {
    const struct evaluated_point *now = &s->d.current, *then = &s->d.trial;
    for (size_t i = 0; i < s->n; i++) {
        s->change[i] = (now->x[i] - then->x[i]) / s->d.units[i];
        s->turn[i] = (now->gradient[i] - then->gradient[i]) * s->d.units[i];
    }
    s->learn(s);
}

static void finish_stuck(struct search *s, enum search_outcome outcome) {
    double norm = descent_scaled_norm(&s->d), promise = -s->slope / 2;
    if (promise <= 16 * DBL_EPSILON * fabs(s->d.current.value))
        descent_finish(&s->d, DESCENT_CONVERGED,
                       "a step would improve the objective by some %s, which its rounding hides; the scaled "
                       "gradient norm is %s",
                       descent_number(promise).digits, descent_number(norm).digits);
    else
        descent_finish(&s->d, DESCENT_STALLED,
                       "no step along the gradient %s; the scaled gradient norm is %s",
                       outcome == SEARCH_LEFT_DOMAIN ? "stays in the domain of the objective"
                                                     : "improves the objective any more",
                       descent_number(norm).digits);
}

static double gradient_length(const struct search *s) {
    return 0.1 / descent_norm(s->gradient, s->n);
}

/* Between the walls of a kink steps go on for ever, shorter and shorter. */
static void check_progress(struct search *s, double former) {
    bool creeps = former - s->d.current.value <= 2 * DBL_EPSILON * fabs(former) &&
                  descent_norm(s->change, s->n) <= shortest_step;
    s->creeping = creeps ? s->creeping + 1 : 0;
    if (s->creeping < MOST_CREEPING || s->d.finished) return;
    descent_finish(
        &s->d, DESCENT_STALLED,
        "the last %zu steps were shorter than 1e-12 and improved the objective by rounding errors only; "
        "the scaled gradient norm is %s",
        (size_t)MOST_CREEPING, descent_number(descent_scaled_norm(&s->d)).digits);
}

static void iterate(struct search *s) {
    if (look(s) && s->d.result->iterations > 0) s->forget(s);
    aim(s);
    double promise = -s->slope / 2;
    enum search_outcome outcome = search_line(s, s->first_length(s));
    bool hidden = promise <= 16 * DBL_EPSILON * fabs(s->d.current.value);
    if ((outcome == SEARCH_NOTHING || outcome == SEARCH_LEFT_DOMAIN) && !hidden) {
        take_gradient(s);
        outcome = search_line(s, gradient_length(s));
    }
    if (outcome == SEARCH_ENDED) return;
    if (outcome != SEARCH_FOUND) {
        finish_stuck(s, outcome);
        return;
    }
    for (size_t i = 0; i < s->n; i++) s->change[i] = s->d.trial.x[i] - s->d.current.x[i];
    s->d.step = descent_norm(s->change, s->n);
    double former = s->d.current.value;
    bool goes_on = descent_accept(&s->d);
    note_step(s);
    if (!descent_is_critical(&s->d) && goes_on) check_progress(s, former);
    descent_check_limits(&s->d);
}

void search_run(struct search *s, const struct objective *objective, const double *start,
                const struct stop_criteria *stop, struct descent_result *result) {
    s->n = objective->dimension;
    if (descent_begin(&s->d, objective, start, stop, result)) {
        descent_choose_units(&s->d);
        if (!open_room(s))
            descent_finish(&s->d, DESCENT_FAILED, "memory is exhausted");
        else if (!descent_is_critical(&s->d))
            descent_check_limits(&s->d);
        while (!s->d.finished) iterate(s);
    }
    free(s->gradient);
    free(s->fixed);
    descent_end(&s->d);
}
