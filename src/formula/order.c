#include <stdlib.h>
#include <string.h>

#include "formula/condition.h"
#include "ir/rewrite.h"
#include "formula/sheet.h"
#include "ir/build.h"

enum direction { UNKNOWN, UP, DOWN, HERE };

/* That a line reads another. */
struct edge {
    uint32_t from, to;
    enum direction direction; /* the other's first index is smaller, larger or the same */
};

struct ordering {
    struct sheet *s;
    struct node_map line_of; /* by array: its line, plus 1 */
    VEC(struct edge) edges;  /* by the line that reads */
    VEC(size_t) first;       /* by line: its edges; one more at the end */
    /* Reading one line. */
    struct node_map seen;
    VEC(node_id) open;
    VEC(struct known_range) bound; /* indices of sums */
    /* Tarjan's algorithm: lines that name each other in a circle are one component. */
    uint32_t *number, *low, count;
    bool *waiting;
    VEC(uint32_t) stack, path;
    VEC(size_t) next; /* by place on the path: the next edge */
    VEC(struct sheet_line) sorted;
};

static struct graph *graph_of(const struct ordering *o) {
    return o->s->program->graph;
}

/* ---- Who reads whom ---- */

static enum direction of_difference(const struct ordering *o, node_id difference) {
    const struct graph *g = graph_of(o);
    if (node_op(g, difference) != OP_INT) return UNKNOWN;
    int64_t value = node_integer(g, difference);
    return value > 0 ? DOWN : value < 0 ? UP : HERE;
}

/* Where a read lies in relation to the index; a sum over a range lies where all of the range does. */
static enum direction direction_of(const struct ordering *o, node_id subscript, index_id index) {
    struct graph *g = graph_of(o);
    node_id difference = mk_isub(g, subscript, mk_index(g, index));
    enum direction found = of_difference(o, difference);
    for (size_t k = 0; found == UNKNOWN && k < o->bound.count; k++) {
        const struct known_range *range = &o->bound.at[k];
        int64_t c = coefficient_of(g, difference, range->index);
        if (c != 1) continue;
        node_id rest = without_index(g, difference, range->index, c);
        if (of_difference(o, mk_iadd(g, rest, range->lower)) == DOWN) found = DOWN;
        if (of_difference(o, mk_iadd(g, rest, range->upper)) == UP) found = UP;
    }
    return found;
}

static void enter(struct ordering *o, node_id n) {
    if (n && node_map_mark(&o->seen, n)) VEC_PUSH(&o->open, n);
}

static void look(struct ordering *o, uint32_t line, node_id n) {
    struct graph *g = graph_of(o);
    const struct entry *entry = &o->s->entries.at[o->s->lines.at[line].array];
    uint32_t other = node_op(g, n) == OP_READ ? node_map_get(&o->line_of, node_payload(g, n)) : 0;
    struct reduction r;
    if (other) {
        bool placed = entry->rank > 0 && node_count(g, n) > 0;
        enum direction direction = placed ? direction_of(o, node_operand(g, n, 0), entry->indices[0]) : HERE;
        VEC_PUSH(&o->edges, ((struct edge){line, other - 1, direction}));
    }
    bool reduced = node_op(g, n) == OP_READ && reduction_of(&o->s->reductions, node_payload(g, n));
    if (reduced && reduction_move(&o->s->reductions, n, &r)) {
        for (uint32_t k = 0; k < r.count; k++) {
            const struct reduction_range *range = &r.ranges[k];
            VEC_PUSH(&o->bound, ((struct known_range){range->index, range->lower, range->upper}));
            enter(o, range->filter);
        }
        enter(o, r.value);
    }
    for (uint32_t k = 0; k < node_count(g, n); k++) enter(o, node_operand(g, n, k));
}

static bool find_edges(struct ordering *o) {
    struct sheet *s = o->s;
    for (uint32_t k = 0; k < s->lines.count; k++) node_map_set(&o->line_of, s->lines.at[k].array, k + 1);
    for (uint32_t k = 0; k < s->lines.count; k++) {
        VEC_PUSH(&o->first, o->edges.count);
        node_map_clear(&o->seen);
        o->bound.count = 0;
        enter(o, s->entries.at[s->lines.at[k].array].value);
        while (o->open.count > 0) look(o, k, VEC_POP(&o->open));
    }
    VEC_PUSH(&o->first, o->edges.count);
    return !o->edges.failed && !o->first.failed && !o->open.failed && !o->seen.failed && !o->bound.failed;
}

/* ---- Circles ---- */

static bool is_among(const uint32_t *members, size_t count, uint32_t line) {
    for (size_t k = 0; k < count; k++)
        if (members[k] == line) return true;
    return false;
}

/* Whether a line reads one of the members, but for itself, at its own place. */
static bool reads_here(const struct ordering *o, uint32_t line, const uint32_t *members, size_t count) {
    for (size_t e = o->first.at[line]; e < o->first.at[line + 1]; e++) {
        const struct edge *edge = &o->edges.at[e];
        if (edge->to != line && edge->direction == HERE && is_among(members, count, edge->to)) return true;
    }
    return false;
}

