#include "check/range.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

#include "check/points.h"
#include "check/range_function.h"
#include "check/requirement.h"

/* ---- Samples ---- */

static double any_number(struct chance *chance) {
    static const double special[] = {0,       1,         -1,    0.5,    -2,   3,  1e-300,
                                     -1e-300, 0x1p-1074, 1e300, -1e300, 1e-8, 1e8};
    unsigned kind = (unsigned)(chance_unit(chance) * 4);
    double unit = chance_unit(chance);
    if (kind == 0) return special[(size_t)(unit * sizeof special / sizeof *special)];
    if (kind == 1) return ldexp(unit - 0.5, (int)(chance_unit(chance) * 2000) - 1000);
    return kind == 2 ? 10 * (unit - 0.5) : floor(20 * (unit - 0.5)) / 4;
}

static struct range any_range(struct chance *chance) {
    double a = any_number(chance), b = any_number(chance);
    struct range range = range_of(fmin(a, b), fmax(a, b));
    double unit = chance_unit(chance);
    if (unit < 0.1) return range_point(a);
    if (unit < 0.2) range = range_of(-HUGE_VAL, range.high);
    if (unit > 0.9) range = range_of(range.low, HUGE_VAL);
    if (unit > 0.4 && unit < 0.6 && range.low < range.high) range.low_open = true;
    if (unit > 0.5 && unit < 0.7 && range.low < range.high) range.high_open = true;
    return range;
}

/* Also the ends that belong to it; NaN now and then. */
static double within(struct chance *chance, struct range range) {
    double unit = chance_unit(chance);
    if (unit < 0.15 && !range.low_open) return range.low;
    if (unit > 0.85 && !range.high_open) return range.high;
    double low = fmax(range.low, -1e300), high = fmin(range.high, 1e300);
    unit = chance_unit(chance);
    double value = unit < 0.5 ? low * (1 - unit) + high * unit : low + (high - low) * pow(unit - 0.5, 8);
    return range_contains(range, value) ? value : NAN;
}

static bool holds(struct range range, mpfr_srcptr value) {
    if (mpfr_nan_p(value)) return true; /* undefined */
    int low = mpfr_cmp_d(value, range.low), high = mpfr_cmp_d(value, range.high);
    return (range.low_open ? low > 0 : low >= 0) && (range.high_open ? high < 0 : high <= 0);
}

static const char *shown(struct range range, char text[80]) {
    snprintf(text, 80, "%c%.17g, %.17g%c", range.low_open ? '(' : '[', range.low, range.high,
             range.high_open ? ')' : ']');
    return text;
}

/* ---- Arithmetic ---- */

typedef struct range operation(struct range a, struct range b);
typedef int exactly(mpfr_ptr, mpfr_srcptr, mpfr_srcptr, mpfr_rnd_t);

static void try_operation(const char *name, operation *on_ranges, exactly *on_numbers, uint64_t seed) {
    struct chance chance = {seed};
    struct range a = any_range(&chance), b = any_range(&chance), result = on_ranges(a, b);
    mpfr_t x, y, value;
    mpfr_inits2(5000, x, y, value, (mpfr_ptr)0);
    for (int k = 0; k < 12; k++) {
        mpfr_set_d(x, within(&chance, a), MPFR_RNDN);
        mpfr_set_d(y, within(&chance, b), MPFR_RNDN);
        if (!mpfr_number_p(x) || !mpfr_number_p(y)) continue;
        on_numbers(value, x, y, MPFR_RNDN);
        char first[80], second[80], third[80];
        if (mpfr_inf_p(value)) continue;
        cr_expect(holds(result, value), "%s %s %s: %s does not hold %.17g (%.17g, %.17g)", shown(a, first),
                  name, shown(b, second), shown(result, third), mpfr_get_d(value, MPFR_RNDN),
                  mpfr_get_d(x, MPFR_RNDN), mpfr_get_d(y, MPFR_RNDN));
    }
    mpfr_clears(x, y, value, (mpfr_ptr)0);
}

