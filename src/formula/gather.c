#include <stdlib.h>
#include <string.h>

#include "formula/condition.h"
#include "formula/definition.h"
#include "ir/rewrite.h"
#include "ir/build.h"

struct gathering {
    struct definitions *d;
    struct definition *def;
    struct term *term;
    VEC(struct wrapper) wrappers; /* those of the term, conditions taken apart */
};

static struct graph *graph_of(const struct gathering *g) {
    return g->d->program->graph;
}

static bool is_true(const struct graph *g, node_id n) {
    return node_op(g, n) == OP_BOOL && node_payload(g, n);
}

static bool is_false(const struct graph *g, node_id n) {
    return node_op(g, n) == OP_BOOL && !node_payload(g, n);
}

/* ---- Wrappers ---- */

/* Appends a condition, its parts one by one. */
static bool push_condition(struct gathering *g, node_id condition) {
    struct graph *graph = graph_of(g);
    VEC(node_id) open = {0};
    bool good = VEC_PUSH(&open, condition);
    while (good && open.count > 0) {
        node_id n = VEC_POP(&open);
        if (node_op(graph, n) == OP_AND)
            good = VEC_PUSH(&open, node_operand(graph, n, 1)) && VEC_PUSH(&open, node_operand(graph, n, 0));
        else if (!is_true(graph, n))
            good = VEC_PUSH(&g->wrappers, (struct wrapper){.condition = n});
    }
    VEC_FREE(&open);
    return good;
}

static bool take_apart(struct gathering *g, const node_id *subscripts, uint32_t count) {
    bool good = true;
    for (uint32_t k = 0; good && k < g->term->count; k++) {
        const struct wrapper *w = &g->term->wrappers[k];
        good = w->index ? VEC_PUSH(&g->wrappers, *w) : push_condition(g, w->condition);
    }
    for (uint32_t k = 0; good && k < count; k++) {
        node_id element = mk_index(graph_of(g), g->def->indices[g->def->own + k]);
        good = push_condition(g, mk_ieq(graph_of(g), subscripts[k], element));
    }
    return good;
}

static bool replace_everywhere(struct gathering *g, index_id index, node_id value) {
    struct program *p = g->d->program;
    node_id *replacements = calloc(p->indices.count, sizeof *replacements);
    if (!replacements) return false;
    replacements[index] = value;
    size_t count = p->indices.count;
    for (size_t k = 0; k < g->wrappers.count; k++) {
        struct wrapper *w = &g->wrappers.at[k];
        w->lower = replace_indices(p, w->lower, replacements, count);
        w->upper = replace_indices(p, w->upper, replacements, count);
        w->by = replace_indices(p, w->by, replacements, count);
        w->condition = replace_indices(p, w->condition, replacements, count);
    }
    g->term->value = replace_indices(p, g->term->value, replacements, count);
    free(replacements);
    return true;
}

/* ---- Loops that an equation takes away ---- */

static bool has_constant_step(const struct graph *g, const struct wrapper *loop) {
    return node_op(g, loop->by) == OP_INT && node_integer(g, loop->by) != 0;
}

/* The value of a loop's index that makes d zero; 0 where there is none. */
static node_id solve(const struct gathering *g, const struct wrapper *loop, node_id d) {
    struct graph *graph = graph_of(g);
    int64_t c = coefficient_of(graph, d, loop->index);
    if (c != 1 && c != -1) return 0;
    node_id rest = without_index(graph, d, loop->index, c);
    if (uses_index(graph, rest, loop->index)) return 0;
    /* An index of an inner loop whose range depends on this one cannot stand for it. */
    for (size_t k = 0; k < g->wrappers.count; k++) {
        const struct wrapper *w = &g->wrappers.at[k];
        if (!w->index || w == loop || !uses_index(graph, rest, w->index)) continue;
        if (w > loop || uses_index(graph, w->lower, loop->index) || uses_index(graph, w->upper, loop->index))
            return 0;
    }
    return c > 0 ? mk_imul(graph, mk_int(graph, -1), rest) : rest;
}

