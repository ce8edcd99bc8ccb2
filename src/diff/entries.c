#include "diff/entries.h"

#include <stdlib.h>

#include "ir/build.h"

struct putting {
    const struct element_matrix *matrix;
    const struct entry_places *places;
    struct program *out;
    array_id entries;
    size_t *kind_of; /* by array: which kind it holds, plus 1 */
};

/* The bound of a dimension that has elements. Elsewhere it may be the larger one of two (diff/elements.c). */
static node_id bound_of_some(struct graph *g, struct dimension d) {
    node_id none = mk_isub(g, d.lower, mk_int(g, 1));
    if (node_op(g, d.upper) != OP_IMAX) return d.upper;
    node_id a = node_operand(g, d.upper, 0), b = node_operand(g, d.upper, 1);
    return a == none ? b : b == none ? a : d.upper;
}

/* The last row, as loops have it: by a kind of one dimension that ends there; else its number. */
static node_id last_row(struct putting *put, int64_t last) {
    const struct entry_places *places = put->places;
    struct graph *g = put->out->graph;
    for (size_t k = 0; k < put->matrix->kinds.count; k++) {
        const struct array *array = &put->matrix->values.arrays.at[put->matrix->kinds.at[k].value];
        int64_t begin = (int64_t)(places->first[k] / places->stride), count = (int64_t)places->counts[k];
        if (array->rank != 1 || places->down[k] || count < 1 || begin + count - 1 != last) continue;
        node_id length = mk_isub(g, bound_of_some(g, array->dims[0]), array->dims[0].lower);
        return mk_iadd(g, mk_int(g, begin), length);
    }
    return mk_int(g, last);
}

static array_id add_array(struct putting *put) {
    struct graph *g = put->out->graph;
    size_t stride = put->places->stride, rows = (put->places->count + stride - 1) / stride;
    struct dimension dims[2] = {{mk_int(g, 0), last_row(put, (int64_t)rows - 1)},
                                {mk_int(g, 0), mk_int(g, (int64_t)stride - 1)}};
    struct array array = {
        .name = "entries", .role = ROLE_TANGENT, .type = TYPE_REAL, .dims = dims, .rank = 2};
    return program_array(put->out, array);
}

/* Which element of its kind an update writes, from 0, row by row. */
static node_id number_of(const struct putting *put, const struct step *update) {
    struct graph *g = put->out->graph;
    const struct program *p = &put->matrix->values;
    node_id number = mk_int(g, 0);
    for (uint32_t k = 0; k < p->arrays.at[update->array].rank; k++) {
        const struct dimension d = p->arrays.at[update->array].dims[k];
        node_id extent = mk_iadd(g, mk_isub(g, d.upper, d.lower), mk_int(g, 1));
        number = mk_iadd(g, mk_imul(g, number, extent), mk_isub(g, step_subscripts(p, update)[k], d.lower));
    }
    return number;
}

static void put_update(struct putting *put, const struct step *update) {
    struct graph *g = put->out->graph;
    size_t kind = put->kind_of[update->array] - 1, stride = put->places->stride,
           first = put->places->first[kind];
    node_id number = number_of(put, update), begin = mk_int(g, (int64_t)(first / stride));
    node_id row = put->places->down[kind] ? mk_isub(g, begin, number) : mk_iadd(g, begin, number);
    node_id subscripts[2] = {row, mk_int(g, (int64_t)(first % stride))};
    program_update(put->out, put->entries, subscripts, UPDATE_ADD, update->value, update->span);
}

static void put_steps(struct putting *put) {
    const struct program *p = &put->matrix->values;
    for (uint32_t i = 0; i < p->steps.count; i++) {
        const struct step *step = &p->steps.at[i];
        bool write = step->kind == STEP_UPDATE || step->kind == STEP_CLEAR;
        bool mine = write && put->kind_of[step->array];
        if (mine && step->kind == STEP_UPDATE) put_update(put, step);
        if (!mine) program_copy_step(put->out, p, step);
    }
}

bool entries_put(struct program *out, const struct element_matrix *matrix, const struct entry_places *places,
                 array_id *entries) {
    const struct program *p = &matrix->values;
    struct putting put = {matrix, places, out, 0, calloc(p->arrays.count + 1, sizeof(size_t))};
    program_like(out, p);
    if (!put.kind_of) return false;
    put.entries = *entries = add_array(&put);
    for (size_t k = 0; k < matrix->kinds.count; k++) put.kind_of[matrix->kinds.at[k].value] = k + 1;
    program_clear(out, put.entries, mk_zero(p->graph), (struct span){0});
    put_steps(&put);
    for (size_t k = 0; k < matrix->kinds.count; k++) out->arrays.at[matrix->kinds.at[k].value].unused = true;
    free(put.kind_of);
    return !out->failed && !p->graph->failed;
}
