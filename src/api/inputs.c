#include "api/handle.h"

static void fill(struct model_input *input) {
    for (size_t k = 0; k < input->count; k++) input->values[k] = input->uniform;
}

static bool evaluate(struct model *model, struct model_input *input) {
    struct runner r = {0};
    if (!input->result) {
        fill(input);
        return true;
    }
    bool good = runner_prepare_input(&r, model, input) == GRADC_DONE && runner_run(&r) == GRADC_DONE;
    runner_release(&r);
    return good && model_input_is_defined(model, input);
}

static bool evaluate_all(struct model *model) {
    bool good = true;
    for (size_t k = 0; good && k < model->inputs.count; k++) good = evaluate(model, &model->inputs.at[k]);
    return good;
}

bool model_inputs(const struct gradc_model *owner) {
    struct progress *progress = owner->progress;
    struct model *model = owner->model;
    if (progress->has_inputs) return !progress->inputs_failed;
    struct stopwatch watch = stopwatch_start();
    bool good = evaluate_all(model) && model_check_point(model);
    bool room = model_point(model);
    if (!room || (!good && !diag_has_errors(&model->diags)))
        diag_error(&model->diags, "out-of-memory", (struct span){0}, "memory is exhausted");
    progress->has_inputs = true;
    progress->inputs_failed = !good || !room;
    phase_add(owner, "inputs", watch);
    return !progress->inputs_failed;
}
