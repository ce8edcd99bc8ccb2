#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api/ahead.h"
#include "api/handle.h"
#include "descend/descend.h"

/* What the callbacks need. */
struct descent_context {
    struct gradc_evaluator *evaluator;
    const struct gradc_descent_options *options;
    bool quiet;                          /* adds nothing to the diagnostics */
    const struct descent_change *change; /* NULL: none */
    double *sizes;                       /* of the unknowns */
    double *bounds;                      /* of the constraints: the lower ones, then the upper ones */
};

static bool evaluate(void *context, const double *x, double *value, double *gradient) {
    struct descent_context *c = context;
    return gradc_evaluate(c->evaluator, x, value, gradient) <= GRADC_UNDEFINED;
}

/* What a failed callback came to: undefined numbers are there to be seen. */
static bool is_usable(enum gradc_outcome outcome) {
    return outcome <= GRADC_UNDEFINED;
}

static void lend(const struct gradc_matrix *from, struct descent_matrix *to) {
    *to = (struct descent_matrix){from->rows, from->columns, from->starts, from->column, from->values};
}

static bool hessian(void *context, const double *x, struct descent_matrix *lower) {
    struct descent_context *c = context;
    struct gradc_matrix matrix;
    bool good = is_usable(gradc_hessian(c->evaluator, x, &matrix));
    if (good) lend(&matrix, lower);
    return good;
}

static bool hessian_is_sparse(void *context) {
    struct descent_context *c = context;
    return hessian_is_local(c->evaluator->owner);
}

static bool hessian_times(void *context, const double *x, const double *direction, double *result) {
    struct descent_context *c = context;
    return is_usable(gradc_hessian_times(c->evaluator, x, direction, result));
}

static bool jacobian(void *context, const double *x, struct descent_matrix *to) {
    struct descent_context *c = context;
    struct gradc_matrix matrix;
    bool good = is_usable(gradc_jacobian(c->evaluator, GRADC_RESIDUALS, x, &matrix));
    if (good) lend(&matrix, to);
    return good;
}

static bool residuals(void *context, const double *x, double *values) {
    struct descent_context *c = context;
    const struct model *model = c->evaluator->owner->model;
    if (!is_usable(gradc_evaluate_arrays(c->evaluator, GRADC_RESIDUALS, x))) return false;
    for (size_t k = 0; k < model->residuals.count; k++) {
        size_t count = model->residuals.at[k].shape.count;
        if (count) memcpy(values, gradc_values(c->evaluator, GRADC_RESIDUALS, k), count * sizeof *values);
        values += count;
    }
    return true;
}

static bool constraints(void *context, const double *x, double *values) {
    struct descent_context *c = context;
    const struct model *model = c->evaluator->owner->model;
    if (!is_usable(gradc_evaluate_arrays(c->evaluator, GRADC_CONSTRAINTS, x))) return false;
    for (size_t k = 0; k < model->constraints.count; k++) {
        size_t count = model->constraints.at[k].shape.count;
        if (count) memcpy(values, gradc_values(c->evaluator, GRADC_CONSTRAINTS, k), count * sizeof *values);
        values += count;
    }
    return true;
}

static bool constraint_jacobian(void *context, const double *x, struct descent_matrix *to) {
    struct descent_context *c = context;
    struct gradc_matrix matrix;
    bool good = is_usable(gradc_jacobian(c->evaluator, GRADC_CONSTRAINTS, x, &matrix));
    if (good) lend(&matrix, to);
    return good;
}

static bool lagrangian(void *context, const double *x, double factor, const double *multipliers,
                       struct descent_matrix *lower) {
    struct descent_context *c = context;
    struct gradc_matrix matrix;
    bool good = is_usable(gradc_lagrangian(c->evaluator, x, factor, multipliers, &matrix));
    if (good) lend(&matrix, lower);
    return good;
}

static void name_constraint(void *context, size_t constraint, struct text *name) {
    struct descent_context *c = context;
    char *text = gradc_constraint_name(c->evaluator->owner, constraint);
    if (text) text_add(name, text);
    free(text);
}

static size_t residual_count(const struct model *model) {
    size_t count = 0;
    for (size_t k = 0; k < model->residuals.count; k++) count += model->residuals.at[k].shape.count;
    return count;
}

static bool steps_ahead(void *context, const double *x, const struct descent_stretch *stretch,
                        struct descent_path *path) {
    struct descent_context *c = context;
    return ahead_run(c->evaluator->ahead, c->evaluator, x, stretch, path);
}

