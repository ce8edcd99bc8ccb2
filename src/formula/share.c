#include <stdlib.h>
#include <string.h>

#include "formula/alike.h"
#include "formula/defined.h"
#include "formula/number_set.h"
#include "ir/rewrite.h"
#include "formula/sheet.h"
#include "formula/weight.h"
#include "formula/widen.h"
#include "ir/build.h"

enum {
    SHORTEST = 20,       /* that gets a name */
    SHORTEST_OFTEN = 12, /* of those that are used often enough for this */
    GAIN = 15,
    SHORTEST_ARRAY = 45, /* of those with indices */
    LINE = 22,           /* what a line takes beside its formula */
    MOST_INDICES = 8
};

struct sharing {
    struct sheet *s;
    struct node_map users; /* edges to a node */
    struct node_map seen;
    VEC(node_id) open, post; /* post: operands before users, reductions too */
    struct number_sets sets; /* of indices */
    struct node_map set_of;  /* plus 1 */
    struct weights weights;
    struct node_map guards; /* of those that get names: the condition under which they are defined */
    struct rewriting rewriting;
    struct alike_map alike;
};

static struct graph *graph_of(const struct sharing *h) {
    return h->s->program->graph;
}

static const struct reduction *reduction_at(const struct sharing *h, node_id n) {
    const struct graph *g = graph_of(h);
    return node_op(g, n) == OP_READ ? reduction_of(&h->s->reductions, node_payload(g, n)) : NULL;
}

/* ---- Users ---- */

enum state { NEW, OPEN, DONE };

static void use(struct sharing *h, node_id n) {
    node_map_set(&h->users, n, node_map_get(&h->users, n) + 1);
    if (node_map_get(&h->seen, n) == NEW) VEC_PUSH(&h->open, n);
}

static void use_parts(struct sharing *h, node_id n) {
    const struct reduction *r = reduction_at(h, n);
    for (uint32_t k = 0; r && k < r->count; k++) {
        use(h, r->ranges[k].lower);
        use(h, r->ranges[k].upper);
        use(h, r->ranges[k].filter);
    }
    if (r) use(h, r->value);
    for (uint32_t k = 0; k < node_count(graph_of(h), n); k++) use(h, node_operand(graph_of(h), n, k));
}

/* A node stays on the stack until what it is made of has been visited. */
static void visit(struct sharing *h, node_id root) {
    use(h, root);
    while (h->open.count > 0) {
        node_id n = VEC_LAST(&h->open);
        if (node_map_get(&h->seen, n) == NEW) {
            node_map_set(&h->seen, n, OPEN);
            use_parts(h, n);
            continue;
        }
        h->open.count--;
        if (node_map_get(&h->seen, n) == DONE) continue;
        node_map_set(&h->seen, n, DONE);
        VEC_PUSH(&h->post, n);
    }
}

static void visit_all(struct sharing *h) {
    for (array_id a = 1; a < h->s->entries.count; a++)
        if (h->s->entries.at[a].kind != ENTRY_NONE) visit(h, h->s->entries.at[a].value);
}

/* What is used twice as 2*x is x, used twice; and so are the numbers that a condition compares. */
static void pass_through(struct sharing *h) {
    const struct graph *g = graph_of(h);
    for (size_t k = h->post.count; k > 0; k--) {
        node_id n = h->post.at[k - 1];
        uint32_t users = node_map_get(&h->users, n);
        bool scaled = node_op(g, n) == OP_MUL && node_op(g, node_operand(g, n, 0)) == OP_CONST;
        if (users < 2 || (!scaled && node_type(g, n) != TYPE_BOOL)) continue;
        for (uint32_t i = 0; i < node_count(g, n); i++) {
            node_id operand = node_operand(g, n, i);
            node_map_set(&h->users, operand, node_map_get(&h->users, operand) + users - 1);
        }
        node_map_set(&h->users, n, 1);
    }
}