Test(check_range, no_sample_of_arithmetic_lies_outside) {
    for (uint64_t seed = 0; seed < 4000; seed++) {
        try_operation("+", range_add, mpfr_add, seed);
        try_operation("*", range_mul, mpfr_mul, seed);
        try_operation("/", range_div, mpfr_div, seed);
        try_operation("min", range_min, mpfr_min, seed);
        try_operation("max", range_max, mpfr_max, seed);
    }
}

Test(check_range, no_sample_of_powers_lies_outside) {
    struct ranger ranger;
    ranger_init(&ranger);
    mpfr_t value;
    mpfr_init2(value, 5000);
    for (uint64_t seed = 0; seed < 4000; seed++) {
        struct chance chance = {seed};
        struct range base = any_range(&chance);
        long exponent = (long)(chance_unit(&chance) * 13) - 5;
        struct range result = range_power(&ranger, base, exponent);
        for (int k = 0; k < 8; k++) {
            double x = within(&chance, base);
            char first[80], second[80];
            mpfr_set_d(value, x, MPFR_RNDN);
            mpfr_pow_si(value, value, exponent, MPFR_RNDN);
            if (!isfinite(x) || mpfr_inf_p(value)) continue;
            cr_expect(holds(result, value), "%s^%ld: %s does not hold that of %.17g", shown(base, first),
                      exponent, shown(result, second), x);
        }
    }
    mpfr_clear(value);
    ranger_release(&ranger);
}

struct exact_case {
    operation *on_ranges;
    struct range a, b, expected;
};

Test(check_range, ends_are_as_near_as_they_can_be) {
    const struct range positive = {0, HUGE_VAL, true, true, false}, some = {1, 2, false, false, false},
                       unit = {0, 1, false, false, false}, open_unit = {0, 1, true, false, false};
    const struct exact_case cases[] = {
        {range_add, some, range_point(-1), unit},
        {range_add, positive, range_point(1), {1, HUGE_VAL, true, true, false}},
        {range_add, {1, HUGE_VAL, true, true, false}, range_point(-1), positive},
        {range_mul, some, {-1, 3, false, true, false}, {-2, 6, false, true, false}},
        {range_mul, unit, positive, {0, HUGE_VAL, false, true, false}},
        {range_mul, open_unit, positive, positive},
        {range_div, range_point(1), some, {0.5, 1, false, false, false}},
        {range_div, range_point(1), unit, {1, HUGE_VAL, false, true, false}},
        {range_div, range_point(1), {-1, 1, false, false, false}, {-HUGE_VAL, HUGE_VAL, true, true, true}},
        {range_mul, {-1, 1, false, false, true}, some, {-2, 2, false, false, true}},
        {range_add, {-1, 1, false, false, true}, range_point(1), {0, 2, false, false, false}},
        {range_div, range_point(0), {-1, 1, false, false, false}, range_point(0)},
        {range_div, some, range_point(0), range_empty()},
        {range_max, some, {-5, 1.5, false, true, false}, some},
        {range_min, positive, some, {0, 2, true, false, false}},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct range result = cases[k].on_ranges(cases[k].a, cases[k].b);
        char first[80], second[80];
        bool same = range_equal(result, cases[k].expected) ||
                    (range_is_empty(result) && range_is_empty(cases[k].expected));
        cr_expect(same, "case %zu: %s, expected %s", k, shown(result, first),
                  shown(cases[k].expected, second));
    }
}

/* ---- Functions ---- */

