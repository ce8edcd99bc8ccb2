#include "check/range.h"

#include <float.h>
#include <math.h>

/* An end of an interval. */
struct end {
    double at;
    bool open;
};

struct range range_empty(void) {
    return (struct range){HUGE_VAL, -HUGE_VAL, true, true, false};
}

struct range range_everything(void) {
    return (struct range){-HUGE_VAL, HUGE_VAL, true, true, false};
}

struct range range_point(double value) {
    return (struct range){value, value, false, false, false};
}

struct range range_of(double low, double high) {
    return (struct range){low, high, isinf(low) != 0, isinf(high) != 0, false};
}

bool range_is_empty(struct range a) {
    return a.low > a.high || (a.low >= a.high && (a.low_open || a.high_open));
}

bool range_is_point(struct range a) {
    return a.low >= a.high && !range_is_empty(a) && isfinite(a.low);
}

static bool is_zero(double x) {
    return x >= 0 && x <= 0;
}

bool range_contains(struct range a, double value) {
    if (a.no_zero && is_zero(value)) return false;
    bool above = a.low_open ? value > a.low : value >= a.low;
    return above && (a.high_open ? value < a.high : value <= a.high);
}

bool range_equal(struct range a, struct range b) {
    return a.low >= b.low && a.low <= b.low && a.high >= b.high && a.high <= b.high &&
           a.low_open == b.low_open && a.high_open == b.high_open && a.no_zero == b.no_zero;
}

/* Where 0 does not belong to it. */
static struct range leave_zero(struct range a, bool no_zero) {
    if (no_zero && is_zero(a.low)) a.low_open = true;
    if (no_zero && is_zero(a.high)) a.high_open = true;
    a.no_zero = no_zero && a.low < 0 && a.high > 0;
    return range_is_empty(a) ? range_empty() : a;
}

static struct end lower_end(struct end a, struct end b) {
    if (a.at < b.at || b.at < a.at) return a.at < b.at ? a : b;
    return (struct end){a.at, a.open && b.open};
}

static struct end higher_end(struct end a, struct end b) {
    if (a.at < b.at || b.at < a.at) return a.at > b.at ? a : b;
    return (struct end){a.at, a.open && b.open};
}

static struct end low_of(struct range a) {
    return (struct end){a.low, a.low_open};
}

static struct end high_of(struct range a) {
    return (struct end){a.high, a.high_open};
}

static struct range between(struct end low, struct end high) {
    return (struct range){low.at, high.at, low.open, high.open, false};
}

struct range range_hull(struct range a, struct range b) {
    if (range_is_empty(a)) return b;
    if (range_is_empty(b)) return a;
    bool no_zero = !range_contains(a, 0) && !range_contains(b, 0);
    return leave_zero(between(lower_end(low_of(a), low_of(b)), higher_end(high_of(a), high_of(b))), no_zero);
}

struct range range_meet(struct range a, struct range b) {
    struct range r = {fmax(a.low, b.low), fmin(a.high, b.high), false, false, false};
    r.low_open = (a.low_open && a.low >= r.low) || (b.low_open && b.low >= r.low);
    r.high_open = (a.high_open && a.high <= r.high) || (b.high_open && b.high <= r.high);
    return leave_zero(r, a.no_zero || b.no_zero);
}

struct range range_without(struct range a, double value) {
    if (is_zero(value)) return leave_zero(a, true);
    if (a.low >= value && a.low <= value) a.low_open = true;
    if (a.high >= value && a.high <= value) a.high_open = true;
    return range_is_empty(a) ? range_empty() : a;
}

struct range range_neg(struct range a) {
    return (struct range){-a.high, -a.low, a.high_open, a.low_open, a.no_zero};
}

/* ---- Rounding ---- */

/* Results so small are not known to be exact. */
static const double nearly_subnormal = 0x1p-960;

static double next_down(double value) {
    return nextafter(value, -HUGE_VAL);
}

/* A result whose exact value is less than, more than or equal to it, by the sign of `error`; as the end of an
 * interval that must lie below it. Rounding outward leaves a number that is not met: the end is open. */
static struct end round_down(double result, double error, bool open) {
    if (isnan(result)) return (struct end){-HUGE_VAL, true};
    if (result >= HUGE_VAL) return (struct end){open ? DBL_MAX : result, open};
    bool unsure = fabs(result) < nearly_subnormal && (result < 0 || result > 0);
    if (error < 0 || unsure) return (struct end){next_down(result), true};
    return (struct end){result, open || error > 0};
}

static struct end opposite(struct end a) {
    return (struct end){-a.at, a.open};
}

static struct end add_down(struct end a, struct end b) {
    double sum = a.at + b.at, back = sum - a.at;
    double error = isfinite(sum) ? (a.at - (sum - back)) + (b.at - back) : 0;
    /* A finite sum that overflows is no infinity. */
    bool overflow = isinf(sum) && isfinite(a.at) && isfinite(b.at);
    if (overflow) return (struct end){sum > 0 ? DBL_MAX : -HUGE_VAL, true};
    return round_down(sum, error, a.open || b.open);
}

struct range range_add(struct range a, struct range b) {
    if (range_is_empty(a) || range_is_empty(b)) return range_empty();
    struct end low = add_down(low_of(a), low_of(b));
    struct end high = add_down(opposite(high_of(a)), opposite(high_of(b)));
    return between(low, opposite(high));
}

