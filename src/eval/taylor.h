/* How a result changes along one unknown: its values on both sides at high precision, and from them, by
 * differences, its derivatives of higher order. They are right to some digits, which is enough to predict
 * what differences in doubles come to. */
#ifndef GRADC_EVAL_TAYLOR_H
#define GRADC_EVAL_TAYLOR_H

#include "eval/reference.h"

enum { TAYLOR_NODES = 7, TAYLOR_ORDER = 5, TAYLOR_BITS = 464 };

struct taylor {
    double nodes[TAYLOR_NODES];                       /* the unknown there, */
    bool exact[TAYLOR_NODES];                         /* without a rounding */
    double values[TAYLOR_NODES], rests[TAYLOR_NODES]; /* the result: a double, and what it lacks */
    double derivatives[TAYLOR_ORDER + 1];             /* of order 2, 3 and 5; the others are 0 */
};

/* Runs the reference, of TAYLOR_BITS or more, with the unknown moved; it stands as it did before afterwards.
 */
enum evaluation taylor_measure(struct reference *r, array_id unknown, size_t element, array_id result,
                               struct taylor *taylor);

#endif
