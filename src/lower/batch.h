/* A program at many points, program to program: one loop over points around all of it, whose iterations may
 * run in any order, and so in vector lanes.
 *
 * Input: a program that passes program_verify. Output: a program that reads, per unknown, an array with one
 * dimension more, the last, over points 1..count, and sets such arrays of the objective and of the
 * derivatives by the unknowns. What the program computes lives in an iteration, in the same operations; other
 * inputs stay. Its size does not depend on how many points there are. */
#ifndef GRADC_LOWER_BATCH_H
#define GRADC_LOWER_BATCH_H

#include "ir/program.h"

struct batch_request {
    array_id objective; /* a number */
    const array_id *unknowns;
    size_t unknown_count;
    size_t most; /* points */
};

struct batch_arrays {
    array_id count;     /* input: how many points, a whole number from 0 to `most` */
    array_id values;    /* output: 1..most */
    array_id *points;   /* inputs by unknown, from the program's arena: its dimensions, and 1..most */
    array_id *partials; /* outputs by unknown likewise; 0: the program computes no derivative by it */
};

/* False where memory is exhausted. */
bool program_batch(struct program *out, const struct program *p, const struct batch_request *request,
                   struct batch_arrays *arrays);

#endif
