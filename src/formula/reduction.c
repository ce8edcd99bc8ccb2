#include "formula/reduction.h"

#include <stdlib.h>
#include <string.h>

#include "ir/rewrite.h"
#include "ir/build.h"

array_id reductions_add_array(struct reductions *r, const char *name, uint32_t rank) {
    struct program *p = r->program;
    struct array array = {.name = name, .role = ROLE_TEMPORARY, .type = TYPE_REAL, .rank = rank};
    struct reduction none = {.count = 0};
    if (!VEC_PUSH(&p->arrays, array) || !VEC_PUSH(&r->all, none)) {
        p->failed = true;
        return 0;
    }
    return (array_id)p->arrays.count - 1;
}

struct reduction *reduction_of(const struct reductions *r, array_id array) {
    if (array < r->first) return NULL;
    struct reduction *reduction = &r->all.at[array - r->first];
    return reduction->count ? reduction : NULL;
}

node_id reduction_read(struct reductions *r, struct reduction reduction) {
    struct graph *g = r->program->graph;
    array_id array = reductions_add_array(r, "sum", reduction.rank);
    node_id *subscripts = ARENA_ARRAY(r->program->arena, node_id, reduction.rank + 1);
    if (!array || !subscripts) return 0;
    r->all.at[array - r->first] = reduction;
    for (uint32_t k = 0; k < reduction.rank; k++) subscripts[k] = mk_index(g, reduction.indices[k]);
    return mk_read(g, array, TYPE_REAL, subscripts, reduction.rank);
}

static bool is_at_home(const struct graph *g, node_id read, const struct reduction *reduction) {
    for (uint32_t k = 0; k < reduction->rank; k++) {
        node_id subscript = node_operand(g, read, k);
        if (node_op(g, subscript) != OP_INDEX || node_payload(g, subscript) != reduction->indices[k])
            return false;
    }
    return true;
}

/* ---- Moving ---- */

/* Whether one of the subscripts uses an index of that name. */
static bool is_used(const struct reductions *r, node_id read, const char *name) {
    const struct graph *g = r->program->graph;
    VEC(node_id) stack = {0};
    struct node_map seen = {.slots = NULL};
    bool found = false;
    VEC_PUSH(&stack, read);
    while (stack.count > 0 && !found) {
        node_id n = VEC_POP(&stack);
        if (!node_map_mark(&seen, n)) continue;
        found = node_op(g, n) == OP_INDEX && strcmp(r->indices->names.at[node_payload(g, n)], name) == 0;
        for (uint32_t k = 0; k < node_count(g, n); k++) VEC_PUSH(&stack, node_operand(g, n, k));
    }
    VEC_FREE(&stack);
    node_map_release(&seen);
    return found;
}

static bool is_own_name(const struct reductions *r, const struct reduction *reduction, const char *name) {
    for (uint32_t k = 0; k < reduction->count; k++)
        if (strcmp(r->indices->names.at[reduction->ranges[k].index], name) == 0) return true;
    return false;
}

/* The index of a loop, or another where its name would hide one of the subscripts. */
static index_id index_not_hiding(struct reductions *r, node_id read, const struct reduction *reduction,
                                 index_id index) {
    const char *base = r->indices->names.at[index], *name = base;
    for (unsigned k = 2; name && (is_used(r, read, name) || (k > 2 && is_own_name(r, reduction, name))); k++)
        name = arena_format(r->program->arena, "%s%u", base, k);
    if (name == base || !name) return index;
    return index_table_add(r->indices, r->program, name, r->indices->ranges.at[index]);
}

static bool move(struct reductions *r, node_id read, struct reduction *moved) {
    struct program *p = r->program;
    struct reduction_range *ranges = ARENA_ARRAY(p->arena, struct reduction_range, moved->count);
    if (!ranges) return false;
    for (uint32_t k = 0; k < moved->count; k++)
        ranges[k].index = index_not_hiding(r, read, moved, moved->ranges[k].index);
    size_t count = p->indices.count;
    node_id *replacements = calloc(count, sizeof *replacements);
    if (!replacements) return false;
    for (uint32_t k = 0; k < moved->rank; k++)
        replacements[moved->indices[k]] = node_operand(p->graph, read, k);
    for (uint32_t k = 0; k < moved->count; k++) {
        const struct reduction_range *from = &moved->ranges[k];
        ranges[k] = (struct reduction_range){.index = ranges[k].index,
                                             .lower = replace_indices(p, from->lower, replacements, count),
                                             .upper = replace_indices(p, from->upper, replacements, count),
                                             .by = replace_indices(p, from->by, replacements, count)};
        replacements[from->index] = mk_index(p->graph, ranges[k].index);
        ranges[k].filter = replace_indices(p, from->filter, replacements, count);
    }
    moved->value = replace_indices(p, moved->value, replacements, count);
    moved->ranges = ranges;
    free(replacements);
    return true;
}

bool reduction_move(struct reductions *r, node_id read, struct reduction *moved) {
    const struct graph *g = r->program->graph;
    uint32_t place = node_map_get(&r->moved_of, read);
    if (place) {
        *moved = r->moved.at[place - 1];
        return true;
    }
    *moved = *reduction_of(r, node_payload(g, read));
    if (!is_at_home(g, read, moved) && !move(r, read, moved)) return false;
    return VEC_PUSH(&r->moved, *moved) && node_map_set(&r->moved_of, read, (uint32_t)r->moved.count);
}

void reductions_changed(struct reductions *r) {
    r->moved.count = 0;
    node_map_clear(&r->moved_of);
}

void reductions_release(struct reductions *r) {
    VEC_FREE(&r->all);
    VEC_FREE(&r->moved);
    node_map_release(&r->moved_of);
}

index_id index_table_add(struct index_table *table, struct program *p, const char *name,
                         struct dimension range) {
    index_id index = program_index(p, name, (struct span){0});
    if (!VEC_PUSH(&table->names, name) || !VEC_PUSH(&table->ranges, range)) p->failed = true;
    return index;
}
