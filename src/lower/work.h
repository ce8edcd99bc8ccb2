/* About how much a loop computes, and what it reads. */
#ifndef GRADC_LOWER_WORK_H
#define GRADC_LOWER_WORK_H

#include "eval/interval.h"

/* One for all loops of a program. */
struct work {
    const struct program *p;
    const struct binding *inputs; /* whole numbers that are given tell how often inner loops run */
    struct interval *indices;     /* by index: the middle of the loop entered last */
    uint32_t *seen;               /* by node: the number of the loop that it was last seen in */
    size_t nodes;                 /* how many had been made */
    uint32_t loop;
    VEC(node_id) reads; /* of the loop looked at last, inputs too; each once */
    VEC(node_id) stack;
    VEC(double) around; /* weights */
};

/* False where memory is exhausted; release it all the same. */
bool work_init(struct work *w, const struct program *p, const struct binding *inputs);
void work_release(struct work *w);
/* Looks at a loop, by its step: gives the weight of all its iterations, in additions. Loops in it whose
 * ranges depend on the index of another one count as in the middle of that, and both sides of a condition
 * count. False where memory is exhausted. */
bool work_of(struct work *w, uint32_t loop, double *weight, double *trips);

#endif
