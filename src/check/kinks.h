/* Kinks that lie at or near a point: abs at 0, ties of min and max, jumps of floor and its like, comparisons
 * of real numbers that are about to change. */
#ifndef GRADC_CHECK_KINKS_H
#define GRADC_CHECK_KINKS_H

#include "check/reach.h"
#include "check/subject.h"
#include "eval/execute.h"

struct kink {
    struct span span;
    enum op op;      /* a comparison: OP_LT, OP_LE, OP_EQ, OP_NE */
    double distance; /* in relation to the larger operand or 1; the least that was met */
};

struct kinks {
    VEC(struct kink) all;
};

/* Adds the kinks of a program within a distance from the subject's point, one for each place and operation.
 */
enum evaluation kinks_find(struct kinks *kinks, const struct subject *s, const struct program *p,
                           const struct reach *reach, double near);

#endif
