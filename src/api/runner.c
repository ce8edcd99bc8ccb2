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

static bool bind(struct runner *r, struct model *model) {
    r->has_binding = binding_init(&r->binding, &r->program);
    if (r->has_binding) binding_share_inputs(&r->binding, &model->binding);
    return r->has_binding;
}

static void bind_point(struct runner *r, const struct model *model, double *point) {
    for (size_t k = 0; k < model->unknowns.count; k++) {
        const struct model_unknown *unknown = &model->unknowns.at[k];
        binding_set_real(&r->binding, unknown->shape.array, point + unknown->offset, unknown->shape.count);
    }
}

/* ---- Code ---- */

/* About how many operations a run takes: each step once for every element there is. */
static double work_of_run(const struct runner *r) {
    double elements = 1;
    for (size_t a = 1; a < r->binding.array_count; a++)
        if (!r->program.arrays.at[a].unused) elements += (double)r->binding.arrays[a].count;
    return elements + (double)r->program.steps.count;
}

/* What compiling costs, and what optimising costs beside it, in elements computed by the interpreter. */
static const double cost_of_native_code = 2e5, cost_of_optimising = 2e6;

/* How a program is run. */
struct way {
    bool native;
    struct kernel_options kernel;
};

static struct way choose_way(const struct runner *r, const struct gradc_evaluator_options *options) {
    double work = (double)options->evaluations * work_of_run(r);
    struct way way = {.native = options->native || (!options->interpret && work > cost_of_native_code)};
    way.kernel.level = options->native || work > cost_of_optimising ? 3 : 1;
    return way;
}

static bool interpret(struct runner *r, struct model *model) {
    r->has_doubles = true;
    return doubles_init(&r->doubles, &r->program, &r->binding, &model->diags);
}

static bool make_code(struct runner *r, struct model *model, const struct way *way,
                      struct kernel_report *report) {
    *report = (struct kernel_report){0};
    if (!way->native) return interpret(r, model);
    r->kernel = kernel_compile(&r->program, &way->kernel, report, &model->diags);
    return r->kernel != NULL;
}

/* ---- Runners ---- */

enum gradc_outcome runner_prepare_input(struct runner *r, struct model *model, struct model_input *input) {
    static const struct gradc_evaluator_options once = {.evaluations = 1};
    struct kernel_report report;
    r->program = input->program;
    r->has_program = true;
    input->program = (struct program){0};
    if (!bind(r, model)) return failure(model);
    binding_set_real(&r->binding, input->result, input->values, input->count);
    if (!binding_allocate(&r->binding, &model->diags)) return failure(model);
    struct way way = choose_way(r, &once);
    r->ready = make_code(r, model, &way, &report);
    return r->ready ? GRADC_DONE : failure(model);
}

enum gradc_outcome runner_prepare(struct runner *r, struct gradc_model *owner, double *point,
                                  const struct gradc_evaluator_options *options) {
    struct model *model = owner->model;
    if (!model_inputs(owner) || !bind(r, model)) return failure(model);
    bind_point(r, model, point);
    if (!binding_allocate(&r->binding, &model->diags)) return failure(model);
    struct stopwatch watch = stopwatch_start();
    struct way way = choose_way(r, options);
    struct kernel_report report;
    if (!make_code(r, model, &way, &report)) return failure(model);
    struct gradc_phase *phase = phase_add(owner, "compile", watch);
    if (phase && r->kernel) {
        phase->steps += report.steps;
        phase->nodes += report.nodes;
        phase->instructions += report.llvm_instructions;
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
