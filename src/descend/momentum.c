#include <math.h>
#include <stdlib.h>

#include "descend/state.h"

/* Methods with a fixed rate and a memory of past gradients. They stop by the gradient, as the step may be
 * small at a turning point too. */
struct moving {
    struct descent d;
    const struct descent_options *options;
    size_t n;
    double rate, beta, beta2, epsilon;
    double *mean, *square; /* the velocity, or Adam's two moments */
};

/* Writes the next point into the trial. */
typedef void advance(struct moving *m);

static double beyond(const struct moving *m, size_t i) {
    return m->beta * m->mean[i] - m->rate * m->d.current.gradient[i];
}

/* Polyak's heavy ball (USSR Comput. Math. Math. Phys. 4, 1964): v = beta*v - rate*g; x += v. */
static void advance_ball(struct moving *m) {
    for (size_t i = 0; i < m->n; i++) {
        m->mean[i] = beyond(m, i);
        m->d.trial.x[i] = m->d.current.x[i] + m->mean[i];
    }
}

/* Nesterov's gradient (Soviet Math. Dokl. 27, 1983), in the form of Sutskever, Martens, Dahl and Hinton (ICML
 * 2013, equations 3 and 4) with the points where gradients are taken as the iterates: v' = beta*v - rate*g;
 * x += beta*v' - rate*g. */
static void advance_nesterov(struct moving *m) {
    for (size_t i = 0; i < m->n; i++) {
        m->mean[i] = beyond(m, i);
        m->d.trial.x[i] = m->d.current.x[i] + beyond(m, i);
    }
}

/* Kingma and Ba, Adam (ICLR 2015), algorithm 1. */
static void advance_adam(struct moving *m) {
    double t = (double)m->d.result->iterations + 1;
    double first = 1 - pow(m->beta, t), second = 1 - pow(m->beta2, t);
    for (size_t i = 0; i < m->n; i++) {
        double g = m->d.current.gradient[i];
        m->mean[i] = m->beta * m->mean[i] + (1 - m->beta) * g;
        m->square[i] = m->beta2 * m->square[i] + (1 - m->beta2) * g * g;
        double root = sqrt(m->square[i] / second) + m->epsilon;
        m->d.trial.x[i] = m->d.current.x[i] - m->rate * (m->mean[i] / first) / root;
    }
}

static void finish_diverged(struct moving *m, const char *what) {
    descent_finish(&m->d, DESCENT_DIVERGED, "%s at iteration %zu; try a smaller rate than %s", what,
                   m->d.result->iterations + 1, descent_number(m->rate).digits);
}

static bool trial_is_sound(struct moving *m) {
    const struct objective *o = m->d.objective;
    struct descent *d = &m->d;
    if (!point_is_finite(d, &d->trial)) {
        if (isinf(d->trial.value) || (o->overflows && o->overflows(o->context, d->trial.x)))
            finish_diverged(m, "the objective or its gradient overflows");
        else
            descent_finish(d, DESCENT_DOMAIN_ERROR,
                           "the objective has no finite %s at iteration %zu; try a smaller rate than %s",
                           isfinite(d->trial.value) ? "derivative" : "value", d->result->iterations + 1,
                           descent_number(m->rate).digits);
    } else if (fabs(d->trial.value) > 1e100 * (1 + fabs(d->start_value))) {
        finish_diverged(m, "the objective grows without bound");
    }
    return !d->finished;
}

/* Moves the trial into the bounds, which also stop the velocity; the norm of the step. */
static double confine(struct moving *m) {
    for (size_t i = 0; i < m->n; i++) {
        double next = m->d.trial.x[i], allowed = descent_project(&m->d, i, next);
        if (allowed < next || allowed > next) m->mean[i] = 0;
        m->d.trial.x[i] = allowed;
        m->d.direction[i] = allowed - m->d.current.x[i];
    }
    return descent_norm(m->d.direction, m->n);
}

static void iterate(struct moving *m, advance *step) {
    step(m);
    m->d.step = confine(m);
    if (!isfinite(m->d.step)) {
        finish_diverged(m, "the step overflows");
        return;
    }
    if (!descent_evaluate(&m->d, &m->d.trial) || !trial_is_sound(m)) return;
    bool goes_on = descent_accept(&m->d);
    if (!descent_is_critical(&m->d) && goes_on) descent_check_limits(&m->d);
}

static void descend(struct moving *m, advance *step, const struct objective *objective, const double *start,
                    struct descent_result *result) {
    m->n = objective->dimension;
    m->rate = m->options->rate;
    m->beta = m->options->beta > 0 ? m->options->beta : 0.9;
    m->beta2 = m->options->beta2 > 0 ? m->options->beta2 : 0.999;
    m->epsilon = m->options->epsilon > 0 ? m->options->epsilon : 1e-8;
    m->mean = calloc(2 * m->n + 1, sizeof(double));
    m->square = m->mean ? m->mean + m->n : NULL;
    if (descent_begin(&m->d, objective, start, &m->options->stop, result)) {
        descent_choose_units(&m->d);
        if (!m->mean)
            descent_finish(&m->d, DESCENT_FAILED, "memory is exhausted");
        else if (!descent_is_critical(&m->d))
            descent_check_limits(&m->d);
        while (!m->d.finished) iterate(m, step);
    }
    free(m->mean);
    descent_end(&m->d);
}

void descend_momentum(const struct objective *objective, const double *start,
                      const struct descent_options *options, struct descent_result *result) {
    struct moving m = {.options = options};
    descend(&m, advance_ball, objective, start, result);
}

void descend_nesterov(const struct objective *objective, const double *start,
                      const struct descent_options *options, struct descent_result *result) {
    struct moving m = {.options = options};
    descend(&m, advance_nesterov, objective, start, result);
}

void descend_adam(const struct objective *objective, const double *start,
                  const struct descent_options *options, struct descent_result *result) {
    struct moving m = {.options = options};
    descend(&m, advance_adam, objective, start, result);
}
