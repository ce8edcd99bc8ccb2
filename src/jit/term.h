/* What functions that are written out on vectors are made of. */
#ifndef GRADC_JIT_TERM_H
#define GRADC_JIT_TERM_H

#include "jit/function.h"

/* log(2) in two parts: any exponent of a double times the first one needs no rounding. */
extern const double term_log_of_2_high, term_log_of_2_low;
/* How doubles are made. */
enum { TERM_MANTISSA = 52, TERM_BIAS = 1023 };
/* Added, it puts whole numbers into the last bits. */
extern const double term_magic;

/* Whether this processor multiplies and adds at once. */
bool term_can_be_fused(void);
/* One number in all places of a vector like the given one. */
LLVMValueRef term_real(struct generator *g, LLVMValueRef like, double value);
LLVMValueRef term_whole(struct generator *g, LLVMValueRef like, uint64_t value);
/* Whether a vector is one of AVX-512, and this processor has it. */
bool term_suits_avx512(LLVMValueRef vector);
/* An intrinsic of it that has a mask and a rounding: all lanes of x, and of what more it takes, rounded as
 * usual. more: NULL where it takes nothing more. */
LLVMValueRef term_avx512(struct generator *g, const char *name, LLVMValueRef x, LLVMValueRef more);
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
/* 2^k of normal numbers, where the last bits are k. */
LLVMValueRef term_power(struct generator *g, LLVMValueRef bits);
/* A number that is not negative where sign's sign is plus, with the sign of that. */
LLVMValueRef term_signed_as(struct generator *g, LLVMValueRef number, LLVMValueRef sign);
/* q[0] + q[1]*x + ... + q[count - 1]*x^(count - 1), by its even and its odd powers; square is x^2. */
LLVMValueRef term_polynomial(struct generator *g, const double *q, int count, LLVMValueRef x,
                             LLVMValueRef square);

#endif
