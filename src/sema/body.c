#include "sema/body.h"

static void open_body(struct bodies *b, struct step opening, bool guarded, index_id owner, uint32_t around) {
    struct body body = {.opening = opening, .around = around, .owner = owner, .guarded = guarded};
    if (VEC_PUSH(&b->stack, body)) b->current = (uint32_t)b->stack.count - 1;
}

void bodies_open_root(struct bodies *b) {
    open_body(b, (struct step){.kind = STEP_END}, false, 0, (uint32_t)b->stack.count);
}

void bodies_open_loop(struct bodies *b, struct step loop) {
    loop.kind = STEP_LOOP;
    open_body(b, loop, false, loop.index, b->current);
}

void bodies_open_when(struct bodies *b, node_id condition, struct span span) {
    struct step when = {.kind = STEP_WHEN, .condition = condition, .span = span};
    open_body(b, when, true, bodies_current(b)->owner, b->current);
}

static void append(struct body *to, const struct body *from) {
    if (!VEC_RESERVE(&to->steps, to->steps.count + from->steps.count + 2)) return;
    VEC_PUSH(&to->steps, from->opening);
    for (size_t k = 0; k < from->steps.count; k++) VEC_PUSH(&to->steps, from->steps.at[k]);
    VEC_PUSH(&to->steps, ((struct step){.kind = STEP_END}));
}

void bodies_discard(struct bodies *b, uint32_t back) {
    VEC_FREE(&VEC_LAST(&b->stack).steps);
    b->stack.count--;
    b->current = back;
}

void bodies_close(struct bodies *b, uint32_t back) {
    struct body *body = &VEC_LAST(&b->stack);
    if (!body->guarded || body->steps.count > 0) append(&b->stack.at[body->around], body);
    bodies_discard(b, back);
}

static void replay(struct program *p, const struct bodies *b, const struct step *s) {
    switch (s->kind) {
    case STEP_UPDATE:
        program_update(p, s->array, b->subscripts.at ? b->subscripts.at + s->subscripts : NULL, s->op,
                       s->value, s->span);
        break;
    case STEP_CLEAR: program_clear(p, s->array, s->value, s->span); break;
    case STEP_LOOP: program_loop(p, s->index, s->lower, s->upper, s->by, s->order, s->span); break;
    case STEP_WHEN: program_when(p, s->condition, s->span); break;
    case STEP_END: program_end(p); break;
    }
}

void bodies_replay(const struct bodies *b, uint32_t body, struct program *p) {
    const struct body *from = &b->stack.at[body];
    for (size_t k = 0; k < from->steps.count; k++) replay(p, b, &from->steps.at[k]);
}

void bodies_close_root(struct bodies *b, uint32_t back, struct program *p) {
    bodies_replay(b, (uint32_t)b->stack.count - 1, p);
    bodies_discard(b, back);
}

void bodies_update(struct bodies *b, array_id array, const node_id *subscripts, uint32_t rank,
                   enum update_op op, node_id value, struct span span) {
    struct step step = {.kind = STEP_UPDATE,
                        .array = array,
                        .op = op,
                        .value = value,
                        .span = span,
                        .subscripts = (uint32_t)b->subscripts.count};
    for (uint32_t k = 0; k < rank; k++) VEC_PUSH(&b->subscripts, subscripts[k]);
    VEC_PUSH(&bodies_current(b)->steps, step);
}

void bodies_clear(struct bodies *b, array_id array, node_id value, struct span span) {
    struct step step = {.kind = STEP_CLEAR, .array = array, .value = value, .span = span};
    VEC_PUSH(&bodies_current(b)->steps, step);
}

void bodies_release(struct bodies *b) {
    while (b->stack.count > 0) bodies_discard(b, 0);
    VEC_FREE(&b->stack);
    VEC_FREE(&b->subscripts);
}
