#include <math.h>
#include <string.h>

#include "api/bench.h"
#include "api/bench_numeric_objective.h"

/* A descent may take as many values as add up to so many additions, for which special functions, which take
 * about a microsecond, make a value dearer; it is interrupted then. Where central differences have not enough
 * of them for some iterations there is no descent to speak of. Jacobians of differences have no pattern:
 * their size is limited. */
static const double most_additions = 4e10, special_functions = 40, most_jacobian = 1e7;
enum { MOST_ITERATIONS = 1000, FEWEST_ITERATIONS = 20 };
/* Runs that take longer are timed once. */
static const double long_run = 0.1;
enum { LONG_BESIDE_CODE = 20 };

struct descending {
    struct laboratory *lab;
    struct gradc_descent_options options;
    const struct difference *formula; /* NULL: exact */
    double most_values;
    struct numeric_objective numeric;
    struct gradc_descent result;
};

static bool go_on(void *context, const struct gradc_iteration *iteration) {
    const struct descending *d = context;
    (void)iteration;
    return d->numeric.evaluations < d->most_values;
}

static bool run(void *context) {
    struct descending *d = context;
    struct descent_change change = {numeric_objective_apply, &d->numeric};
    gradc_descent_free(&d->result);
    numeric_objective_release(&d->numeric);
    d->numeric.formula = d->formula;
    d->options.observe = go_on;
    d->options.context = d;
    descend_changed(d->lab->e, &d->options, d->formula ? &change : NULL, &d->result);
    return d->result.status != GRADC_FAILED;
}

static void release(struct descending *d) {
    gradc_descent_free(&d->result);
    numeric_objective_release(&d->numeric);
}

/* The first run makes code, and is not timed unless it takes so long that this does not count. */
static bool time_run(struct descending *d, double *seconds) {
    struct bench_time time;
    double began = bench_clock();
    bool good = run(d);
    *seconds = bench_clock() - began;
    if (d->lab->options->no_times) *seconds = 0;
    if (!good || d->lab->options->no_times || *seconds > LONG_BESIDE_CODE * long_run) return good;
    began = bench_clock();
    good = run(d);
    *seconds = bench_clock() - began;
    if (!good || *seconds > long_run) return good;
    good = bench_time(run, d, &time);
    *seconds = time.median;
    return good;
}

/* ---- What a descent came to ---- */

static double gradient_norm(struct laboratory *lab, const double *x) {
    double value, squares = 0;
    if (gradc_evaluate(lab->e, x, &value, lab->gradient) > GRADC_UNDEFINED) return NAN;
    for (size_t k = 0; k < lab->bench->dimension; k++) squares += lab->gradient[k] * lab->gradient[k];
    return sqrt(squares);
}

/* Decimal digits in which the worst unknown agrees, of those that doubles have; of one that is 0 but for
 * rounding, in relation to the largest. */
static double digits_of(const double *x, const double *best, size_t n) {
    static const double but_for_rounding = 1e-8;
    double worst = 0x1p-53, largest = 0;
    for (size_t k = 0; k < n; k++) largest = fmax(largest, fabs(best[k]));
    if (largest <= 0) largest = 1;
    for (size_t k = 0; k < n; k++) {
        double size = fabs(best[k]) > but_for_rounding * largest ? fabs(best[k]) : largest;
        worst = fmax(worst, fabs(x[k] - best[k]) / size);
    }
    return worst < 1 ? -log10(worst) : 0;
}

static struct gradc_bench_descent sum_up(struct descending *d, const char *name, double seconds) {
    const struct gradc_descent *r = &d->result;
    struct gradc_bench_descent found = {.name = name,
                                        .status = gradc_status_name(r->status),
                                        .iterations = r->iterations,
                                        .seconds = seconds,
                                        .objective = r->objective,
                                        .gradient_norm = NAN,
                                        .digits = NAN};
    found.evaluations =
        d->formula ? d->numeric.evaluations : (double)(r->value_evaluations + r->residual_evaluations);
    if (!d->formula) found.gradients = r->gradient_evaluations + r->jacobian_evaluations;
    if (r->point) found.gradient_norm = gradient_norm(d->lab, r->point);
    return found;
}

/* Whether the slope of all that may move is small there, in relation to the unknowns and the value: at a kink
 * methods end where it is not, and the minimum may be elsewhere. */
