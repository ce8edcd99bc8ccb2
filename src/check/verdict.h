/* What is to be said of a derivative in doubles, given what was measured beside it. Pure arithmetic.
 *
 * A derivative agrees with differences or does not; where a kink lies within the step, where digits cancel,
 * or where the function ends, nobody can tell. Before anything is called wrong it is measured a second time,
 * with other steps and more bits. */
#ifndef GRADC_CHECK_VERDICT_H
#define GRADC_CHECK_VERDICT_H

#include <stdbool.h>

enum checked { CHECKED_AGREES, CHECKED_CANNOT_TELL, CHECKED_DISAGREES };

enum doubt {
    DOUBT_NONE,
    DOUBT_KINK,       /* the derivatives from both sides differ */
    DOUBT_JUMP,       /* the function jumps */
    DOUBT_EDGE,       /* the function is defined on one side only */
    DOUBT_NOT_FINITE, /* the derivative in doubles is NaN or infinite */
    DOUBT_CANCELS,    /* so ill-conditioned that doubles keep no digits */
    DOUBT_SIDE,       /* rounding takes doubles to the other side of a comparison */
    DOUBT_JUDGE,      /* differences come to no limit */
    DOUBT_FORMULA,    /* disagrees: the derived formula is wrong */
    DOUBT_ARITHMETIC  /* disagrees: the formula is right, its evaluation in doubles is not */
};

struct measurement {
    double value;        /* in doubles: what is checked */
    double expected;     /* by central differences */
    double distance;     /* of the two, subtracted before rounding */
    double below, above; /* differences to one side each */
    double judge_error;  /* of expected, by rounding alone */
    bool smooth;         /* both sides and the point have decided alike */

    bool has_formula;        /* the derived program was run at high precision: */
    double formula;          /* what it gave */
    double formula_distance; /* of that from the expected one */
    double value_distance;   /* of that from the value in doubles */
    double error;            /* what correctly working doubles may be off, in units of 2^-53 */

    bool repeated;   /* this is the second measurement: */
    double first;    /* what the first expected */
    double reaches;  /* the larger of |below| and |above| in the first */
    bool other_side; /* doubles have decided otherwise than high precision */
};

enum need { NEED_NOTHING, NEED_FORMULA, NEED_REPETITION };

struct judgement {
    enum checked verdict;
    enum doubt doubt;
    unsigned digits;  /* decimal ones in which both are the same, at most 16 */
    double condition; /* error in relation to the value; 0 where it was not needed */
};

/* What is needed to decide; NEED_NOTHING: *judgement is final. */
enum need verdict_decide(const struct measurement *m, struct judgement *judgement);
/* The decimal digits that a relative distance leaves. */
unsigned digits_of(double distance, double scale);

#endif
