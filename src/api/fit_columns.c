#include <stdlib.h>
#include <string.h>

#include "api/handle.h"
#include "ir/node_map.h"

/* A column: an array of its own, or of a table that is one array, row by row. */
struct column_place {
    array_id array;
    size_t column; /* from 1; 0: the array is the column */
};

/* Which columns the rows of a fit read. */
struct reading {
    const struct program *program;
    node_id row; /* the subscript of the row at hand */
    struct node_map seen;
    VEC(array_id) arrays; /* what is computed for the fit: the result, sums, lets */
    VEC(node_id) pending;
    VEC(struct column_place) columns; /* read in the row at hand */
    VEC(struct column_place) others;  /* read in other rows */
};

static bool is_place(const struct column_place *place, array_id array, size_t column) {
    return place->array == array && place->column == column;
}

static void note(struct reading *r, bool in_row, array_id array, size_t column) {
    size_t k = 0;
    if (!in_row) {
        VEC_PUSH(&r->others, ((struct column_place){array, column}));
        return;
    }
    while (k < r->columns.count && !is_place(&r->columns.at[k], array, column)) k++;
    if (k == r->columns.count) VEC_PUSH(&r->columns, ((struct column_place){array, column}));
}

/* A read of a table, in the row of the fit (obs.x[row], or obs[row, 2]) or in another one. */
static void note_cell(struct reading *r, node_id n) {
    const struct graph *g = r->program->graph;
    const node_id *subscripts = node_operands(g, n);
    uint32_t count = node_count(g, n);
    bool in_row = count > 0 && subscripts[0] == r->row, named = count < 2;
    if (count == 2 && node_op(g, subscripts[1]) == OP_INT)
        note(r, in_row, node_payload(g, n), (size_t)node_integer(g, subscripts[1]));
    else
        note(r, in_row && named, node_payload(g, n), 0);
}

static void note_read(struct reading *r, node_id n) {
    array_id array = node_payload(r->program->graph, n);
    enum array_role role = program_array_at(r->program, array)->role;
    size_t k = 0;
    if (role == ROLE_COLUMN) note_cell(r, n);
    if (role_is_input(role)) return;
    while (k < r->arrays.count && r->arrays.at[k] != array) k++;
    if (k == r->arrays.count) VEC_PUSH(&r->arrays, array);
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

/* What the values of an array read. */
static void read_values(struct reading *r, array_id array) {
    const struct program *p = r->program;
    for (size_t s = 0; s < p->steps.count; s++) {
        const struct step *step = &p->steps.at[s];
        if (step->kind == STEP_UPDATE && step->array == array && node_map_mark(&r->seen, step->value))
            VEC_PUSH(&r->pending, step->value);
    }
    while (r->pending.count > 0) look(r, r->pending.at[--r->pending.count]);
}

static node_id row_of(const struct program *p, array_id result) {
    for (size_t s = 0; s < p->steps.count; s++)
        if (p->steps.at[s].kind == STEP_UPDATE && p->steps.at[s].array == result)
            return step_subscripts(p, &p->steps.at[s])[0];
    return 0;
}

/* By ascending array, the order in which the file has used them, and column. */
static void read_columns(struct reading *r, array_id result) {
    r->row = row_of(r->program, result);
    VEC_PUSH(&r->arrays, result);
    for (size_t k = 0; k < r->arrays.count; k++) read_values(r, r->arrays.at[k]);
    if (r->columns.count) qsort(r->columns.at, r->columns.count, sizeof *r->columns.at, by_place);
}

/* Whether other rows are read too; column 0 of a table that is one array stands for any. */
static bool is_shared(const struct reading *r, const struct column_place *place) {
    bool shared = false;
    for (size_t k = 0; k < r->others.count && !shared; k++)
        shared = is_place(&r->others.at[k], place->array, place->column) ||
                 is_place(&r->others.at[k], place->array, 0);
    return shared;
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
            .name = table->full_names[first], .rows = table->rows, .stride = table->columns, .offset = first};
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
    for (size_t i = 0; i < r.columns.count && i < room; i++) {
        columns[i] = column_at(model, r.columns.at[i]);
        columns[i].shared = is_shared(&r, &r.columns.at[i]);
    }
    size_t count = r.columns.count;
    node_map_release(&r.seen);
    VEC_FREE(&r.pending);
    VEC_FREE(&r.columns);
    VEC_FREE(&r.others);
    VEC_FREE(&r.arrays);
    return count;
}

/* The place of a column of real numbers by its name; no array where there is none. */
static struct column_place find_column(const struct model *model, const char *name) {
    for (array_id a = 1; a < model->program.arrays.count; a++) {
        const struct array *array = program_array_at(&model->program, a);
        if (array->role == ROLE_COLUMN && array->type == TYPE_REAL && array->rank == 1 &&
            strcmp(array->name, name) == 0)
            return (struct column_place){a, 0};
    }
    for (size_t k = 0; k < model->tables.count; k++) {
        const struct model_table *table = &model->tables.at[k];
        bool real = table->matrix && program_array_at(&model->program, table->matrix)->type == TYPE_REAL;
        for (size_t c = 0; c < table->columns && real; c++)
            if (strcmp(table->full_names[c], name) == 0) return (struct column_place){table->matrix, c + 1};
    }
    return (struct column_place){0};
}

bool gradc_column_replace(struct gradc_model *owner, const char *name, double *values) {
    struct model *model = owner->model;
    if (!model_inputs(owner)) return false;
    struct column_place place = find_column(model, name);
    if (!place.array) return false;
    const struct bound_array *bound = &model->binding.arrays[place.array];
    struct gradc_column column = column_at(model, place);
    for (size_t i = 0; i < bound->count && column.stride > 1; i++)
        if (i % column.stride != column.offset) values[i] = bound->at.real[i];
    binding_set_real(&model->binding, place.array, values, bound->count);
    return true;
}
