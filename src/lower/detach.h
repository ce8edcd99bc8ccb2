/* The first and the last iteration of a recurrence stand apart where conditions tell them from the others:
 *
 *     loop t in 0..T up:                          becomes     loop t in 0..(0 imin T) up: a[t] = x
 *       a[t] = select(t == 0, x, e(a[t - 1]))                 loop t in 1..T up: a[t] = e(a[t - 1])
 *
 * What is left has nothing to choose: it may run in lanes, and its adjoints may be set. Short bodies without
 * inner loops only, for each end is a copy of them. */
#ifndef GRADC_LOWER_DETACH_H
#define GRADC_LOWER_DETACH_H

#include "lower/tree.h"

/* *changed: whether there is such a loop. False where memory is exhausted. */
bool lower_detach(struct tree *t, bool *changed);

#endif
