#include <math.h>

#include "special/pair.h"
#include "special/special.h"

/* One step of Newton's method on the library's root, which may be several units off. */
double gradc_cbrt(double x) {
    int exponent;
    if (x == 0 || isinf(x) || isnan(x)) return x;
    double scaled = frexp(x, &exponent);
    int third = exponent / 3;
    scaled = ldexp(scaled, exponent - 3 * third);
    double root = cbrt(scaled);
    struct gradc_pair cube = gradc_pair_scale(gradc_pair_of_product(root, root), root);
    double rest = (cube.high - scaled) + cube.low;
    return ldexp(root - rest / (3 * root * root), third);
}

/* x - y*floor(x/y), exact but for the last sum. */
double gradc_mod(double x, double y) {
    if (isinf(y)) return NAN;
    double rest = fmod(x, y);
    return rest != 0 && (rest < 0) != (y < 0) ? rest + y : rest;
}
