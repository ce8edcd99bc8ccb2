#include "diff/entries.h"

#include <stdlib.h>

#include "ir/build.h"

struct putting {
    const struct element_matrix *matrix;
    const struct entry_places *places;
    struct program *out;
    array_id entries;
    size_t *kind_of;            /* by array: which kind it holds, plus 1 */
    size_t rows, rows_of_block; /* of all, and of each block of them */
};

/* ---- Rows ---- */

static size_t first_row(const struct putting *put, size_t kind) {
    return put->places->kinds[kind].first / put->places->stride;
}

/* Whether each kind stays within a block of so many rows. */
static bool are_blocks(const struct putting *put, size_t rows) {
    const struct entry_places *places = put->places;
    if (rows == 0 || put->rows % rows) return false;
    for (size_t k = 0; k < put->matrix->kinds.count; k++) {
        size_t begin = first_row(put, k), count = places->kinds[k].count;
        if (places->kinds[k].down || (count && begin / rows != (begin + count - 1) / rows)) return false;
    }
    return true;
}

/* The rows before the second block, if there are blocks: those before the first kind that fits. */
static void find_blocks(struct putting *put) {
    size_t stride = put->places->stride;
    put->rows = (put->places->count + stride - 1) / stride;
    put->rows_of_block = put->rows;
    for (size_t k = 0; k < put->matrix->kinds.count; k++)
        if (first_row(put, k) < put->rows_of_block && are_blocks(put, first_row(put, k)))
            put->rows_of_block = first_row(put, k);
}

static bool has_blocks(const struct putting *put) {
    return put->rows_of_block < put->rows;
}

/* The bound of a dimension that has elements. Elsewhere it may be the larger one of two (diff/elements.c). */
static node_id bound_of_some(struct graph *g, struct dimension d) {
    node_id none = mk_isub(g, d.lower, mk_int(g, 1));
    if (node_op(g, d.upper) != OP_IMAX) return d.upper;
    node_id a = node_operand(g, d.upper, 0), b = node_operand(g, d.upper, 1);
    return a == none ? b : b == none ? a : d.upper;
}

/* The last row of a block, as loops have it: by a kind of one dimension that ends there; else its number. */
static node_id last_row(struct putting *put) {
    const struct entry_places *places = put->places;
    struct graph *g = put->out->graph;
    for (size_t k = 0; k < put->matrix->kinds.count; k++) {
        const struct array *array = &put->matrix->values.arrays.at[put->matrix->kinds.at[k].value];
        size_t begin = first_row(put, k) % put->rows_of_block, count = places->kinds[k].count;
        if (array->rank != 1 || places->kinds[k].down || count < 1 || begin + count != put->rows_of_block)
            continue;
        node_id length = mk_isub(g, bound_of_some(g, array->dims[0]), array->dims[0].lower);
        return mk_iadd(g, mk_int(g, (int64_t)begin), length);
    }
    return mk_int(g, (int64_t)put->rows_of_block - 1);
}

/* ---- The program ---- */

static array_id add_array(struct putting *put) {
    struct graph *g = put->out->graph;
    int64_t blocks = (int64_t)(put->rows / put->rows_of_block), stride = (int64_t)put->places->stride;
    struct dimension dims[3] = {{mk_int(g, 0), mk_int(g, blocks - 1)},
                                {mk_int(g, 0), last_row(put)},
                                {mk_int(g, 0), mk_int(g, stride - 1)}};
    uint32_t unneeded = has_blocks(put) ? 0 : 1;
    struct array array = {.name = "entries",
                          .role = ROLE_TANGENT,
                          .type = TYPE_REAL,
                          .dims = dims + unneeded,
                          .rank = 3 - unneeded};
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
    size_t kind = put->kind_of[update->array] - 1, first = first_row(put, kind);
    node_id number = number_of(put, update), begin = mk_int(g, (int64_t)(first % put->rows_of_block));
    node_id subscripts[3] = {mk_int(g, (int64_t)(first / put->rows_of_block)),
                             put->places->kinds[kind].down ? mk_isub(g, begin, number)
                                                           : mk_iadd(g, begin, number),
                             mk_int(g, (int64_t)(put->places->kinds[kind].first % put->places->stride))};
    program_update(put->out, put->entries, subscripts + (has_blocks(put) ? 0 : 1), UPDATE_ADD, update->value,
                   update->span);
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
    struct putting put = {.matrix = matrix, .places = places, .out = out};
    put.kind_of = calloc(p->arrays.count + 1, sizeof *put.kind_of);
    program_like(out, p);
    if (!put.kind_of) return false;
    find_blocks(&put);
    put.entries = *entries = add_array(&put);
    for (size_t k = 0; k < matrix->kinds.count; k++) put.kind_of[matrix->kinds.at[k].value] = k + 1;
    program_clear(out, put.entries, mk_zero(p->graph), (struct span){0});
    put_steps(&put);
    for (size_t k = 0; k < matrix->kinds.count; k++) out->arrays.at[matrix->kinds.at[k].value].unused = true;
    free(put.kind_of);
    return !out->failed && !p->graph->failed;
}
