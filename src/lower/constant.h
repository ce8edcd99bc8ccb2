/* What is set to a constant in each iteration is that constant; conditions that hold always go away. */
#ifndef GRADC_LOWER_CONSTANT_H
#define GRADC_LOWER_CONSTANT_H

#include "lower/tree.h"

bool lower_constant(struct tree *t);

#endif
