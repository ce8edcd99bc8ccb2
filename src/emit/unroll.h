/* Loops of few iterations, which a compiler is asked to write out. */
#ifndef GRADC_EMIT_UNROLL_H
#define GRADC_EMIT_UNROLL_H

#include "emit/body.h"

/* Whether a loop has a few iterations, known where data are frozen, and a short body: gcc -O2 writes such
 * loops out only where it is told to. */
bool unroll_suits(const struct body *b, uint32_t loop);

#endif
