#include "ir/prune.h"

#include <string.h>

void read_walk_init(struct read_walk *walk, const struct graph *graph) {
    *walk = (struct read_walk){.graph = graph};
}

void read_walk_release(struct read_walk *walk) {
    LARGE_FREE(&walk->marks);
    node_queue_release(&walk->queue);
}

void read_walk_enter(struct read_walk *walk, uint32_t body) {
    walk->body = body + 1;
}

static bool lengthen(struct read_walk *walk) {
    size_t from = walk->marks.count, to = graph_count(walk->graph);
    if (!LARGE_RESERVE(&walk->marks, to)) return false;
    memset(walk->marks.at + from, 0, (to - from) * sizeof *walk->marks.at);
    walk->marks.count = to;
    return true;
}

static bool mark(struct read_walk *walk, node_id n) {
    if (n >= walk->marks.count && !lengthen(walk)) return false;
    if (walk->marks.at[n] == walk->body) return false;
    walk->marks.at[n] = walk->body;
    return true;
}

bool read_walk_add(struct read_walk *walk, node_id root, void (*visit)(void *context, node_id leaf),
                   void *context) {
    if (root) node_queue_add(&walk->queue, root);
    for (node_id n; (n = node_queue_take(&walk->queue)) != 0;) {
        if (!mark(walk, n)) continue;
        if (node_op(walk->graph, n) == OP_READ || node_op(walk->graph, n) == OP_INDEX) visit(context, n);
        for (uint32_t k = 0; k < node_count(walk->graph, n); k++)
            node_queue_add(&walk->queue, node_operand(walk->graph, n, k));
    }
    return !walk->queue.failed && !walk->marks.failed;
}

/* A local array is live per loop step that owns it; scope 0 stands for the whole program. */
struct live {
    array_id array;
    uint32_t scope;
};

struct pruner {
    const struct program *p;
    struct read_walk walk;
    VEC(uint32_t) enclosing; /* per step: the loop or condition around it, plus 1; 0: none */
    VEC(uint32_t) body;      /* per step: the loop around it, plus 1; 0: none */
    VEC(bool) useful;
    VEC(struct live) live;
    VEC(uint32_t) first_live; /* per array: its entries in live, chained by next, plus 1 */
    VEC(uint32_t) next_live;
    uint32_t at; /* the step whose reads are being marked */
    bool changed;
};

/* The step of the loop that owns the array around step `at`, plus 1. */
static uint32_t scope_of(const struct pruner *pr, array_id array, uint32_t at) {
    index_id owner = pr->p->arrays.at[array].owner;
    if (!owner) return 0;
    uint32_t scope = pr->enclosing.at[at];
    const struct step *step = &pr->p->steps.at[at];
    if (step->kind == STEP_LOOP && step->index == owner) return at + 1;
    while (scope) {
        const struct step *around = &pr->p->steps.at[scope - 1];
        if (around->kind == STEP_LOOP && around->index == owner) return scope;
        scope = pr->enclosing.at[scope - 1];
    }
    return 0;
}

static bool is_live(const struct pruner *pr, array_id array, uint32_t scope) {
    for (uint32_t i = pr->first_live.at[array]; i; i = pr->next_live.at[i - 1]) {
        if (pr->live.at[i - 1].scope == scope) return true;
    }
    return false;
}

static void make_live(struct pruner *pr, array_id array, uint32_t scope) {
    if (is_live(pr, array, scope)) return;
    struct live live = {array, scope};
    VEC_PUSH(&pr->live, live);
    VEC_PUSH(&pr->next_live, pr->first_live.at[array]);
    pr->first_live.at[array] = (uint32_t)pr->live.count;
    pr->changed = true;
}

static void visit_read(void *context, node_id read) {
    struct pruner *pr = context;
    if (node_op(pr->p->graph, read) != OP_READ) return;
    array_id array = node_payload(pr->p->graph, read);
    make_live(pr, array, scope_of(pr, array, pr->at));
}

