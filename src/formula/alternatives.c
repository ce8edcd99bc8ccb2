#include "formula/alternatives.h"

#include <stdlib.h>

#include "ir/rewrite.h"
#include "ir/build.h"

enum { MOST_JOINED = 16 };

static struct graph *graph_of(const struct alternatives *a) {
    return a->known->p->graph;
}

static bool is_bool(const struct graph *g, node_id n, bool value) {
    return node_op(g, n) == OP_BOOL && (node_payload(g, n) != 0) == value;
}

bool alternatives_add(struct alternatives *a, node_id condition, node_id value) {
    uint32_t place = node_map_get(&a->place_of, condition);
    if (place) {
        struct alternative *same = &a->all.at[place - 1];
        same->value = mk_add(graph_of(a), same->value, value);
        return true;
    }
    return VEC_PUSH(&a->all, ((struct alternative){condition, value})) &&
           node_map_set(&a->place_of, condition, (uint32_t)a->all.count);
}

void alternatives_release(struct alternatives *a) {
    VEC_FREE(&a->all);
    node_map_release(&a->place_of);
}

/* ---- Conditions that are no equations ---- */

/* `(if c then a else 0) + (if not c then b else 0)` is `if c then a else b`. */
static void join_opposites(struct alternatives *a) {
    struct graph *g = graph_of(a);
    for (size_t i = 0; i < a->all.count; i++) {
        struct alternative *first = &a->all.at[i];
        if (!first->value || is_bool(g, first->condition, true)) continue;
        node_id opposite = known_simplify(a->known, mk_not(g, first->condition));
        uint32_t place = node_map_get(&a->place_of, opposite);
        struct alternative *second = place ? &a->all.at[place - 1] : NULL;
        if (!second || second == first || !second->value) continue;
        first->value = mk_select(g, first->condition, first->value, second->value);
        first->condition = mk_bool(g, true);
        second->value = 0;
    }
}

static node_id plain_sum(struct alternatives *a) {
    struct graph *g = graph_of(a);
    node_id sum = mk_zero(g);
    join_opposites(a);
    for (size_t k = 0; k < a->all.count; k++) {
        struct alternative *one = &a->all.at[k];
        if (one->value) sum = mk_add(g, sum, mk_select(g, one->condition, one->value, mk_zero(g)));
    }
    return sum;
}

/* ---- Equations ---- */

/* A condition in parts. */
struct parts {
    VEC(node_id) equations, others;
    bool impossible;
};

static bool is_equation(struct graph *g, node_id condition, node_id *d) {
    enum op op;
    return is_whole_comparison(g, condition, &op, d) && op == OP_IEQ;
}

static void take_parts(struct alternatives *a, node_id condition, struct parts *parts) {
    struct graph *g = graph_of(a);
    VEC(node_id) open = {0};
    node_id d;
    VEC_PUSH(&open, condition);
    while (open.count > 0) {
        node_id n = VEC_POP(&open);
        if (node_op(g, n) == OP_AND) {
            VEC_PUSH(&open, node_operand(g, n, 1));
            VEC_PUSH(&open, node_operand(g, n, 0));
        } else if (is_equation(g, n, &d) && !reads_elements(g, n)) {
            VEC_PUSH(&parts->equations, n);
        } else if (!is_bool(g, n, true)) {
            VEC_PUSH(&parts->others, n);
        }
    }
    VEC_FREE(&open);
}

/* What a condition becomes where d is 0, solved for an index. */
static node_id solved_in(struct alternatives *a, node_id d, index_id index, node_id condition) {
    struct program *p = a->known->p;
    struct graph *g = p->graph;
    int64_t c = coefficient_of(g, d, index);
    if (c != 1 && c != -1) return condition;
    node_id rest = without_index(g, d, index, c);
    if (uses_index(g, rest, index) || !uses_index(g, condition, index)) return condition;
    node_id *replacements = calloc(p->indices.count, sizeof *replacements);
    if (!replacements) return condition;
    replacements[index] = c > 0 ? mk_imul(g, mk_int(g, -1), rest) : rest;
    node_id image = replace_indices(p, condition, replacements, p->indices.count);
    free(replacements);
    enum op op;
    node_id left;
    if (node_op(g, image) == OP_BOOL) return image;
    return is_whole_comparison(g, image, &op, &left) ? known_simplify(a->known, image) : condition;
}

/* What an equation says about another condition. */
static node_id given(struct alternatives *a, node_id equation, node_id condition) {
    struct graph *g = graph_of(a);
    node_id d;
    if (!is_equation(g, equation, &d)) return condition;
    for (size_t k = 0; k < a->known->ranges.count; k++) {
        node_id image = solved_in(a, d, a->known->ranges.at[k].index, condition);
        if (node_op(g, image) == OP_BOOL) return image;
    }
    return condition;
}

