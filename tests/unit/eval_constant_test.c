#include "eval/constant.h"

#include "eval_fixture.h"

struct constant_case {
    const char *what;
    node_id (*build)(struct graph *g);
    double value;
};

static node_id sqrt5(struct graph *g) {
    return mk_call1(g, OP_SQRT, mk_number(g, 5));
}
static node_id two_pi(struct graph *g) {
    return mk_mul(g, mk_number(g, 2), mk_pi(g));
}
/* libm's sin of the double nearest to pi is 1.2e-16. */
static node_id sin_pi(struct graph *g) {
    return mk_call1(g, OP_SIN, mk_pi(g));
}
/* Cancels 50 digits. */
static node_id cancellation(struct graph *g) {
    node_id big = mk_powi(g, mk_number(g, 10), mk_int(g, 50));
    return mk_sub(g, mk_call1(g, OP_SQRT, mk_add(g, mk_mul(g, big, big), mk_number(g, 1))), big);
}
static node_id huge_ratio(struct graph *g) {
    return mk_div(g, mk_call1(g, OP_EXP, mk_number(g, 1000)), mk_call1(g, OP_EXP, mk_number(g, 999)));
}
static node_id log_of_negative(struct graph *g) {
    return mk_call1(g, OP_LOG, mk_number(g, -1));
}
static node_id exp_of_thousand(struct graph *g) {
    return mk_call1(g, OP_EXP, mk_number(g, 1000));
}
static node_id sigmoid_two(struct graph *g) {
    return mk_call1(g, OP_SIGMOID, mk_number(g, 2));
}
static node_id normal_shift(struct graph *g) {
    return mk_call1(g, OP_LOG, two_pi(g));
}
/* Exactly halfway between two doubles: to even. */
static node_id tie(struct graph *g) {
    node_id root = mk_add(g, mk_one(g), mk_ratio(g, 1, 1UL << 53));
    return mk_call1(g, OP_SQRT, mk_powi(g, root, mk_int(g, 2)));
}
static node_id minus_infinity(struct graph *g) {
    return mk_neg(g, mk_infinity(g));
}

static const struct constant_case constant_cases[] = {
    {"sqrt(5)", sqrt5, 0x1.1e3779b97f4a8p+1},
    {"2*pi", two_pi, 0x1.921fb54442d18p+2},
    {"sin(pi)", sin_pi, 0},
    {"sqrt(1e100 + 1) - 1e50", cancellation, 5e-51},
    {"exp(1000)/exp(999)", huge_ratio, 0x1.5bf0a8b145769p+1},
    {"log(-1)", log_of_negative, NAN},
    {"exp(1000)", exp_of_thousand, HUGE_VAL},
    {"sigmoid(2)", sigmoid_two, 0.88079707797788243},
    {"log(2*pi)", normal_shift, 1.8378770664093454836},
    {"tie", tie, 1},
    {"-inf", minus_infinity, -HUGE_VAL},
};

Test(eval_constant, values) {
    for (size_t i = 0; i < sizeof constant_cases / sizeof *constant_cases; i++) {
        const struct constant_case *c = &constant_cases[i];
        struct graph g;
        double value = 0.5;
        graph_init(&g);
        cr_expect(constant_value(&g, c->build(&g), &value), "%s", c->what);
        if (isnan(c->value))
            cr_expect(isnan(value), "%s is %a", c->what, value);
        else
            cr_expect(value == c->value, "%s is %a", c->what, value);
        graph_release(&g);
    }
}

static double rational(const char *text) {
    mpq_t q;
    mpq_init(q);
    cr_assert_eq(mpq_set_str(q, text, 0), 0);
    mpq_canonicalize(q);
    double value = constant_rational(q);
    mpq_clear(q);
    return value;
}

Test(eval_constant, rationals_are_rounded_once) {
    cr_expect(rational("1/10") == 0.1);
    cr_expect(rational("-1/3") == -1.0 / 3);
    /* 2^53 + 1 is a tie, a little more is not. */
    cr_expect(rational("9007199254740993") == 9007199254740992.0);
    cr_expect(rational("9007199254740993000000000000000000000000000000000000000000000000001/"
                       "1000000000000000000000000000000000000000000000000000") == 9007199254740994.0);
}

/* Near the smallest subnormal a first rounding to 53 bits would decide wrongly. */
Test(eval_constant, subnormals_are_rounded_once) {
    mpq_t q;
    mpq_init(q);
    mpq_set_ui(q, 1, 1);
    mpq_div_2exp(q, q, 1075);
    cr_expect(constant_rational(q) == 0, "half of the smallest goes to even");
    mpz_mul_2exp(mpq_numref(q), mpq_numref(q), 200);
    mpz_add_ui(mpq_numref(q), mpq_numref(q), 1);
    mpz_mul_2exp(mpq_denref(q), mpq_denref(q), 200);
    cr_expect(constant_rational(q) == 0x1p-1074, "a little more than half goes up");
    mpq_clear(q);
}

/* Random quotients against the correctly rounded division of small integers. */
Test(eval_constant, small_quotients_equal_division) {
    uint64_t state = 1;
    for (int i = 0; i < 2000; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        long numerator = (long)(state >> 34) - (1L << 29);
        unsigned long denominator = (unsigned long)(state >> 40) % 1000000 + 1;
        mpq_t q;
        mpq_init(q);
        mpq_set_si(q, numerator, denominator);
        mpq_canonicalize(q);
        cr_assert(constant_rational(q) == (double)numerator / (double)denominator);
        mpq_clear(q);
    }
}

Test(eval_constant, only_constants_have_values) {
    struct graph g;
    double value;
    graph_init(&g);
    node_id x = mk_read(&g, 1, TYPE_REAL, NULL, 0), c = sqrt5(&g), i = mk_index(&g, 1);
    node_id mixed = mk_mul(&g, c, x), index = mk_mul(&g, c, mk_to_real(&g, i));
    cr_expect_not(constant_value(&g, x, &value));
    cr_expect_not(constant_value(&g, mixed, &value));
    cr_expect_not(constant_value(&g, index, &value));
    bool *constant = constant_nodes(&g);
    cr_assert(constant);
    cr_expect(constant[c] && !constant[x] && !constant[mixed] && !constant[index] && !constant[i]);
    free(constant);
    graph_release(&g);
}
