/* Whether a calculation in doubles takes the same path through a program as one at high precision: whether
 * all comparisons, signs and whole numbers come out alike. Where they do not, rounding has moved a value over
 * a switch, and the two results belong to different branches. */
#ifndef GRADC_CHECK_PATH_H
#define GRADC_CHECK_PATH_H

#include "eval/execute.h"

/* The binding has been allocated for the program; results are written into it. False where memory is
 * exhausted or the program cannot be run. */
bool paths_differ(const struct program *p, struct binding *b, bool *differ, struct diag_list *diags);

#endif