/* Drops what the equations imply. */
static void drop_implied(struct alternatives *a, struct parts *parts) {
    struct graph *g = graph_of(a);
    size_t kept = 0;
    for (size_t k = 0; k < parts->others.count; k++) {
        node_id condition = parts->others.at[k], image = condition;
        for (size_t e = 0; e < parts->equations.count && node_op(g, image) != OP_BOOL; e++)
            image = given(a, parts->equations.at[e], condition);
        parts->impossible |= is_bool(g, image, false);
        if (node_op(g, image) != OP_BOOL) parts->others.at[kept++] = condition;
    }
    parts->others.count = kept;
}

static node_id all_of(struct graph *g, const node_id *conditions, size_t count) {
    node_id all = mk_bool(g, true);
    for (size_t k = 0; k < count; k++) all = mk_and(g, all, conditions[k]);
    return all;
}

/* ---- Groups of equations ---- */

/* What holds where certain equations do. */
struct group {
    node_id equations, likeness; /* equal for equations that differ in their constants only */
    int64_t constant;
    struct alternatives inner;
};

struct groups {
    VEC(struct group) all;
    struct node_map of_equations; /* plus 1 */
};

/* An equation as `linear == constant`, with the sign of its last index positive. */
static node_id linear_part(struct alternatives *a, node_id equation, int64_t *constant) {
    struct graph *g = graph_of(a);
    node_id d = 0;
    int64_t last = 0;
    is_equation(g, equation, &d);
    for (size_t k = 0; k < a->known->ranges.count; k++) {
        int64_t c = coefficient_of(g, d, a->known->ranges.at[k].index);
        if (c) last = c;
    }
    if (last < 0) d = mk_imul(g, mk_int(g, -1), d);
    node_id number = node_op(g, d) == OP_IADD ? node_operand(g, d, 1) : d;
    if (node_op(g, number) != OP_INT) return d;
    *constant -= node_integer(g, number);
    return mk_isub(g, d, number);
}

static struct group *group_of(struct alternatives *a, struct groups *groups, const struct parts *parts) {
    struct graph *g = graph_of(a);
    node_id equations = all_of(g, parts->equations.at, parts->equations.count);
    uint32_t place = node_map_get(&groups->of_equations, equations);
    if (place) return &groups->all.at[place - 1];
    struct group group = {.equations = equations, .likeness = mk_bool(g, true), .inner = {.known = a->known}};
    for (size_t k = 0; k < parts->equations.count; k++) {
        int64_t constant = 0;
        node_id linear = linear_part(a, parts->equations.at[k], &constant);
        group.likeness = mk_and(g, group.likeness, mk_ieq(g, linear, mk_int(g, 0)));
        /* The first constant that tells groups apart orders them. */
        if (__builtin_mul_overflow(group.constant, INT64_C(65536), &group.constant) ||
            __builtin_add_overflow(group.constant, constant, &group.constant))
            group.constant = constant;
    }
    if (!VEC_PUSH(&groups->all, group)) return NULL;
    node_map_set(&groups->of_equations, equations, (uint32_t)groups->all.count);
    return &VEC_LAST(&groups->all);
}

static int by_constant(const void *x, const void *y) {
    const struct group *a = x, *b = y;
    if (a->likeness != b->likeness) return a->likeness < b->likeness ? -1 : 1;
    if (a->constant != b->constant) return a->constant < b->constant ? -1 : 1;
    return a->equations < b->equations ? -1 : a->equations > b->equations;
}

/* Whether 0 <= a and 0 <= b contradict each other. */
static bool contradict(struct graph *g, node_id a, node_id b) {
    enum op op_a, op_b;
    node_id x, y;
    if (!is_whole_comparison(g, a, &op_a, &x) || !is_whole_comparison(g, b, &op_b, &y)) return false;
    if (op_a != OP_ILE || op_b != OP_ILE) return false;
    node_id sum = mk_iadd(g, x, y);
    return node_op(g, sum) == OP_INT && node_integer(g, sum) < 0;
}