/* ---- Which get names ---- */

static uint32_t set_of(struct sharing *h, node_id n) {
    const struct graph *g = graph_of(h);
    uint32_t set = node_op(g, n) == OP_INDEX ? number_set_of(&h->sets, node_payload(g, n)) : 0;
    for (uint32_t k = 0; k < node_count(g, n); k++)
        set = number_set_unite(&h->sets, set, node_map_get(&h->set_of, node_operand(g, n, k)) - 1);
    return set;
}

/* Whether a line shortens the whole. */
static bool is_worth_a_line(uint64_t users, uint64_t weight, uint64_t indices) {
    uint64_t name = 2 + 3 * indices, line = weight + LINE + 20 * indices;
    bool often = indices == 0 && weight >= SHORTEST_OFTEN && users * (weight - name) > line + GAIN;
    if (weight < (indices ? SHORTEST_ARRAY : SHORTEST)) return often;
    return users * weight > users * name + line;
}

static bool can_have_name(const struct sharing *h, node_id n) {
    const struct graph *g = graph_of(h);
    if (node_type(g, n) != TYPE_REAL) return false;
    return node_op(g, n) == OP_READ ? reduction_at(h, n) != NULL : node_count(g, n) > 0;
}

/* The indices of a set, and those that their ranges use. */
struct closure {
    VEC(index_id) indices;
    VEC(struct dimension) ranges;
    VEC(node_id) open;
    struct node_map seen, inside; /* inside: members of the set */
};

static void close_over(struct sharing *h, struct closure *c, node_id root) {
    const struct graph *g = graph_of(h);
    VEC_PUSH(&c->open, root);
    while (c->open.count > 0) {
        node_id n = VEC_POP(&c->open);
        if (!node_map_mark(&c->seen, n)) continue;
        if (node_op(g, n) == OP_INDEX) VEC_PUSH(&c->indices, node_payload(g, n));
        for (uint32_t k = 0; k < node_count(g, n); k++) VEC_PUSH(&c->open, node_operand(g, n, k));
    }
}

static int by_number(const void *a, const void *b) {
    index_id x = *(const index_id *)a, y = *(const index_id *)b;
    return x < y ? -1 : x > y;
}

static void make_closure(struct sharing *h, struct closure *c, struct number_set set) {
    struct graph *g = graph_of(h);
    for (uint32_t k = 0; k < set.count; k++) {
        node_map_mark(&c->inside, set.members[k]);
        close_over(h, c, mk_index(g, set.members[k]));
    }
    for (size_t k = 0; k < c->indices.count; k++) {
        struct dimension range = h->s->indices.ranges.at[c->indices.at[k]];
        if (range.lower) close_over(h, c, range.lower);
        if (range.upper) close_over(h, c, range.upper);
    }
    if (c->indices.count) qsort(c->indices.at, c->indices.count, sizeof *c->indices.at, by_number);
    for (size_t k = 0; k < c->indices.count; k++)
        VEC_PUSH(&c->ranges, h->s->indices.ranges.at[c->indices.at[k]]);
}

/* Whether a range uses an index that is not among the set's. */
static bool uses_others(struct sharing *h, const struct closure *c, struct dimension range) {
    for (size_t k = 0; k < c->indices.count; k++) {
        index_id index = c->indices.at[k];
        if (node_map_get(&c->inside, index)) continue;
        if (uses_index(graph_of(h), range.lower, index) || uses_index(graph_of(h), range.upper, index))
            return true;
    }
    return false;
}

