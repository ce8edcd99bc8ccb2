#include "descend/values.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "descend/nlopt.h"
#include "descend/state.h"

enum { SEARCH_PER_UNKNOWN = 2000 };

struct probe {
    struct descent d;
    nlopt_opt nlopt;
    const char *title;
    bool smooth;  /* the method takes the objective for smooth */
    double worst; /* value so far */
};

/* ---- What NLopt asks for ---- */

/* The trial is the best point so far. */
static void arrive(struct probe *p) {
    struct descent *d = &p->d;
    size_t n = d->objective->dimension;
    d->result->evaluations.value--; /* it is there already */
    if (!descent_evaluate(d, &d->trial)) return;
    for (size_t i = 0; i < n; i++) d->direction[i] = d->trial.x[i] - d->current.x[i];
    d->step = descent_norm(d->direction, n);
    descent_accept(d);
}

/* Models through past points cannot bear an infinity. */
static double worse(const struct probe *p) {
    double value = p->worst + fabs(p->worst) + 1;
    return isfinite(value) ? value : p->worst;
}

static double look(unsigned n, const double *x, double *gradient, void *context) {
    struct probe *p = context;
    struct descent *d = &p->d;
    const struct objective *o = d->objective;
    (void)gradient; /* NULL: methods without derivatives */
    memcpy(d->trial.x, x, n * sizeof *x);
    d->result->evaluations.value++;
    if (!o->evaluate(o->context, x, &d->trial.value, NULL))
        descent_finish(d, DESCENT_FAILED, "the objective could not be evaluated");
    if (o->maximize) d->trial.value = -d->trial.value;
    double value = isfinite(d->trial.value) ? d->trial.value : worse(p);
    p->worst = fmax(p->worst, value);
    if (!d->finished && value < d->current.value && !descent_is_unbounded(d)) arrive(p);
    if (!d->finished && d->stop->timeout > 0) descent_check_limits(d);
    if (d->finished) nlopt_force_stop(p->nlopt);
    return value;
}

/* ---- One call of NLopt ---- */

static size_t most_probes(const struct probe *p) {
    size_t most = p->d.stop->max_iterations;
    return most < INT_MAX ? most : INT_MAX;
}

static bool set_up(struct probe *p, nlopt_algorithm algorithm) {
    const struct objective *o = p->d.objective;
    const struct stop_criteria *stop = p->d.stop;
    unsigned n = (unsigned)o->dimension;
    p->nlopt = nlopt_create(algorithm, n);
    if (!p->nlopt) return false;
    for (unsigned i = 0; i < n; i++) p->d.direction[i] = stop->tolerance * p->d.units[i];
    return nlopt_set_min_objective(p->nlopt, look, p) > 0 &&
           (!o->lower || nlopt_set_lower_bounds(p->nlopt, o->lower) > 0) &&
           (!o->upper || nlopt_set_upper_bounds(p->nlopt, o->upper) > 0) &&
           nlopt_set_xtol_rel(p->nlopt, stop->tolerance) > 0 &&
           nlopt_set_xtol_abs(p->nlopt, p->d.direction) > 0 &&
           nlopt_set_maxeval(p->nlopt, (int)most_probes(p)) > 0;
}

/* A model that misled has left a slope behind. */
static bool is_believable(struct probe *p) {
    struct descent *d = &p->d;
    double scale = fmax(1, fmin(fabs(d->current.value), fabs(d->start_value)));
    return !p->smooth || descent_scaled_norm(d) <= sqrt(d->stop->tolerance) * scale;
}

static void conclude(struct probe *p, nlopt_result how) {
    struct descent *d = &p->d;
    struct number_text norm = descent_number(descent_projected_norm(d, &d->current));
    if (d->finished) return;
    if (how == NLOPT_MAXEVAL_REACHED)
        descent_finish(d, DESCENT_MAX_ITERATIONS,
                       "the limit of %zu evaluations was reached; the gradient norm here is %s",
                       most_probes(p), norm.digits);
    else if (how > 0)
        descent_finish(d, is_believable(p) ? DESCENT_CONVERGED : DESCENT_STALLED,
                       "%s is smaller than the tolerance %s in every unknown; the gradient norm here is %s",
                       p->title, descent_number(d->stop->tolerance).digits, norm.digits);
    else if (how == NLOPT_ROUNDOFF_LIMITED)
        descent_finish(d, DESCENT_STALLED,
                       "rounding hides what smaller steps do to the objective; the gradient norm here is %s",
                       norm.digits);
    else if (how == NLOPT_OUT_OF_MEMORY)
        descent_finish(d, DESCENT_FAILED, "memory is exhausted");
    else
        descent_finish(d, DESCENT_FAILED, "NLopt does not take the problem");
}

