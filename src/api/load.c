#include <stdlib.h>
#include <string.h>

#include "api/handle.h"
#include "eval/size.h"
#include "syntax/parse.h"

/* The options in the terms of the checker. */
struct translated {
    struct given_param *params;
    struct given_table *tables;
    struct model_options options;
};

static bool translate(const struct gradc_load_options *options, struct translated *t) {
    *t = (struct translated){0};
    if (!options) return true;
    t->params = calloc(options->param_count + 1, sizeof *t->params);
    t->tables = calloc(options->table_count + 1, sizeof *t->tables);
    if (!t->params || !t->tables) return false;
    for (size_t k = 0; k < options->param_count; k++) {
        const struct gradc_param_value *given = &options->params[k];
        t->params[k] =
            (struct given_param){.name = given->name, .values = given->values, .count = given->count};
    }
    for (size_t k = 0; k < options->table_count; k++) {
        const struct gradc_table_path *given = &options->tables[k];
        t->tables[k] = (struct given_table){.name = given->name, .path = given->path};
    }
    t->options = (struct model_options){t->params, options->param_count, t->tables, options->table_count};
    return true;
}

static void translated_free(struct translated *t) {
    free(t->params);
    free(t->tables);
}

static void measure_program(struct gradc_phase *phase, const struct model *model) {
    if (!phase || diag_has_errors(&model->diags)) return;
    phase->steps = model->program.steps.count;
    phase->nodes = program_node_count(&model->program);
}

/* Wraps a loaded model; takes it over. */
static struct gradc_model *wrap(struct model *model, struct stopwatch watch) {
    struct gradc_model *handle = model ? calloc(1, sizeof *handle) : NULL;
    struct progress *progress = handle ? calloc(1, sizeof *progress) : NULL;
    if (!progress) {
        free(handle);
        if (model) model_free(model);
        return NULL;
    }
    *handle = (struct gradc_model){model, progress};
    measure_program(phase_add(handle, "frontend", watch), model);
    return handle;
}

struct gradc_model *gradc_load_file(const char *path, const struct gradc_load_options *options) {
    struct stopwatch watch = stopwatch_start();
    struct translated t;
    struct model *model = translate(options, &t) ? model_load(path, &t.options) : NULL;
    translated_free(&t);
    return wrap(model, watch);
}

struct gradc_model *gradc_load_text(const char *name, const char *directory, const char *text, size_t length,
                                    const struct gradc_load_options *options) {
    struct stopwatch watch = stopwatch_start();
    struct translated t;
    struct model *model =
        translate(options, &t) ? model_load_text(name, directory, text, length, &t.options) : NULL;
    translated_free(&t);
    return wrap(model, watch);
}

struct gradc_model *gradc_load_expression(const char *text, const struct gradc_load_options *options) {
    struct stopwatch watch = stopwatch_start();
    struct translated t;
    struct model *model = translate(options, &t) ? model_load_expression(text, &t.options) : NULL;
    translated_free(&t);
    return wrap(model, watch);
}

bool gradc_looks_like_file(const char *text) {
    return parse_looks_like_file(text);
}

void gradc_free(struct gradc_model *model) {
    if (!model) return;
    model_free(model->model);
    VEC_FREE(&model->progress->phases);
    free(model->progress);
    free(model);
}
