#include <stdlib.h>
#include <string.h>

#include "formula/alternatives.h"
#include "ir/rewrite.h"
#include "formula/sheet.h"
#include "ir/build.h"

static struct graph *graph_of(const struct sheet *s) {
    return s->program->graph;
}

static bool is_true(const struct sheet *s, node_id n) {
    return node_op(graph_of(s), n) == OP_BOOL && node_payload(graph_of(s), n);
}

static bool has_loops(const struct term *term) {
    for (uint32_t k = 0; k < term->count; k++)
        if (term->wrappers[k].index) return true;
    return false;
}

/* ---- Conditions ---- */

/* The loops first seen of the indices that a condition uses; conditions stand behind the last of them. */
static size_t place_of_condition(const struct sheet *s, const struct term *term, node_id condition) {
    size_t place = 0;
    for (uint32_t k = 0; k < term->count; k++)
        if (term->wrappers[k].index && uses_index(graph_of(s), condition, term->wrappers[k].index))
            place = k + 1;
    return place;
}

/* Conditions on indices come first: what the others read may exist only there. */
enum condition_kind { ON_INDICES, ON_WHOLE_NUMBERS, ON_NUMBERS, CONDITION_KINDS };

static enum condition_kind kind_of(const struct sheet *s, node_id condition) {
    enum op op;
    node_id d;
    if (!is_whole_comparison(graph_of(s), condition, &op, &d)) return ON_NUMBERS;
    return reads_elements(graph_of(s), condition) ? ON_WHOLE_NUMBERS : ON_INDICES;
}

/* The conditions that belong directly behind wrapper number `place` - 1. */
static node_id conditions_at(const struct sheet *s, const struct term *term, size_t place) {
    node_id all = mk_bool(graph_of(s), true);
    for (int kind = 0; kind < CONDITION_KINDS; kind++) {
        for (uint32_t k = 0; k < term->count; k++) {
            const struct wrapper *w = &term->wrappers[k];
            if (w->index || place_of_condition(s, term, w->condition) != place) continue;
            if (kind_of(s, w->condition) == (enum condition_kind)kind)
                all = mk_and(graph_of(s), all, w->condition);
        }
    }
    return all;
}

/* ---- Reductions ---- */

static bool same_loops(const struct term *a, const struct term *b) {
    if (a->op != b->op || a->count != b->count) return false;
    for (uint32_t k = 0; k < a->count; k++) {
        const struct wrapper *x = &a->wrappers[k], *y = &b->wrappers[k];
        if (x->index != y->index || x->condition != y->condition || x->lower != y->lower ||
            x->upper != y->upper || x->by != y->by)
            return false;
    }
    return true;
}

struct index_search {
    struct sheet *s;
    VEC(node_id) stack;
    struct node_map seen, found;
    VEC(index_id) indices;
};

static void search(struct index_search *i, node_id root) {
    const struct graph *g = graph_of(i->s);
    if (root) VEC_PUSH(&i->stack, root);
    while (i->stack.count > 0) {
        node_id n = VEC_POP(&i->stack);
        if (!node_map_mark(&i->seen, n)) continue;
        if (node_op(g, n) == OP_INDEX && node_map_mark(&i->found, node_payload(g, n)))
            VEC_PUSH(&i->indices, node_payload(g, n));
        for (uint32_t k = 0; k < node_count(g, n); k++) VEC_PUSH(&i->stack, node_operand(g, n, k));
    }
}

static int by_number(const void *a, const void *b) {
    index_id x = *(const index_id *)a, y = *(const index_id *)b;
    return x < y ? -1 : x > y;
}

