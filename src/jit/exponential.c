#include "jit/exponential.h"

#include <string.h>

#include "jit/lane.h"
#include "jit/vector_math.h"

/* exp(x) = 2^k*(1 + r + tail), where x = k*log(2) + r + rest and tail = r^2/2 + r^3*q(r) + rest. */
static const double log2_of_e = 0x1.71547652b82fep0,
                    magic = 0x1.8p52, /* aligns whole numbers with the last bit */
    log_of_2_high = 0x1.62e42feep-1,  /* times any k without rounding */
    log_of_2_low = 0x1.a39ef35793c76p-33;
/* Beyond it all results are 0, -1 or infinite. */
static const double far = 800;
/* The polynomial q, by a minimax fit to |r| <= log(2)/2: off by 2^-61 of expm1(r). */
enum { COEFFICIENTS = 10 };
static const double q[COEFFICIENTS] = {0x1.5555555555559p-3,  0x1.5555555555548p-5,  0x1.111111110f7d0p-7,
                                       0x1.6c16c16c1cd17p-10, 0x1.a01a01af82459p-13, 0x1.a01a01830082cp-16,
                                       0x1.71ddf9308bdbep-19, 0x1.27e52b1e64f4ap-22, 0x1.af5d634884560p-26,
                                       0x1.1ef562db10008p-29};
enum { MANTISSA = 52 };
static const uint64_t one_bits = (uint64_t)1023 << MANTISSA;

bool exponential_is_written(enum op op) {
#ifdef __aarch64__
    bool fused = true;
#else
    bool fused = vector_math_width() > 2;
#endif
    return fused && (op == OP_EXP || op == OP_EXPM1);
}

/* ---- Vectors like the argument ---- */

static LLVMValueRef real(struct generator *g, LLVMValueRef like, double value) {
    return lane_splat(g, LLVMConstReal(g->real, value), LLVMGetVectorSize(LLVMTypeOf(like)));
}

static LLVMValueRef whole(struct generator *g, LLVMValueRef like, uint64_t value) {
    return lane_splat(g, LLVMConstInt(g->integer, value, 0), LLVMGetVectorSize(LLVMTypeOf(like)));
}

static LLVMValueRef intrinsic(struct generator *g, const char *name, bool overloaded, LLVMTypeRef type,
                              LLVMValueRef *operands, unsigned count) {
    LLVMTypeRef types[5];
    for (unsigned k = 0; k < count; k++) types[k] = LLVMTypeOf(operands[k]);
    unsigned id = LLVMLookupIntrinsicID(name, strlen(name));
    LLVMValueRef function = LLVMGetIntrinsicDeclaration(g->module, id, &type, overloaded);
    return LLVMBuildCall2(g->builder, LLVMFunctionType(type, types, count, 0), function, operands, count, "");
}

/* a*b + c, rounded once. */
static LLVMValueRef fused(struct generator *g, LLVMValueRef a, LLVMValueRef b, LLVMValueRef c) {
    LLVMValueRef operands[3] = {a, b, c};
    return intrinsic(g, "llvm.fma", true, LLVMTypeOf(a), operands, 3);
}

static LLVMValueRef add(struct generator *g, LLVMValueRef a, LLVMValueRef b) {
    return LLVMBuildFAdd(g->builder, a, b, "");
}

static LLVMValueRef subtract(struct generator *g, LLVMValueRef a, LLVMValueRef b) {
    return LLVMBuildFSub(g->builder, a, b, "");
}

static LLVMValueRef multiply(struct generator *g, LLVMValueRef a, LLVMValueRef b) {
    return LLVMBuildFMul(g->builder, a, b, "");
}

static LLVMValueRef choose(struct generator *g, LLVMRealPredicate predicate, LLVMValueRef a, double bound,
                           LLVMValueRef then, LLVMValueRef otherwise) {
    LLVMValueRef holds = LLVMBuildFCmp(g->builder, predicate, a, real(g, a, bound), "");
    return LLVMBuildSelect(g->builder, holds, then, otherwise, "");
}

/* ---- The reduction ---- */

struct reduced {
    LLVMValueRef x, shifted, k, r, tail; /* shifted: k in the last bits of a number */
};

static LLVMValueRef polynomial(struct generator *g, LLVMValueRef r, LLVMValueRef square) {
    LLVMValueRef even = real(g, r, q[COEFFICIENTS - 2]), odd = real(g, r, q[COEFFICIENTS - 1]);
    for (int k = COEFFICIENTS - 4; k >= 0; k -= 2) {
        even = fused(g, even, square, real(g, r, q[k]));
        odd = fused(g, odd, square, real(g, r, q[k + 1]));
    }
    return fused(g, odd, r, even);
}