static bool overflows(void *context, const double *x) {
    struct descent_context *c = context;
    return evaluator_overflows(c->evaluator, x);
}

static bool observe(void *context, const struct descent_iteration *seen) {
    struct descent_context *c = context;
    struct gradc_iteration iteration = {seen->iteration, seen->value, seen->gradient_norm, seen->step,
                                        seen->x};
    return c->options->observe(c->options->context, &iteration);
}

static enum gradc_status status_of(enum descent_status status) {
    switch (status) {
    case DESCENT_CONVERGED: return GRADC_CONVERGED;
    case DESCENT_STALLED: return GRADC_STALLED;
    case DESCENT_MAX_ITERATIONS: return GRADC_MAX_ITERATIONS;
    case DESCENT_TIMEOUT: return GRADC_TIMEOUT;
    case DESCENT_INTERRUPTED: return GRADC_INTERRUPTED;
    case DESCENT_DIVERGED: return GRADC_DIVERGED;
    case DESCENT_INFEASIBLE: return GRADC_INFEASIBLE;
    case DESCENT_DOMAIN_ERROR: return GRADC_DOMAIN_ERROR;
    case DESCENT_FAILED: break;
    }
    return GRADC_FAILED;
}

const char *gradc_status_name(enum gradc_status status) {
    switch (status) {
    case GRADC_CONVERGED: return "converged";
    case GRADC_STALLED: return "stalled";
    case GRADC_MAX_ITERATIONS: return "max_iterations";
    case GRADC_TIMEOUT: return "timeout";
    case GRADC_INTERRUPTED: return "interrupted";
    case GRADC_DIVERGED: return "diverged";
    case GRADC_INFEASIBLE: return "infeasible";
    case GRADC_DOMAIN_ERROR: return "domain_error";
    case GRADC_FAILED: break;
    }
    return "failed";
}

/* Moves the result over to the caller. */
static void hand_over(struct descent_result *from, struct gradc_descent *to) {
    *to = (struct gradc_descent){
        .status = status_of(from->status),
        .reason = from->reason.at ? from->reason.at : text_copy(""),
        .iterations = from->iterations,
        .value_evaluations = from->evaluations.value,
        .gradient_evaluations = from->evaluations.gradient,
        .hessian_evaluations = from->evaluations.hessian,
        .product_evaluations = from->evaluations.product,
        .residual_evaluations = from->evaluations.residual,
        .jacobian_evaluations = from->evaluations.jacobian,
        .constraint_evaluations = from->evaluations.constraint,
        .objective = from->value,
        .step = from->step,
        .gradient_norm = from->gradient_norm,
        .point = from->x,
        .gradient = from->gradient,
        .multipliers = from->multipliers,
        .violation = from->violation,
        .worst_constraint = from->worst_constraint,
        .seconds = from->seconds,
    };
    from->x = from->gradient = from->multipliers = NULL;
    from->reason = (struct text){0};
    descent_result_free(from);
}

/* ---- The methods ---- */

size_t gradc_method_count(void) {
    return descent_method_count();
}

static struct gradc_method shown(const struct descent_method *m) {
    return (struct gradc_method){.name = m->name,
                                 .title = m->title,
                                 .doc = m->doc,
                                 .needs_rate = (m->needs & NEEDS_RATE) && !(m->rate > 0),
                                 .needs_residuals = (m->needs & NEEDS_RESIDUALS) != 0,
                                 .knows_constraints = (m->needs & KNOWS_CONSTRAINTS) != 0,
                                 .takes_rate = (m->needs & TAKES_RATE) != 0,
                                 .needs_bounds = (m->needs & NEEDS_BOUNDS) != 0,
                                 .most_unknowns = m->most,
                                 .tolerance = m->tolerance};
}

struct gradc_method gradc_method_at(size_t k) {
    return shown(descent_method_at(k));
}

static const struct descent_method *find_method(struct gradc_model *model, const char *name, double rate,
                                                const char **why) {
    const struct model *m = model->model;
    if (name && strcmp(name, "auto") != 0) return descent_method_find(name);
    size_t count = model_inputs(model) ? residual_count(m) : 0;
    const struct descent_choice choice = {.has_residuals = gradc_is_least_squares(model),
                                          .rate = rate,
                                          .dimension = m->dimension,
                                          .residual_count = count,
                                          .constraint_count = gradc_constraint_count(model),
                                          .is_sparse = m->dimension > 200 && hessian_is_local(model)};
    return descent_method_auto(&choice, why);
}

