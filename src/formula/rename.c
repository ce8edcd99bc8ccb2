#include <stdlib.h>
#include <string.h>

#include "formula/name_set.h"
#include "ir/rewrite.h"
#include "formula/sheet.h"
#include "ir/build.h"

/* Indices of sums within sums: where both have one name, the outer one takes another. */
struct renaming {
    struct sheet *s;
    struct name_set *inside; /* by reduction: the names of indices in it and below */
    bool *done;
    VEC(uint32_t) open; /* reductions by place; those that are read in others come first */
    VEC(node_id) stack;
    struct node_map seen;
};

/* Visits what a reduction is made of, but not what those in it are. */
static void visit(struct renaming *r, const struct reduction *reduction,
                  void (*look)(struct renaming *r, node_id n, void *context), void *context) {
    const struct graph *g = r->s->program->graph;
    node_map_clear(&r->seen);
    VEC_PUSH(&r->stack, reduction->value);
    for (uint32_t k = 0; k < reduction->count; k++) {
        VEC_PUSH(&r->stack, reduction->ranges[k].lower);
        VEC_PUSH(&r->stack, reduction->ranges[k].upper);
        VEC_PUSH(&r->stack, reduction->ranges[k].filter);
    }
    while (r->stack.count > 0) {
        node_id n = VEC_POP(&r->stack);
        if (!node_map_mark(&r->seen, n)) continue;
        look(r, n, context);
        for (uint32_t k = 0; k < node_count(g, n); k++) VEC_PUSH(&r->stack, node_operand(g, n, k));
    }
}

static uint32_t place_of(const struct renaming *r, node_id n) {
    const struct graph *g = r->s->program->graph;
    bool reduced = node_op(g, n) == OP_READ && reduction_of(&r->s->reductions, node_payload(g, n));
    return reduced ? node_payload(g, n) - r->s->reductions.first : UINT32_MAX;
}

static void want(struct renaming *r, node_id n, void *context) {
    (void)context;
    uint32_t place = place_of(r, n);
    if (place != UINT32_MAX && !r->done[place] && !VEC_PUSH(&r->open, place)) r->s->failed = true;
}

static void take_names(struct renaming *r, node_id n, void *context) {
    struct name_set *names = context;
    uint32_t place = place_of(r, n);
    const struct name_set *inner = place == UINT32_MAX ? NULL : &r->inside[place];
    for (size_t k = 0; inner && k < inner->capacity; k++)
        if (inner->slots[k] && !name_set_add(names, inner->slots[k])) r->s->failed = true;
}

/* The indices that it uses of what is around it. */
static void take_indices(struct renaming *r, node_id n, void *context) {
    const struct graph *g = r->s->program->graph;
    if (node_op(g, n) != OP_INDEX) return;
    if (!name_set_add(context, r->s->indices.names.at[node_payload(g, n)])) r->s->failed = true;
}

static const char *free_name(const struct renaming *r, const struct name_set *names, const char *base) {
    static const char *const letters[] = {"j", "i", "k", "l", "m", "p", "q", "r"};
    for (size_t k = 0; k < sizeof letters / sizeof *letters; k++)
        if (!name_set_has(names, letters[k]) && !name_set_has(&r->s->taken, letters[k])) return letters[k];
    const char *name = base;
    for (unsigned k = 2; name && name_set_has(names, name); k++)
        name = arena_format(r->s->program->arena, "%s%u", base, k);
    return name ? name : base;
}

static void rename_index(struct renaming *r, struct reduction *reduction, uint32_t place, const char *name) {
    struct program *p = r->s->program;
    index_id old = reduction->ranges[place].index;
    index_id index = index_table_add(&r->s->indices, p, name, r->s->indices.ranges.at[old]);
    node_id *replacements = calloc(p->indices.count, sizeof *replacements);
    if (!replacements) {
        r->s->failed = true;
        return;
    }
    replacements[old] = mk_index(p->graph, index);
    size_t count = p->indices.count;
    reduction->ranges[place].index = index;
    reduction->value = replace_indices(p, reduction->value, replacements, count);
    for (uint32_t k = place; k < reduction->count; k++) {
        struct reduction_range *range = &reduction->ranges[k];
        range->lower = replace_indices(p, range->lower, replacements, count);
        range->upper = replace_indices(p, range->upper, replacements, count);
        range->filter = replace_indices(p, range->filter, replacements, count);
    }
    free(replacements);
}

static void settle_names(struct renaming *r, uint32_t place) {
    struct reduction *reduction = &r->s->reductions.all.at[place];
    struct name_set *names = &r->inside[place];
    visit(r, reduction, take_names, names);
    for (uint32_t k = 0; k < reduction->count; k++) {
        const char *name = r->s->indices.names.at[reduction->ranges[k].index];
        if (name_set_has(names, name)) {
            struct name_set used = {.slots = NULL};
            visit(r, reduction, take_indices, &used);
            for (size_t i = 0; i < names->capacity; i++)
                if (names->slots[i]) name_set_add(&used, names->slots[i]);
            name = free_name(r, &used, name);
            name_set_release(&used);
            rename_index(r, reduction, k, name);
        }
        if (!name_set_add(names, name)) r->s->failed = true;
    }
}

static void rename_from(struct renaming *r, uint32_t root) {
    VEC_PUSH(&r->open, root);
    while (r->open.count > 0 && !r->s->failed) {
        uint32_t place = VEC_LAST(&r->open);
        size_t top = r->open.count;
        if (!r->done[place]) visit(r, &r->s->reductions.all.at[place], want, NULL);
        if (r->open.count > top) continue;
        r->open.count--;
        if (r->done[place]) continue;
        settle_names(r, place);
        r->done[place] = true;
    }
}

bool sheet_rename_nested(struct sheet *s) {
    size_t count = s->reductions.all.count;
    struct renaming r = {.s = s};
    r.inside = calloc(count + 1, sizeof *r.inside);
    r.done = calloc(count + 1, sizeof *r.done);
    bool good = r.inside && r.done;
    for (uint32_t k = 0; good && k < count; k++)
        if (s->reductions.all.at[k].count && !r.done[k]) rename_from(&r, k);
    for (size_t k = 0; r.inside && k < count; k++) name_set_release(&r.inside[k]);
    reductions_changed(&s->reductions);
    free(r.inside);
    free(r.done);
    VEC_FREE(&r.open);
    VEC_FREE(&r.stack);
    node_map_release(&r.seen);
    return good && !s->failed && !s->program->failed;
}
