/* Intervals of real numbers, rounded outward: whatever the operands are within theirs, the result of an
 * operation, as a real number, is within its. Whether an end belongs to an interval is kept, so that x > 0 is
 * told from x >= 0; infinite ends do not belong to it unless the value may be infinite. */
#ifndef GRADC_CHECK_RANGE_H
#define GRADC_CHECK_RANGE_H

#include <stdbool.h>
#include <stdint.h>

struct range {
    double low, high; /* low above high: empty */
    bool low_open, high_open;
    bool no_zero; /* 0 lies between the ends, but does not belong to it */
};

/* No number, and all of them. */
struct range range_empty(void);
struct range range_everything(void);
struct range range_point(double value);
/* Closed where finite. */
struct range range_of(double low, double high);

bool range_is_empty(struct range a);
/* Whether it is one finite number. */
bool range_is_point(struct range a);
bool range_contains(struct range a, double value);
bool range_equal(struct range a, struct range b);
struct range range_hull(struct range a, struct range b);
struct range range_meet(struct range a, struct range b);
/* a without the value, where that is one of its ends, or 0. */
struct range range_without(struct range a, double value);

struct range range_neg(struct range a);
struct range range_add(struct range a, struct range b);
struct range range_mul(struct range a, struct range b);
/* Divisors of 0 are left out; b is 0 only: empty. */
struct range range_div(struct range a, struct range b);
struct range range_abs(struct range a);
struct range range_min(struct range a, struct range b);
struct range range_max(struct range a, struct range b);
/* a number of times, between two counts. */
struct range range_times(struct range a, double least, double most);

/* What a comparison of two ranges may come to. */
enum truth { NEVER = 0, MAY_HOLD = 1, MAY_FAIL = 2, UNDECIDED = 3 };
enum truth range_less(struct range a, struct range b);          /* a < b */
enum truth range_less_or_equal(struct range a, struct range b); /* a <= b */
enum truth range_same(struct range a, struct range b);          /* a == b */

#endif
