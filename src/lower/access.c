#include "lower/access.h"

void access_walk_init(struct access_walk *w, const struct tree *t) {
    *w = (struct access_walk){.tree = t, .now = 2};
}

void access_walk_release(struct access_walk *w) {
    VEC_FREE(&w->stamp);
    VEC_FREE(&w->stack);
}

void access_list_release(struct access_list *list) {
    VEC_FREE(&list->all);
    VEC_FREE(&list->subscripts);
}

void access_begin(struct access_walk *w) {
    w->now += 2;
}

bool access_kinds_clash(enum access_kind a, enum access_kind b) {
    return a != b || a == ACCESS_SET;
}

static bool is_given(const struct graph *g, node_id n) {
    enum op op = node_op(g, n);
    return op == OP_READ || op == OP_CONST || op == OP_INFINITY || op == OP_PI || op == OP_TO_REAL;
}

/* Whether the operands are computed where they are compared. */
static bool compares_computed(const struct graph *g, node_id n) {
    return node_compares_reals(g, n) &&
           !(is_given(g, node_operand(g, n, 0)) && is_given(g, node_operand(g, n, 1)));
}

static bool mark(struct access_walk *w, node_id n, bool in_test) {
    uint32_t wanted = w->now + in_test;
    size_t count = graph_count(w->tree->graph);
    if (n >= w->stamp.count) {
        if (!VEC_RESERVE(&w->stamp, count)) return false;
        while (w->stamp.count < count) w->stamp.at[w->stamp.count++] = 0;
    }
    if (w->stamp.at[n] >= wanted) return false;
    w->stamp.at[n] = wanted;
    return true;
}

static void add(struct access_list *list, struct access a, const node_id *subscripts, uint32_t rank) {
    a.subscripts = (uint32_t)list->subscripts.count;
    for (uint32_t k = 0; k < rank; k++) VEC_PUSH(&list->subscripts, subscripts[k]);
    VEC_PUSH(&list->all, a);
}

static void add_reads(struct access_walk *w, struct access_list *list, item_id i, node_id root,
                      bool in_test) {
    const struct graph *g = w->tree->graph;
    if (!root) return;
    if (mark(w, root, in_test)) VEC_PUSH(&w->stack, root);
    while (w->stack.count && !w->stack.failed) {
        node_id n = VEC_POP(&w->stack);
        bool tested = w->stamp.at[n] > w->now;
        if (node_op(g, n) == OP_READ) {
            array_id a = node_payload(g, n);
            struct access read = {.array = a, .kind = ACCESS_READ, .item = i, .in_test = tested};
            if (!role_is_input(w->tree->p.arrays.at[a].role))
                add(list, read, node_operands(g, n), node_count(g, n));
        }
        tested |= node_compares_reals(g, n);
        w->compares |= compares_computed(g, n);
        for (uint32_t k = 0; k < node_count(g, n); k++)
            if (mark(w, node_operand(g, n, k), tested)) VEC_PUSH(&w->stack, node_operand(g, n, k));
    }
}

static enum access_kind kind_of_update(const struct item *item) {
    if (item->opens || item->step.op == UPDATE_SET) return ACCESS_SET;
    if (item->step.op == UPDATE_ADD) return ACCESS_ADD;
    return item->step.op == UPDATE_MAX ? ACCESS_MAX : ACCESS_MIN;
}

void access_add(struct access_walk *w, struct access_list *list, item_id i) {
    const struct item *item = tree_item(w->tree, i);
    const struct step *s = &item->step;
    bool extremum = s->kind == STEP_UPDATE && (s->op == UPDATE_MAX || s->op == UPDATE_MIN);
    w->compares |= extremum && !is_given(w->tree->graph, s->value);
    add_reads(w, list, i, s->value, extremum);
    const node_id others[] = {s->lower, s->upper, s->by, s->condition};
    for (size_t k = 0; k < sizeof others / sizeof *others; k++) add_reads(w, list, i, others[k], false);
    if (s->kind == STEP_UPDATE || s->kind == STEP_CLEAR) {
        uint32_t rank = s->kind == STEP_UPDATE ? w->tree->p.arrays.at[s->array].rank : 0;
        const node_id *subscripts = w->tree->subscripts.at + s->subscripts;
        for (uint32_t k = 0; k < rank; k++) add_reads(w, list, i, subscripts[k], false);
        struct access write = {.array = s->array, .kind = kind_of_update(item), .item = i};
        if (s->kind == STEP_CLEAR) write.kind = ACCESS_SET, write.whole = true;
        add(list, write, subscripts, rank);
    }
    w->failed |= w->stack.failed || w->stamp.failed || list->all.failed || list->subscripts.failed;
}

void access_add_all(struct access_walk *w, struct access_list *list, item_id top) {
    for (item_id i = top; i; i = tree_next(w->tree, i, top)) access_add(w, list, i);
}
