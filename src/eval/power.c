#include "eval/power.h"

#include <math.h>
#include <stdlib.h>

bool power_is_multiplied(const struct graph *g, node_id n, int *exponent) {
    if (node_op(g, n) != OP_POWI || node_op(g, node_operand(g, n, 1)) != OP_INT) return false;
    int64_t value = node_integer(g, node_operand(g, n, 1));
    if (value < -POWER_MULTIPLIED || value > POWER_MULTIPLIED) return false;
    *exponent = (int)value;
    return true;
}

bool power_is_halves(const struct graph *g, node_id n, int *halves) {
    if (node_op(g, n) != OP_POW || node_op(g, node_operand(g, n, 1)) != OP_CONST) return false;
    mpq_srcptr exponent = node_rational(g, node_operand(g, n, 1));
    if (mpz_cmp_ui(mpq_denref(exponent), 2) != 0 || mpz_cmpabs_ui(mpq_numref(exponent), 9) > 0) return false;
    *halves = (int)mpz_get_si(mpq_numref(exponent));
    return true;
}

static double positive_power(double x, int exponent) {
    double result = x;
    int bit = 1;
    while (2 * bit <= exponent) bit *= 2;
    for (bit /= 2; bit > 0; bit /= 2) {
        result *= result;
        if (exponent & bit) result *= x;
    }
    return result;
}

double power_multiplied(double x, int exponent) {
    if (exponent == 0) return 1;
    double result = positive_power(x, abs(exponent));
    return exponent < 0 ? 1 / result : result;
}

double power_halves(double x, int halves) {
    int whole = abs(halves) / 2;
    double result = sqrt(x);
    if (whole > 0) result = positive_power(x, whole) * result;
    return halves < 0 ? 1 / result : result;
}
