/* A loop fused of loops with different ranges falls into three: the interior, where all of them run, and what
 * is before and after it. The ends keep conditions where they need them; all is right for ranges of any
 * length, empty ones too. */
#ifndef GRADC_LOWER_PEEL_H
#define GRADC_LOWER_PEEL_H

#include "lower/tree.h"

/* Peels the loops that fusion has left to be peeled; their bodies are to be fused again. */
bool lower_peel(struct tree *t);

#endif
