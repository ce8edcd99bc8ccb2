#include <stdlib.h>
#include <string.h>

#include "formula/algebra.h"
#include "ir/rewrite.h"
#include "ir/build.h"

static struct graph *graph_of(const struct simplifier *s) {
    return s->program->graph;
}

/* Whether a node depends on one of the reduction's own indices. */
static bool uses_own(const struct simplifier *s, const struct reduction *r, node_id n) {
    for (uint32_t k = 0; k < r->count; k++)
        if (uses_index(graph_of(s), n, r->ranges[k].index)) return true;
    return false;
}

/* A condition on what is added becomes a filter of the innermost range that it uses; false where it uses
 * none. */
static bool add_filter(struct simplifier *s, struct reduction *r, node_id condition) {
    for (uint32_t k = r->count; k > 0; k--) {
        if (!uses_index(graph_of(s), condition, r->ranges[k - 1].index)) continue;
        r->ranges[k - 1].filter = mk_and(graph_of(s), r->ranges[k - 1].filter, condition);
        return true;
    }
    return false;
}

/* `sum(if c then x else 0)` has the filter c; what does not use the indices is returned as a condition around
 * the sum. */
static node_id take_filters(struct simplifier *s, struct reduction *r) {
    struct graph *g = graph_of(s);
    node_id around = mk_bool(g, true);
    while (node_op(g, r->value) == OP_SELECT) {
        node_id condition = node_operand(g, r->value, 0), then = node_operand(g, r->value, 1);
        node_id otherwise = node_operand(g, r->value, 2);
        bool turned = node_is_number(g, then, 0);
        if (!turned && !node_is_number(g, otherwise, 0)) break;
        if (turned) condition = mk_not(g, condition);
        if (!add_filter(s, r, condition)) around = mk_and(g, around, condition);
        r->value = turned ? otherwise : then;
    }
    return around;
}

/* Splits off the factors that do not use the indices. */
static node_id take_factor(struct simplifier *s, struct reduction *r) {
    struct graph *g = graph_of(s);
    struct monomial outer, inner;
    monomial_init(&outer);
    monomial_init(&inner);
    monomial_multiply(s, &inner, r->value, 1);
    mpq_swap(outer.coefficient, inner.coefficient);
    for (size_t k = 0; k < inner.powers.count; k++) {
        struct power *p = &inner.powers.at[k];
        if (uses_own(s, r, p->base) || (p->symbol && uses_own(s, r, p->symbol))) continue;
        VEC_PUSH(&outer.powers, *p);
        p->up = p->down = 0;
    }
    s->failed |= outer.powers.failed;
    node_id factor = monomial_node(s, &outer);
    r->value = node_is_number(g, factor, 0) ? r->value : monomial_node(s, &inner);
    monomial_release(&outer);
    monomial_release(&inner);
    return factor;
}

/* How often an index runs, where that is a known number; 0: it is not. */
static node_id extent(struct simplifier *s, const struct reduction *r, uint32_t place) {
    struct graph *g = graph_of(s);
    const struct reduction_range *range = &r->ranges[place];
    bool plain = node_op(g, range->filter) == OP_BOOL && node_payload(g, range->filter) &&
                 node_is_int(g, range->by, 1);
    if (!plain || !s->known) return 0;
    node_id count = mk_iadd(g, mk_isub(g, range->upper, range->lower), mk_int(g, 1));
    s->known->ranges.count = 0;
    for (uint32_t k = 0; k < r->rank; k++) {
        struct dimension outer = s->reductions->indices->ranges.at[r->indices[k]];
        if (outer.lower) known_add(s->known, r->indices[k], outer.lower, outer.upper);
    }
    for (uint32_t k = 0; k < place; k++)
        known_add(s->known, r->ranges[k].index, r->ranges[k].lower, r->ranges[k].upper);
    return known_not_negative(s->known, count) ? mk_to_real(g, count) : 0;
}

