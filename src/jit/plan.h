/* The cut of linear code into functions.
 *
 * LLVM's cost grows faster than the length of a function, so long stretches are cut into pieces that are
 * functions of their own, nested as the code is. Loops are what its passes are for: a short one that stands
 * in a stretch to be cut becomes a function that is optimised. */
#ifndef GRADC_JIT_PLAN_H
#define GRADC_JIT_PLAN_H

#include "schedule/code.h"

enum { PIECE_LENGTH = 1024, LONGEST_SEQUENCE = 1536 };

struct piece {
    uint32_t begin, end; /* instructions, end exclusive; other pieces may lie within */
    bool optimise;
};

struct plan {
    VEC(struct piece) pieces; /* those within another come before it; the last is the whole code */
    uint32_t *home;           /* by register: the piece that sets it */
    uint32_t *slot;       /* by register: place in the scratch memory plus 1, where it is used elsewhere */
    uint32_t *local_slot; /* by array: likewise, of local scalars of cut code */
    size_t slots;
    size_t weight; /* of the whole code */
};

/* False where memory is exhausted. */
bool plan_make(struct plan *plan, const struct code *code);
void plan_release(struct plan *plan);

#endif
