/* What is dear to form again is kept.
 *
 * Differentiation forms the values that live in a body again at the head of the reversed body, step by step
 * as they stood, with the same arrays and indices. A scalar that needs a loop or a function is stored by the
 * first of these bodies instead, into an array over all loops around, and read from there by the others. Runs
 * before loops get indices of their own, which tell what is a repetition. */
#ifndef GRADC_LOWER_REMEMBER_H
#define GRADC_LOWER_REMEMBER_H

#include "lower/tree.h"

/* Whether it has changed anything is told by *changed. */
bool lower_remember(struct tree *t, bool *changed);

#endif