/* 0 times anything is 0, an end that is met where a factor 0 is. */
static struct end mul_down(struct end a, struct end b) {
    if (is_zero(a.at) || is_zero(b.at)) {
        bool met = (is_zero(a.at) && !a.open) || (is_zero(b.at) && !b.open);
        return (struct end){0, !met};
    }
    double product = a.at * b.at;
    if (isinf(product) && isfinite(a.at) && isfinite(b.at))
        return (struct end){product > 0 ? DBL_MAX : -HUGE_VAL, true};
    if (is_zero(product)) return (struct end){(a.at < 0) == (b.at < 0) ? 0 : -0x1p-1074, true};
    return round_down(product, isfinite(product) ? fma(a.at, b.at, -product) : 0, a.open || b.open);
}

static struct end mul_up(struct end a, struct end b) {
    return opposite(mul_down(opposite(a), b));
}

/* 0 for a divisor stands for what is just beside it. */
static struct end div_down(struct end a, struct end b) {
    if (is_zero(a.at)) return (struct end){0, a.open};
    if (is_zero(b.at) || isinf(b.at)) {
        bool positive = (a.at > 0) == !signbit(b.at);
        if (isinf(b.at)) return (struct end){isinf(a.at) ? (positive ? 0 : -HUGE_VAL) : 0, true};
        return (struct end){positive ? HUGE_VAL : -HUGE_VAL, true};
    }
    double quotient = a.at / b.at;
    if (isinf(quotient) && isfinite(a.at)) return (struct end){quotient > 0 ? DBL_MAX : -HUGE_VAL, true};
    if (is_zero(quotient)) return (struct end){(a.at < 0) == (b.at < 0) ? 0 : -0x1p-1074, true};
    double rest = isfinite(quotient) ? fma(-quotient, b.at, a.at) : 0;
    return round_down(quotient, b.at < 0 ? -rest : rest, a.open || b.open);
}

static struct end div_up(struct end a, struct end b) {
    return opposite(div_down(opposite(a), b));
}

typedef struct end combine(struct end a, struct end b);

/* The extremes lie at corners. */
static struct range corners(combine *down, combine *up, struct range a, struct range b) {
    struct end al = low_of(a), ah = high_of(a), bl = low_of(b), bh = high_of(b);
    struct end low = lower_end(lower_end(down(al, bl), down(al, bh)), lower_end(down(ah, bl), down(ah, bh)));
    struct end high = higher_end(higher_end(up(al, bl), up(al, bh)), higher_end(up(ah, bl), up(ah, bh)));
    return between(low, high);
}

struct range range_mul(struct range a, struct range b) {
    if (range_is_empty(a) || range_is_empty(b)) return range_empty();
    bool no_zero = !range_contains(a, 0) && !range_contains(b, 0);
    return leave_zero(corners(mul_down, mul_up, a, b), no_zero);
}

static struct range divide_by_positive(struct range a, struct range b) {
    if (b.low <= 0) b.low = 0, b.low_open = true;
    return range_is_empty(b) ? range_empty() : corners(div_down, div_up, a, b);
}

struct range range_div(struct range a, struct range b) {
    if (range_is_empty(a) || range_is_empty(b)) return range_empty();
    struct range positive = range_empty(), negative = range_empty();
    if (b.high > 0) positive = divide_by_positive(a, b);
    if (b.low < 0) negative = divide_by_positive(range_neg(a), range_neg(b));
    return leave_zero(range_hull(positive, negative), !range_contains(a, 0));
}

struct range range_abs(struct range a) {
    if (range_is_empty(a) || a.low >= 0) return a;
    if (a.high <= 0) return range_neg(a);
    return between((struct end){0, a.no_zero}, higher_end(opposite(low_of(a)), high_of(a)));
}

struct range range_min(struct range a, struct range b) {
    if (range_is_empty(a) || range_is_empty(b)) return range_empty();
    struct range r = between(lower_end(low_of(a), low_of(b)), low_of(a));
    struct end high = a.high < b.high ? high_of(a) : high_of(b);
    if (!(a.high < b.high) && !(b.high < a.high)) high.open = a.high_open || b.high_open;
    r.high = high.at;
    r.high_open = high.open;
    return r;
}

struct range range_max(struct range a, struct range b) {
    return range_neg(range_min(range_neg(a), range_neg(b)));
}

struct range range_times(struct range a, double least, double most) {
    if (range_is_empty(a)) return least > 0 ? a : range_point(0);
    return range_mul(a, (struct range){least, most, false, isinf(most) != 0, false});
}

/* ---- Comparisons ---- */

static enum truth truth_of(bool may_hold, bool may_fail) {
    return (may_hold ? MAY_HOLD : NEVER) | (may_fail ? MAY_FAIL : NEVER);
}

/* Whether some a is at most (or below) some b. */
static bool reaches(struct range a, struct range b, bool strictly) {
    if (a.low < b.high) return true;
    return a.low <= b.high && !strictly && !a.low_open && !b.high_open;
}

enum truth range_less(struct range a, struct range b) {
    if (range_is_empty(a) || range_is_empty(b)) return UNDECIDED;
    return truth_of(reaches(a, b, true), reaches(b, a, false));
}

enum truth range_less_or_equal(struct range a, struct range b) {
    if (range_is_empty(a) || range_is_empty(b)) return UNDECIDED;
    return truth_of(reaches(a, b, false), reaches(b, a, true));
}

enum truth range_same(struct range a, struct range b) {
    if (range_is_empty(a) || range_is_empty(b)) return UNDECIDED;
    bool points = range_is_point(a) && range_is_point(b) && a.low >= b.low && a.low <= b.low;
    return truth_of(!range_is_empty(range_meet(a, b)), !points);
}
