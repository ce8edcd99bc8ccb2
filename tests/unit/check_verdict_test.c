#include "check/verdict.h"

#include <criterion/criterion.h>
#include <math.h>

/* A derivative of about 1 that agrees to all digits. */
static struct measurement good(void) {
    return (struct measurement){
        .value = 1, .expected = 1, .below = 1, .above = 1, .judge_error = 1e-90, .smooth = true};
}

static void falsify(struct measurement *m, double distance) {
    m->value += distance;
    m->distance = fabs(distance);
}

/* The formula gives what differences say. */
static void with_formula(struct measurement *m, double error) {
    m->has_formula = true;
    m->formula = m->expected;
    m->value_distance = m->distance;
    m->error = error;
}

static void repeat(struct measurement *m) {
    m->repeated = true;
    m->first = m->expected;
    m->reaches = fmax(fabs(m->below), fabs(m->above));
}

static void expect(const struct measurement *m, enum checked verdict, enum doubt doubt, const char *what) {
    struct judgement j;
    cr_assert_eq(verdict_decide(m, &j), NEED_NOTHING, "%s: is not decided", what);
    cr_expect(j.verdict == verdict && j.doubt == doubt, "%s: verdict %d, doubt %d", what, j.verdict, j.doubt);
}

static void expect_need(const struct measurement *m, enum need need, const char *what) {
    struct judgement j;
    cr_expect_eq(verdict_decide(m, &j), need, "%s", what);
}

Test(check_verdict, digits) {
    cr_expect_eq(digits_of(0, 1), 16);
    cr_expect_eq(digits_of(1e-17, 1), 16);
    cr_expect_eq(digits_of(2e-13, 1), 12);
    cr_expect_eq(digits_of(2e-13, 1e300), 16);
    cr_expect_eq(digits_of(0.5, 1), 0);
    cr_expect_eq(digits_of(5, 1), 0);
}

Test(check_verdict, what_is_close_agrees_without_more_ado) {
    struct measurement m = good();
    expect(&m, CHECKED_AGREES, DOUBT_NONE, "equal");
    falsify(&m, 1e-13);
    expect(&m, CHECKED_AGREES, DOUBT_NONE, "12 digits");
    m = (struct measurement){.smooth = true};
    expect(&m, CHECKED_AGREES, DOUBT_NONE, "zero");
    m = (struct measurement){
        .expected = 1e-70, .distance = 1e-70, .above = 1e-39, .below = -1e-39, .smooth = true};
    expect(&m, CHECKED_AGREES, DOUBT_NONE, "what the step leaves of zero");
}

Test(check_verdict, few_digits_need_a_reason) {
    struct measurement m = good();
    falsify(&m, 1e-9);
    expect_need(&m, NEED_FORMULA, "9 digits");
    with_formula(&m, 1e8);
    expect(&m, CHECKED_AGREES, DOUBT_NONE, "9 digits at a condition number of 1e8");
    m.error = 2;
    expect_need(&m, NEED_REPETITION, "9 digits at a condition number of 2");
    repeat(&m);
    expect(&m, CHECKED_DISAGREES, DOUBT_ARITHMETIC, "9 digits at a condition number of 2, twice");
    m.other_side = true;
    expect(&m, CHECKED_CANNOT_TELL, DOUBT_SIDE, "another branch in doubles");
    m = good();
    falsify(&m, 0.3);
    with_formula(&m, 1e17);
    expect(&m, CHECKED_CANNOT_TELL, DOUBT_CANCELS, "no digit at a condition number of 1e17");
    m.error = HUGE_VAL;
    expect(&m, CHECKED_CANNOT_TELL, DOUBT_CANCELS, "nothing is known of the error");
}

Test(check_verdict, derivatives_that_differences_do_not_see) {
    struct measurement m = {.value = -1e-291,
                            .expected = 3e-100,
                            .distance = 3e-100,
                            .below = 3e-100,
                            .above = 3e-100,
                            .judge_error = 1e-99,
                            .smooth = true};
    expect_need(&m, NEED_FORMULA, "below the noise of differences");
    m.has_formula = true;
    m.formula = -1e-291;
    m.formula_distance = 3e-100;
    m.error = 1e-289;
    expect_need(&m, NEED_REPETITION, "with a formula");
    repeat(&m);
    expect(&m, CHECKED_AGREES, DOUBT_NONE, "with a formula, twice");
    m.value = -2e-291;
    m.value_distance = 1e-291;
    expect(&m, CHECKED_DISAGREES, DOUBT_ARITHMETIC, "not what the formula gives");
}

Test(check_verdict, a_wrong_formula_is_found_whatever_the_condition) {
    struct measurement m = good();
    falsify(&m, 1e-10);
    with_formula(&m, 1e12);
    m.formula += 1e-10;
    m.value_distance = 0;
    m.formula_distance = 1e-10;
    expect_need(&m, NEED_REPETITION, "the formula is off");
    repeat(&m);
    expect(&m, CHECKED_DISAGREES, DOUBT_FORMULA, "the formula is off, twice");
    m.first = 0.7;
    expect(&m, CHECKED_CANNOT_TELL, DOUBT_JUDGE, "two steps, two limits");
}

Test(check_verdict, kinks) {
    struct measurement m = {.below = -1, .above = 1, .judge_error = 1e-90};
    expect_need(&m, NEED_REPETITION, "abs at 0");
    repeat(&m);
    expect(&m, CHECKED_CANNOT_TELL, DOUBT_KINK, "abs at 0, twice");
    m = (struct measurement){.below = -1e-39, .above = 1e-39, .judge_error = 1e-200};
    expect_need(&m, NEED_REPETITION, "abs squared at 0");
    repeat(&m);
    m.below = -1e-120, m.above = 1e-120;
    expect(&m, CHECKED_AGREES, DOUBT_NONE, "abs squared at 0, with a smaller step");
    m = (struct measurement){.above = 1e39, .expected = 5e38, .distance = 5e38, .judge_error = 1e-90};
    expect_need(&m, NEED_REPETITION, "floor");
    repeat(&m);
    m.above = 1e120;
    expect(&m, CHECKED_CANNOT_TELL, DOUBT_JUMP, "floor, with a smaller step");
}

Test(check_verdict, what_is_no_number) {
    struct measurement m = good();
    m.value = NAN;
    expect(&m, CHECKED_CANNOT_TELL, DOUBT_NOT_FINITE, "the derivative");
    m = good();
    m.below = m.expected = m.distance = NAN;
    expect(&m, CHECKED_CANNOT_TELL, DOUBT_EDGE, "one side");
    m.above = NAN;
    expect(&m, CHECKED_CANNOT_TELL, DOUBT_JUDGE, "both sides");
}