/* The ranges of a set's indices, without others; false where one is not found. */
static bool find_ranges(struct sharing *h, struct number_set set, struct dimension *ranges) {
    struct closure c = {.indices = {0}};
    make_closure(h, &c, set);
    bool good = !c.indices.failed && !c.ranges.failed && !c.open.failed && !c.seen.failed;
    uint32_t at = 0;
    for (uint32_t k = 0; good && k < c.indices.count; k++) {
        if (!node_map_get(&c.inside, c.indices.at[k])) continue;
        struct dimension range = c.ranges.at[k];
        good = range.lower && range.upper;
        if (good && uses_others(h, &c, range))
            range = widest_range(graph_of(h), c.indices.at, c.ranges.at, k);
        good = good && range.lower && range.upper && !uses_others(h, &c, range);
        ranges[at++] = range;
    }
    VEC_FREE(&c.indices);
    VEC_FREE(&c.ranges);
    VEC_FREE(&c.open);
    node_map_release(&c.seen);
    node_map_release(&c.inside);
    return good;
}

static void choose(struct sharing *h) {
    for (size_t k = 0; k < h->post.count; k++) {
        node_id n = h->post.at[k];
        uint32_t place = set_of(h, n), users = node_map_get(&h->users, n);
        node_map_set(&h->set_of, n, place + 1);
        const struct number_set set = h->sets.all.at[place];
        struct dimension ranges[MOST_INDICES];
        if (users < 2 || set.count > MOST_INDICES || !can_have_name(h, n)) continue;
        if (!is_worth_a_line(users, weight_of(&h->weights, n), set.count)) continue;
        /* A line without indices is evaluated only where it is used. */
        node_id guard = mk_bool(graph_of(h), true);
        if (set.count > 0 && !find_ranges(h, set, ranges)) continue;
        if (set.count > 0 && !defined_find_guard(h->s, n, set.members, ranges, set.count, &h->guards, &guard))
            continue;
        node_map_set(&h->guards, n, guard);
        weight_set(&h->weights, n, 2 + 3 * set.count);
    }
}

/* ---- Lines ---- */

static bool is_behind(struct dimension a, struct dimension b) {
    return a.lower != b.lower ? a.lower > b.lower : a.upper > b.upper;
}

/* Indices in the order of their ranges, where these do not use each other: then lines that differ in the
 * names of their indices have these in the same order. */
static void sort_indices(struct sharing *h, struct entry *entry) {
    const struct graph *g = graph_of(h);
    for (uint32_t k = 0; k < entry->rank; k++)
        for (uint32_t i = 0; i < entry->rank; i++)
            if (uses_index(g, entry->ranges[k].lower, entry->indices[i]) ||
                uses_index(g, entry->ranges[k].upper, entry->indices[i]))
                return;
    for (uint32_t k = 1; k < entry->rank; k++) {
        struct dimension range = entry->ranges[k];
        index_id index = entry->indices[k];
        uint32_t at = k;
        for (; at > 0 && is_behind(entry->ranges[at - 1], range); at--) {
            entry->ranges[at] = entry->ranges[at - 1];
            entry->indices[at] = entry->indices[at - 1];
        }
        entry->ranges[at] = range;
        entry->indices[at] = index;
    }
}

static bool fill_entry(struct sharing *h, struct entry *entry, node_id n) {
    const struct number_set set = h->sets.all.at[node_map_get(&h->set_of, n) - 1];
    struct arena *arena = h->s->program->arena;
    entry->rank = set.count;
    entry->indices = ARENA_ARRAY(arena, index_id, set.count + 1);
    entry->ranges = ARENA_ARRAY(arena, struct dimension, set.count + 1);
    entry->down = ARENA_ARRAY(arena, bool, set.count + 1);
    if (!entry->indices || !entry->ranges || !entry->down) return false;
    for (uint32_t k = 0; k < set.count; k++) entry->indices[k] = set.members[k];
    if (!find_ranges(h, set, entry->ranges)) return false;
    sort_indices(h, entry);
    return true;
}

static node_id read_of(struct sheet *s, array_id array, const struct entry *entry) {
    node_id subscripts[MOST_INDICES];
    for (uint32_t k = 0; k < entry->rank; k++) subscripts[k] = mk_index(s->program->graph, entry->indices[k]);
    return mk_read(s->program->graph, array, TYPE_REAL, subscripts, entry->rank);
}

