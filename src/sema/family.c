#include "sema/family.h"

#include <stdlib.h>

#include "eval/interval.h"
#include "ir/build.h"

static bool has_index(struct checker *c, node_id root) {
    VEC(node_id) stack = {0};
    bool found = !VEC_PUSH(&stack, root);
    while (stack.count > 0 && !found) {
        node_id n = VEC_POP(&stack);
        found = node_op(c->graph, n) == OP_INDEX;
        for (uint32_t k = 0; k < node_count(c->graph, n) && !found; k++)
            found = !VEC_PUSH(&stack, node_operand(c->graph, n, k));
    }
    VEC_FREE(&stack);
    return found;
}

/* The loops that are open between the family's surroundings and here, from the outside. */
static bool moving_interval(struct checker *c, const struct family *family, struct interval *result) {
    struct binding binding;
    size_t count = c->program->indices.count;
    struct interval *indices = calloc(count + 1, sizeof *indices);
    bool good = indices && bind_inputs(c, &binding, c->program);
    *result = (struct interval){1, 0};
    for (uint32_t b = family->back + 1; good && b <= c->bodies.current; b++) {
        const struct body *body = &c->bodies.stack.at[b];
        if (body->guarded) continue;
        good = interval_of_loop(&binding, indices, &body->opening, result);
        indices[body->opening.index] = *result;
    }
    if (indices) binding_release(&binding);
    free(indices);
    return good;
}

/* The dimension of the loop that was opened last. */
static bool add_dimension(struct checker *c, struct family *family, const struct step *loop, bool filtered) {
    struct graph *g = c->graph;
    bool moves = has_index(c, loop->lower) || has_index(c, loop->upper) || !node_is_int(g, loop->by, 1);
    struct dimension dim = {loop->lower, loop->upper};
    struct interval interval;
    if (moves) {
        if (!moving_interval(c, family, &interval)) return false;
        bool empty = interval.low > interval.high;
        dim.lower = mk_int(g, empty ? 1 : interval.low);
        dim.upper = mk_int(g, empty ? 0 : interval.high);
    }
    family->regular &= !moves && !filtered;
    family->subscripts[family->rank] = mk_index(g, loop->index);
    family->dims[family->rank++] = dim;
    return true;
}

static struct step read_loop(struct checker *c, const struct ast_range *range) {
    struct step loop = {.order = ORDER_FREE, .span = range->span};
    loop.lower = lower(c, range->from, WANT_INTEGER);
    loop.upper = lower(c, range->to, WANT_INTEGER);
    loop.by = range->by ? lower(c, range->by, WANT_INTEGER) : mk_int(c->graph, 1);
    loop.index = program_index(c->program, range->name, range->name_span);
    if (node_is_int(c->graph, loop.by, 0)) {
        diag_error(c->diags, "zero-step", range->by->span, "a range cannot advance by 0");
        loop.by = mk_int(c->graph, 1);
    }
    return loop;
}

static bool open_range(struct checker *c, struct family *family, const struct ast_range *range) {
    unsigned errors = c->diags->errors;
    struct step loop = read_loop(c, range);
    bodies_open_loop(&c->bodies, loop);
    struct local local = {.name = range->name,
                          .span = range->name_span,
                          .integer = true,
                          .value = mk_index(c->graph, loop.index),
                          .level = c->bodies.current};
    scope_push(&c->scope, local, c->diags);
    if (c->diags->errors != errors || !add_dimension(c, family, &loop, range->filter != NULL)) return false;
    if (range->filter)
        bodies_open_when(&c->bodies, lower(c, range->filter, WANT_CONDITION), range->filter->span);
    return c->diags->errors == errors;
}

bool family_open(struct checker *c, struct family *family, const struct ast_statement *s) {
    *family = (struct family){.regular = true,
                              .dims = ARENA_ARRAY(c->arena, struct dimension, s->range_count + 1),
                              .subscripts = ARENA_ARRAY(c->arena, node_id, s->range_count + 1),
                              .back = c->bodies.current,
                              .locals = c->scope.locals.count};
    bool good = family->dims && family->subscripts;
    for (uint32_t k = 0; good && k < s->range_count; k++) good = open_range(c, family, &s->ranges[k]);
    if (!good) family_close(c, family);
    return good;
}

void family_close(struct checker *c, const struct family *family) {
    while (c->bodies.current != family->back) bodies_close(&c->bodies, bodies_current(&c->bodies)->around);
    c->scope.locals.count = family->locals;
}

array_id family_array(struct checker *c, const struct family *family, const char *name, struct span span) {
    struct dimensions dims = {.at = family->dims, .rank = family->rank};
    array_id array = new_array(c, name, ROLE_OUTPUT, TYPE_REAL, &dims, span);
    uint32_t here = c->bodies.current;
    if (family->regular) return array;
    c->bodies.current = family->back;
    bodies_clear(&c->bodies, array, mk_zero(c->graph), span);
    c->bodies.current = here;
    return array;
}

void family_set(struct checker *c, const struct family *family, array_id array, node_id value,
                struct span span) {
    enum update_op op = family->regular ? UPDATE_SET : UPDATE_ADD;
    bodies_update(&c->bodies, array, family->subscripts, family->rank, op, value, span);
}
