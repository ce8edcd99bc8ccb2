#include "api/runner.h"

#include <math.h>
#include <stdlib.h>

#include "api/handle.h"

static enum gradc_outcome outcome_of(enum evaluation evaluation) {
    switch (evaluation) {
    case EVALUATED: return GRADC_DONE;
    case EVALUATION_ERROR: return GRADC_REFUSED;
    case EVALUATION_MEMORY: break;
    }
    return GRADC_EXHAUSTED;
}

/* What a failed step means: an error that was reported, or exhausted memory. */
static enum gradc_outcome failure(const struct model *model) {
    return diag_has_errors(&model->diags) ? GRADC_REFUSED : GRADC_EXHAUSTED;
}

static bool bind(struct runner *r, struct model *model, double *point) {
    r->has_binding = binding_init(&r->binding, &r->program);
    if (!r->has_binding) return false;
    binding_share_inputs(&r->binding, &model->binding);
    for (size_t k = 0; k < model->unknowns.count; k++) {
        const struct model_unknown *unknown = &model->unknowns.at[k];
        binding_set_real(&r->binding, unknown->shape.array, point + unknown->offset, unknown->shape.count);
    }
    return binding_allocate(&r->binding, &model->diags);
}

/* About how many operations a run takes: each step once for every element there is. */
static double work_of_run(const struct runner *r) {
    double elements = 1;
    for (size_t a = 1; a < r->binding.array_count; a++)
        if (!r->program.arrays.at[a].unused) elements += (double)r->binding.arrays[a].count;
    return elements + (double)r->program.steps.count;
}

/* What compiling costs, in operations of the interpreter. */
static const double cost_of_native_code = 1e6;

static bool deserves_native_code(const struct runner *r, const struct gradc_evaluator_options *options) {
    if (options->native || options->interpret) return options->native;
    return (double)options->evaluations * work_of_run(r) > cost_of_native_code;
}

static bool interpret(struct runner *r, struct model *model) {
    r->has_doubles = true;
    return doubles_init(&r->doubles, &r->program, &r->binding, &model->diags);
}

enum gradc_outcome runner_prepare(struct runner *r, struct gradc_model *owner, double *point,
                                  const struct gradc_evaluator_options *options) {
    struct model *model = owner->model;
    if (!bind(r, model, point)) return failure(model);
    struct stopwatch watch = stopwatch_start();
    struct kernel_report report = {0};
    if (deserves_native_code(r, options))
        r->kernel = kernel_compile(&r->program, NULL, &report, &model->diags);
    else if (!interpret(r, model))
        return failure(model);
    if (!r->kernel && !r->has_doubles) return failure(model);
    struct gradc_phase *phase = phase_add(owner, "compile", watch);
    if (phase && r->kernel) {
        phase->steps = report.steps;
        phase->nodes = report.nodes;
        phase->instructions = report.instructions;
    }
    r->ready = true;
    return GRADC_DONE;
}

enum gradc_outcome runner_run(struct runner *r) {
    if (!r->kernel) return outcome_of(doubles_evaluate(&r->doubles));
    r->kernel->run(r->binding.slots);
    return GRADC_DONE;
}

void runner_release(struct runner *r) {
    if (r->kernel) kernel_free(r->kernel);
    if (r->has_doubles) doubles_release(&r->doubles);
    if (r->has_binding) binding_release(&r->binding);
    if (r->has_program) program_release(&r->program);
    *r = (struct runner){0};
}

const double *runner_values(const struct runner *r, array_id array) {
    return array && r->has_binding ? r->binding.arrays[array].at.real : NULL;
}

bool runner_is_finite(const struct runner *r, array_id array) {
    const struct bound_array *bound = &r->binding.arrays[array];
    for (size_t k = 0; k < bound->count; k++)
        if (!isfinite(bound->at.real[k])) return false;
    return true;
}