/* Around what tests of the function draw from, and beyond. */
static struct range operand_range(struct chance *chance, enum op op, uint32_t k) {
    const struct op_info *info = op_info(op);
    if (info->has_order && k == 0)
        return range_point(
            floor(info->first_order + chance_unit(chance) * (info->last_order - info->first_order)));
    double width = info->high - info->low, low = info->low - width / 2, high = info->high + width / 2;
    double a = low + chance_unit(chance) * (high - low), b = low + chance_unit(chance) * (high - low);
    if (chance_unit(chance) < 0.3) a = floor(a), b = floor(b);
    if (chance_unit(chance) < 0.1) b = a;
    return range_of(fmin(a, b), fmax(a, b));
}

static bool is_in_domain(enum op op, const struct range *points) {
    struct requirement requirements[MOST_REQUIREMENTS];
    bool good = true;
    for (size_t k = requirements_of(op, requirements); k-- > 0;)
        good &= requirement_holds(&requirements[k], points) == SAFE;
    return good;
}

static void try_function(struct ranger *ranger, struct precise *precise, enum op op, uint64_t seed) {
    struct chance chance = {seed};
    uint32_t count = op_info(op)->arity == ARITY_VARIADIC ? 3 : op_info(op)->arity;
    struct precise_value values[3], result;
    const struct precise_value *operands[3];
    struct range ranges[3];
    for (uint32_t k = 0; k < count; k++) {
        ranges[k] = operand_range(&chance, op, k);
        precise_value_init(&values[k], 200);
        operands[k] = &values[k];
    }
    precise_value_init(&result, 200);
    struct range range = range_function(ranger, op, ranges, count);
    for (int i = 0; i < 6; i++) {
        struct range points[3];
        for (uint32_t k = 0; k < count; k++) {
            points[k] = range_point(within(&chance, ranges[k]));
            mpfr_set_d(values[k].value, points[k].low, MPFR_RNDN);
        }
        if (!is_in_domain(op, points)) continue;
        char first[80], second[80];
        cr_assert(precise_operation(precise, op, operands, count, 0, &result));
        if (mpfr_inf_p(result.value)) continue;
        cr_expect(holds(range, result.value), "%s of %s, seed %lu: %s does not hold %.17g", op_info(op)->name,
                  shown(ranges[count - 1], first), (unsigned long)seed, shown(range, second),
                  mpfr_get_d(result.value, MPFR_RNDN));
    }
    for (uint32_t k = 0; k < count; k++) precise_value_clear(&values[k]);
    precise_value_clear(&result);
}

Test(check_range, no_sample_of_a_function_lies_outside) {
    struct ranger ranger;
    struct precise precise;
    ranger_init(&ranger);
    precise_init(&precise, 200);
    for (int op = 0; op < OP_COUNT; op++) {
        if (!op_info((enum op)op)->is_function) continue;
        for (uint64_t seed = 0; seed < 60; seed++) try_function(&ranger, &precise, (enum op)op, seed);
    }
    ranger_release(&ranger);
    precise_release(&precise);
}

struct function_case {
    enum op op;
    struct range operand, least; /* at least so narrow */
};

Test(check_range, functions_have_narrow_ranges) {
    const double pi = 3.1415926535897931;
    const struct function_case cases[] = {
        {OP_EXP, {-HUGE_VAL, 0, true, false, false}, {0, 1, true, false, false}},
        {OP_LOG, {1, HUGE_VAL, false, true, false}, {0, HUGE_VAL, false, true, false}},
        {OP_LOG, {-1, 1, false, false, false}, {-HUGE_VAL, 0, true, false, false}},
        {OP_SQRT, {0, 4, false, false, false}, {0, 2, false, false, false}},
        {OP_SIN, {0, pi, false, false, false}, {0, 1, false, false, false}},
        {OP_SIN, {-1, 1, false, false, false}, {-0.8415, 0.8415, false, false, false}},
        {OP_COS, {-1, 1, false, false, false}, {0.54, 1, false, false, false}},
        {OP_COSPI, {0.25, 1, false, false, false}, {-1, 0.7072, false, false, false}},
        {OP_SIGMOID, {-HUGE_VAL, HUGE_VAL, true, true, false}, {0, 1, true, true, false}},
        {OP_TANH, {0, HUGE_VAL, false, true, false}, {0, 1, false, true, false}},
        {OP_GAMMA, {1, 2, false, false, false}, {0.8855, 1, false, false, false}},
        {OP_DIGAMMA, {2, 3, false, false, false}, {0.42, 0.93, false, false, false}},
        {OP_FLOOR, {0.5, 2.5, false, false, false}, {0, 2, false, false, false}},
        {OP_ABS, {-3, 2, false, true, false}, {0, 3, false, false, false}},
        {OP_NORMAL_PDF, {-1, 3, false, false, false}, {0.004, 0.39895, false, false, false}},
    };
    struct ranger ranger;
    ranger_init(&ranger);
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct range result = range_function(&ranger, cases[k].op, &cases[k].operand, 1);
        char first[80], second[80];
        cr_expect(range_equal(range_meet(result, cases[k].least), result), "%s: %s, expected within %s",
                  op_info(cases[k].op)->name, shown(result, first), shown(cases[k].least, second));
    }
    ranger_release(&ranger);
}