/* The indices that a reduction depends on, but for its own. */
static bool find_indices(struct sheet *s, struct reduction *r) {
    struct index_search i = {.s = s};
    search(&i, r->value);
    for (uint32_t k = 0; k < r->count; k++) {
        search(&i, r->ranges[k].lower);
        search(&i, r->ranges[k].upper);
        search(&i, r->ranges[k].by);
        search(&i, r->ranges[k].filter);
    }
    r->indices = ARENA_ARRAY(s->program->arena, index_id, i.indices.count + 1);
    if (i.indices.count) qsort(i.indices.at, i.indices.count, sizeof *i.indices.at, by_number);
    for (size_t k = 0; r->indices && k < i.indices.count; k++) {
        bool own = false;
        for (uint32_t j = 0; j < r->count; j++) own |= r->ranges[j].index == i.indices.at[k];
        if (!own) r->indices[r->rank++] = i.indices.at[k];
    }
    bool good = r->indices && !i.stack.failed && !i.seen.failed && !i.found.failed && !i.indices.failed;
    VEC_FREE(&i.stack);
    VEC_FREE(&i.indices);
    node_map_release(&i.seen);
    node_map_release(&i.found);
    return good;
}

/* "sum(VALUE for i in 1..n, ...)"; the loops and conditions are those of the term. 0 where memory is
 * exhausted. */
static node_id reduce(struct sheet *s, const struct term *term, node_id value) {
    struct reduction r = {.op = term->op == UPDATE_SET ? UPDATE_ADD : term->op, .value = value};
    r.ranges = ARENA_ARRAY(s->program->arena, struct reduction_range, term->count + 1);
    if (!r.ranges) return 0;
    for (uint32_t k = 0; k < term->count; k++) {
        const struct wrapper *w = &term->wrappers[k];
        if (w->index)
            r.ranges[r.count++] =
                (struct reduction_range){w->index, w->lower, w->upper, w->by, conditions_at(s, term, k + 1)};
    }
    return find_indices(s, &r) ? reduction_read(&s->reductions, r) : 0;
}

/* ---- Sums ---- */

/* Adds the sums over loops; those over the same loops are one. */
static bool add_looped(struct sheet *s, const struct definition *def, struct alternatives *all) {
    enum { MOST_COMPARED = 64 };
    struct graph *g = graph_of(s);
    VEC(uint32_t) groups = {0};
    node_id *sums = calloc(def->terms.count + 1, sizeof *sums);
    bool good = sums != NULL;
    for (uint32_t k = 0; good && k < def->terms.count; k++) {
        const struct term *term = &def->terms.at[k];
        if (!has_loops(term)) continue;
        size_t at = groups.count > MOST_COMPARED ? groups.count - MOST_COMPARED : 0;
        while (at < groups.count && !same_loops(&def->terms.at[groups.at[at]], term)) at++;
        if (at == groups.count) good = VEC_PUSH(&groups, k);
        uint32_t first = good ? groups.at[at] : k;
        sums[first] = sums[first] ? mk_add(g, sums[first], term->value) : term->value;
    }
    for (size_t k = 0; good && k < groups.count; k++) {
        const struct term *term = &def->terms.at[groups.at[k]];
        node_id read = reduce(s, term, sums[groups.at[k]]);
        good = read && alternatives_add(all, conditions_at(s, term, 0), read);
    }
    VEC_FREE(&groups);
    free(sums);
    return good;
}

static struct known *know_ranges(struct sheet *s, const struct definition *def) {
    struct known *known = &s->definitions.known;
    known->ranges.count = 0;
    for (uint32_t k = 0; k < def->rank; k++)
        known_add(known, def->indices[k], def->ranges[k].lower, def->ranges[k].upper);
    return known;
}

static node_id image_of_choice(struct rewriting *w, node_id n, const node_id *operands, bool same) {
    struct sheet *s = w->context;
    struct graph *g = w->p->graph;
    struct known *known = &s->definitions.known;
    if (node_op(g, n) != OP_SELECT || kind_of(s, operands[0]) != ON_INDICES)
        return same ? n : mk_again(g, n, operands);
    if (node_is_number(g, operands[1], 0)) {
        node_id fails = known_simplify(known, mk_not(g, operands[0]));
        return mk_select(g, fails, operands[2], operands[1]);
    }
    return mk_select(g, known_simplify(known, operands[0]), operands[1], operands[2]);
}

/* Choices by indices, in terms of what is known of these: `if k == 1 then 0 else a` is `if k >= 2 then a else
 * 0`.
 */
