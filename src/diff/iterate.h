/* Gradient descent with a fixed rate as a recurrence, program to program: many steps in one run, without a
 * call for each.
 *
 * Input: a gradient program without loops and conditions whose unknowns are numbers. Output: a program that
 * begins at the unknowns and computes for k from 1 to a given number of steps
 *     values[k]                    the objective at point k - 1,
 *     moves[k] = rate*gradient     there, and
 *     points[k] = points[k - 1] - moves[k]
 * in the same operations as the gradient program followed by a step. It ends early, behind the first step
 * that is to be looked at: where the value is beyond `highest` or a move beyond `longest` in size, or not a
 * number, or no move is beyond `shortest`. */
#ifndef GRADC_DIFF_ITERATE_H
#define GRADC_DIFF_ITERATE_H

#include "ir/program.h"

struct iteration_arrays {
    array_id rate, shortest, longest, highest; /* inputs */
    array_id advance; /* input: the negative rate. A product of its own can be contracted with the sum that
                         leads to the next point, which is what a step waits for */
    array_id steps;   /* input: a whole number from 1 to `most` */
    array_id taken;   /* how many have been taken */
    array_id values;  /* 1..most */
    array_id *moves, *points; /* by unknown, from the program's arena: 1..most and 0..most */
};

/* Whether a program has that form. */
bool iterate_applies(const struct program *gradient, const array_id *unknowns, size_t count);
/* False where memory is exhausted. Unknowns without a derivative do not move. */
bool program_iterate(struct program *out, const struct program *gradient, array_id objective,
                     const array_id *unknowns, size_t count, size_t most, struct iteration_arrays *arrays);

#endif
