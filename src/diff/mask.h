/* Which stored arrays need a mask of the elements that were read.
 *
 * An element that nothing reads has adjoint 0, and 0 times a partial that is not finite would be NaN. An
 * array whose definition holds more than sums and products, and that is not surely read throughout, therefore
 * counts its reads; its reverse runs only where the count is not 0, and so on upstream. (Skipping where the
 * adjoint is 0 would lose mixed second derivatives.) */
#ifndef GRADC_DIFF_MASK_H
#define GRADC_DIFF_MASK_H

#include "diff/active.h"

/* needs receives one flag per array. False where memory is exhausted. */
bool masks_find(bool *needs, const struct program *p, const struct activity *activity);

#endif
