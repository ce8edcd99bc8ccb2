/* The logarithm of vectors, written out where it is needed: nothing waits on the stack for a call. The error
 * is below 1 ulp. It takes fused multiplication and addition, which the processor has to have. */
#ifndef GRADC_JIT_LOGARITHM_H
#define GRADC_JIT_LOGARITHM_H

#include "jit/function.h"

LLVMValueRef logarithm_write(struct generator *g, LLVMValueRef x);

#endif
