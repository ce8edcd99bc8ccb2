#include <stdint.h>
#include <string.h>

#include "api/handle.h"

/* ---- Values ---- */

bool gradc_param_values(struct gradc_model *owner, size_t k, double *values) {
    const struct model *model = owner->model;
    const struct model_array *shape = &model->params.at[k];
    const struct bound_array *bound = &model->binding.arrays[shape->array];
    bool whole = model->program.arrays.at[shape->array].type == TYPE_INT;
    if (!model_inputs(owner)) return false;
    for (size_t i = 0; i < shape->count; i++)
        values[i] = whole ? (double)bound->at.integer[i] : bound->at.real[i];
    return true;
}

size_t gradc_table_count(const struct gradc_model *model) {
    return model->model->tables.count;
}

struct gradc_table gradc_table_at(const struct gradc_model *model, size_t k) {
    const struct model_table *t = &model->model->tables.at[k];
    return (struct gradc_table){t->name, t->path, t->rows, t->columns, t->column_names};
}

/* ---- Other values ---- */

/* Imported files and tables may have changed since: then the values do not belong to this program. */
static bool is_alike(const struct model *a, const struct model *b) {
    bool alike = a->program.steps.count == b->program.steps.count && a->dimension == b->dimension &&
                 a->binding.array_count == b->binding.array_count && a->unknowns.count == b->unknowns.count &&
                 a->params.count == b->params.count;
    for (array_id k = 1; alike && k < a->binding.array_count; k++)
        alike = a->binding.arrays[k].count == b->binding.arrays[k].count &&
                a->program.arrays.at[k].type == b->program.arrays.at[k].type;
    return alike;
}

static void copy(double *to, const double *from, size_t count) {
    if (to && from && count) memcpy(to, from, count * sizeof *to);
}

/* Puts values where evaluators and code read them. */
static void adopt(struct model *model, const struct model *from) {
    for (size_t k = 0; k < model->params.count; k++) {
        array_id array = model->params.at[k].array;
        if (model->program.arrays.at[array].type == TYPE_INT) continue;
        copy(model->binding.arrays[array].at.real, from->binding.arrays[array].at.real,
             model->params.at[k].count);
    }
    for (size_t k = 0; k < model->unknowns.count; k++) {
        const struct model_unknown *to = &model->unknowns.at[k], *with = &from->unknowns.at[k];
        copy(to->start, with->start, to->shape.count);
        copy(to->lower, with->lower, to->shape.count);
        copy(to->upper, with->upper, to->shape.count);
    }
    copy(model->start, from->start, model->dimension);
    copy(model->lower, from->lower, model->dimension);
    copy(model->upper, from->upper, model->dimension);
    if (model->dimension) memcpy(model->outside, from->outside, model->dimension * sizeof *model->outside);
}

/* Why values cannot be taken, told by a model that was loaded with them. */
static bool refuse(struct model *model, const char *name, const struct gradc_model *tried) {
    for (size_t k = 0; tried && k < tried->model->diags.items.count; k++) {
        const struct diag *diag = &tried->model->diags.items.at[k];
        if (diag->severity != SEVERITY_ERROR) continue;
        diag_error(&model->diags, diag->code, (struct span){0}, "with the new value of `%s`: %s", name,
                   diag->message);
        return false;
    }
    diag_error(&model->diags, "out-of-memory", (struct span){0}, "memory is exhausted");
    return false;
}

static bool try_again(struct gradc_model *owner, const char *name) {
    struct gradc_model *again = model_load_again(owner);
    bool good = again && !gradc_has_errors(again) && model_inputs(again) && !gradc_has_errors(again);
    bool alike = good && is_alike(owner->model, again->model);
    if (alike)
        adopt(owner->model, again->model);
    else if (good)
        diag_error(&owner->model->diags, "file-changed", (struct span){0},
                   "an imported file or a table has changed since the model was loaded");
    else
        refuse(owner->model, name, again);
    gradc_free(again);
    return alike;
}

/* Whether a param may be set; otherwise an error says why not. */
static bool may_be_set(struct model *model, const char *name, size_t k, size_t count) {
    if (k == SIZE_MAX) {
        diag_error(&model->diags, "unknown-param", (struct span){0}, "there is no param `%s`", name);
        return false;
    }
    const struct model_array *shape = &model->params.at[k];
    if (model->program.arrays.at[shape->array].type == TYPE_INT) {
        diag_error(&model->diags, "whole-param", (struct span){0},
                   "`%s` is a whole number, of which sizes may be made: load the file again with its value",
                   name);
        return false;
    }
    if (count == shape->count) return true;
    diag_error(&model->diags, "shape-mismatch", (struct span){0}, "`%s` has %zu elements, but %zu are given",
               name, shape->count, count);
    return false;
}

/* Where the value of a param is noted; a place for one that the file gave until now is added. NULL where
 * memory is exhausted. */
static struct given_param *noted_value(struct loading *l, const struct model_array *param) {
    for (size_t k = 0; k < l->params.count; k++)
        if (strcmp(l->params.at[k].name, param->name) == 0) return &l->params.at[k];
    struct given_param added = {.name = param->name};
    return VEC_PUSH(&l->params, added) ? &VEC_LAST(&l->params) : NULL;
}

bool gradc_set_param(struct gradc_model *owner, const char *name, const double *values, size_t count) {
    struct loading *l = &owner->loading;
    size_t k = gradc_find(owner, GRADC_PARAMS, name);
    if (!may_be_set(owner->model, name, k, count) || !model_inputs(owner)) return false;
    struct given_param *noted = noted_value(l, &owner->model->params.at[k]);
    double *kept = noted && noted->values ? (double *)(uintptr_t)noted->values
                                          : ARENA_ARRAY(&l->arena, double, count + 1);
    if (!noted || !kept) return refuse(owner->model, name, NULL);
    bool is_new = noted->values == NULL;
    noted->values = values;
    noted->count = count;
    bool good = try_again(owner, name);
    if (good) copy(kept, values, count);
    noted->values = kept;
    if (is_new && !good) l->params.count--;
    return good;
}