static void mark_reads(struct pruner *pr, uint32_t at) {
    const struct step *step = &pr->p->steps.at[at];
    pr->at = at;
    read_walk_enter(&pr->walk, pr->body.at[at]);
    const node_id roots[] = {step->value, step->lower, step->upper, step->by, step->condition};
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++)
        read_walk_add(&pr->walk, roots[i], visit_read, pr);
    for (uint32_t k = 0; step->kind == STEP_UPDATE && k < pr->p->arrays.at[step->array].rank; k++)
        read_walk_add(&pr->walk, step_subscripts(pr->p, step)[k], visit_read, pr);
}

/* Keeps the step and everything around it. */
static void keep(struct pruner *pr, uint32_t at) {
    while (!pr->useful.at[at]) {
        pr->useful.at[at] = true;
        mark_reads(pr, at);
        if (!pr->enclosing.at[at]) return;
        at = pr->enclosing.at[at] - 1;
    }
}

static void one_round(struct pruner *pr) {
    for (size_t i = pr->p->steps.count; i-- > 0;) {
        const struct step *step = &pr->p->steps.at[i];
        if (pr->useful.at[i] || (step->kind != STEP_UPDATE && step->kind != STEP_CLEAR)) continue;
        if (is_live(pr, step->array, scope_of(pr, step->array, (uint32_t)i))) keep(pr, (uint32_t)i);
    }
}

static void find_enclosing(struct pruner *pr) {
    uint32_t open = 0, body = 0;
    for (size_t i = 0; i < pr->p->steps.count; i++) {
        const struct step *step = &pr->p->steps.at[i];
        if (step->kind == STEP_END) {
            open = pr->enclosing.at[step->partner];
            body = pr->body.at[step->partner];
        }
        VEC_PUSH(&pr->enclosing, open);
        VEC_PUSH(&pr->body, body);
        bool no = false;
        VEC_PUSH(&pr->useful, no);
        if (step->kind == STEP_LOOP || step->kind == STEP_WHEN) open = (uint32_t)i + 1;
        if (step->kind == STEP_LOOP) body = open;
    }
    for (size_t i = 0; i < pr->p->arrays.count; i++) {
        uint32_t none = 0;
        VEC_PUSH(&pr->first_live, none);
    }
}

static void copy_useful(struct program *out, const struct pruner *pr) {
    for (size_t i = 0; i < pr->p->steps.count; i++) {
        const struct step *step = &pr->p->steps.at[i];
        bool wanted = step->kind == STEP_END ? pr->useful.at[step->partner] : pr->useful.at[i];
        if (wanted) program_copy_step(out, pr->p, step);
    }
}

static void mark_unused(struct program *out, const struct pruner *pr) {
    for (array_id a = 1; a < out->arrays.count; a++) out->arrays.at[a].unused = pr->first_live.at[a] == 0;
}

bool program_prune(struct program *out, const struct program *p, const array_id *outputs,
                   size_t output_count) {
    struct pruner pr = {.p = p};
    program_like(out, p);
    read_walk_init(&pr.walk, p->graph);
    find_enclosing(&pr);
    bool enough =
        !pr.enclosing.failed && !pr.body.failed && !pr.useful.failed && !pr.first_live.failed && !out->failed;
    for (size_t i = 0; enough && i < output_count; i++) make_live(&pr, outputs[i], 0);
    pr.changed = enough;
    while (pr.changed) {
        pr.changed = false;
        one_round(&pr);
        if (pr.live.failed || pr.next_live.failed || pr.walk.marks.failed || pr.walk.queue.failed)
            pr.changed = enough = false;
    }
    if (enough) {
        copy_useful(out, &pr);
        mark_unused(out, &pr);
    }
    read_walk_release(&pr.walk);
    VEC_FREE(&pr.enclosing);
    VEC_FREE(&pr.body);
    VEC_FREE(&pr.useful);
    VEC_FREE(&pr.live);
    VEC_FREE(&pr.first_live);
    VEC_FREE(&pr.next_live);
    return enough && !out->failed;
}
