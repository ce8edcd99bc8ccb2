#include <math.h>

#include "eval/carried.h"
#include "eval/complex_functions.h"
#include "eval/power.h"

/* The complex column of the table. */
static const struct {
    double complex (*one)(double complex);
    double complex (*two)(double complex, double complex);
} rows[OP_COUNT] = {
#define OP_FN1(id, name, libm, intrinsic, lanes, mpfr, step, ...) [OP_##id] = {.one = step},
#define OP_FN2(id, name, libm, intrinsic, lanes, mpfr, step, ...) [OP_##id] = {.two = step},
#include "ir/ops.def"
};

static double complex pair_of(struct carry c) {
    return complex_of(c.value, c.part);
}

/* As power_multiplied does it. */
static double complex multiplied(double complex z, int exponent) {
    double complex result = 1, square = z;
    unsigned left = exponent < 0 ? 0u - (unsigned)exponent : (unsigned)exponent;
    for (; left; left >>= 1) {
        if (left & 1) result *= square;
        if (left > 1) square *= square;
    }
    return exponent < 0 ? 1 / result : result;
}

static double complex power(const struct carried *c, node_id n, double complex z) {
    int exponent;
    if (power_is_multiplied(c->walk.graph, n, &exponent)) return multiplied(z, exponent);
    return cpow(z, (double)c->walk.integers[node_operand(c->walk.graph, n, 1)]);
}

static double complex half_power(double complex z, int halves) {
    double complex result = csqrt(z) * multiplied(z, (halves < 0 ? -halves : halves) / 2);
    return halves < 0 ? 1 / result : result;
}

static double complex function(struct carried *c, node_id n, double complex a, double complex b) {
    enum op op = node_op(c->walk.graph, n);
    int halves;
    if (power_is_halves(c->walk.graph, n, &halves)) return half_power(a, halves);
    if (rows[op].one) return rows[op].one(a);
    if (rows[op].two) return rows[op].two(a, b);
    c->missing = op;
    return NAN;
}

bool carried_complex(struct carried *c, node_id n, const struct carry *operands, uint32_t count,
                     struct carry *result) {
    double complex a = pair_of(operands[0]), b = pair_of(operands[1]), z;
    (void)count;
    switch ((int)node_op(c->walk.graph, n)) {
    case OP_MUL: z = a * b; break;
    case OP_DIV: z = a / b; break;
    case OP_POWI: z = power(c, n, a); break;
    default: z = function(c, n, a, b); break;
    }
    *result = (struct carry){creal(z), cimag(z)};
    return true;
}