/* That an index lies in its loop's range. */
static node_id range_condition(struct graph *g, const struct wrapper *loop, node_id value) {
    bool down = node_integer(g, loop->by) < 0;
    node_id low = down ? loop->upper : loop->lower, high = down ? loop->lower : loop->upper;
    node_id inside = mk_and(g, mk_ile(g, low, value), mk_ile(g, value, high));
    if (node_is_int(g, loop->by, 1) || node_is_int(g, loop->by, -1)) return inside;
    node_id rest = mk_imod(g, mk_isub(g, value, loop->lower), loop->by);
    return mk_and(g, inside, mk_ieq(g, rest, mk_int(g, 0)));
}

/* The element comes about in the order of the loop. */
static void note_order(struct gathering *g, const struct wrapper *loop, node_id value) {
    struct graph *graph = graph_of(g);
    if (!loop->sequential) return;
    for (uint32_t k = 0; k < g->def->rank; k++) {
        int64_t c = coefficient_of(graph, value, g->def->indices[k]);
        if (c) g->def->down[k] = (c < 0) != (node_integer(graph, loop->by) < 0);
    }
}

/* Takes a loop away: its index is `value`. The condition that said so goes too. */
static bool eliminate(struct gathering *g, size_t at, size_t equation, node_id value) {
    struct wrapper loop = g->wrappers.at[at];
    struct gathering before = *g;
    note_order(g, &loop, value);
    memset(&g->wrappers, 0, sizeof g->wrappers);
    bool good = true;
    for (size_t k = 0; good && k < before.wrappers.count; k++) {
        if (k == at) good = push_condition(g, range_condition(graph_of(g), &loop, value));
        if (k != at && k != equation) good = VEC_PUSH(&g->wrappers, before.wrappers.at[k]);
    }
    VEC_FREE(&before.wrappers);
    return good && replace_everywhere(g, loop.index, value);
}

/* Whether an equation took a loop away. */
static bool eliminate_one(struct gathering *g, bool *good) {
    struct graph *graph = graph_of(g);
    for (size_t e = 0; e < g->wrappers.count; e++) {
        enum op op;
        node_id d, condition = g->wrappers.at[e].condition;
        if (g->wrappers.at[e].index || !is_whole_comparison(graph, condition, &op, &d) || op != OP_IEQ)
            continue;
        for (size_t at = e; at > 0; at--) {
            const struct wrapper *loop = &g->wrappers.at[at - 1];
            if (!loop->index || !has_constant_step(graph, loop)) continue;
            node_id value = solve(g, loop, d);
            if (!value) continue;
            *good = eliminate(g, at - 1, e, value);
            return true;
        }
    }
    return false;
}

/* ---- Conditions that ranges imply ---- */

/* Ranges of a sum run upwards. */
static void turn_upwards(struct gathering *g) {
    struct graph *graph = graph_of(g);
    for (size_t k = 0; k < g->wrappers.count; k++) {
        struct wrapper *w = &g->wrappers.at[k];
        if (!w->index || !node_is_int(graph, w->by, -1)) continue;
        node_id lower = w->upper;
        w->upper = w->lower;
        w->lower = lower;
        w->by = mk_int(graph, 1);
    }
}

/* The ranges of the element and of the loops among the first wrappers. */
static bool know_ranges(struct gathering *g, struct known *known, size_t count) {
    struct graph *graph = graph_of(g);
    bool good = true;
    known->ranges.count = 0;
    for (uint32_t k = 0; good && k < g->def->rank; k++)
        good = known_add(known, g->def->indices[k], g->def->ranges[k].lower, g->def->ranges[k].upper);
    for (size_t k = 0; good && k < count; k++) {
        const struct wrapper *w = &g->wrappers.at[k];
        if (!w->index || !has_constant_step(graph, w)) continue;
        bool down = node_integer(graph, w->by) < 0;
        good = known_add(known, w->index, down ? w->upper : w->lower, down ? w->lower : w->upper);
    }
    return good;
}

static bool uses_loop_from(const struct gathering *g, node_id n, size_t from) {
    for (size_t k = from; k < g->wrappers.count; k++)
        if (g->wrappers.at[k].index && uses_index(graph_of(g), n, g->wrappers.at[k].index)) return true;
    return false;
}

