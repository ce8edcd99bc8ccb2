#include "sema/access.h"

#include <stdlib.h>
#include <string.h>

#include "ir/build.h"

enum state {
    UNSEEN,
    CLEAN /* nothing in it can fail */,
    BELOW /* an operand may */,
    RISKY /* it may itself */
};

/* ---- Shapes and definitions ---- */

const struct model_array *access_shape(struct access *a, array_id array) {
    struct model_array *shape = &a->shapes[array];
    const struct array *declared = program_array_at(a->program, array);
    if (!shape->name && !shape_of(a->c, array, declared->name, declared->span, shape)) a->failed = true;
    return shape;
}

/* Whether the array belongs to the file, so that an access to it can be wrong. */
static bool is_named(const struct access *a, array_id array) {
    switch (a->program->arrays.at[array].role) {
    case ROLE_UNKNOWN:
    case ROLE_PARAM:
    case ROLE_COLUMN:
    case ROLE_LET: return true;
    case ROLE_SIZE:
    case ROLE_SEED:
    case ROLE_DIRECTION:
    case ROLE_OBJECTIVE:
    case ROLE_OUTPUT:
    case ROLE_GRADIENT:
    case ROLE_TANGENT:
    case ROLE_TEMPORARY:
    case ROLE_ADJOINT:
    case ROLE_MASK:
    case ROLE_SCAN: break;
    }
    return false;
}

bool access_is_being_defined(const struct access *a, array_id array) {
    const struct definition *d = a->defined[array];
    for (size_t k = 0; d && k < a->open.count; k++) {
        const struct step *s = &a->program->steps.at[a->open.at[k]];
        if (s->kind == STEP_LOOP && s->index == d->indices[0]) return true;
    }
    return false;
}

node_id access_distance(struct access *a, node_id read, uint32_t dimension) {
    struct graph *g = a->graph;
    const struct definition *d = a->defined[node_payload(g, read)];
    node_id subscript = node_operand(g, read, dimension), index = mk_index(g, d->indices[dimension]);
    return d->down[dimension] ? mk_isub(g, index, subscript) : mk_isub(g, subscript, index);
}

/* ---- What intervals prove ---- */

static bool read_is_inside(struct access *a, const struct interval *indices, node_id read) {
    const struct model_array *shape = access_shape(a, node_payload(a->graph, read));
    for (uint32_t k = 0; k < shape->rank && !a->failed; k++) {
        struct interval range;
        node_id subscript = node_operand(a->graph, read, k);
        bool known = indices ? interval_of(a->binding, indices, subscript, &range)
                             : intervals_get(&a->intervals, subscript, &range);
        if (!known) a->failed = true;
        if (range.low > range.high) continue;
        if (range.low < shape->lower[k] || range.high > shape->lower[k] + shape->extent[k] - 1) return false;
    }
    return true;
}

static bool operand_interval(struct access *a, const struct interval *indices, node_id n,
                             struct interval *range) {
    bool known =
        indices ? interval_of(a->binding, indices, n, range) : intervals_get(&a->intervals, n, range);
    if (!known) a->failed = true;
    return known;
}

static bool integer_is_safe(struct access *a, const struct interval *indices, node_id n) {
    struct interval range;
    switch ((int)node_op(a->graph, n)) {
    case OP_IADD:
    case OP_IMUL:
        return operand_interval(a, indices, n, &range) && range.low != INT64_MIN && range.high != INT64_MAX;
    case OP_IDIV: return false;
    case OP_IFLOOR:
    case OP_IMOD:
        return operand_interval(a, indices, node_operand(a->graph, n, 1), &range) &&
               (range.low > 0 || range.high < -1);
    case OP_IABS:
        return operand_interval(a, indices, node_operand(a->graph, n, 0), &range) && range.low != INT64_MIN;
    default: return true;
    }
}

static bool is_safe(struct access *a, const struct interval *indices, node_id n) {
    if (node_op(a->graph, n) != OP_READ) return integer_is_safe(a, indices, n);
    return !is_named(a, node_payload(a->graph, n)) || read_is_inside(a, indices, n);
}

/* Whether an element of a recurrence is read after it has been set. */
static bool looks_back(struct access *a, const struct interval *indices, node_id read) {
    array_id array = node_payload(a->graph, read);
    const struct definition *d = a->defined[array];
    bool other = array != a->defining;
    for (uint32_t k = 0; k < (other ? 1 : d->rank); k++) {
        struct interval distance;
        if (!interval_of(a->binding, indices, access_distance(a, read, k), &distance)) a->failed = true;
        if (distance.low > distance.high || distance.high < 0) return true;
        if (distance.low != 0 || distance.high != 0) {
            /* Earlier or the same: enough where the same is allowed. */
            return other && distance.high == 0 && d->position < a->position;
        }
    }
    return other && d->position < a->position;
}

