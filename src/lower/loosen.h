/* Loops that run in an order but need none become free: where no iteration uses what another one sets. The
 * inner loops of a recurrence over several subscripts are written as if each of them was one. Free loops run
 * upwards. */
#ifndef GRADC_LOWER_LOOSEN_H
#define GRADC_LOWER_LOOSEN_H

#include "lower/tree.h"

bool lower_loosen(struct tree *t);

#endif
