#include <stdlib.h>

#include "api/handle.h"
#include "descend/descend.h"

/* What the callbacks need. */
struct descent_context {
    struct gradc_evaluator *evaluator;
    const struct gradc_descent_options *options;
};

static bool evaluate(void *context, const double *x, double *value, double *gradient) {
    struct descent_context *c = context;
    return gradc_evaluate(c->evaluator, x, value, gradient) <= GRADC_UNDEFINED;
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
    case GRADC_DOMAIN_ERROR: return "domain_error";
    case GRADC_FAILED: break;
    }
    return "failed";
}

/* Moves the result over to the caller. */
static void hand_over(struct descent_result *from, struct gradc_descent *to) {
    *to = (struct gradc_descent){
        .status = status_of(from->status),
        .reason = text_copy(text_string(&from->reason)),
        .iterations = from->iterations,
        .value_evaluations = from->evaluations,
        .gradient_evaluations = from->evaluations,
        .objective = from->value,
        .step = from->step,
        .gradient_norm = from->gradient_norm,
        .point = from->x,
        .gradient = from->gradient,
        .seconds = from->seconds,
    };
    from->x = from->gradient = NULL;
    descent_result_free(from);
}

void gradc_descend(struct gradc_evaluator *e, const struct gradc_descent_options *options,
                   struct gradc_descent *result) {
    const struct model *model = e->owner->model;
    if (!model_inputs(e->owner)) {
        *result = (struct gradc_descent){.status = GRADC_FAILED, .reason = text_copy("there is no start")};
        return;
    }
    struct descent_context context = {e, options};
    struct objective objective = {
        .context = &context,
        .dimension = model->dimension,
        .evaluate = evaluate,
        .overflows = overflows,
        .lower = options->lower ? options->lower : model->lower,
        .upper = options->upper ? options->upper : model->upper,
        .maximize = model->maximize,
    };
    struct stop_criteria stop = {
        .tolerance = options->tolerance,
        .max_iterations = options->max_iterations,
        .timeout = options->timeout,
        .observe = options->observe ? observe : NULL,
        .observer = &context,
    };
    const double *start = options->start ? options->start : model->start;
    struct descent_result found;
    /* Code is made before the clock of the descent starts. */
    evaluator_prepare_gradient(e);
    struct stopwatch watch = stopwatch_start();
    if (options->rate > 0)
        descend_fixed_rate(&objective, start, options->rate, &stop, &found);
    else
        descend_line_search(&objective, start, &stop, &found);
    phase_add(e->owner, "run", watch);
    if (found.status == DESCENT_DOMAIN_ERROR && found.failed_at) gradc_explain(e, found.failed_at);
    hand_over(&found, result);
}

void gradc_descent_free(struct gradc_descent *result) {
    free(result->reason);
    free(result->point);
    free(result->gradient);
    *result = (struct gradc_descent){0};
}