/* ---- States of nodes ---- */

static uint8_t find_state(struct access *a, node_id n) {
    bool ordered = node_op(a->graph, n) == OP_READ && a->defined[node_payload(a->graph, n)];
    if (ordered || !is_safe(a, NULL, n)) return RISKY;
    for (uint32_t k = 0; k < node_count(a->graph, n); k++)
        if (a->state.at[node_operand(a->graph, n, k)] != CLEAN) return BELOW;
    return CLEAN;
}

static bool make_room(struct access *a) {
    size_t count = graph_count(a->graph), old = a->state.count;
    if (count <= old) return true;
    if (!VEC_RESERVE(&a->state, count) || !VEC_RESERVE(&a->guard, count)) {
        a->failed = true;
        return false;
    }
    memset(a->state.at + old, UNSEEN, (count - old) * sizeof *a->state.at);
    memset(a->guard.at + old, 0, (count - old) * sizeof *a->guard.at);
    a->state.count = a->guard.count = count;
    return true;
}

/* Gives every node of an expression its state. */
static void find_states(struct access *a, node_id root) {
    a->stack.count = 0;
    VEC_PUSH(&a->stack, root);
    while (a->stack.count > 0 && !a->failed) {
        node_id n = VEC_LAST(&a->stack);
        bool waiting = false;
        for (uint32_t k = 0; a->state.at[n] == UNSEEN && k < node_count(a->graph, n); k++) {
            node_id operand = node_operand(a->graph, n, k);
            if (a->state.at[operand] != UNSEEN) continue;
            VEC_PUSH(&a->stack, operand);
            waiting = true;
        }
        if (waiting) continue;
        if (a->state.at[n] == UNSEEN) a->state.at[n] = find_state(a, n);
        a->stack.count--;
    }
    a->failed |= a->stack.failed;
}

/* ---- Guards ---- */

/* Lists what may fail in an expression, operands before users. */
static void list_risks(struct access *a, node_id root) {
    a->stack.count = a->order.count = 0;
    VEC_PUSH(&a->stack, root);
    while (a->stack.count > 0) {
        node_id n = VEC_LAST(&a->stack);
        bool waiting = false;
        for (uint32_t k = 0; !a->guard.at[n] && k < node_count(a->graph, n); k++) {
            node_id operand = node_operand(a->graph, n, k);
            if (a->state.at[operand] == CLEAN || a->guard.at[operand]) continue;
            VEC_PUSH(&a->stack, operand);
            waiting = true;
        }
        if (waiting) continue;
        if (!a->guard.at[n]) VEC_PUSH(&a->order, n);
        a->guard.at[n] = UINT32_MAX; /* listed, no guard yet */
        a->stack.count--;
    }
    a->failed |= a->stack.failed || a->order.failed;
}

/* The condition under which operand k of a node is evaluated where the node is. */
static node_id edge_guard(struct access *a, node_id n, uint32_t k) {
    struct graph *g = a->graph;
    enum op op = node_op(g, n);
    bool select = op == OP_SELECT || op == OP_ISELECT;
    if (k == 0 || (!select && op != OP_AND && op != OP_OR)) return mk_bool(g, true);
    bool holds = select ? k == 1 : op == OP_AND;
    return access_project(a, node_operand(g, n, 0), holds);
}

static void spread_guard(struct access *a, node_id n) {
    for (uint32_t k = 0; k < node_count(a->graph, n); k++) {
        node_id operand = node_operand(a->graph, n, k);
        if (a->state.at[operand] == CLEAN) continue;
        node_id guard = mk_and(a->graph, a->guard.at[n], edge_guard(a, n, k));
        node_id before = a->guard.at[operand];
        a->guard.at[operand] = before == UINT32_MAX ? guard : mk_or(a->graph, before, guard);
    }
}

/* ---- Checks ---- */

static void check_risk(struct access *a, node_id n) {
    struct demand demand = {.node = n, .guard = a->guard.at[n]};
    struct interval *indices = access_refine(a, demand.guard);
    bool ordered = node_op(a->graph, n) == OP_READ && access_is_being_defined(a, node_payload(a->graph, n));
    bool safe = indices && is_safe(a, indices, n);
    bool back = indices && (!ordered || looks_back(a, indices, n));
    free(indices);
    if (a->failed || (safe && back)) return;
    demand.order = ordered;
    access_run(a, &demand);
}

static void check_expression(struct access *a, node_id root) {
    if (!root || a->failed || !make_room(a)) return;
    find_states(a, root);
    if (a->failed || a->state.at[root] == CLEAN) return;
    list_risks(a, root);
    if (a->failed) return;
    a->guard.at[root] = mk_bool(a->graph, true);
    for (size_t k = a->order.count; k > 0; k--) spread_guard(a, a->order.at[k - 1]);
    unsigned errors = a->c->diags->errors;
    for (size_t k = 0; k < a->order.count && a->c->diags->errors == errors; k++)
        if (a->state.at[a->order.at[k]] == RISKY) check_risk(a, a->order.at[k]);
    for (size_t k = 0; k < a->order.count; k++) a->guard.at[a->order.at[k]] = 0;
}

