/* The judge of derivatives: central differences of a program at high precision. It knows no rule of
 * differentiation, only values: with steps of 2^-130 of the unknown and 460 bits or more a partial is right
 * to about 2^-260, far below a double. */
#ifndef GRADC_EVAL_JUDGE_H
#define GRADC_EVAL_JUDGE_H

#include "eval/reference.h"

struct judge {
    struct reference above, below;
    mpfr_t twice_step;
};

/* For the current inputs of the binding; with unknowns near 0 the precision is raised. False where memory is
 * exhausted. */
bool judge_init(struct judge *j, const struct program *p, struct binding *b, struct diag_list *diags);
void judge_release(struct judge *j);
/* Moves one element of an input and runs the program on both sides. */
enum evaluation judge_move(struct judge *j, array_id unknown, size_t element);
/* The partial of an element of a result by the input element moved last. */
void judge_get(const struct judge *j, array_id output, size_t element, mpfr_ptr partial);
double judge_value(const struct judge *j, array_id output, size_t element);
/* The smallest distance to a kink met. */
double judge_kink(const struct judge *j);

/* All of it at once, for one partial. */
enum evaluation judge_partial(const struct program *p, struct binding *b, array_id output, size_t element,
                              array_id unknown, size_t unknown_element, double *partial,
                              struct diag_list *diags);

#endif
