/* Logarithms of vectors, written out where they are needed: nothing waits on the stack for a call. The errors
 * are below 1 ulp; fast, a 0 of log1p is positive. They take fused multiplication and addition, which the
 * processor has to have. */
#ifndef GRADC_JIT_LOGARITHM_H
#define GRADC_JIT_LOGARITHM_H

#include "jit/function.h"

/* OP_LOG or OP_LOG1P of a vector. */
LLVMValueRef logarithm_write(struct generator *g, enum op op, LLVMValueRef x);

#endif
