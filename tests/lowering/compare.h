/* Programs against what they are lowered to: the same results, exactly and in doubles. */
#ifndef GRADC_TESTS_LOWERING_COMPARE_H
#define GRADC_TESTS_LOWERING_COMPARE_H

#include <stdbool.h>

#include "sema/model.h"
#include "support/text.h"

enum agreement { AGREES, DOES_NOT_RUN /* the file is refused, or stops with an error */, DISAGREES };

/* The gradient of the model's objective, its product with a direction (second order), and for the outputs the
 * products of their Jacobian from both sides; each as it is derived and lowered, run at 256 bits and in
 * doubles. The verifier looks at the program, after each pass or after the last. Takes the model over; what
 * went wrong is appended to `report`. */
enum agreement compare_lowered(const char *name, struct model *model, bool each_pass, struct text *report);
/* Appends the gradient program before and after lowering. */
void show_lowered(struct model *model, struct text *out);

#endif
