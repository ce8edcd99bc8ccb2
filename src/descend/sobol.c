#include "descend/sobol.h"

enum { BITS = 32, DEGREES = 7 };

/* From the second dimension on: the degree of a primitive polynomial, its inner coefficients as bits, and the
 * first direction numbers. */
static const struct polynomial {
    unsigned char degree, coefficients, first[DEGREES];
} polynomials[SOBOL_DIMENSIONS - 1] = {
    {1, 0, {1}},
    {2, 1, {1, 3}},
    {3, 1, {1, 3, 1}},
    {3, 2, {1, 1, 1}},
    {4, 1, {1, 1, 3, 3}},
    {4, 4, {1, 3, 5, 13}},
    {5, 2, {1, 1, 5, 5, 17}},
    {5, 4, {1, 1, 5, 5, 5}},
    {5, 7, {1, 1, 7, 11, 19}},
    {5, 11, {1, 1, 5, 1, 1}},
    {5, 13, {1, 1, 1, 3, 11}},
    {5, 14, {1, 3, 5, 5, 31}},
    {6, 1, {1, 3, 3, 9, 7, 49}},
    {6, 13, {1, 1, 1, 15, 21, 21}},
    {6, 16, {1, 3, 1, 13, 27, 49}},
    {6, 19, {1, 1, 1, 15, 7, 5}},
    {6, 22, {1, 3, 1, 15, 13, 25}},
    {6, 25, {1, 1, 5, 5, 19, 61}},
    {7, 1, {1, 3, 7, 11, 23, 15, 103}},
    {7, 4, {1, 3, 7, 13, 13, 15, 69}},
    {7, 7, {1, 1, 3, 13, 7, 35, 63}},
    {7, 8, {1, 3, 5, 9, 1, 25, 53}},
    {7, 14, {1, 3, 1, 13, 9, 35, 107}},
    {7, 19, {1, 3, 1, 5, 27, 61, 31}},
    {7, 21, {1, 1, 5, 11, 19, 41, 61}},
    {7, 28, {1, 3, 5, 3, 3, 13, 69}},
    {7, 31, {1, 1, 7, 13, 1, 19, 1}},
    {7, 32, {1, 3, 7, 5, 13, 19, 59}},
    {7, 37, {1, 1, 3, 9, 25, 29, 41}},
    {7, 41, {1, 3, 5, 13, 23, 1, 55}},
};

/* SplitMix64 (G. L. Steele, D. Lea, C. H. Flood, OOPSLA 2014). */
static uint64_t mix(uint64_t x) {
    x += 0x9E3779B97F4A7C15u;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
}

static void find_directions(size_t dimension, uint32_t directions[BITS]) {
    if (dimension == 0) {
        for (int k = 0; k < BITS; k++) directions[k] = (uint32_t)1 << (BITS - 1 - k);
        return;
    }
    const struct polynomial *p = &polynomials[dimension - 1];
    int degree = p->degree;
    for (int k = 0; k < BITS; k++) {
        if (k < degree) {
            directions[k] = (uint32_t)p->first[k] << (BITS - 1 - k);
            continue;
        }
        uint32_t next = directions[k - degree] ^ (directions[k - degree] >> degree);
        for (int i = 1; i < degree; i++)
            if (p->coefficients >> (degree - 1 - i) & 1) next ^= directions[k - i];
        directions[k] = next;
    }
}

double sobol_coordinate(uint32_t index, size_t dimension, uint64_t seed) {
    uint64_t shift = mix(mix(seed) + dimension);
    uint32_t bits = 0, directions[BITS];
    if (dimension >= SOBOL_DIMENSIONS) {
        bits = (uint32_t)(mix(shift + index) >> 32);
    } else {
        find_directions(dimension, directions);
        for (uint32_t code = index ^ (index >> 1), k = 0; code; code >>= 1, k++)
            if (code & 1) bits ^= directions[k];
        bits ^= (uint32_t)(shift >> 32);
    }
    return (bits + 0.5) * 0x1p-32;
}
