#include <stdlib.h>
#include <string.h>

#include "api/handle.h"
#include "ir/node_map.h"

/* A column: an array of its own, or of a table that is one array, row by row. */
struct column_place {
    array_id array;
    size_t column; /* from 1; 0: the array is the column */
};

/* Which columns an expression reads in the row it is computed for. */
struct reading {
    const struct program *program;
    struct node_map seen;
    VEC(node_id) pending;
    VEC(struct column_place) columns;
};

static void note(struct reading *r, array_id array, size_t column) {
    size_t k = 0;
    while (k < r->columns.count && (r->columns.at[k].array != array || r->columns.at[k].column != column))
        k++;
    if (k == r->columns.count) VEC_PUSH(&r->columns, ((struct column_place){array, column}));
}

/* A read in the row of the fit: obs.x[row], or obs[row, 2]. */
static void note_read(struct reading *r, node_id n) {
    const struct graph *g = r->program->graph;
    const node_id *subscripts = node_operands(g, n);
    uint32_t count = node_count(g, n);
    if (count == 0 || node_op(g, subscripts[0]) != OP_INDEX ||
        program_array_at(r->program, node_payload(g, n))->role != ROLE_COLUMN)
        return;
    if (count == 1) note(r, node_payload(g, n), 0);
    if (count == 2 && node_op(g, subscripts[1]) == OP_INT)
        note(r, node_payload(g, n), (size_t)node_integer(g, subscripts[1]));
}

static void look(struct reading *r, node_id n) {
    const struct graph *g = r->program->graph;
    const node_id *operands = node_operands(g, n);
    if (node_op(g, n) == OP_READ) note_read(r, n);
    for (uint32_t k = 0; k < node_count(g, n); k++)
        if (node_map_mark(&r->seen, operands[k])) VEC_PUSH(&r->pending, operands[k]);
}

static int by_place(const void *a, const void *b) {
    const struct column_place *x = a, *y = b;
    if (x->array != y->array) return x->array > y->array ? 1 : -1;
    return (x->column > y->column) - (x->column < y->column);
}

/* By ascending array, the order in which the file has used them, and column. */
static void read_columns(struct reading *r, array_id result) {
    const struct program *p = r->program;
    for (size_t s = 0; s < p->steps.count; s++) {
        const struct step *step = &p->steps.at[s];
        if (step->kind == STEP_UPDATE && step->array == result && node_map_mark(&r->seen, step->value))
            VEC_PUSH(&r->pending, step->value);
    }
    while (r->pending.count > 0) look(r, r->pending.at[--r->pending.count]);
    if (r->columns.count) qsort(r->columns.at, r->columns.count, sizeof *r->columns.at, by_place);
}

bool gradc_is_fit(const struct gradc_model *model, size_t k) {
    return model->model->residuals.at[k].is_fit;
}

static struct gradc_column column_at(const struct model *model, struct column_place place) {
    const struct array *array = program_array_at(&model->program, place.array);
    const struct bound_array *bound = &model->binding.arrays[place.array];
    const struct model_table *table = model->tables.at;
    struct gradc_column column = {.name = array->name, .rows = bound->count, .stride = 1};
    size_t first = 0;
    if (place.column > 0) {
        while (table->matrix != place.array) table++;
        first = place.column - 1;
        column = (struct gradc_column){
            .name = table->full_names[first], .rows = table->rows, .stride = table->columns};
    }
    if (array->type == TYPE_REAL)
        column.values = bound->at.real + first;
    else
        column.whole = bound->at.integer + first;
    return column;
}

size_t gradc_fit_columns(const struct gradc_model *owner, size_t k, enum gradc_fit_side side,
                         struct gradc_column *columns, size_t room) {
    const struct model *model = owner->model;
    const struct model_residual *residual = &model->residuals.at[k];
    struct reading r = {.program = &model->program};
    if (residual->is_fit) read_columns(&r, side == GRADC_OBSERVED ? residual->observed : residual->fitted);
    for (size_t i = 0; i < r.columns.count && i < room; i++) columns[i] = column_at(model, r.columns.at[i]);
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