static node_id with_known_choices(struct sheet *s, node_id value) {
    if (s->first_element == s->indices.names.count && s->first_element <= 1) return value;
    struct rewriting w = {.p = s->program, .image = image_of_choice, .context = s};
    node_id result = rewrite(&w, value);
    rewriting_release(&w);
    return result;
}

/* A value that may be a sum with choices. */
struct chosen_value {
    node_id condition, value;
    unsigned depth;
};

/* Adds a value; what it adds under conditions on indices stands under these. */
static bool add_value(struct sheet *s, struct alternatives *all, node_id condition, node_id value) {
    enum { DEEPEST = 4 };
    struct graph *g = graph_of(s);
    VEC(struct chosen_value) open = {0};
    bool good = VEC_PUSH(&open, ((struct chosen_value){condition, with_known_choices(s, value), 0}));
    while (good && open.count > 0) {
        struct chosen_value at = VEC_POP(&open);
        node_id choice = node_op(g, at.value) == OP_SELECT ? node_operand(g, at.value, 0) : 0;
        if (node_op(g, at.value) == OP_ADD) {
            for (uint32_t k = 2; k > 0; k--)
                good = good &&
                       VEC_PUSH(&open, ((struct chosen_value){at.condition, node_operand(g, at.value, k - 1),
                                                              at.depth}));
        } else if (choice && at.depth < DEEPEST && kind_of(s, choice) == ON_INDICES) {
            node_id then = node_operand(g, at.value, 1), other = node_operand(g, at.value, 2);
            node_id holds = known_simplify(all->known, choice),
                    fails = known_simplify(all->known, mk_not(g, choice));
            good =
                VEC_PUSH(&open,
                         ((struct chosen_value){mk_and(g, at.condition, fails), other, at.depth + 1})) &&
                VEC_PUSH(&open, ((struct chosen_value){mk_and(g, at.condition, holds), then, at.depth + 1}));
        } else if (!node_is_number(g, at.value, 0)) {
            good = alternatives_add(all, at.condition, at.value);
        }
    }
    VEC_FREE(&open);
    return good;
}

static node_id sum(struct sheet *s, const struct definition *def) {
    struct alternatives all = {.known = know_ranges(s, def)};
    bool good = add_looped(s, def, &all);
    for (size_t k = 0; good && k < def->terms.count; k++) {
        const struct term *term = &def->terms.at[k];
        if (!has_loops(term)) good = add_value(s, &all, conditions_at(s, term, 0), term->value);
    }
    node_id value = good ? alternatives_sum(&all) : 0;
    alternatives_release(&all);
    return value;
}

/* ---- Cases ---- */

/* Whether a condition is one of those that another joins by `and`. */
static bool is_conjunct(const struct sheet *s, node_id all, node_id condition) {
    const struct graph *g = graph_of(s);
    while (node_op(g, all) == OP_AND) {
        if (node_operand(g, all, 1) == condition) return true;
        all = node_operand(g, all, 0);
    }
    return all == condition;
}

/* Whether all terms ask for a condition. */
static bool is_shared(const struct sheet *s, const node_id *conditions, size_t count, node_id condition) {
    for (size_t k = 0; k < count; k++)
        if (!is_conjunct(s, conditions[k], condition)) return false;
    return true;
}

/* What a condition asks for beside those that hold anyway. */
static node_id without(const struct sheet *s, node_id condition, node_id common) {
    struct graph *g = graph_of(s);
    VEC(node_id) open = {0};
    node_id rest = mk_bool(g, true);
    VEC_PUSH(&open, condition);
    while (open.count > 0) {
        node_id n = VEC_POP(&open);
        if (node_op(g, n) == OP_AND) {
            VEC_PUSH(&open, node_operand(g, n, 1));
            VEC_PUSH(&open, node_operand(g, n, 0));
        } else if (!is_conjunct(s, common, n)) {
            rest = mk_and(g, rest, n);
        }
    }
    VEC_FREE(&open);
    return rest;
}

/* Elements that are set case by case; the last needs no condition, for together they are complete where what
 * they have in common holds. */
