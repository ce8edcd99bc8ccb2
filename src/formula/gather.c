#include <stdlib.h>
#include <string.h>

#include "formula/definition.h"
#include "ir/build.h"

/* The coefficient of an index in a sum: 1, -1, or 0 where it does not stand alone. */
static int coefficient(const struct graph *g, node_id sum, index_id index) {
    for (node_id n = sum; n;) {
        bool is_sum = node_op(g, n) == OP_IADD;
        node_id term = is_sum ? node_operand(g, n, 1) : n;
        if (node_op(g, term) == OP_INDEX && node_payload(g, term) == index) return 1;
        if (node_op(g, term) == OP_IMUL && node_is_int(g, node_operand(g, term, 0), -1) &&
            node_op(g, node_operand(g, term, 1)) == OP_INDEX &&
            node_payload(g, node_operand(g, term, 1)) == index)
            return -1;
        n = is_sum ? node_operand(g, n, 0) : 0;
    }
    return 0;
}

struct gathering {
    struct definitions *d;
    struct definition *def;
    struct term *term;
    node_id *subscripts;
    uint32_t rank; /* of subscripts */
};

static struct graph *graph_of(const struct gathering *g) {
    return g->d->program->graph;
}

/* The value of a loop's index that makes a subscript equal to an index of the element; 0 where there is none.
 */
static node_id solve(const struct gathering *g, const struct wrapper *loop, node_id subscript,
                     node_id element) {
    struct graph *graph = graph_of(g);
    int sign = coefficient(graph, subscript, loop->index);
    if (sign == 0) return 0;
    node_id own = mk_index(graph, loop->index);
    node_id rest = mk_isub(graph, subscript, sign > 0 ? own : mk_imul(graph, mk_int(graph, -1), own));
    if (definition_uses(graph, rest, loop->index)) return 0;
    for (uint32_t k = 0; k < g->term->count; k++) {
        const struct wrapper *w = &g->term->wrappers[k];
        if (!w->index || w == loop || !definition_uses(graph, rest, w->index)) continue;
        if (definition_uses(graph, w->lower, loop->index) || definition_uses(graph, w->upper, loop->index))
            return 0;
    }
    return sign > 0 ? mk_isub(graph, element, rest) : mk_isub(graph, rest, element);
}

static bool has_unit_step(const struct graph *g, const struct wrapper *loop) {
    return node_is_int(g, loop->by, 1) || node_is_int(g, loop->by, -1);
}

/* That an index lies in its loop's range. */
static node_id range_condition(struct graph *g, const struct wrapper *loop, node_id value) {
    bool down = node_op(g, loop->by) == OP_INT && node_integer(g, loop->by) < 0;
    node_id low = down ? loop->upper : loop->lower, high = down ? loop->lower : loop->upper;
    node_id inside = mk_and(g, mk_ile(g, low, value), mk_ile(g, value, high));
    if (has_unit_step(g, loop)) return inside;
    node_id rest = mk_imod(g, mk_isub(g, value, loop->lower), loop->by);
    return mk_and(g, inside, mk_ieq(g, rest, mk_int(g, 0)));
}

static bool replace_everywhere(struct gathering *g, index_id index, node_id value) {
    struct program *p = g->d->program;
    node_id *replacements = calloc(p->indices.count, sizeof *replacements);
    if (!replacements) return false;
    replacements[index] = value;
    size_t count = p->indices.count;
    for (uint32_t k = 0; k < g->term->count; k++) {
        struct wrapper *w = &g->term->wrappers[k];
        w->lower = definition_replace(p, w->lower, replacements, count);
        w->upper = definition_replace(p, w->upper, replacements, count);
        w->by = definition_replace(p, w->by, replacements, count);
        w->condition = definition_replace(p, w->condition, replacements, count);
    }
    for (uint32_t k = 0; k < g->rank; k++)
        g->subscripts[k] = definition_replace(p, g->subscripts[k], replacements, count);
    g->term->value = definition_replace(p, g->term->value, replacements, count);
    free(replacements);
    return true;
}

/* Takes a loop away: its index is `value`. */
static bool eliminate(struct gathering *g, uint32_t at, node_id value) {
    struct wrapper loop = g->term->wrappers[at];
    node_id condition = range_condition(graph_of(g), &loop, value);
    g->term->wrappers[at] = (struct wrapper){.condition = condition};
    return replace_everywhere(g, loop.index, value);
}

