#include "check/watch.h"

#include <math.h>

#include "eval/precise_error.h"

/* Functions made of others have kinks only where these are meant: sigmoid chooses by sign, and is smooth. */
static bool has_kinks(enum op op) {
    switch ((int)op) {
    case OP_ABS:
    case OP_SIGN:
    case OP_FLOOR:
    case OP_CEIL:
    case OP_ROUND:
    case OP_TRUNC:
    case OP_MIN:
    case OP_MAX:
    case OP_CLAMP:
    case OP_HUBER:
    case OP_MOD:
    case OP_HYPOT: return true;
    default: return false;
    }
}

bool watch_is_needed(const struct program *p, const struct reach *reach) {
    for (node_id n = 1; n < p->graph->nodes.count; n++)
        if ((has_kinks(node_op(p->graph, n)) || node_compares_reals(p->graph, n)) &&
            reach_operand_varies(reach, p->graph, n))
            return true;
    for (size_t k = 0; k < p->steps.count; k++) {
        const struct step *step = &p->steps.at[k];
        bool extremum = step->op == UPDATE_MAX || step->op == UPDATE_MIN;
        if (step->kind == STEP_UPDATE && extremum && reach->varies[step->value]) return true;
    }
    return false;
}

static bool varies(const struct watched *w, node_id n) {
    return reach_operand_varies(w->reach, w->reference.walk.graph, n);
}

static void tell(struct watched *w, node_id n, double distance) {
    const struct reference *r = &w->reference;
    const struct graph *g = r->walk.graph;
    uint32_t count = node_count(g, n);
    struct watch_event event = {.node = n, .op = node_op(g, n), .distance = distance};
    if (count <= 2) event.a = &r->values[node_operand(g, n, 0)];
    if (count == 2) event.b = &r->values[node_operand(g, n, 1)];
    w->met(w->context, w, &event);
}

static bool operation(void *context, node_id n) {
    struct watched *w = context;
    struct precise *pr = &w->reference.precise;
    const struct graph *g = w->reference.walk.graph;
    double before = pr->kink;
    pr->kink = HUGE_VAL;
    bool done = w->original.operation(&w->reference, n);
    if (done && node_op(g, n) == OP_HYPOT)
        pr->kink = fabs(mpfr_get_d(w->reference.values[n].value, MPFR_RNDN));
    if (done && pr->kink < HUGE_VAL && has_kinks(node_op(g, n)) && varies(w, n)) tell(w, n, pr->kink);
    pr->kink = fmin(pr->kink, before);
    return done;
}

static bool compare(void *context, node_id n) {
    struct watched *w = context;
    struct precise *pr = &w->reference.precise;
    double before = pr->kink;
    pr->kink = HUGE_VAL;
    bool holds = w->original.compare(&w->reference, n);
    if (pr->kink < HUGE_VAL && varies(w, n)) tell(w, n, pr->kink);
    pr->kink = fmin(pr->kink, before);
    return holds;
}

static void update(void *context, const struct step *step, size_t element) {
    struct watched *w = context;
    struct reference *r = &w->reference;
    double before = r->precise.kink;
    bool extremum = step->op == UPDATE_MAX || step->op == UPDATE_MIN;
    r->precise.kink = HUGE_VAL;
    if (extremum && r->stored[step->array] && w->reach->varies[step->value] &&
        !r->walk.program->arrays.at[step->array].constant_in_derivatives) {
        struct watch_event event = {.step = step,
                                    .op = step->op == UPDATE_MAX ? OP_MAX : OP_MIN,
                                    .a = &r->stored[step->array][element],
                                    .b = &r->values[step->value]};
        kink_between(&r->precise, event.a->value, event.b->value);
        event.distance = r->precise.kink;
        w->met(w->context, w, &event);
    }
    w->original.update(&w->reference, step, element);
    r->precise.kink = fmin(r->precise.kink, before);
}

bool watched_init(struct watched *w, const struct program *p, const struct binding *b, mpfr_prec_t bits,
                  struct diag_list *diags) {
    if (!reference_init(&w->reference, p, b, bits, diags)) return false;
    w->original = w->reals = *w->reference.walk.reals;
    w->reals.operation = operation;
    w->reals.compare = compare;
    w->reals.update = update;
    w->reference.walk.reals = &w->reals;
    w->reference.walk.context = w;
    return true;
}

void watched_release(struct watched *w) {
    reference_release(&w->reference);
}

uint64_t watched_iteration(const struct watched *w) {
    const struct walk *walk = &w->reference.walk;
    uint64_t hash = 0;
    for (size_t k = 1; k < walk->program->indices.count; k++) {
        hash = (hash ^ (uint64_t)walk->index_values[k]) * 0xBF58476D1CE4E5B9u;
        hash ^= hash >> 29;
    }
    return hash;
}