/* Whether an index shows nowhere. */
static bool is_idle(const struct simplifier *s, const struct reduction *r, uint32_t place) {
    const struct graph *g = graph_of(s);
    index_id index = r->ranges[place].index;
    bool used = uses_index(g, r->value, index);
    for (uint32_t k = 0; k < r->count; k++) {
        const struct reduction_range *range = &r->ranges[k];
        used |= uses_index(g, range->lower, index) || uses_index(g, range->upper, index) ||
                uses_index(g, range->by, index) || uses_index(g, range->filter, index);
    }
    return !used;
}

/* sum(x for i in 1..n) is n*x. */
static void count_idle(struct simplifier *s, struct reduction *r) {
    struct graph *g = graph_of(s);
    for (uint32_t k = r->count; k > 0; k--) {
        node_id count = is_idle(s, r, k - 1) ? extent(s, r, k - 1) : 0;
        if (!count) continue;
        r->value = mk_mul(g, count, r->value);
        for (uint32_t i = k; i < r->count; i++) r->ranges[i - 1] = r->ranges[i];
        r->count--;
    }
}

/* The factor in front of the reduction, which is changed in place. Without ranges it is the whole. */
static node_id settle_at_home(struct simplifier *s, struct reduction *r) {
    struct graph *g = graph_of(s);
    node_id image = node_map_get(&s->images, r->value);
    if (image) r->value = image;
    for (uint32_t k = 0; k < r->count; k++) {
        node_id filter = node_map_get(&s->images, r->ranges[k].filter);
        if (filter) r->ranges[k].filter = filter;
    }
    if (r->op != UPDATE_ADD) return mk_one(g);
    if (node_is_number(g, r->value, 0)) {
        r->count = 0;
        return mk_zero(g);
    }
    node_id around = take_filters(s, r);
    count_idle(s, r);
    node_id factor = r->count ? take_factor(s, r) : r->value;
    return mk_select(g, around, factor, mk_zero(g));
}

static node_id at_subscripts(struct simplifier *s, const struct reduction *r, node_id read, node_id n) {
    struct program *p = s->program;
    node_id *replacements = calloc(p->indices.count, sizeof *replacements);
    if (!replacements) {
        s->failed = true;
        return n;
    }
    for (uint32_t k = 0; k < r->rank; k++) replacements[r->indices[k]] = node_operand(p->graph, read, k);
    node_id result = replace_indices(p, n, replacements, p->indices.count);
    free(replacements);
    return result;
}

static const array_id nothing_left = UINT32_MAX;

/* The final form is another array than that which is still to be settled; it may be its factor alone. */
static bool settle_array(struct simplifier *s, array_id array) {
    struct reduction r = *reduction_of(s->reductions, array);
    struct reduction_range *ranges = ARENA_ARRAY(s->program->arena, struct reduction_range, r.count);
    if (!ranges) return false;
    memcpy(ranges, r.ranges, r.count * sizeof *ranges);
    r.ranges = ranges;
    node_id factor = settle_at_home(s, &r);
    bool left = r.count > 0 && !node_is_number(graph_of(s), r.value, 0);
    array_id final = left ? reductions_add_array(s->reductions, "sum", r.rank) : nothing_left;
    if (!final) return false;
    if (left) {
        s->reductions->all.at[final - s->reductions->first] = r;
        node_map_set(&s->settled, final, mk_one(graph_of(s)));
        node_map_set(&s->final, final, final);
    }
    return node_map_set(&s->settled, array, factor) && node_map_set(&s->final, array, final);
}

node_id settle(struct simplifier *s, node_id read, bool *again) {
    struct graph *g = graph_of(s);
    array_id array = node_payload(g, read);
    if (!node_map_get(&s->settled, array) && !settle_array(s, array)) {
        s->failed = true;
        return read;
    }
    array_id final = node_map_get(&s->final, array);
    if (final == array) return read;
    node_id factor =
        at_subscripts(s, reduction_of(s->reductions, array), read, node_map_get(&s->settled, array));
    *again = true;
    if (final == nothing_left) return factor;
    return mk_mul(g, factor, mk_read(g, final, TYPE_REAL, node_operands(g, read), node_count(g, read)));
}