static struct reduced reduce(struct generator *g, LLVMValueRef given) {
    struct reduced d;
    LLVMValueRef x = choose(g, LLVMRealOGT, given, far, real(g, given, far), given);
    d.x = x = choose(g, LLVMRealOLT, x, -far, real(g, x, -far), x);
    d.shifted = fused(g, x, real(g, x, log2_of_e), real(g, x, magic));
    d.k = subtract(g, d.shifted, real(g, x, magic));
    LLVMValueRef high = fused(g, d.k, real(g, x, -log_of_2_high), x);
    LLVMValueRef low = multiply(g, d.k, real(g, x, log_of_2_low));
    LLVMValueRef r = d.r = subtract(g, high, low);
    LLVMValueRef rest = subtract(g, subtract(g, high, r), low), square = multiply(g, r, r);
    LLVMValueRef small = fused(g, polynomial(g, r, square), multiply(g, r, square), rest);
    d.tail = fused(g, multiply(g, real(g, r, 0.5), r), r, small);
    return d;
}

/* ---- Powers of 2 ---- */

static LLVMValueRef bits_of(struct generator *g, LLVMValueRef number) {
    LLVMTypeRef type = LLVMVectorType(g->integer, LLVMGetVectorSize(LLVMTypeOf(number)));
    return LLVMBuildBitCast(g->builder, number, type, "");
}

/* 2^k, where the last bits are k; k of a normal number. */
static LLVMValueRef power(struct generator *g, LLVMValueRef bits, LLVMTypeRef type) {
    LLVMValueRef exponent = LLVMBuildShl(g->builder, bits, whole(g, bits, MANTISSA), "");
    LLVMValueRef number = LLVMBuildAdd(g->builder, exponent, whole(g, bits, one_bits), "");
    return LLVMBuildBitCast(g->builder, number, type, "");
}

/* By both halves of the exponent, so that neither leaves the range. */
static LLVMValueRef scaled_twice(struct generator *g, const struct reduced *d, LLVMValueRef value) {
    LLVMTypeRef type = LLVMTypeOf(value);
    LLVMValueRef half = fused(g, d->k, real(g, value, 0.5), real(g, value, magic));
    LLVMValueRef first = bits_of(g, half);
    LLVMValueRef second = LLVMBuildSub(g->builder, bits_of(g, d->shifted), first, "");
    return multiply(g, multiply(g, value, power(g, first, type)), power(g, second, type));
}

static LLVMValueRef scaled(struct generator *g, const struct reduced *d, LLVMValueRef value) {
#ifdef __x86_64__
    if (LLVMGetVectorSize(LLVMTypeOf(value)) == 8 && vector_math_width() == 8) {
        LLVMValueRef all = LLVMConstInt(LLVMInt8TypeInContext(g->context), 0xFF, 0);
        LLVMValueRef rounding = LLVMConstInt(LLVMInt32TypeInContext(g->context), 4, 0);
        LLVMValueRef operands[5] = {value, d->k, value, all, rounding};
        return intrinsic(g, "llvm.x86.avx512.mask.scalef.pd.512", false, LLVMTypeOf(value), operands, 5);
    }
#endif
    return scaled_twice(g, d, value);
}

/* ---- The functions ---- */

static LLVMValueRef exponential(struct generator *g, const struct reduced *d) {
    LLVMValueRef one = real(g, d->x, 1), sum = add(g, one, d->r);
    LLVMValueRef lost = subtract(g, d->r, subtract(g, sum, one));
    return scaled(g, d, add(g, sum, add(g, lost, d->tail)));
}

/* (2^k - 1) + 2^k*r + 2^k*tail, with what the first two sums lose. */
static LLVMValueRef minus_one(struct generator *g, const struct reduced *d) {
    LLVMValueRef one = real(g, d->x, 1), scale = power(g, bits_of(g, d->shifted), LLVMTypeOf(d->x));
    LLVMValueRef less = subtract(g, scale, one), moved = multiply(g, scale, d->r);
    LLVMValueRef sum = add(g, less, moved), lost = subtract(g, moved, subtract(g, sum, less));
    lost = add(g, lost, subtract(g, subtract(g, scale, less), one));
    return add(g, sum, fused(g, scale, d->tail, lost));
}

LLVMValueRef exponential_write(struct generator *g, enum op op, LLVMValueRef x) {
    static const double large = 40, tiny = 0x1p-54;
    struct reduced d = reduce(g, x);
    if (op == OP_EXP) return exponential(g, &d);
    LLVMValueRef result = choose(g, LLVMRealOLT, d.x, -large, real(g, x, -1), minus_one(g, &d));
    result = choose(g, LLVMRealOGT, d.x, large, exponential(g, &d), result);
    LLVMValueRef size = intrinsic(g, "llvm.fabs", true, LLVMTypeOf(x), &x, 1);
    return choose(g, LLVMRealOLT, size, tiny, x, result);
}
