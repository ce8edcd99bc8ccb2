/* exp and expm1 of vectors, written out where they are needed.
 *
 * Both share their reduction and their polynomial, so that one argument's two functions cost little more than
 * one; and nothing waits on the stack for a call. Errors are below 1 ulp; fast, those of expm1 are below 2,
 * and its 0 is positive. They take fused multiplication and addition, which the processor has to have. */
#ifndef GRADC_JIT_EXPONENTIAL_H
#define GRADC_JIT_EXPONENTIAL_H

#include "jit/function.h"

/* OP_EXP or OP_EXPM1 of a vector. */
LLVMValueRef exponential_write(struct generator *g, enum op op, LLVMValueRef x);

#endif
