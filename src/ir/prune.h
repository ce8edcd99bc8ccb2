/* Dead steps: those that contribute to no wanted output.
 *
 * Input: a program and the output arrays to keep. Output: a program with the same arrays and indices in which
 * only steps remain whose result is read, directly or through others, by a wanted output; arrays that nothing
 * touches any more are marked unused. A local array counts as read only within the same execution of its
 * owner's body. Linear in the program but for the number of rounds until nothing changes (two or three). */
#ifndef GRADC_IR_PRUNE_H
#define GRADC_IR_PRUNE_H

#include "ir/node_queue.h"
#include "ir/program.h"

/* False where memory is exhausted. */
bool program_prune(struct program *out, const struct program *p, const array_id *outputs,
                   size_t output_count);

/* Visits the leaves that expressions depend on, conditions and subscripts included: array reads and loop
 * indices. A node that was visited for a body is not visited again for it, so that shared nodes are walked
 * once a body. */
struct read_walk {
    const struct graph *graph;
    LARGE(uint32_t) marks;
    struct node_queue queue;
    uint32_t body;
};
void read_walk_init(struct read_walk *walk, const struct graph *graph);
void read_walk_release(struct read_walk *walk);
/* What follows belongs to the body with this number: one number per loop, 0 for the top level. */
void read_walk_enter(struct read_walk *walk, uint32_t body);
/* Adds those of an expression; root 0 has none. False where memory is exhausted. */
bool read_walk_add(struct read_walk *walk, node_id root, void (*visit)(void *context, node_id read),
                   void *context);

#endif
