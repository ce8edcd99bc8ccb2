/* The reference interpreter under observation: tells of every comparison and of every operation with a kink
 * whose operands depend on the unknowns. */
#ifndef GRADC_CHECK_WATCH_H
#define GRADC_CHECK_WATCH_H

#include "check/reach.h"
#include "eval/reference.h"

struct watch_event {
    node_id node; /* 0: an extremum that a step accumulates */
    const struct step *step;
    enum op op;                        /* of a step OP_MAX or OP_MIN */
    double distance;                   /* from the kink, see struct precise */
    const struct precise_value *a, *b; /* what is compared; of one operand a alone; NULL: more than two */
};

struct watched {
    struct reference reference; /* first: the interpreter takes this for its own */
    struct walk_reals reals, original;
    const struct reach *reach;
    void (*met)(void *context, struct watched *w, const struct watch_event *event);
    void *context;
};

/* With reach, met and context set. False where memory is exhausted. */
bool watched_init(struct watched *w, const struct program *p, const struct binding *b, mpfr_prec_t bits,
                  struct diag_list *diags);
void watched_release(struct watched *w);
/* Numbers the present iteration: the indices of all loops, as a hash. */
uint64_t watched_iteration(const struct watched *w);
/* Whether a run may tell of anything: what has a kink depends on unknowns. */
bool watch_is_needed(const struct program *p, const struct reach *reach);

#endif