static bool is_level(struct laboratory *lab, const double *x) {
    static const double small = 1e-5;
    const struct gradc_model *owner = lab->e->owner;
    double value;
    if (gradc_evaluate(lab->e, x, &value, lab->gradient) != GRADC_DONE) return false;
    bool level = true;
    for (size_t k = 0; k < lab->bench->dimension && level; k++) {
        bool at_bound = x[k] <= gradc_lower(owner)[k] || x[k] >= gradc_upper(owner)[k];
        level = at_bound || fabs(lab->gradient[k]) * fmax(1, fabs(x[k])) <= small * fmax(1, fabs(value));
    }
    return level;
}

/* The minimum near where the exact descent ended, as well as doubles can have it: Newton's method goes on
 * from there. False where it does not come to an end near by, or that is none. */
static bool polish(struct laboratory *lab, const double *from, double *best) {
    static const double nearest = 2; /* digits: where one is further away, some unknown is not determined */
    size_t n = lab->bench->dimension;
    struct gradc_descent_options options = {
        .method = "newton", .start = from, .tolerance = 1e-15, .max_iterations = 100};
    struct gradc_descent result;
    descend_quietly(lab->e, &options, &result);
    bool good = result.point && (result.status == GRADC_CONVERGED || result.status == GRADC_STALLED);
    good = good && is_level(lab, result.point) && digits_of(from, result.point, n) >= nearest;
    if (good) memcpy(best, result.point, n * sizeof *best);
    gradc_descent_free(&result);
    return good;
}

/* ---- The descents ---- */

static size_t residuals_of(const struct laboratory *lab) {
    const struct model *model = lab->e->owner->model;
    size_t count = 0;
    for (size_t k = 0; k < model->residuals.count; k++) count += model->residuals.at[k].shape.count;
    return count;
}

/* In the objective, or in what was made of it. */
static bool calls_special_functions(const struct laboratory *lab) {
    const struct graph *g = &lab->e->owner->model->graph;
    for (node_id n = 1; n < graph_count(g); n++)
        if (op_is_own(node_op(g, n))) return true;
    return false;
}

/* Why there are none; NULL: there are. */
static const char *obstacle(const struct laboratory *lab, double most_values) {
    if (gradc_count(lab->e->owner, GRADC_CONSTRAINTS) > 0) return "there are constraints";
    if (!lab->defined[0]) return "the start has no value";
    if (most_values < 2 * FEWEST_ITERATIONS * (double)lab->bench->dimension)
        return "they would take too long with numeric gradients";
    double size = (double)residuals_of(lab) * (double)lab->bench->dimension;
    return gradc_is_least_squares(lab->e->owner) && size > most_jacobian ? "the Jacobian is too large" : NULL;
}

static bool descend_all(struct laboratory *lab, const struct gradc_descent_options *options,
                        double most_values) {
    static const char *const names[] = {"exact", "forward", "central"};
    size_t n = lab->bench->dimension;
    double *best = ARENA_ARRAY(lab->arena, double, n + 1);
    bool known = false, good = best != NULL;
    for (int k = 0; good && k < 3; k++) {
        struct descending d = {.lab = lab, .options = *options, .most_values = most_values};
        double seconds;
        if (k > 0) d.formula = difference_at(k == 1 ? DIFFERENCE_FORWARD : DIFFERENCE_CENTRAL);
        bench_progress(lab, "descents", k / 3.0);
        good = time_run(&d, &seconds);
        if (good) {
            struct gradc_bench_descent found = sum_up(&d, names[k], seconds);
            if (k == 0 && d.result.point) known = polish(lab, d.result.point, best);
            if (known && d.result.point) found.digits = digits_of(d.result.point, best, n);
            good = VEC_PUSH(&lab->bench->memory->descents, found);
        }
        release(&d);
    }
    return good;
}

enum gradc_outcome bench_descents(struct laboratory *lab) {
    struct gradc_method method;
    double most_values =
        most_additions / (lab->effort * (calls_special_functions(lab) ? special_functions : 1));
    const char *name = gradc_is_least_squares(lab->e->owner) ? "lm" : "lbfgs";
    if (lab->options->no_descents) return GRADC_DONE;
    lab->bench->no_descents = obstacle(lab, most_values);
    if (lab->bench->no_descents || !gradc_method_find(lab->e->owner, name, 0, &method)) return GRADC_DONE;
    lab->bench->method = method.name;
    struct gradc_descent_options options = {
        .method = method.name, .tolerance = method.tolerance, .max_iterations = MOST_ITERATIONS};
    if (descend_all(lab, &options, most_values)) return GRADC_DONE;
    return diag_has_errors(lab->subject.diags) ? GRADC_REFUSED : GRADC_EXHAUSTED;
}
