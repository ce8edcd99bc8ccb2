#include "jit/logarithm.h"

#include <math.h>

#include "jit/term.h"

/* log(x) = k*log(2) + log(1 + f), where x = 2^k*(1 + f) and 1 + f is between 3/4 and 3/2; with s = f/(2 + f),
 * log(1 + f) = f - (f^2/2 - s*(f^2/2 + z*q(z))) where z = s^2. What is missing in 1 + f counts 1/(1 + f)
 * times, which is about 1 - 2*s + 2*s^2. */
static const double least_normal = 0x1p-1022, raise = 0x1p54, magic = 0x1p52;
/* The polynomial q, by a minimax fit: off by 2^-62 of log(1 + f). */
enum { COEFFICIENTS = 8 };
static const double q[COEFFICIENTS] = {0x1.555555555554fp-1, 0x1.999999999c0f7p-2, 0x1.24924921ec0d4p-2,
                                       0x1.c71c7488d9210p-3, 0x1.745c4c7adb6f9p-3, 0x1.3b358bb071eb1p-3,
                                       0x1.0dcf139a2062bp-3, 0x1.1b69ed774df6fp-3};
enum { RAISED = 54 /* binary places, where numbers are not normal */ };
static const uint64_t one_bits = (uint64_t)TERM_BIAS << TERM_MANTISSA,
                      least_bits = 0x3FE8000000000000 /* 3/4 */,
                      magic_bits = (uint64_t)(TERM_BIAS + TERM_MANTISSA) << TERM_MANTISSA;

struct parts {
    LLVMValueRef k, m; /* x = 2^k*m */
};

/* value*2^-k, where that is not 0 only for k above -64. */
static LLVMValueRef scaled_down(struct generator *g, LLVMValueRef value, LLVMValueRef k) {
    LLVMValueRef up = term_subtract(g, term_real(g, k, 0), k);
    if (!term_suits_avx512(value))
        return term_multiply(g, value,
                             term_power(g, term_bits(g, term_add(g, up, term_real(g, k, term_magic)))));
    up = term_choose(g, LLVMRealOLT, up, 64, up, term_real(g, up, 64));
    return term_avx512(g, "llvm.x86.avx512.mask.scalef.pd.512", value, up);
}

/* What counts less because of what x is too large. */
static LLVMValueRef share_of_excess(struct generator *g, LLVMValueRef excess, LLVMValueRef k, LLVMValueRef s,
                                    LLVMValueRef small) {
    LLVMValueRef share = term_fused(g, s, term_real(g, s, 2), term_real(g, s, -2));
    share = term_fused(g, s, share, term_real(g, s, 1));
    return term_fused(g, scaled_down(g, excess, k), share, small);
}

/* excess: by what x is too large; NULL: by nothing. */
static LLVMValueRef combine(struct generator *g, LLVMValueRef x, LLVMValueRef excess, struct parts p) {
    LLVMValueRef f = term_subtract(g, p.m, term_real(g, x, 1)), two = term_add(g, term_real(g, x, 2), f);
    LLVMValueRef s = LLVMBuildFDiv(g->builder, f, two, "");
    LLVMValueRef z = term_multiply(g, s, s), w = term_multiply(g, z, z);
    LLVMValueRef half = term_multiply(g, term_multiply(g, term_real(g, x, 0.5), f), f);
    LLVMValueRef rest = term_fused(g, z, term_polynomial(g, q, COEFFICIENTS, z, w), half);
    LLVMValueRef low = term_multiply(g, p.k, term_real(g, x, term_log_of_2_low));
    LLVMValueRef small = term_subtract(g, half, term_fused(g, s, rest, low));
    if (excess) small = share_of_excess(g, excess, p.k, s, small);
    return term_fused(g, p.k, term_real(g, x, term_log_of_2_high), term_subtract(g, f, small));
}

/* ---- By the bits ---- */