static node_id cases(struct sheet *s, const struct definition *def) {
    struct graph *g = graph_of(s);
    const struct term *first = &def->terms.at[0];
    node_id *conditions = calloc(def->terms.count, sizeof *conditions), value = 0, common = mk_bool(g, true);
    if (!conditions) return 0;
    for (size_t k = 0; k < def->terms.count; k++) conditions[k] = conditions_at(s, &def->terms.at[k], 0);
    for (uint32_t w = 0; w < first->count; w++)
        if (is_shared(s, conditions, def->terms.count, first->wrappers[w].condition))
            common = mk_and(g, common, first->wrappers[w].condition);
    for (size_t k = def->terms.count; k > 0; k--) {
        node_id rest = without(s, conditions[k - 1], common);
        value = value ? mk_select(g, rest, def->terms.at[k - 1].value, value) : def->terms.at[k - 1].value;
    }
    free(conditions);
    return mk_select(g, common, value, mk_zero(g));
}

/* ---- Extrema ---- */

/* Under a condition that does not hold, an extremum is that of nothing. */
static node_id extremum(struct sheet *s, const struct definition *def) {
    struct graph *g = graph_of(s);
    bool largest = def->terms.at[0].op == UPDATE_MAX;
    node_id nothing = largest ? mk_neg(g, mk_infinity(g)) : mk_infinity(g);
    node_id *operands = calloc(def->terms.count, sizeof *operands), value = 0;
    bool good = operands != NULL;
    for (size_t k = 0; good && k < def->terms.count; k++) {
        const struct term *term = &def->terms.at[k];
        node_id one = has_loops(term) ? reduce(s, term, term->value) : term->value;
        good = one != 0;
        if (good) operands[k] = mk_select(g, conditions_at(s, term, 0), one, nothing);
    }
    if (good) value = mk_call(g, largest ? OP_MAX : OP_MIN, operands, (uint32_t)def->terms.count);
    free(operands);
    return value;
}

/* ---- Definitions ---- */

static node_id formulate(struct sheet *s, const struct definition *def) {
    bool set = true;
    if (def->terms.count == 0) return mk_zero(graph_of(s));
    for (size_t k = 0; k < def->terms.count; k++)
        set &= def->terms.at[k].op == UPDATE_SET && !has_loops(&def->terms.at[k]);
    if (def->terms.at[0].op >= UPDATE_MAX) return extremum(s, def);
    bool plain = def->terms.count == 1 && is_true(s, conditions_at(s, &def->terms.at[0], 0));
    if (set && plain) return def->terms.at[0].value;
    return set ? cases(s, def) : sum(s, def);
}

static bool enter(struct sheet *s, const struct definition *def) {
    struct entry *entry = &s->entries.at[def->array];
    node_id value = formulate(s, def);
    if (!value) return false;
    entry = &s->entries.at[def->array];
    *entry = (struct entry){.value = value,
                            .indices = def->indices,
                            .ranges = def->ranges,
                            .down = def->down,
                            .rank = def->rank,
                            .recurrent = def->recurrent};
    for (size_t k = 0; k < def->terms.count; k++) entry->has_loops |= has_loops(&def->terms.at[k]);
    uint32_t reductions = (uint32_t)s->reductions.all.count;
    return VEC_PUSH(&s->order, def->array) && VEC_PUSH(&s->reductions_of, reductions);
}

struct placed {
    uint32_t position;
    array_id array;
};

static int by_position(const void *a, const void *b) {
    const struct placed *x = a, *y = b;
    if (x->position != y->position) return x->position < y->position ? -1 : 1;
    return x->array < y->array ? -1 : x->array > y->array;
}

bool sheet_formulate(struct sheet *s) {
    VEC(struct placed) placed = {0};
    bool good = true;
    for (array_id a = 1; good && a < s->definitions.count; a++) {
        const struct definition *def = &s->definitions.of[a];
        if (def->array) good = VEC_PUSH(&placed, ((struct placed){def->position, a}));
    }
    if (placed.count) qsort(placed.at, placed.count, sizeof *placed.at, by_position);
    for (size_t k = 0; good && k < placed.count; k++) good = enter(s, &s->definitions.of[placed.at[k].array]);
    VEC_FREE(&placed);
    return good;
}
