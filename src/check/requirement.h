/* What operations require of their operands, read from the domains in the table of operations. */
#ifndef GRADC_CHECK_REQUIREMENT_H
#define GRADC_CHECK_REQUIREMENT_H

#include <stddef.h>

#include "check/range.h"
#include "ir/ops.h"

enum requirement_kind {
    REQUIRES_RANGE,    /* the operand lies in the range */
    REQUIRES_NOT_ZERO, /* the operand is not 0 */
    REQUIRES_NO_POLE,  /* it is above 0, or not whole */
    REQUIRES_NO_TANGENT_POLE,
    REQUIRES_POWER,     /* the first is above 0, or 0 under a positive exponent, or the exponent is whole */
    REQUIRES_NOT_BOTH_0 /* operands 0 and 1 */
};

struct requirement {
    enum requirement_kind kind;
    uint32_t operand;
    struct range range;
};

enum { MOST_REQUIREMENTS = 3 };

/* Of a division, a power with a whole exponent (where the exponent is negative), or a function. Returns how
 * many. */
size_t requirements_of(enum op op, struct requirement requirements[MOST_REQUIREMENTS]);

enum safety { SAFETY_NONE, SAFE, MAYBE_UNSAFE, NEVER_SAFE };

/* Whether it holds for operands in these ranges. */
enum safety requirement_holds(const struct requirement *q, const struct range *operands);

#endif