/* A read of the line with this value, which is made where there is none yet. */
static node_id read_of_line(struct sharing *h, node_id n, node_id value) {
    struct sheet *s = h->s;
    struct graph *g = s->program->graph;
    node_id guarded = mk_select(g, node_map_get(&h->guards, n), value, mk_zero(g));
    struct entry entry = {.kind = ENTRY_LINE, .value = guarded};
    if (!fill_entry(h, &entry, n)) return value;
    array_id array = alike_find(&h->alike, s, &entry);
    if (array) return read_of(s, array, &entry);
    array = reductions_add_array(&s->reductions, "t", entry.rank);
    if (!array || !VEC_RESERVE(&s->entries, (size_t)array + 1)) return value;
    memset(s->entries.at + s->entries.count, 0, (array + 1 - s->entries.count) * sizeof entry);
    s->entries.count = (size_t)array + 1;
    s->entries.at[array] = entry;
    uint32_t reductions = (uint32_t)s->reductions.all.count;
    if (!alike_add(&h->alike, s, array) || !VEC_PUSH(&s->order, array) ||
        !VEC_PUSH(&s->reductions_of, reductions))
        s->failed = true;
    return read_of(s, array, &entry);
}

static node_id image(struct rewriting *w, node_id n, const node_id *operands, bool same) {
    struct sharing *h = w->context;
    node_id value = same ? n : mk_again(w->p->graph, n, operands);
    return node_map_get(&h->guards, n) ? read_of_line(h, n, value) : value;
}

/* Operands come before users. */
static void make_lines(struct sharing *h) {
    struct sheet *s = h->s;
    for (size_t k = 0; k < h->post.count; k++)
        if (node_map_get(&h->guards, h->post.at[k])) rewrite(&h->rewriting, h->post.at[k]);
    size_t reductions = s->reductions.all.count;
    for (size_t k = 0; k < reductions; k++) {
        struct reduction r = s->reductions.all.at[k];
        if (!r.count || !node_map_get(&h->seen, r.value)) continue;
        r.value = rewrite(&h->rewriting, r.value);
        for (uint32_t i = 0; i < r.count; i++)
            r.ranges[i].filter = rewrite(&h->rewriting, r.ranges[i].filter);
        s->reductions.all.at[k] = r;
    }
    size_t entries = s->entries.count;
    for (array_id a = 1; a < entries; a++) {
        if (s->entries.at[a].kind == ENTRY_NONE || a >= s->definitions.count) continue;
        node_id value = rewrite(&h->rewriting, s->entries.at[a].value);
        s->entries.at[a].value = value;
    }
}

bool sheet_share(struct sheet *s) {
    struct sharing h = {.s = s};
    h.rewriting = (struct rewriting){.p = s->program, .image = image, .context = &h};
    h.weights = (struct weights){.program = s->program,
                                 .reductions = &s->reductions,
                                 .indices = &s->indices,
                                 .first_temporary = s->reductions.first};
    bool good = number_sets_init(&h.sets, s->program->arena);
    if (good) {
        visit_all(&h);
        pass_through(&h);
        choose(&h);
        if (h.guards.count > 0) make_lines(&h);
        reductions_changed(&s->reductions);
    }
    good = good && !h.open.failed && !h.post.failed && !h.users.failed && !h.guards.failed &&
           !number_sets_failed(&h.sets) && !s->failed && !s->program->failed;
    node_map_release(&h.users);
    node_map_release(&h.seen);
    node_map_release(&h.set_of);
    node_map_release(&h.guards);
    VEC_FREE(&h.open);
    VEC_FREE(&h.post);
    number_sets_release(&h.sets);
    weights_release(&h.weights);
    rewriting_release(&h.rewriting);
    alike_map_release(&h.alike);
    return good;
}