/* `0 <= d` as a bound of the loop; false where it stays a condition. */
static bool narrow(struct gathering *g, struct known *known, size_t at, node_id d) {
    struct graph *graph = graph_of(g);
    struct wrapper *loop = &g->wrappers.at[at];
    int64_t c = coefficient_of(graph, d, loop->index);
    if ((c != 1 && c != -1) || !node_is_int(graph, loop->by, 1)) return false;
    node_id rest = without_index(graph, d, loop->index, c);
    if (uses_loop_from(g, rest, at)) return false;
    node_id bound = c > 0 ? mk_imul(graph, mk_int(graph, -1), rest) : rest;
    node_id inside = c > 0 ? mk_isub(graph, bound, loop->lower) : mk_isub(graph, loop->upper, bound);
    /* That this loop runs at all is not known here. */
    know_ranges(g, known, at);
    bool narrower = known_not_negative(known, inside);
    if (narrower && c > 0) loop->lower = bound;
    if (narrower && c < 0) loop->upper = bound;
    know_ranges(g, known, g->wrappers.count);
    return narrower;
}

/* Conditions on an index that the range of its loop can express. */
static bool narrow_any(struct gathering *g, struct known *known, node_id condition) {
    enum op op;
    node_id d;
    if (!is_whole_comparison(graph_of(g), condition, &op, &d) || op != OP_ILE) return false;
    for (size_t k = g->wrappers.count; k > 0; k--)
        if (g->wrappers.at[k - 1].index && uses_index(graph_of(g), d, g->wrappers.at[k - 1].index))
            return narrow(g, known, k - 1, d);
    return false;
}

/* Whatever holds need not be asked again inside. */
static void assume(struct gathering *g, size_t from, node_id condition) {
    struct program *p = g->d->program;
    struct graph *graph = graph_of(g);
    bool turned = node_op(graph, condition) == OP_NOT;
    node_id n = turned ? node_operand(graph, condition, 0) : condition;
    node_id holds = mk_bool(graph, !turned);
    g->term->value = exchange_node(p, g->term->value, n, holds);
    for (size_t k = from; k < g->wrappers.count; k++)
        if (!g->wrappers.at[k].index)
            g->wrappers.at[k].condition = exchange_node(p, g->wrappers.at[k].condition, n, holds);
}

/* Simplifies the conditions; false where one never holds. */
static bool simplify_conditions(struct gathering *g, struct known *known) {
    struct graph *graph = graph_of(g);
    bool possible = true;
    for (size_t k = 0; possible && k < g->wrappers.count; k++) {
        struct wrapper *w = &g->wrappers.at[k];
        if (w->index) continue;
        node_id old = w->condition;
        w->condition = known_simplify(known, old);
        if (node_type(graph, old) == TYPE_BOOL && node_count(graph, old) > 0) assume(g, k + 1, old);
        if (w->condition != old && node_count(graph, w->condition) > 0) assume(g, k + 1, w->condition);
        possible = !is_false(graph, w->condition);
        if (possible && narrow_any(g, known, w->condition)) w->condition = mk_bool(graph, true);
    }
    return possible;
}

static bool finish(struct gathering *g, bool possible) {
    struct graph *graph = graph_of(g);
    g->term->count = 0;
    if (!possible) g->term->value = 0;
    g->term->wrappers = ARENA_ARRAY(g->d->program->arena, struct wrapper, g->wrappers.count + 1);
    if (!g->term->wrappers) return false;
    for (size_t k = 0; k < g->wrappers.count; k++) {
        const struct wrapper *w = &g->wrappers.at[k];
        if (w->index || !is_true(graph, w->condition)) g->term->wrappers[g->term->count++] = *w;
    }
    return true;
}

bool definition_gather(struct definitions *d, struct definition *def, struct term *term,
                       const node_id *subscripts, uint32_t count) {
    struct gathering g = {.d = d, .def = def, .term = term};
    bool good = take_apart(&g, subscripts, count), possible = true;
    while (good && eliminate_one(&g, &good)) continue;
    if (good) turn_upwards(&g);
    good = good && know_ranges(&g, &d->known, g.wrappers.count);
    if (good) possible = simplify_conditions(&g, &d->known);
    good = good && finish(&g, possible);
    VEC_FREE(&g.wrappers);
    return good;
}
