#include "jit/logarithm.h"

#include <math.h>

#include "jit/term.h"
#include "jit/vector_math.h"

/* log(x) = k*log(2) + log(1 + f), where x = 2^k*(1 + f) and 1 + f is between 3/4 and 3/2; with s = f/(2 + f),
 * log(1 + f) = f - (f^2/2 - s*(f^2/2 + z*q(z))) where z = s^2. */
static const double log_of_2_high = 0x1.62e42feep-1, /* times any k without rounding */
    log_of_2_low = 0x1.a39ef35793c76p-33, least_normal = 0x1p-1022, raise = 0x1p54, magic = 0x1p52;
/* The polynomial q, by a minimax fit: off by 2^-62 of log(1 + f). */
enum { COEFFICIENTS = 8 };
static const double q[COEFFICIENTS] = {0x1.555555555554fp-1, 0x1.999999999c0f7p-2, 0x1.24924921ec0d4p-2,
                                       0x1.c71c7488d9210p-3, 0x1.745c4c7adb6f9p-3, 0x1.3b358bb071eb1p-3,
                                       0x1.0dcf139a2062bp-3, 0x1.1b69ed774df6fp-3};
enum { MANTISSA = 52, BIAS = 1023, RAISED = 54 /* binary places, where numbers are not normal */ };
static const uint64_t one_bits = (uint64_t)BIAS << MANTISSA, least_bits = 0x3FE8000000000000 /* 3/4 */,
                      magic_bits = (uint64_t)(BIAS + MANTISSA) << MANTISSA;

struct parts {
    LLVMValueRef k, m; /* x = 2^k*m */
};

static LLVMValueRef combine(struct generator *g, LLVMValueRef x, struct parts p) {
    LLVMValueRef f = term_subtract(g, p.m, term_real(g, x, 1)), two = term_add(g, term_real(g, x, 2), f);
    LLVMValueRef s = LLVMBuildFDiv(g->builder, f, two, "");
    LLVMValueRef z = term_multiply(g, s, s), w = term_multiply(g, z, z);
    LLVMValueRef half = term_multiply(g, term_multiply(g, term_real(g, x, 0.5), f), f);
    LLVMValueRef rest = term_fused(g, z, term_polynomial(g, q, COEFFICIENTS, z, w), half);
    LLVMValueRef low = term_multiply(g, p.k, term_real(g, x, log_of_2_low));
    LLVMValueRef small = term_subtract(g, half, term_fused(g, s, rest, low));
    return term_fused(g, p.k, term_real(g, x, log_of_2_high), term_subtract(g, f, small));
}

/* ---- By the bits ---- */

/* k + BIAS are the first bits of a whole number; behind magic's they make a real one. */
static struct parts take_apart(struct generator *g, LLVMValueRef given) {
    LLVMBuilderRef b = g->builder;
    LLVMValueRef raised = term_multiply(g, given, term_real(g, given, raise));
    LLVMValueRef x = term_choose(g, LLVMRealOLT, given, least_normal, raised, given);
    LLVMValueRef less = term_choose(g, LLVMRealOLT, given, least_normal,
                                    term_real(g, x, magic + BIAS + RAISED), term_real(g, x, magic + BIAS));
    LLVMValueRef bits = term_bits(g, x);
    bits = LLVMBuildAdd(b, bits, term_whole(g, bits, one_bits - least_bits), "");
    LLVMValueRef k = LLVMBuildLShr(b, bits, term_whole(g, bits, MANTISSA), "");
    k = LLVMBuildOr(b, k, term_whole(g, bits, magic_bits), "");
    LLVMValueRef mantissa = term_whole(g, bits, ((uint64_t)1 << MANTISSA) - 1);
    LLVMValueRef m =
        LLVMBuildAdd(b, LLVMBuildAnd(b, bits, mantissa, ""), term_whole(g, bits, least_bits), "");
    return (struct parts){.k = term_subtract(g, term_number(g, k), less), .m = term_number(g, m)};
}

static LLVMValueRef by_bits(struct generator *g, LLVMValueRef x) {
    LLVMValueRef edge = term_choose(g, LLVMRealOEQ, x, 0, term_real(g, x, -HUGE_VAL), term_real(g, x, NAN));
    LLVMValueRef result = term_choose(g, LLVMRealOGT, x, 0, combine(g, x, take_apart(g, x)), edge);
    return term_choose(g, LLVMRealOEQ, x, HUGE_VAL, x, result);
}

/* ---- By AVX-512, which takes all numbers apart: infinite k stand for 0 and infinity, NaN for negative ones
 * ---- */

static LLVMValueRef exponent(struct generator *g, LLVMValueRef x) {
    LLVMValueRef all = LLVMConstInt(LLVMInt8TypeInContext(g->context), 0xFF, 0);
    LLVMValueRef rounding = LLVMConstInt(LLVMInt32TypeInContext(g->context), 4, 0);
    LLVMValueRef operands[4] = {x, x, all, rounding};
    return term_intrinsic(g, "llvm.x86.avx512.mask.getexp.pd.512", false, LLVMTypeOf(x), operands, 4);
}

static LLVMValueRef mantissa(struct generator *g, LLVMValueRef x) {
    enum { FROM_THREE_QUARTERS = 3, NAN_WHERE_NEGATIVE = 3 << 2 };
    LLVMTypeRef whole = LLVMInt32TypeInContext(g->context);
    LLVMValueRef all = LLVMConstInt(LLVMInt8TypeInContext(g->context), 0xFF, 0);
    LLVMValueRef how = LLVMConstInt(whole, FROM_THREE_QUARTERS | NAN_WHERE_NEGATIVE, 0);
    LLVMValueRef operands[5] = {x, how, x, all, LLVMConstInt(whole, 4, 0)};
    return term_intrinsic(g, "llvm.x86.avx512.mask.getmant.pd.512", false, LLVMTypeOf(x), operands, 5);
}

static LLVMValueRef by_instructions(struct generator *g, LLVMValueRef x) {
    struct parts p = {.m = mantissa(g, x)};
    p.k = term_subtract(g, exponent(g, x), exponent(g, p.m));
    return combine(g, x, p);
}

LLVMValueRef logarithm_write(struct generator *g, LLVMValueRef x) {
#ifdef __x86_64__
    if (LLVMGetVectorSize(LLVMTypeOf(x)) == 8 && vector_math_width() == 8) return by_instructions(g, x);
#endif
    return by_bits(g, x);
}