/* ---- Steps ---- */

/* The array of a recurrence that a step belongs to: the first that is set from here on in the same loop. */
static void find_defining(struct access *a) {
    a->defining = 0;
    bool inside = false;
    for (size_t k = 0; k < a->open.count && !inside; k++) {
        const struct step *s = &a->program->steps.at[a->open.at[k]];
        inside = s->kind == STEP_LOOP && a->leads[s->index];
    }
    for (size_t at = a->step; inside && at < a->program->steps.count; at++) {
        const struct step *s = &a->program->steps.at[at];
        if (s->kind != STEP_UPDATE || !a->defined[s->array] || !access_is_being_defined(a, s->array))
            continue;
        a->defining = s->array;
        a->position = a->defined[s->array]->position;
        return;
    }
}

static void check_loop(struct access *a, const struct step *s) {
    struct interval by;
    check_expression(a, s->lower);
    check_expression(a, s->upper);
    check_expression(a, s->by);
    if (!intervals_get(&a->intervals, s->by, &by)) a->failed = true;
    if (by.low <= 0 && by.high >= 0) {
        struct demand demand = {.node = s->by, .guard = mk_bool(a->graph, true)};
        access_run(a, &demand);
    }
}

static void enter(struct access *a, uint32_t at) {
    const struct step *s = &a->program->steps.at[at];
    if (s->kind == STEP_LOOP && !interval_of_loop(a->binding, a->indices, s, &a->indices[s->index]))
        a->failed = true;
    if (!VEC_PUSH(&a->open, at)) a->failed = true;
}

static void check_step(struct access *a, uint32_t at) {
    const struct step *s = &a->program->steps.at[at];
    a->step = at;
    switch (s->kind) {
    case STEP_UPDATE:
        for (uint32_t k = 0; k < a->program->arrays.at[s->array].rank; k++)
            check_expression(a, step_subscripts(a->program, s)[k]);
        check_expression(a, s->value);
        break;
    case STEP_CLEAR: check_expression(a, s->value); break;
    case STEP_LOOP:
        check_loop(a, s);
        enter(a, at);
        break;
    case STEP_WHEN:
        check_expression(a, s->condition);
        enter(a, at);
        break;
    case STEP_END: a->open.count--; break;
    }
}

static bool prepare(struct access *a) {
    struct checker *c = a->c;
    a->indices = calloc(a->program->indices.count + 1, sizeof *a->indices);
    a->intervals = (struct intervals){.binding = a->binding, .indices = a->indices};
    a->shapes = calloc(a->program->arrays.count + 1, sizeof *a->shapes);
    a->defined = calloc(a->program->arrays.count + 1, sizeof *a->defined);
    a->leads = calloc(a->program->indices.count + 1, sizeof *a->leads);
    if (!a->indices || !a->shapes || !a->defined || !a->leads) return false;
    for (size_t k = 0; k < a->program->indices.count; k++)
        a->indices[k] = (struct interval){INT64_MIN, INT64_MAX};
    for (size_t k = 0; k < c->definitions.count; k++) {
        a->defined[c->definitions.at[k].array] = &c->definitions.at[k];
        a->leads[c->definitions.at[k].indices[0]] = true;
    }
    return walk_init(&a->walk, a->program, a->binding, NULL, NULL, c->diags);
}

static void release(struct access *a) {
    free(a->indices);
    free(a->shapes);
    free(a->defined);
    free(a->leads);
    intervals_release(&a->intervals);
    walk_release(&a->walk);
    VEC_FREE(&a->open);
    VEC_FREE(&a->projected);
    VEC_FREE(&a->stack);
    VEC_FREE(&a->order);
    VEC_FREE(&a->guard);
    VEC_FREE(&a->state);
}

void check_accesses(struct checker *c, struct program *p, const struct binding *binding) {
    struct access a = {.c = c, .program = p, .graph = c->graph, .binding = binding};
    bool recurrences = c->definitions.count > 0;
    a.failed = !prepare(&a);
    for (uint32_t at = 0; !a.failed && at < a.program->steps.count; at++) {
        a.step = at;
        if (recurrences) find_defining(&a);
        check_step(&a, at);
    }
    a.open.count = 0;
    for (size_t k = 0; !a.failed && k < c->never_empty.count; k++)
        access_never_empty(&a, &c->never_empty.at[k]);
    if (a.failed && !diag_has_errors(c->diags)) c->arena->failed = true;
    release(&a);
}
