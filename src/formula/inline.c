#include <stdlib.h>
#include <string.h>

#include "ir/rewrite.h"
#include "formula/sheet.h"
#include "ir/build.h"

static struct graph *graph_of(const struct sheet *s) {
    return s->program->graph;
}

static struct entry *entry_of(const struct sheet *s, array_id array) {
    return array < s->entries.count ? &s->entries.at[array] : NULL;
}

bool sheet_belongs_to_file(const struct sheet *s, array_id array) {
    if (array >= s->definitions.count) return false;
    enum array_role role = s->program->arrays.at[array].role;
    return role_is_input(role) || role == ROLE_LET || role == ROLE_OUTPUT || role == ROLE_OBJECTIVE;
}

/* ---- Uses ---- */

struct count {
    struct sheet *s;
    struct node_map seen;
    VEC(array_id) open;
    VEC(node_id) stack;
};

static void use_array(struct count *c, array_id array) {
    struct entry *entry = entry_of(c->s, array);
    if (!entry || !entry->value || sheet_belongs_to_file(c->s, array)) return;
    if (entry->uses++ > 0 || entry->kind == ENTRY_TARGET) return;
    entry->kind = ENTRY_LINE;
    VEC_PUSH(&c->open, array);
}

/* What a reduction is made of; it is looked at once, wherever it is read. */
static void use_reduction(struct count *c, const struct reduction *r) {
    VEC_PUSH(&c->stack, r->value);
    for (uint32_t k = 0; k < r->count; k++) {
        VEC_PUSH(&c->stack, r->ranges[k].lower);
        VEC_PUSH(&c->stack, r->ranges[k].upper);
        VEC_PUSH(&c->stack, r->ranges[k].filter);
    }
}

static void use(struct count *c, node_id root) {
    const struct graph *g = graph_of(c->s);
    VEC_PUSH(&c->stack, root);
    while (c->stack.count > 0) {
        node_id n = VEC_POP(&c->stack);
        if (node_op(g, n) == OP_READ) use_array(c, node_payload(g, n));
        if (!node_map_mark(&c->seen, n)) continue;
        const struct reduction *r =
            node_op(g, n) == OP_READ ? reduction_of(&c->s->reductions, node_payload(g, n)) : NULL;
        if (r) use_reduction(c, r);
        for (uint32_t k = 0; k < node_count(g, n); k++) VEC_PUSH(&c->stack, node_operand(g, n, k));
    }
}

/* Counts reads of arrays, from the targets on; what is not needed is no entry. */
static bool count_uses(struct sheet *s) {
    struct count c = {.s = s};
    for (array_id a = 1; a < s->entries.count; a++) {
        struct entry *entry = &s->entries.at[a];
        entry->uses = 0;
        if (entry->kind == ENTRY_LINE) entry->kind = ENTRY_NONE;
        if (entry->kind == ENTRY_TARGET) VEC_PUSH(&c.open, a);
    }
    while (c.open.count > 0) use(&c, s->entries.at[VEC_POP(&c.open)].value);
    bool good = !c.open.failed && !c.stack.failed && !c.seen.failed;
    VEC_FREE(&c.open);
    VEC_FREE(&c.stack);
    node_map_release(&c.seen);
    return good;
}

/* ---- What stands where it is read ---- */

/* A few operations on what is read anyway. */
static bool is_short(const struct sheet *s, node_id root) {
    enum { SHORT = 7 };
    const struct graph *g = graph_of(s);
    node_id open[2 * SHORT];
    size_t count = 0, seen = 0;
    open[count++] = root;
    while (count > 0) {
        node_id n = open[--count];
        enum op op = node_op(g, n);
        if (op == OP_READ && reduction_of(&s->reductions, node_payload(g, n))) return false;
        if (op == OP_SELECT || ++seen > SHORT || count + node_count(g, n) >= SHORT) return false;
        if (op_info(op)->is_function) seen += 2;
        for (uint32_t k = 0; k < node_count(g, n); k++) open[count++] = node_operand(g, n, k);
    }
    return true;
}

/* What is used once, but for sums of elements; and what is as short as a name. */
static bool can_be_inlined(const struct sheet *s, array_id array) {
    const struct entry *entry = entry_of(s, array);
    if (!entry || entry->kind != ENTRY_LINE) return false;
    if (!entry->recurrent && is_short(s, entry->value)) return true;
    return entry->uses == 1 &&
           (s->program->arrays.at[array].rank == 0 || (!entry->recurrent && !entry->has_loops));
}

/* The value of an element in terms of the subscripts of a read. */
static node_id value_at(struct sheet *s, const struct entry *entry, const node_id *subscripts) {
    size_t count = s->program->indices.count;
    node_id *replacements = calloc(count, sizeof *replacements);
    if (!replacements) {
        s->failed = true;
        return entry->value;
    }
    for (uint32_t k = 0; k < entry->rank; k++) replacements[entry->indices[k]] = subscripts[k];
    node_id value = replace_indices(s->program, entry->value, replacements, count);
    free(replacements);
    return value;
}

struct inlining {
    struct sheet *s;
    bool changed;
};

static node_id image(struct rewriting *w, node_id n, const node_id *operands, bool same) {
    struct inlining *i = w->context;
    struct graph *g = graph_of(i->s);
    if (node_op(g, n) != OP_READ || !can_be_inlined(i->s, node_payload(g, n)))
        return same ? n : mk_again(g, n, operands);
    i->changed = true;
    return value_at(i->s, &i->s->entries.at[node_payload(g, n)], operands);
}

static void inline_in_reduction(struct rewriting *w, struct reduction *r) {
    r->value = rewrite(w, r->value);
    for (uint32_t k = 0; k < r->count; k++) {
        r->ranges[k].lower = rewrite(w, r->ranges[k].lower);
        r->ranges[k].upper = rewrite(w, r->ranges[k].upper);
        r->ranges[k].filter = rewrite(w, r->ranges[k].filter);
    }
}

/* Whether something was put where it is read. What comes about earlier is done first. */
static bool inline_once(struct sheet *s) {
    struct inlining i = {.s = s};
    bool any = false;
    for (size_t k = 0; k < s->order.count && !any; k++) any = can_be_inlined(s, s->order.at[k]);
    if (!any) return false;
    struct rewriting w = {.p = s->program, .image = image, .context = &i};
    uint32_t done = 0;
    for (size_t k = 0; k < s->order.count; k++) {
        for (; done < s->reductions_of.at[k]; done++)
            if (s->reductions.all.at[done].count) inline_in_reduction(&w, &s->reductions.all.at[done]);
        struct entry *entry = &s->entries.at[s->order.at[k]];
        entry->value = rewrite(&w, entry->value);
    }
    rewriting_release(&w);
    return i.changed;
}

bool sheet_inline(struct sheet *s, bool *changed) {
    enum { MOST_ROUNDS = 8 };
    bool good = count_uses(s);
    *changed = false;
    for (unsigned round = 0; good && round < MOST_ROUNDS && inline_once(s); round++) {
        *changed = true;
        good = count_uses(s);
    }
    reductions_changed(&s->reductions);
    return good && !s->failed && !s->program->failed;
}
