/* What functions that are written out on vectors are made of. */
#ifndef GRADC_JIT_TERM_H
#define GRADC_JIT_TERM_H

#include "jit/function.h"

/* Whether this processor multiplies and adds at once. */
bool term_can_be_fused(void);
/* One number in all places of a vector like the given one. */
LLVMValueRef term_real(struct generator *g, LLVMValueRef like, double value);
LLVMValueRef term_whole(struct generator *g, LLVMValueRef like, uint64_t value);
/* A call of an intrinsic of LLVM, by the type of its result where it is overloaded. */
LLVMValueRef term_intrinsic(struct generator *g, const char *name, bool overloaded, LLVMTypeRef type,
                            LLVMValueRef *operands, unsigned count);
/* a*b + c, rounded once. */
LLVMValueRef term_fused(struct generator *g, LLVMValueRef a, LLVMValueRef b, LLVMValueRef c);
LLVMValueRef term_add(struct generator *g, LLVMValueRef a, LLVMValueRef b);
LLVMValueRef term_subtract(struct generator *g, LLVMValueRef a, LLVMValueRef b);
LLVMValueRef term_multiply(struct generator *g, LLVMValueRef a, LLVMValueRef b);
/* Which of two, by a comparison of a with a bound. */
LLVMValueRef term_choose(struct generator *g, LLVMRealPredicate predicate, LLVMValueRef a, double bound,
                         LLVMValueRef then, LLVMValueRef otherwise);
/* The bits of numbers, as whole numbers, and back. */
LLVMValueRef term_bits(struct generator *g, LLVMValueRef number);
LLVMValueRef term_number(struct generator *g, LLVMValueRef bits);
/* q[0] + q[1]*x + ... + q[count - 1]*x^(count - 1), by its even and its odd powers; square is x^2. */
LLVMValueRef term_polynomial(struct generator *g, const double *q, int count, LLVMValueRef x,
                             LLVMValueRef square);

#endif