/* Whether the elements of a circle come about from the last to the first. */
static bool runs_down(const struct ordering *o, const uint32_t *members, size_t count) {
    bool down = false;
    for (size_t k = 0; k < count; k++) {
        const struct entry *entry = &o->s->entries.at[o->s->lines.at[members[k]].array];
        down |= entry->rank > 0 && entry->down[0];
        for (size_t e = o->first.at[members[k]]; e < o->first.at[members[k] + 1]; e++) {
            const struct edge *edge = &o->edges.at[e];
            bool tells = edge->direction == UP || edge->direction == DOWN;
            if (tells && is_among(members, count, edge->to)) return edge->direction == DOWN;
        }
    }
    return down;
}

static bool reads_itself(const struct ordering *o, uint32_t line) {
    for (size_t e = o->first.at[line]; e < o->first.at[line + 1]; e++)
        if (o->edges.at[e].to == line) return true;
    return false;
}

/* Recurrences that advance together, in one direction, those first which others use at the same place. */
static void place(struct ordering *o, uint32_t *members, size_t count) {
    bool circle = count > 1 || reads_itself(o, members[0]), down = circle && runs_down(o, members, count);
    for (size_t placed = 0; placed < count; placed++) {
        size_t next = placed;
        while (next < count && reads_here(o, members[next], members + placed, count - placed)) next++;
        if (next == count) next = placed;
        uint32_t line = members[next];
        memmove(members + placed + 1, members + placed, (next - placed) * sizeof *members);
        members[placed] = line;
        struct entry *entry = &o->s->entries.at[o->s->lines.at[line].array];
        if (circle && entry->rank > 0) entry->down[0] = down;
        struct sheet_line sorted = o->s->lines.at[line];
        sorted.with_previous = placed > 0;
        VEC_PUSH(&o->sorted, sorted);
    }
}

static int by_number(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* A component is complete: it is what lies on the stack from the line on. */
static void close_component(struct ordering *o, uint32_t line) {
    size_t begin = o->stack.count;
    do {
        begin--;
        o->waiting[o->stack.at[begin]] = false;
    } while (o->stack.at[begin] != line);
    size_t count = o->stack.count - begin;
    qsort(o->stack.at + begin, count, sizeof *o->stack.at, by_number);
    place(o, o->stack.at + begin, count);
    o->stack.count = begin;
}

static void open_line(struct ordering *o, uint32_t line) {
    o->number[line] = o->low[line] = ++o->count;
    o->waiting[line] = true;
    VEC_PUSH(&o->stack, line);
    VEC_PUSH(&o->path, line);
    VEC_PUSH(&o->next, o->first.at[line]);
}

/* One step of the depth-first search. */
static void advance(struct ordering *o) {
    uint32_t line = VEC_LAST(&o->path);
    if (VEC_LAST(&o->next) < o->first.at[line + 1]) {
        uint32_t to = o->edges.at[VEC_LAST(&o->next)++].to;
        if (!o->number[to])
            open_line(o, to);
        else if (o->waiting[to] && o->number[to] < o->low[line])
            o->low[line] = o->number[to];
        return;
    }
    o->path.count--;
    o->next.count--;
    if (o->path.count > 0) {
        uint32_t user = VEC_LAST(&o->path);
        if (o->low[line] < o->low[user]) o->low[user] = o->low[line];
    }
    if (o->low[line] == o->number[line]) close_component(o, line);
}

static bool sort(struct ordering *o) {
    size_t count = o->s->lines.count;
    o->number = calloc(count, sizeof *o->number);
    o->low = calloc(count, sizeof *o->low);
    o->waiting = calloc(count, sizeof *o->waiting);
    if (!o->number || !o->low || !o->waiting || !VEC_RESERVE(&o->sorted, count)) return false;
    for (uint32_t line = 0; line < count; line++) {
        if (!o->number[line]) open_line(o, line);
        while (o->path.count > 0 && !o->stack.failed && !o->path.failed && !o->next.failed) advance(o);
    }
    if (o->sorted.count != count) return false;
    memcpy(o->s->lines.at, o->sorted.at, count * sizeof *o->s->lines.at);
    return true;
}

bool sheet_order(struct sheet *s) {
    struct ordering o = {.s = s};
    if (s->lines.count == 0) return true;
    bool good = find_edges(&o) && sort(&o);
    node_map_release(&o.line_of);
    node_map_release(&o.seen);
    VEC_FREE(&o.edges);
    VEC_FREE(&o.first);
    VEC_FREE(&o.open);
    VEC_FREE(&o.bound);
    VEC_FREE(&o.stack);
    VEC_FREE(&o.path);
    VEC_FREE(&o.next);
    VEC_FREE(&o.sorted);
    free(o.number);
    free(o.low);
    free(o.waiting);
    return good;
}
