/* Bodies under construction: where the steps of loops and conditions gather until they are closed.
 *
 * Bodies form a stack; each knows the body around it. A step can be added to any open body, so that a
 * reduction which does not depend on the loops around it is computed before them. A condition that gathers no
 * steps leaves nothing behind. */
#ifndef GRADC_SEMA_BODY_H
#define GRADC_SEMA_BODY_H

#include "ir/program.h"

typedef VEC(struct step) step_list;

struct body {
    step_list steps;
    struct step opening; /* LOOP or WHEN; of a root: none */
    uint32_t around;     /* the body around it; itself for a root */
    index_id owner;      /* the innermost loop that it belongs to; 0: none */
    bool guarded;        /* a condition */
};

struct bodies {
    VEC(struct body) stack;
    VEC(node_id) subscripts;
    uint32_t current;
};

/* Opens a body without a loop around it: the program itself, or one that is evaluated at once. */
void bodies_open_root(struct bodies *b);
void bodies_open_loop(struct bodies *b, struct step loop);
void bodies_open_when(struct bodies *b, node_id condition, struct span span);
/* Closes the current body and goes on in body `back`. The steps go to the body around it. */
void bodies_close(struct bodies *b, uint32_t back);
/* Closes a root: its steps go to the program. */
void bodies_close_root(struct bodies *b, uint32_t back, struct program *p);
/* Writes the steps that a body holds so far into a program. */
void bodies_replay(const struct bodies *b, uint32_t body, struct program *p);
/* Leaves the current body out, with all it holds. */
void bodies_discard(struct bodies *b, uint32_t back);
void bodies_update(struct bodies *b, array_id array, const node_id *subscripts, uint32_t rank,
                   enum update_op op, node_id value, struct span span);
void bodies_clear(struct bodies *b, array_id array, node_id value, struct span span);
void bodies_release(struct bodies *b);

static inline struct body *bodies_current(const struct bodies *b) {
    return &b->stack.at[b->current];
}

#endif