/* Whether two conditions never hold together. */
static bool is_excluded(struct alternatives *a, node_id first, node_id second) {
    struct graph *g = graph_of(a);
    struct parts parts = {.equations = {0}}, other = {.equations = {0}};
    take_parts(a, first, &parts);
    take_parts(a, second, &other);
    bool excluded = known_simplify(a->known, mk_not(g, first)) == second;
    for (size_t i = 0; i < parts.others.count; i++)
        for (size_t k = 0; k < other.others.count; k++)
            excluded |= contradict(g, parts.others.at[i], other.others.at[k]);
    for (size_t k = 0; k < other.others.count; k++) VEC_PUSH(&parts.others, other.others.at[k]);
    drop_implied(a, &parts);
    excluded |= parts.impossible;
    VEC_FREE(&parts.equations);
    VEC_FREE(&parts.others);
    VEC_FREE(&other.equations);
    VEC_FREE(&other.others);
    return excluded;
}

/* A chain of choices, from the last to the first. */
struct chain {
    VEC(struct alternative) links; /* in order */
};

static bool can_stand_behind(struct alternatives *a, const struct chain *chain, node_id condition) {
    for (size_t k = 0; k < chain->links.count; k++)
        if (!is_excluded(a, chain->links.at[k].condition, condition)) return false;
    return true;
}

/* Puts what never holds together with the links behind them. */
static void lengthen(struct alternatives *a, struct chain *chain, struct alternatives *rest) {
    struct graph *g = graph_of(a);
    if (chain->links.count > MOST_JOINED || rest->all.count > MOST_JOINED) return;
    for (size_t k = 0; k < rest->all.count; k++) {
        struct alternative *one = &rest->all.at[k];
        if (!one->value || is_bool(g, one->condition, true) || reads_elements(g, one->condition)) continue;
        if (!can_stand_behind(a, chain, one->condition)) continue;
        VEC_PUSH(&chain->links, *one);
        one->value = 0;
    }
}

/* The last link needs no condition where it holds whenever the first does not. */
static node_id chain_value(struct alternatives *a, const struct chain *chain) {
    struct graph *g = graph_of(a);
    const struct alternative *links = chain->links.at;
    size_t count = chain->links.count;
    bool complete =
        count == 2 && known_simplify(a->known, mk_not(g, links[0].condition)) == links[1].condition;
    node_id value = complete ? links[--count].value : mk_zero(g);
    for (; count > 0; count--)
        value = mk_select(g, links[count - 1].condition, links[count - 1].value, value);
    return value;
}

static node_id sum_of_groups(struct alternatives *a, struct groups *groups, struct alternatives *rest) {
    struct graph *g = graph_of(a);
    node_id sum = mk_zero(g);
    if (groups->all.count) qsort(groups->all.at, groups->all.count, sizeof *groups->all.at, by_constant);
    for (size_t first = 0, end; first < groups->all.count; first = end) {
        struct group *group = &groups->all.at[first];
        struct chain chain = {.links = {0}};
        for (end = first; end < groups->all.count && groups->all.at[end].likeness == group->likeness; end++) {
            node_id value = plain_sum(&groups->all.at[end].inner);
            VEC_PUSH(&chain.links, ((struct alternative){groups->all.at[end].equations, value}));
        }
        lengthen(a, &chain, rest);
        sum = mk_add(g, sum, chain_value(a, &chain));
        if (chain.links.failed) g->failed = true;
        VEC_FREE(&chain.links);
    }
    return sum;
}

/* ---- Sums ---- */

static bool put(struct alternatives *a, struct groups *groups, struct alternatives *rest,
                struct alternative one) {
    struct graph *g = graph_of(a);
    struct parts parts = {.equations = {0}};
    take_parts(a, one.condition, &parts);
    drop_implied(a, &parts);
    node_id others = all_of(g, parts.others.at, parts.others.count);
    bool good = !parts.equations.failed && !parts.others.failed;
    if (good && !parts.impossible && parts.equations.count == 0) {
        good = alternatives_add(rest, others, one.value);
    } else if (good && !parts.impossible) {
        struct group *group = group_of(a, groups, &parts);
        good = group && alternatives_add(&group->inner, others, one.value);
    }
    VEC_FREE(&parts.equations);
    VEC_FREE(&parts.others);
    return good;
}

node_id alternatives_sum(struct alternatives *a) {
    struct graph *g = graph_of(a);
    struct groups groups = {.all = {0}};
    struct alternatives rest = {.known = a->known};
    bool good = true;
    for (size_t k = 0; good && k < a->all.count; k++) good = put(a, &groups, &rest, a->all.at[k]);
    node_id sum = sum_of_groups(a, &groups, &rest);
    sum = mk_add(g, sum, plain_sum(&rest));
    if (!good) g->failed = true;
    for (size_t k = 0; k < groups.all.count; k++) alternatives_release(&groups.all.at[k].inner);
    VEC_FREE(&groups.all);
    node_map_release(&groups.of_equations);
    alternatives_release(&rest);
    return sum;
}