/* k + TERM_BIAS are the first bits of a whole number; behind magic's they make a real one. */
static struct parts take_apart(struct generator *g, LLVMValueRef given) {
    LLVMBuilderRef b = g->builder;
    LLVMValueRef raised = term_multiply(g, given, term_real(g, given, raise));
    LLVMValueRef x = term_choose(g, LLVMRealOLT, given, least_normal, raised, given);
    LLVMValueRef less =
        term_choose(g, LLVMRealOLT, given, least_normal, term_real(g, x, magic + TERM_BIAS + RAISED),
                    term_real(g, x, magic + TERM_BIAS));
    LLVMValueRef bits = term_bits(g, x);
    bits = LLVMBuildAdd(b, bits, term_whole(g, bits, one_bits - least_bits), "");
    LLVMValueRef k = LLVMBuildLShr(b, bits, term_whole(g, bits, TERM_MANTISSA), "");
    k = LLVMBuildOr(b, k, term_whole(g, bits, magic_bits), "");
    LLVMValueRef mantissa = term_whole(g, bits, ((uint64_t)1 << TERM_MANTISSA) - 1);
    LLVMValueRef m =
        LLVMBuildAdd(b, LLVMBuildAnd(b, bits, mantissa, ""), term_whole(g, bits, least_bits), "");
    return (struct parts){.k = term_subtract(g, term_number(g, k), less), .m = term_number(g, m)};
}

static LLVMValueRef by_bits(struct generator *g, LLVMValueRef x, LLVMValueRef excess) {
    LLVMValueRef edge = term_choose(g, LLVMRealOEQ, x, 0, term_real(g, x, -HUGE_VAL), term_real(g, x, NAN));
    LLVMValueRef result = term_choose(g, LLVMRealOGT, x, 0, combine(g, x, excess, take_apart(g, x)), edge);
    return term_choose(g, LLVMRealOEQ, x, HUGE_VAL, x, result);
}

/* ---- By AVX-512 ---- */

/* It takes all numbers apart: infinite k stand for 0 and infinity, NaN for negative ones. */
static struct parts take_apart_at_once(struct generator *g, LLVMValueRef x) {
    static const char exponent[] = "llvm.x86.avx512.mask.getexp.pd.512";
    enum { FROM_THREE_QUARTERS = 3, NAN_WHERE_NEGATIVE = 3 << 2 };
    LLVMValueRef how =
        LLVMConstInt(LLVMInt32TypeInContext(g->context), FROM_THREE_QUARTERS | NAN_WHERE_NEGATIVE, 0);
    struct parts p = {.m = term_avx512(g, "llvm.x86.avx512.mask.getmant.pd.512", x, how)};
    p.k = term_subtract(g, term_avx512(g, exponent, x, NULL), term_avx512(g, exponent, p.m, NULL));
    return p;
}

static LLVMValueRef at_once(struct generator *g, LLVMValueRef x, LLVMValueRef excess) {
    if (excess) excess = term_choose(g, LLVMRealOLT, x, HUGE_VAL, excess, term_real(g, x, 0));
    return combine(g, x, excess, take_apart_at_once(g, x));
}

/* ---- The functions ---- */

static LLVMValueRef logarithm(struct generator *g, LLVMValueRef x, LLVMValueRef excess) {
    return (term_suits_avx512(x) ? at_once : by_bits)(g, x, excess);
}

/* Of 1 + x, and by what that is too large when it is rounded. */
static LLVMValueRef logarithm_of_more(struct generator *g, LLVMValueRef x) {
    LLVMValueRef one = term_real(g, x, 1), sum = term_add(g, one, x), rest = term_subtract(g, sum, one);
    LLVMValueRef excess = term_subtract(g, term_subtract(g, sum, rest), one);
    return logarithm(g, sum, term_add(g, excess, term_subtract(g, rest, x)));
}

LLVMValueRef logarithm_write(struct generator *g, enum op op, LLVMValueRef x) {
    if (op == OP_LOG) return logarithm(g, x, NULL);
    LLVMValueRef result = logarithm_of_more(g, x);
    return g->fast ? result : term_signed_as(g, result, x);
}
