#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "api/handle.h"
#include "diff/gradient.h"
#include "emit/source.h"
#include "ir/prune.h"

static bool is_identifier(const char *text) {
    if (!*text || isdigit((unsigned char)*text)) return false;
    for (const char *at = text; *at; at++)
        if (!isalnum((unsigned char)*at) && *at != '_') return false;
    return true;
}

static bool check(struct model *model, const char *prefix) {
    if (!model->objective) {
        struct diag *diag =
            diag_error(&model->diags, "no-objective", (struct span){0}, "there is no objective to emit");
        diag_hint(&model->diags, diag, "add `minimize`, `maximize`, `fit` or `residual`");
        return false;
    }
    if (is_identifier(prefix)) return true;
    diag_error(&model->diags, "bad-value", (struct span){0}, "the prefix `%s` is no C identifier", prefix);
    return false;
}

static bool make_value(struct model *model, struct program *value) {
    bool good = program_prune(value, &model->program, &model->objective, 1);
    if (!good) diag_error(&model->diags, "out-of-memory", (struct span){0}, "memory is exhausted");
    return good;
}

static bool make_gradient(struct model *model, const array_id *unknowns, struct program *gradient) {
    struct gradient_request request = {model->objective, unknowns, model->unknowns.count, false};
    return differentiate(gradient, &model->program, &request, &model->diags);
}

static const char *origin_of(const struct model *model) {
    const struct source *source = source_get(&model->sources, 1);
    return source ? source->name : "a model";
}

char *gradc_emit_c(struct gradc_model *owner, const struct gradc_emit_options *options) {
    struct model *model = owner->model;
    struct stopwatch watch = stopwatch_start();
    const char *prefix = options->prefix ? options->prefix : "model";
    struct program value = {0}, gradient = {0};
    struct text out = {0};
    char *result = NULL;
    array_id *unknowns = model_unknown_ids(model);
    if (unknowns && check(model, prefix) && (!options->value || make_value(model, &value)) &&
        (!options->gradient || make_gradient(model, unknowns, &gradient))) {
        struct source_request request = {.prefix = prefix,
                                         .origin = origin_of(model),
                                         .version = gradc_version(),
                                         .value = options->value ? &value : NULL,
                                         .gradient = options->gradient ? &gradient : NULL,
                                         .objective = model->objective,
                                         .unknowns = unknowns,
                                         .unknown_count = model->unknowns.count,
                                         .binding = &model->binding};
        if (emit_source(&request, &model->diags, &out)) result = text_copy(text_string(&out));
    }
    phase_add(owner, "emit", watch);
    text_free(&out);
    program_release(&value);
    program_release(&gradient);
    free(unknowns);
    return result;
}