bool gradc_method_find(struct gradc_model *model, const char *name, double rate,
                       struct gradc_method *method) {
    const char *why = NULL;
    const struct descent_method *found = find_method(model, name, rate, &why);
    if (!found) return false;
    *method = shown(found);
    method->why = why;
    return true;
}

/* ---- The descent ---- */

static struct objective make_objective(struct gradc_evaluator *e, const struct gradc_descent_options *options,
                                       struct descent_context *context) {
    const struct model *model = e->owner->model;
    struct objective objective = {
        .context = context,
        .dimension = model->dimension,
        .evaluate = evaluate,
        .steps_ahead = steps_ahead,
        .overflows = overflows,
        .hessian = hessian,
        .hessian_is_sparse = hessian_is_sparse,
        .hessian_times = hessian_times,
        .lower = options->lower ? options->lower : model->lower,
        .upper = options->upper ? options->upper : model->upper,
        .outside = options->start || options->outside ? options->outside : model->outside,
        .sizes = context->sizes,
        .maximize = model->maximize,
    };
    if (context->bounds) {
        objective.constraint_count = gradc_constraint_count(e->owner);
        objective.constraint_lower = context->bounds;
        objective.constraint_upper = context->bounds + objective.constraint_count;
        objective.constraints = constraints;
        objective.constraint_jacobian = constraint_jacobian;
        objective.name_constraint = name_constraint;
    }
    objective.lagrangian = lagrangian;
    if (!gradc_is_least_squares(e->owner)) return objective;
    objective.residual_count = residual_count(model);
    objective.residuals = residuals;
    objective.jacobian = jacobian;
    return objective;
}

static struct descent_options make_options(const struct gradc_descent_options *options,
                                           const struct descent_method *method,
                                           struct descent_context *context) {
    return (struct descent_options){
        .stop = {.tolerance = options->tolerance,
                 .max_iterations = options->max_iterations,
                 .timeout = options->timeout,
                 .observe = options->observe ? observe : NULL,
                 .observer = context},
        .rate = options->rate > 0 ? options->rate : method->rate,
        .beta = options->beta,
        .beta2 = options->beta2,
        .epsilon = options->epsilon,
        .memory = options->memory,
    };
}

static void refuse(struct gradc_descent *result, const char *reason) {
    *result = (struct gradc_descent){.status = GRADC_FAILED, .reason = text_copy(reason)};
}

static bool is_box(const struct objective *o) {
    for (size_t i = 0; i < o->dimension; i++)
        if (!o->lower || !o->upper || isinf(o->lower[i]) || isinf(o->upper[i])) return false;
    return true;
}

/* Why the method cannot run; NULL: it can. */
static const char *obstacle(const struct descent_method *method, const struct objective *objective,
                            const struct descent_options *options) {
    if (!method) return "there is no such method";
    if ((method->needs & NEEDS_RESIDUALS) && !objective->residuals) return "the method needs residuals";
    if ((method->needs & NEEDS_RATE) && !(options->rate > 0)) return "the method needs a rate";
    if (objective->constraint_count > 0 && !(method->needs & KNOWS_CONSTRAINTS))
        return "the method knows no constraints";
    if (method->most > 0 && objective->dimension > method->most) return "the method is for fewer unknowns";
    if ((method->needs & NEEDS_BOUNDS) && !is_box(objective)) return "the method needs bounds";
    return NULL;
}

/* The elements of a long array are taken to be of one size, that of the largest start: one that is near 0 by
 * chance says nothing. Short ones may be lists of parameters of all magnitudes. */
enum { LONG_ARRAY = 20 };

static bool find_sizes(struct descent_context *c) {
    const struct model *model = c->evaluator->owner->model;
    const double *start = c->options->start ? c->options->start : model->start;
    c->sizes = calloc(model->dimension + 1, sizeof *c->sizes);
    for (size_t k = 0; c->sizes && k < model->unknowns.count; k++) {
        size_t first = model->unknowns.at[k].offset, count = model->unknowns.at[k].shape.count;
        double size = 0;
        for (size_t i = first; i < first + count; i++) size = fmax(size, fabs(start[i]));
        for (size_t i = first; i < first + count; i++)
            c->sizes[i] = count > LONG_ARRAY ? size : fabs(start[i]);
    }
    return c->sizes != NULL;
}

/* The bounds of the constraints; false after an error. */
static bool find_bounds(struct descent_context *c) {
    size_t rows = gradc_constraint_count(c->evaluator->owner);
    if (gradc_count(c->evaluator->owner, GRADC_CONSTRAINTS) == 0) return true;
    c->bounds = calloc(2 * rows + 1, sizeof *c->bounds);
    return c->bounds && gradc_constraint_bounds(c->evaluator, c->bounds, c->bounds + rows) == GRADC_DONE;
}

