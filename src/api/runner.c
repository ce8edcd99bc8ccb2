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

enum gradc_outcome runner_prepare(struct runner *r, struct gradc_model *owner, double *point,
                                  const struct gradc_evaluator_options *options) {
    struct model *model = owner->model;
    (void)options;
    struct stopwatch watch = stopwatch_start();
    if (!bind(r, model, point)) return failure(model);
    r->has_doubles = true;
    if (!doubles_init(&r->doubles, &r->program, &r->binding, &model->diags)) return failure(model);
    phase_add(owner, "compile", watch);
    r->ready = true;
    return GRADC_DONE;
}

enum gradc_outcome runner_run(struct runner *r) {
    return outcome_of(doubles_evaluate(&r->doubles));
}

void runner_release(struct runner *r) {
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