/* ---- Requirements ---- */

struct requirement_case {
    enum op op;
    struct range a, b;
    enum safety expected;
};

Test(check_range, requirements) {
    const struct range positive = {0, HUGE_VAL, true, true, false}, any = range_everything(),
                       point = range_point(1);
    const struct requirement_case cases[] = {
        {OP_LOG, positive, point, SAFE},
        {OP_LOG, {0, 1, false, false, false}, point, MAYBE_UNSAFE},
        {OP_LOG, {-2, -1, false, false, false}, point, NEVER_SAFE},
        {OP_SQRT, {0, 1, false, false, false}, point, SAFE},
        {OP_DIV, point, positive, SAFE},
        {OP_DIV, point, any, MAYBE_UNSAFE},
        {OP_DIV, point, range_point(0), NEVER_SAFE},
        {OP_ASIN, {-1, 1, false, false, false}, point, SAFE},
        {OP_ASIN, {-1, 1.1, false, false, false}, point, MAYBE_UNSAFE},
        {OP_LGAMMA, positive, point, SAFE},
        {OP_LGAMMA, {-0.75, -0.25, false, false, false}, point, SAFE},
        {OP_LGAMMA, {-1.5, -0.25, false, false, false}, point, MAYBE_UNSAFE},
        {OP_LGAMMA, {0, 3, false, false, false}, point, MAYBE_UNSAFE},
        {OP_TAN, {-1, 1, false, false, false}, point, SAFE},
        {OP_TAN, {1, 2, false, false, false}, point, MAYBE_UNSAFE},
        {OP_POW, positive, any, SAFE},
        {OP_POW, {0, 1, false, false, false}, {0.5, 2, false, false, false}, SAFE},
        {OP_POW, {0, 1, false, false, false}, {-0.5, 2, false, false, false}, MAYBE_UNSAFE},
        {OP_POW, {-1, 1, false, false, false}, range_point(2), SAFE},
        {OP_POW, {-1, 1, false, false, false}, range_point(-2), MAYBE_UNSAFE},
        {OP_POW, {-2, -1, false, false, false}, range_point(0.5), NEVER_SAFE},
        {OP_ATAN2, any, positive, SAFE},
        {OP_ATAN2, any, any, MAYBE_UNSAFE},
        {OP_BETA, point, {0, 1, true, true, false}, SAFE},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct requirement requirements[MOST_REQUIREMENTS];
        struct range operands[2] = {cases[k].a, cases[k].b};
        enum safety worst = SAFETY_NONE;
        for (size_t i = requirements_of(cases[k].op, requirements); i-- > 0;) {
            enum safety safety = requirement_holds(&requirements[i], operands);
            if (safety > worst) worst = safety;
        }
        cr_expect_eq(worst, cases[k].expected, "case %zu, %s: %d", k, op_info(cases[k].op)->name, worst);
    }
}