/* How far a value lies outside of its bounds; 0 where rounding alone may have led it there. */
static double excess_of(double value, double lower, double upper) {
    static const double rounding = 1e-12;
    double below = lower - value, above = value - upper, bound = below > above ? lower : upper;
    double excess = fmax(below, above);
    return excess > rounding * fmax(1, fabs(bound)) ? excess : 0;
}

/* Says where the start does not meet the constraints. */
static void note_start(struct descent_context *c, const struct objective *objective, const double *start) {
    struct model *model = c->evaluator->owner->model;
    double worst = 0;
    size_t row = 0, worst_row = 0, declared = 0;
    if (!is_usable(gradc_evaluate_arrays(c->evaluator, GRADC_CONSTRAINTS, start))) return;
    for (size_t k = 0; k < model->constraints.count; k++) {
        const double *values = gradc_values(c->evaluator, GRADC_CONSTRAINTS, k);
        for (size_t i = 0; i < model->constraints.at[k].shape.count; i++, row++) {
            double excess =
                excess_of(values[i], objective->constraint_lower[row], objective->constraint_upper[row]);
            if (!(excess > worst)) continue;
            worst = excess;
            worst_row = row;
            declared = k;
        }
    }
    if (!(worst > 0)) return;
    char *name = gradc_constraint_name(c->evaluator->owner, worst_row), digits[GRADC_NUMBER_CHARS];
    gradc_number_format(worst, digits);
    diag_add(&model->diags, SEVERITY_NOTE, "start-infeasible", model->constraints.at[declared].shape.span,
             "the start violates `%s` by %s; the descent looks for where the constraints hold",
             name ? name : "a constraint", digits);
    free(name);
}

static void run(struct descent_context *c, const struct descent_method *method,
                struct gradc_descent *result) {
    struct gradc_evaluator *e = c->evaluator;
    struct objective objective = make_objective(e, c->options, c);
    if (c->change) c->change->apply(c->change->context, &objective);
    struct descent_options chosen = {.rate = 0};
    if (method) chosen = make_options(c->options, method, c);
    const char *why_not = obstacle(method, &objective, &chosen);
    if (why_not) {
        refuse(result, why_not);
        return;
    }
    struct descent_result found;
    /* Code is made before the clock of the descent starts. */
    evaluator_prepare_gradient(e);
    const double *start = c->options->start ? c->options->start : e->owner->model->start;
    if (objective.constraint_count > 0 && !c->quiet) note_start(c, &objective, start);
    method->run(&objective, start, &chosen, &found);
    phase_add_seconds(e->owner, "run", found.seconds);
    if (found.status == DESCENT_DOMAIN_ERROR && found.failed_at && !c->quiet &&
        !gradc_explain(e, found.failed_at))
        gradc_explain_arrays(e, GRADC_CONSTRAINTS, found.failed_at);
    hand_over(&found, result);
    result->method = method->name;
}

static void descend(struct gradc_evaluator *e, const struct gradc_descent_options *options, bool quiet,
                    const struct descent_change *change, struct gradc_descent *result) {
    struct descent_context context = {.evaluator = e, .options = options, .quiet = quiet, .change = change};
    if (!model_inputs(e->owner))
        refuse(result, "there is no start");
    else if (!find_sizes(&context))
        refuse(result, "memory is exhausted");
    else if (!find_bounds(&context))
        refuse(result, "a bound of a constraint is not a number, or memory is exhausted");
    else
        run(&context, find_method(e->owner, options->method, options->rate, NULL), result);
    free(context.bounds);
    free(context.sizes);
}

void gradc_descend(struct gradc_evaluator *e, const struct gradc_descent_options *options,
                   struct gradc_descent *result) {
    descend(e, options, false, NULL, result);
}

void descend_quietly(struct gradc_evaluator *e, const struct gradc_descent_options *options,
                     struct gradc_descent *result) {
    descend(e, options, true, NULL, result);
}

void descend_changed(struct gradc_evaluator *e, const struct gradc_descent_options *options,
                     const struct descent_change *change, struct gradc_descent *result) {
    descend(e, options, true, change, result);
}

void gradc_descent_free(struct gradc_descent *result) {
    free(result->reason);
    free(result->multipliers);
    free(result->point);
    free(result->gradient);
    *result = (struct gradc_descent){0};
}
