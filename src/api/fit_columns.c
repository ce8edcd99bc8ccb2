#include <stdlib.h>
#include <string.h>

#include "api/handle.h"
#include "ir/node_map.h"

/* Which columns an expression reads in the row it is computed for. */
struct reading {
    const struct program *program;
    struct node_map seen;
    VEC(node_id) pending;
    VEC(array_id) columns;
};

static void note(struct reading *r, array_id array) {
    size_t k = 0;
    while (k < r->columns.count && r->columns.at[k] != array) k++;
    if (k == r->columns.count) VEC_PUSH(&r->columns, array);
}

static void look(struct reading *r, node_id n) {
    const struct graph *g = r->program->graph;
    const node_id *operands = node_operands(g, n);
    uint32_t count = node_count(g, n);
    if (node_op(g, n) == OP_READ && count == 1 && node_op(g, operands[0]) == OP_INDEX &&
        program_array_at(r->program, node_payload(g, n))->role == ROLE_COLUMN)
        note(r, node_payload(g, n));
    for (uint32_t k = 0; k < count; k++)
        if (node_map_mark(&r->seen, operands[k])) VEC_PUSH(&r->pending, operands[k]);
}

static int by_id(const void *a, const void *b) {
    array_id x = *(const array_id *)a, y = *(const array_id *)b;
    return (x > y) - (x < y);
}

/* By ascending array: the order in which the file has used them. */
static void read_columns(struct reading *r, array_id result) {
    const struct program *p = r->program;
    for (size_t s = 0; s < p->steps.count; s++) {
        const struct step *step = &p->steps.at[s];
        if (step->kind == STEP_UPDATE && step->array == result && node_map_mark(&r->seen, step->value))
            VEC_PUSH(&r->pending, step->value);
    }
    while (r->pending.count > 0) look(r, r->pending.at[--r->pending.count]);
    if (r->columns.count) qsort(r->columns.at, r->columns.count, sizeof *r->columns.at, by_id);
}

bool gradc_is_fit(const struct gradc_model *model, size_t k) {
    return model->model->residuals.at[k].is_fit;
}

size_t gradc_fit_columns(const struct gradc_model *owner, size_t k, enum gradc_fit_side side,
                         struct gradc_column *columns, size_t room) {
    const struct model *model = owner->model;
    const struct model_residual *residual = &model->residuals.at[k];
    struct reading r = {.program = &model->program};
    if (residual->is_fit) read_columns(&r, side == GRADC_OBSERVED ? residual->observed : residual->fitted);
    for (size_t i = 0; i < r.columns.count && i < room; i++) {
        const struct array *array = program_array_at(r.program, r.columns.at[i]);
        const struct bound_array *bound = &model->binding.arrays[r.columns.at[i]];
        columns[i] = (struct gradc_column){.name = array->name, .rows = bound->count};
        if (array->type == TYPE_REAL)
            columns[i].values = bound->at.real;
        else
            columns[i].whole = bound->at.integer;
    }
    size_t count = r.columns.count;
    node_map_release(&r.seen);
    VEC_FREE(&r.pending);
    VEC_FREE(&r.columns);
    return count;
}

bool gradc_column_replace(struct gradc_model *owner, const char *name, double *values) {
    struct model *model = owner->model;
    if (!model_inputs(owner)) return false;
    for (array_id a = 1; a < model->program.arrays.count; a++) {
        const struct array *array = &model->program.arrays.at[a];
        if (array->role != ROLE_COLUMN || array->type != TYPE_REAL || strcmp(array->name, name) != 0)
            continue;
        binding_set_real(&model->binding, a, values, model->binding.arrays[a].count);
        return true;
    }
    return false;
}
