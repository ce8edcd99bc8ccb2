/* The cut of linear code into functions.
 *
 * The cost of a compiler grows faster than the length of a function, so long stretches are cut into pieces
 * that are functions of their own, nested as the code is. What one piece computes and another uses goes
 * through scratch memory, whose slots hold a number each. */
#ifndef GRADC_SCHEDULE_PLAN_H
#define GRADC_SCHEDULE_PLAN_H

#include "schedule/code.h"

/* What suits a compiler, in instructions. Loops of ORDER_APART are pieces of their own whatever their length:
 * each thread runs them with scratch memory of its own. */
struct plan_limits {
    uint32_t longest_sequence; /* bodies are cut only where they are longer, */
    uint32_t piece_length;     /* into pieces of about this length */
    bool loops_apart;          /* a short loop in a body that is cut becomes a piece of its own */
};

struct piece {
    uint32_t begin, end; /* instructions, end exclusive; other pieces may lie within */
    uint32_t parent;     /* the innermost piece around it; of the last one: itself */
    bool is_loop;        /* a loop that stands apart, or the whole where nothing is cut */
    bool is_shared;      /* a loop whose iterations may run in several threads */
    uint32_t range_slot; /* of such a loop: the slot plus 1 of its first iteration; the last one is behind */
    array_id *arrays;    /* arrays with storage that it uses itself, in order of first use */
    uint32_t array_count;
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
bool plan_make(struct plan *plan, const struct code *code, const struct plan_limits *limits);
void plan_release(struct plan *plan);

/* The outermost piece inside of `piece` that begins at an instruction; `piece` where none does. */
uint32_t plan_piece_at(const struct plan *plan, uint32_t piece, uint32_t instruction);

#endif