static void search(struct probe *p, nlopt_algorithm algorithm) {
    size_t n = p->d.objective->dimension;
    double *x = malloc((n + 1) * sizeof *x), value;
    nlopt_result how = NLOPT_OUT_OF_MEMORY;
    if (x && set_up(p, algorithm)) {
        memcpy(x, p->d.current.x, n * sizeof *x);
        p->worst = p->d.current.value;
        nlopt_srand(1);
        how = nlopt_optimize(p->nlopt, x, &value);
    }
    conclude(p, how);
    if (p->nlopt) nlopt_destroy(p->nlopt);
    free(x);
}

static void probe_run(const struct objective *objective, const double *start,
                      const struct stop_criteria *stop, nlopt_algorithm algorithm, const char *title,
                      struct descent_result *result) {
    struct probe p = {.title = title, .smooth = algorithm == NLOPT_LN_BOBYQA};
    if (descent_begin(&p.d, objective, start, stop, result)) {
        descent_choose_units(&p.d);
        descent_check_limits(&p.d);
        if (!nlopt_load())
            descent_finish(&p.d, DESCENT_FAILED,
                           "NLopt could not be loaded: Debian's package libnlopt0 has it");
        else if (!p.d.finished)
            search(&p, algorithm);
    }
    descent_end(&p.d);
}

void descend_neldermead(const struct objective *objective, const double *start,
                        const struct descent_options *options, struct descent_result *result) {
    probe_run(objective, start, &options->stop, NLOPT_LN_NELDERMEAD, "the simplex", result);
}

void descend_bobyqa(const struct objective *objective, const double *start,
                    const struct descent_options *options, struct descent_result *result) {
    probe_run(objective, start, &options->stop, NLOPT_LN_BOBYQA, "the trust region", result);
}

/* ---- A search of a box, and the way down from its best point ---- */

/* Numbers the iterations of the second part after those of the first. */
struct continued {
    const struct stop_criteria *stop;
    size_t first;
};

static bool observe_later(void *context, const struct descent_iteration *iteration) {
    const struct continued *c = context;
    struct descent_iteration shifted = *iteration;
    if (iteration->iteration == 0) return true; /* the last one of the first part */
    shifted.iteration += c->first;
    return c->stop->observe(c->stop->observer, &shifted);
}

static void add_search(struct descent_result *result, const struct descent_result *search,
                       const char *title) {
    struct text reason = {0};
    text_addf(&reason, "%s, after %zu evaluations by %s", text_string(&result->reason),
              search->evaluations.value, title);
    text_free(&result->reason);
    result->reason = reason;
    result->iterations += search->iterations;
    result->evaluations.value += search->evaluations.value;
    result->evaluations.gradient += search->evaluations.gradient;
    result->seconds += search->seconds;
}

static void go_down(const struct objective *objective, const struct descent_options *options,
                    const struct descent_result *search, const char *title, struct descent_result *result) {
    struct continued c = {&options->stop, search->iterations};
    struct descent_options rest = *options;
    rest.stop.observe = options->stop.observe ? observe_later : NULL;
    rest.stop.observer = &c;
    if (options->stop.timeout > 0) rest.stop.timeout = fmax(options->stop.timeout - search->seconds, 1e-9);
    descend_lbfgs(objective, search->x, &rest, result);
    add_search(result, search, title);
}

static void search_box(const struct objective *objective, const double *start,
                       const struct descent_options *options, nlopt_algorithm algorithm, const char *title,
                       struct descent_result *result) {
    struct stop_criteria stop = options->stop;
    size_t most = SEARCH_PER_UNKNOWN * (objective->dimension + 1);
    if (stop.max_iterations > most) stop.max_iterations = most;
    struct descent_result search = {0};
    probe_run(objective, start, &stop, algorithm, title, &search);
    if (search.status == DESCENT_MAX_ITERATIONS || search.status == DESCENT_CONVERGED ||
        search.status == DESCENT_STALLED) {
        go_down(objective, options, &search, title, result);
        descent_result_free(&search);
    } else {
        *result = search;
    }
}

void descend_direct(const struct objective *objective, const double *start,
                    const struct descent_options *options, struct descent_result *result) {
    search_box(objective, start, options, NLOPT_GN_DIRECT_L, "dividing rectangles", result);
}

void descend_crs(const struct objective *objective, const double *start,
                 const struct descent_options *options, struct descent_result *result) {
    search_box(objective, start, options, NLOPT_GN_CRS2_LM, "controlled random search", result);
}
