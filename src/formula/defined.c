#include "formula/defined.h"

#include <stdlib.h>

#include "ir/rewrite.h"
#include "ir/build.h"

enum { MOST_CONDITIONS = 4 };

struct finding {
    struct sheet *s;
    struct known *known;
    const struct node_map *guards; /* of parts with lines of their own */
    struct node_map seen, asked;
    VEC(node_id) always, sometimes; /* to be looked into: under no condition, or under one */
    node_id guard;
    unsigned conditions;
    bool impossible;
};

static struct graph *graph_of(const struct finding *f) {
    return f->s->program->graph;
}

static void enter(struct finding *f, node_id n, bool always) {
    if (node_map_get(&f->seen, n)) return;
    node_map_set(&f->seen, n, 1);
    node_id guard = node_map_get(f->guards, n);
    if (guard && always) f->guard = mk_and(graph_of(f), f->guard, guard);
    if (guard) return;
    if (!(always ? VEC_PUSH(&f->always, n) : VEC_PUSH(&f->sometimes, n))) f->impossible = true;
}

/* That a whole number is not negative becomes a part of the guard where it is not known. */
static void ask(struct finding *f, node_id number, bool always) {
    if (known_not_negative(f->known, number)) return;
    f->impossible |= !always || ++f->conditions > MOST_CONDITIONS;
    struct graph *g = graph_of(f);
    if (f->impossible) return;
    node_id condition = known_simplify(f->known, mk_ile(g, mk_int(g, 0), number));
    if (!node_map_mark(&f->asked, condition)) return;
    /* What is read in others may exist only under those that read nothing. */
    if (reads_elements(g, number))
        f->guard = mk_and(g, f->guard, condition);
    else
        f->guard = mk_and(g, condition, f->guard);
}

static void ask_between(struct finding *f, node_id number, struct dimension range, bool always) {
    struct graph *g = graph_of(f);
    ask(f, mk_isub(g, number, range.lower), always);
    ask(f, mk_isub(g, range.upper, number), always);
}

static void look_at_element(struct finding *f, node_id read, bool always) {
    struct program *p = f->s->program;
    array_id array = node_payload(p->graph, read);
    const struct entry *entry = array < f->s->entries.count ? &f->s->entries.at[array] : NULL;
    uint32_t count = node_count(p->graph, read);
    if (!entry || !entry->value || sheet_belongs_to_file(f->s, array)) {
        for (uint32_t k = 0; k < count; k++)
            ask_between(f, node_operand(p->graph, read, k), p->arrays.at[array].dims[k], always);
        return;
    }
    node_id *subscripts = calloc(p->indices.count, sizeof *subscripts);
    f->impossible |= !subscripts;
    for (uint32_t k = 0; subscripts && k < count; k++) {
        node_id subscript = node_operand(p->graph, read, k);
        struct dimension range = entry->ranges[k];
        /* Ranges of loops may use the indices of those around. */
        range.lower = replace_indices(p, range.lower, subscripts, p->indices.count);
        range.upper = replace_indices(p, range.upper, subscripts, p->indices.count);
        ask_between(f, subscript, range, always);
        subscripts[entry->indices[k]] = subscript;
    }
    free(subscripts);
}

static void look_at_reduction(struct finding *f, node_id read) {
    struct reduction r;
    if (!reduction_move(&f->s->reductions, read, &r)) {
        f->impossible = true;
        return;
    }
    for (uint32_t k = 0; k < r.count; k++) {
        enter(f, r.ranges[k].lower, false);
        enter(f, r.ranges[k].upper, false);
        enter(f, r.ranges[k].filter, false);
        known_add(f->known, r.ranges[k].index, r.ranges[k].lower, r.ranges[k].upper);
    }
    enter(f, r.value, false);
}

static void look(struct finding *f, node_id n, bool always) {
    struct graph *g = graph_of(f);
    enum op op = node_op(g, n);
    bool reduced = op == OP_READ && reduction_of(&f->s->reductions, node_payload(g, n));
    if (reduced)
        look_at_reduction(f, n);
    else if (op == OP_READ)
        look_at_element(f, n, always);
    bool lazy = op == OP_SELECT || op == OP_ISELECT || op == OP_AND || op == OP_OR;
    for (uint32_t k = 0; k < node_count(g, n); k++)
        enter(f, node_operand(g, n, k), always && !(lazy && k > 0));
}

bool defined_find_guard(struct sheet *s, node_id root, const index_id *indices,
                        const struct dimension *ranges, uint32_t count, const struct node_map *guards,
                        node_id *guard) {
    struct finding f = {
        .s = s, .known = &s->definitions.known, .guards = guards, .guard = mk_bool(s->program->graph, true)};
    f.known->ranges.count = 0;
    for (uint32_t k = 0; k < count; k++) known_add(f.known, indices[k], ranges[k].lower, ranges[k].upper);
    enter(&f, root, true);
    while (f.always.count > 0 && !f.impossible) look(&f, VEC_POP(&f.always), true);
    while (f.sometimes.count > 0 && !f.impossible) look(&f, VEC_POP(&f.sometimes), false);
    *guard = f.guard;
    VEC_FREE(&f.always);
    VEC_FREE(&f.sometimes);
    node_map_release(&f.seen);
    node_map_release(&f.asked);
    return !f.impossible;
}
