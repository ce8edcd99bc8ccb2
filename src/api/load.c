#include <stdlib.h>
#include <string.h>

#include "api/handle.h"
#include "eval/precise.h"
#include "eval/size.h"
#include "syntax/parse.h"

static bool copy_params(struct loading *l, const struct gradc_load_options *options) {
    struct arena *arena = &l->arena;
    for (size_t k = 0; k < options->param_count; k++) {
        const struct gradc_param_value *from = &options->params[k];
        double *values = ARENA_ARRAY(arena, double, from->count + 1);
        const char *name = arena_text(arena, from->name, strlen(from->name));
        if (!values || !name) return false;
        if (from->count) memcpy(values, from->values, from->count * sizeof *values);
        if (!VEC_PUSH(&l->params, ((struct given_param){name, values, from->count}))) return false;
    }
    return true;
}

static bool copy_tables(struct loading *l, const struct gradc_load_options *options) {
    struct arena *arena = &l->arena;
    for (size_t k = 0; k < options->table_count; k++) {
        const struct gradc_table_path *from = &options->tables[k];
        struct given_table table = {arena_text(arena, from->name, strlen(from->name)),
                                    arena_text(arena, from->path, strlen(from->path))};
        if (!table.name || !table.path || !VEC_PUSH(&l->tables, table)) return false;
    }
    return true;
}

static bool copy_numbers(struct loading *l, const struct gradc_load_options *options) {
    struct arena *arena = &l->arena;
    for (size_t k = 0; k < options->number_count; k++) {
        const struct gradc_table_values *from = &options->numbers[k];
        const char **names = ARENA_ARRAY(arena, const char *, from->columns + 1);
        const char *name = arena_text(arena, from->name, strlen(from->name));
        bool room = names && name;
        for (size_t c = 0; room && from->column_names && c < from->columns; c++) {
            const char *of_column = from->column_names[c];
            if (of_column) names[c] = arena_text(arena, of_column, strlen(of_column));
        }
        struct given_numbers numbers = {name, from->rows, from->columns, from->column_names ? names : NULL,
                                        from->values};
        if (!room || !VEC_PUSH(&l->numbers, numbers)) return false;
    }
    return true;
}

static bool note(struct loading *l, const struct gradc_load_options *options) {
    return !options || (copy_params(l, options) && copy_tables(l, options) && copy_numbers(l, options));
}

static struct model_options options_of(const struct loading *l) {
    return (struct model_options){l->params.at,    l->params.count, l->tables.at,
                                  l->tables.count, l->numbers.at,   l->numbers.count};
}

static void loading_release(struct loading *l) {
    VEC_FREE(&l->params);
    VEC_FREE(&l->tables);
    VEC_FREE(&l->numbers);
    arena_release(&l->arena);
}

static void measure_program(struct gradc_phase *phase, const struct model *model) {
    if (!phase || diag_has_errors(&model->diags)) return;
    phase->steps = model->program.steps.count;
    phase->nodes = program_node_count(&model->program);
}

/* Wraps a loaded model; takes it over, with what is noted of its loading. */
static struct gradc_model *wrap(struct model *model, struct loading *loading, struct stopwatch watch) {
    struct gradc_model *handle = model ? calloc(1, sizeof *handle) : NULL;
    struct progress *progress = handle ? calloc(1, sizeof *progress) : NULL;
    if (!progress) {
        loading_release(loading);
        free(handle);
        if (model) model_free(model);
        return NULL;
    }
    *handle = (struct gradc_model){model, progress, *loading};
    measure_program(phase_add(handle, "frontend", watch), model);
    return handle;
}

/* The folder of a file, in the arena. */
static const char *folder_of(struct arena *arena, const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? arena_text(arena, path, (size_t)(slash - path)) : "";
}

struct gradc_model *gradc_load_file(const char *path, const struct gradc_load_options *options) {
    struct stopwatch watch = stopwatch_start();
    struct loading l = {.is_expression = false};
    bool noted = note(&l, options);
    l.directory = folder_of(&l.arena, path);
    struct model_options given = options_of(&l);
    return wrap(noted && l.directory ? model_load(path, &given) : NULL, &l, watch);
}

struct gradc_model *gradc_load_text(const char *name, const char *directory, const char *text, size_t length,
                                    const struct gradc_load_options *options) {
    struct stopwatch watch = stopwatch_start();
    struct loading l = {.is_expression = false};
    bool noted = note(&l, options);
    l.directory = directory ? arena_text(&l.arena, directory, strlen(directory)) : "";
    struct model_options given = options_of(&l);
    bool good = noted && l.directory;
    return wrap(good ? model_load_text(name, directory, text, length, &given) : NULL, &l, watch);
}

struct gradc_model *gradc_load_expression(const char *text, const struct gradc_load_options *options) {
    struct stopwatch watch = stopwatch_start();
    struct loading l = {.is_expression = true};
    bool noted = note(&l, options);
    struct model_options given = options_of(&l);
    return wrap(noted ? model_load_expression(text, &given) : NULL, &l, watch);
}

struct gradc_model *model_load_again(const struct gradc_model *model) {
    const struct loading *l = &model->loading;
    const struct source *source = source_get(&model->model->sources, 1);
    struct stopwatch watch = stopwatch_start();
    struct loading none = {.is_expression = l->is_expression};
    struct model_options given = options_of(l);
    if (!source) return NULL;
    return wrap(l->is_expression
                    ? model_load_expression(source->text, &given)
                    : model_load_text(source->name, l->directory, source->text, source->length, &given),
                &none, watch);
}

bool gradc_looks_like_file(const char *text) {
    return parse_looks_like_file(text);
}

void gradc_free(struct gradc_model *model) {
    if (!model) return;
    model_free(model->model);
    loading_release(&model->loading);
    VEC_FREE(&model->progress->phases);
    pools_free(&model->progress->pools);
    free(model->progress);
    free(model);
    precise_forget();
}
