#include "jit/term.h"

#include "jit/lane.h"
#include "jit/vector_math.h"

const double term_log_of_2_high = 0x1.62e42feep-1, term_log_of_2_low = 0x1.a39ef35793c76p-33;
const double term_magic = 0x1.8p52;

bool term_can_be_fused(void) {
#ifdef __aarch64__
    return true;
#else
    return vector_math_width() > 2;
#endif
}

LLVMValueRef term_real(struct generator *g, LLVMValueRef like, double value) {
    return lane_splat(g, LLVMConstReal(g->real, value), LLVMGetVectorSize(LLVMTypeOf(like)));
}

LLVMValueRef term_whole(struct generator *g, LLVMValueRef like, uint64_t value) {
    return lane_splat(g, LLVMConstInt(g->integer, value, 0), LLVMGetVectorSize(LLVMTypeOf(like)));
}

bool term_suits_avx512(LLVMValueRef vector) {
    return LLVMGetVectorSize(LLVMTypeOf(vector)) == 8 && vector_math_width() == 8;
}

LLVMValueRef term_avx512(struct generator *g, const char *name, LLVMValueRef x, LLVMValueRef more) {
    enum { AS_USUAL = 4 };
    LLVMValueRef all = LLVMConstInt(LLVMInt8TypeInContext(g->context), 0xFF, 0),
                 operands[MOST_OPERANDS] = {x};
    unsigned count = 1;
    if (more) operands[count++] = more;
    operands[count++] = x; /* of lanes that the mask leaves out */
    operands[count++] = all;
    operands[count++] = LLVMConstInt(LLVMInt32TypeInContext(g->context), AS_USUAL, 0);
    return call_intrinsic(g, &(struct intrinsic){name, LLVMTypeOf(x), {NULL}}, operands, count);
}

LLVMValueRef term_fused(struct generator *g, LLVMValueRef a, LLVMValueRef b, LLVMValueRef c) {
    LLVMValueRef operands[3] = {a, b, c};
    struct intrinsic fused = {"llvm.fma", LLVMTypeOf(a), {LLVMTypeOf(a)}};
    return call_intrinsic(g, &fused, operands, 3);
}

LLVMValueRef term_add(struct generator *g, LLVMValueRef a, LLVMValueRef b) {
    return LLVMBuildFAdd(g->builder, a, b, "");
}

LLVMValueRef term_subtract(struct generator *g, LLVMValueRef a, LLVMValueRef b) {
    return LLVMBuildFSub(g->builder, a, b, "");
}

LLVMValueRef term_multiply(struct generator *g, LLVMValueRef a, LLVMValueRef b) {
    return LLVMBuildFMul(g->builder, a, b, "");
}

LLVMValueRef term_choose(struct generator *g, LLVMRealPredicate predicate, LLVMValueRef a, double bound,
                         LLVMValueRef then, LLVMValueRef otherwise) {
    LLVMValueRef holds = LLVMBuildFCmp(g->builder, predicate, a, term_real(g, a, bound), "");
    return LLVMBuildSelect(g->builder, holds, then, otherwise, "");
}

LLVMValueRef term_bits(struct generator *g, LLVMValueRef number) {
    LLVMTypeRef type = LLVMVectorType(g->integer, LLVMGetVectorSize(LLVMTypeOf(number)));
    return LLVMBuildBitCast(g->builder, number, type, "");
}

LLVMValueRef term_number(struct generator *g, LLVMValueRef bits) {
    LLVMTypeRef type = LLVMVectorType(g->real, LLVMGetVectorSize(LLVMTypeOf(bits)));
    return LLVMBuildBitCast(g->builder, bits, type, "");
}

LLVMValueRef term_power(struct generator *g, LLVMValueRef bits) {
    LLVMValueRef exponent = LLVMBuildShl(g->builder, bits, term_whole(g, bits, TERM_MANTISSA), "");
    LLVMValueRef one = term_whole(g, bits, (uint64_t)TERM_BIAS << TERM_MANTISSA);
    return term_number(g, LLVMBuildAdd(g->builder, exponent, one, ""));
}

LLVMValueRef term_signed_as(struct generator *g, LLVMValueRef number, LLVMValueRef sign) {
    LLVMValueRef bits = term_bits(g, sign);
    LLVMValueRef last = LLVMBuildAnd(g->builder, bits, term_whole(g, bits, (uint64_t)1 << 63), "");
    return term_number(g, LLVMBuildOr(g->builder, term_bits(g, number), last, ""));
}

/* The powers q[k]*x^(k - first) for k = first, first + 2, ... */
static LLVMValueRef every_other(struct generator *g, const double *q, int first, int count,
                                LLVMValueRef square) {
    int k = first + (count - 1 - first) / 2 * 2;
    LLVMValueRef sum = term_real(g, square, q[k]);
    for (k -= 2; k >= first; k -= 2) sum = term_fused(g, sum, square, term_real(g, square, q[k]));
    return sum;
}

LLVMValueRef term_polynomial(struct generator *g, const double *q, int count, LLVMValueRef x,
                             LLVMValueRef square) {
    LLVMValueRef even = every_other(g, q, 0, count, square), odd = every_other(g, q, 1, count, square);
    return term_fused(g, odd, x, even);
}
