#include "jit/exponential.h"

#include "jit/term.h"

/* exp(x) = 2^k*(1 + r + tail), where x = k*log(2) + r + rest and tail = r^2/2 + r^3*q(r) + rest. The rest is
 * at most 2^-55, which exp can do without. */
static const double log2_of_e = 0x1.71547652b82fep0;
/* Beyond it all results are 0, -1 or infinite. */
static const double far = 800;
/* The polynomial q, by a minimax fit to |r| <= log(2)/2: off by 2^-61 of expm1(r). */
enum { COEFFICIENTS = 10 };
static const double q[COEFFICIENTS] = {0x1.5555555555559p-3,  0x1.5555555555548p-5,  0x1.111111110f7d0p-7,
                                       0x1.6c16c16c1cd17p-10, 0x1.a01a01af82459p-13, 0x1.a01a01830082cp-16,
                                       0x1.71ddf9308bdbep-19, 0x1.27e52b1e64f4ap-22, 0x1.af5d634884560p-26,
                                       0x1.1ef562db10008p-29};

/* ---- The reduction ---- */

struct reduced {
    LLVMValueRef x, shifted, k, r, rest, square, q; /* shifted: k in the last bits of a number */
};

static struct reduced reduce(struct generator *g, LLVMValueRef given) {
    struct reduced d;
    LLVMValueRef x = term_choose(g, LLVMRealOGT, given, far, term_real(g, given, far), given);
    d.x = x = term_choose(g, LLVMRealOLT, x, -far, term_real(g, x, -far), x);
    d.shifted = term_fused(g, x, term_real(g, x, log2_of_e), term_real(g, x, term_magic));
    d.k = term_subtract(g, d.shifted, term_real(g, x, term_magic));
    LLVMValueRef high = term_fused(g, d.k, term_real(g, x, -term_log_of_2_high), x);
    LLVMValueRef low = term_real(g, x, -term_log_of_2_low);
    d.r = term_fused(g, d.k, low, high);
    d.rest = term_fused(g, d.k, low, term_subtract(g, high, d.r));
    d.square = term_multiply(g, d.r, d.r);
    d.q = term_polynomial(g, q, COEFFICIENTS, d.r, d.square);
    return d;
}

/* ---- Powers of 2 ---- */

/* By both halves of the exponent, so that neither leaves the range. */
static LLVMValueRef scaled_twice(struct generator *g, const struct reduced *d, LLVMValueRef value) {
    LLVMValueRef half = term_fused(g, d->k, term_real(g, value, 0.5), term_real(g, value, term_magic));
    LLVMValueRef first = term_bits(g, half);
    LLVMValueRef second = LLVMBuildSub(g->builder, term_bits(g, d->shifted), first, "");
    return term_multiply(g, term_multiply(g, value, term_power(g, first)), term_power(g, second));
}

/* value*2^k, whatever k is. */
static LLVMValueRef scaled(struct generator *g, const struct reduced *d, LLVMValueRef value) {
    if (!term_suits_avx512(value)) return scaled_twice(g, d, value);
    return term_avx512(g, "llvm.x86.avx512.mask.scalef.pd.512", value, d->k);
}

/* ---- The functions ---- */

/* r + r^2*(1/2 + r*q) */
static LLVMValueRef minus_one_of_rest(struct generator *g, const struct reduced *d) {
    LLVMValueRef factor = term_fused(g, d->r, d->q, term_real(g, d->r, 0.5));
    return term_fused(g, d->square, factor, d->r);
}

static LLVMValueRef exponential(struct generator *g, const struct reduced *d) {
    return scaled(g, d, term_add(g, term_real(g, d->x, 1), minus_one_of_rest(g, d)));
}

static LLVMValueRef tail(struct generator *g, const struct reduced *d) {
    LLVMValueRef small = term_fused(g, d->q, term_multiply(g, d->r, d->square), d->rest);
    return term_fused(g, term_multiply(g, term_real(g, d->r, 0.5), d->r), d->r, small);
}

/* (2^k - 1) + 2^k*r + 2^k*tail, with what the first two sums lose. */
static LLVMValueRef minus_one(struct generator *g, const struct reduced *d, LLVMValueRef scale) {
    LLVMValueRef one = term_real(g, d->x, 1);
    LLVMValueRef less = term_subtract(g, scale, one), moved = term_multiply(g, scale, d->r);
    LLVMValueRef sum = term_add(g, less, moved), lost = term_subtract(g, moved, term_subtract(g, sum, less));
    lost = term_add(g, lost, term_subtract(g, term_subtract(g, scale, less), one));
    return term_add(g, sum, term_fused(g, scale, tail(g, d), lost));
}

/* (2^k - 1) + 2^k*(e^r - 1): below 2 ulp, and beside exp hardly any work. */
static LLVMValueRef about_minus_one(struct generator *g, const struct reduced *d, LLVMValueRef scale) {
    return term_fused(g, scale, minus_one_of_rest(g, d), term_subtract(g, scale, term_real(g, d->x, 1)));
}

/* Where k is large, 1 is nothing, and 2^k may be too much. Of 0 the sign is that of x. */
static LLVMValueRef exponential_minus_one(struct generator *g, const struct reduced *d) {
    static const double large = 40;
    bool at_once = term_suits_avx512(d->x);
    LLVMValueRef scale =
        at_once ? scaled(g, d, term_real(g, d->x, 1)) : term_power(g, term_bits(g, d->shifted));
    LLVMValueRef result = (g->fast ? about_minus_one : minus_one)(g, d, scale);
    if (!at_once) result = term_choose(g, LLVMRealOLT, d->x, -large, term_real(g, d->x, -1), result);
    result = term_choose(g, LLVMRealOGT, d->x, large, exponential(g, d), result);
    return g->fast ? result : term_signed_as(g, result, d->x);
}

LLVMValueRef exponential_write(struct generator *g, enum op op, LLVMValueRef x) {
    struct reduced d = reduce(g, x);
    return (op == OP_EXP ? exponential : exponential_minus_one)(g, &d);
}