/* One dimension: takes a loop away, or asks for the element. */
static bool gather_dimension(struct gathering *g, uint32_t k, node_id element) {
    struct graph *graph = graph_of(g);
    for (uint32_t at = g->term->count; at > 0; at--) {
        struct wrapper *loop = &g->term->wrappers[at - 1];
        bool fixed_step =
            loop->index && node_op(graph, loop->by) == OP_INT && node_integer(graph, loop->by) != 0;
        node_id value = fixed_step ? solve(g, loop, g->subscripts[k], element) : 0;
        if (value) return eliminate(g, at - 1, value);
    }
    node_id condition = mk_ieq(graph, g->subscripts[k], element);
    g->term->wrappers[g->term->count++] = (struct wrapper){.condition = condition};
    return true;
}

/* ---- Conditions that the element's own range implies ---- */

static bool is_never_negative(struct gathering *g, node_id difference) {
    struct program *p = g->d->program;
    struct graph *graph = p->graph;
    for (uint32_t k = 0; k < g->def->rank; k++) {
        int sign = coefficient(graph, difference, g->def->indices[k]);
        if (sign == 0) continue;
        node_id *replacements = calloc(p->indices.count, sizeof *replacements);
        if (!replacements) return false;
        replacements[g->def->indices[k]] = sign > 0 ? g->def->ranges[k].lower : g->def->ranges[k].upper;
        difference = definition_replace(p, difference, replacements, p->indices.count);
        free(replacements);
    }
    return node_op(graph, difference) == OP_INT && node_integer(graph, difference) >= 0;
}

static bool differ(struct gathering *g, node_id a, node_id b) {
    struct graph *graph = graph_of(g);
    node_id one = mk_int(graph, 1);
    return is_never_negative(g, mk_isub(graph, mk_isub(graph, a, b), one)) ||
           is_never_negative(g, mk_isub(graph, mk_isub(graph, b, a), one));
}

static node_id without_implied(struct gathering *g, node_id condition) {
    struct graph *graph = graph_of(g);
    VEC(node_id) open = {0};
    node_id result = mk_bool(graph, true);
    VEC_PUSH(&open, condition);
    while (open.count > 0) {
        node_id n = VEC_POP(&open);
        if (node_op(graph, n) == OP_AND) {
            VEC_PUSH(&open, node_operand(graph, n, 1));
            VEC_PUSH(&open, node_operand(graph, n, 0));
            continue;
        }
        node_id a = node_count(graph, n) > 0 ? node_operand(graph, n, 0) : 0;
        node_id b = node_count(graph, n) > 1 ? node_operand(graph, n, 1) : 0;
        bool implied = (node_op(graph, n) == OP_ILE && is_never_negative(g, mk_isub(graph, b, a))) ||
                       (node_op(graph, n) == OP_INE && differ(g, a, b));
        if (node_op(graph, n) == OP_NOT && node_op(graph, a) == OP_IEQ)
            implied = differ(g, node_operand(graph, a, 0), node_operand(graph, a, 1));
        if (!implied) result = mk_and(graph, result, n);
    }
    VEC_FREE(&open);
    return result;
}

static bool is_true(const struct graph *g, node_id n) {
    return node_op(g, n) == OP_BOOL && node_payload(g, n);
}

static void drop_implied(struct gathering *g) {
    struct graph *graph = graph_of(g);
    uint32_t kept = 0;
    for (uint32_t k = 0; k < g->term->count; k++) {
        struct wrapper w = g->term->wrappers[k];
        if (!w.index) w.condition = without_implied(g, w.condition);
        if (w.index || !is_true(graph, w.condition)) g->term->wrappers[kept++] = w;
    }
    g->term->count = kept;
}

bool definition_gather(struct definitions *d, struct definition *def, struct term *term,
                       const node_id *subscripts, uint32_t own) {
    struct gathering g = {.d = d, .def = def, .term = term, .rank = def->rank - own};
    g.subscripts = ARENA_ARRAY(d->program->arena, node_id, g.rank + 1);
    if (!g.subscripts) return false;
    if (g.rank) memcpy(g.subscripts, subscripts, g.rank * sizeof *subscripts);
    for (uint32_t k = 0; k < g.rank; k++)
        if (!gather_dimension(&g, k, mk_index(d->program->graph, def->indices[own + k]))) return false;
    drop_implied(&g);
    return true;
}
