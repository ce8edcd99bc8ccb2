#include "special/pair.h"

#include <math.h>

/* Knuth, The Art of Computer Programming 2, 4.2.2, theorem B. */
struct gradc_pair gradc_pair_of_sum(double a, double b) {
    struct gradc_pair sum;
    sum.high = a + b;
    double share = sum.high - a;
    sum.low = (a - (sum.high - share)) + (b - share);
    return sum;
}

/* Dekker, A floating-point technique for extending the available precision (1971): halves of 26 bits. */
struct gradc_pair gradc_pair_of_product(double a, double b) {
    const double splitter = 134217729.0; /* 2^27 + 1 */
    struct gradc_pair product;
    double a_shifted = splitter * a, b_shifted = splitter * b;
    double a_high = a_shifted - (a_shifted - a), b_high = b_shifted - (b_shifted - b);
    double a_low = a - a_high, b_low = b - b_high;
    product.high = a * b;
    product.low = ((a_high * b_high - product.high) + a_high * b_low + a_low * b_high) + a_low * b_low;
    return product;
}

struct gradc_pair gradc_pair_add(struct gradc_pair a, struct gradc_pair b) {
    struct gradc_pair high = gradc_pair_of_sum(a.high, b.high), low = gradc_pair_of_sum(a.low, b.low);
    high = gradc_pair_of_sum(high.high, high.low + low.high);
    return gradc_pair_of_sum(high.high, high.low + low.low);
}

struct gradc_pair gradc_pair_multiply(struct gradc_pair a, struct gradc_pair b) {
    struct gradc_pair product = gradc_pair_of_product(a.high, b.high);
    return gradc_pair_of_sum(product.high, product.low + (a.high * b.low + a.low * b.high));
}

struct gradc_pair gradc_pair_scale(struct gradc_pair a, double factor) {
    struct gradc_pair product = gradc_pair_of_product(a.high, factor);
    return gradc_pair_of_sum(product.high, product.low + a.low * factor);
}

struct gradc_pair gradc_pair_divide(struct gradc_pair a, struct gradc_pair b) {
    double first = a.high / b.high;
    struct gradc_pair rest = gradc_pair_add(a, gradc_pair_scale(b, -first));
    double second = rest.high / b.high;
    rest = gradc_pair_add(rest, gradc_pair_scale(b, -second));
    struct gradc_pair quotient = gradc_pair_of_sum(first, second);
    return gradc_pair_of_sum(quotient.high, quotient.low + rest.high / b.high);
}

/* 1/k for k = 2..9: what follows in a series is small enough for doubles. */
static const struct gradc_pair inverses[10] = {
    {0, 0},
    {1, 0},
    {0x1p-1, 0},
    {0x1.5555555555555p-2, 0x1.5555555555555p-56},
    {0x1p-2, 0},
    {0x1.999999999999ap-3, -0x1.999999999999ap-57},
    {0x1.5555555555555p-3, 0x1.5555555555555p-57},
    {0x1.2492492492492p-3, 0x1.2492492492492p-57},
    {0x1p-3, 0},
    {0x1.c71c71c71c71cp-4, 0x1.c71c71c71c71cp-58},
};

/* a = m*2^e with m in sqrt(1/2)..sqrt(2); log m = 2*artanh(s), s = (m - 1)/(m + 1). */
struct gradc_pair gradc_pair_log(struct gradc_pair a) {
    const struct gradc_pair one = {1, 0}, minus_one = {-1, 0};
    const struct gradc_pair log2 = {0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56};
    int exponent;
    double high = frexp(a.high, &exponent), tail = 0;
    if (high < 0.70710678118654752) {
        high *= 2;
        exponent--;
    }
    struct gradc_pair m = {high, ldexp(a.low, -exponent)};
    struct gradc_pair s = gradc_pair_divide(gradc_pair_add(m, minus_one), gradc_pair_add(m, one));
    struct gradc_pair square = gradc_pair_multiply(s, s);
    for (int k = 35; k >= 11; k -= 2) tail = 1.0 / k + square.high * tail;
    struct gradc_pair sum = {tail, 0};
    for (int k = 9; k >= 1; k -= 2) sum = gradc_pair_add(gradc_pair_multiply(sum, square), inverses[k]);
    sum = gradc_pair_multiply(gradc_pair_scale(s, 2), sum);
    return gradc_pair_add(gradc_pair_scale(log2, exponent), sum);
}

struct gradc_pair gradc_pair_log_excess(struct gradc_pair a) {
    const struct gradc_pair minus = {-a.high, -a.low};
    double tail = 0;
    for (int k = 38; k >= 10; k--) tail = 1.0 / k - a.high * tail;
    struct gradc_pair sum = {tail, 0};
    for (int k = 9; k >= 2; k--) sum = gradc_pair_add(gradc_pair_multiply(sum, minus), inverses[k]);
    return gradc_pair_multiply(sum, gradc_pair_multiply(a, a));
}

double gradc_pair_exp(struct gradc_pair a) {
    double rounded = exp(a.high);
    return rounded > 0 && rounded <= 1.7976931348623157e308 ? rounded + rounded * a.low : rounded;
}
