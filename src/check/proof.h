/* Proofs by intervals: which operations of a program have operands within their domain whatever the unknowns
 * are within their bounds.
 *
 * The program is run on ranges (range.h) instead of numbers. A condition that is not decided takes both ways,
 * each with what it says about the values compared. Loops are iterated; where that is too much work they are
 * run once for all iterations, with the index as an interval and arrays that only grow. Proofs are about real
 * numbers: that doubles overflow or underflow is not looked for. */
#ifndef GRADC_CHECK_PROOF_H
#define GRADC_CHECK_PROOF_H

#include "check/requirement.h"
#include "check/subject.h"
#include "eval/execute.h"

struct proof_request {
    const struct subject *subject;
    const struct program *program;
    const double *lower, *upper; /* bounds of the unknowns */
    bool at_once;                /* run no loop iteration by iteration */
};

/* What was found of a node: the least safe of its evaluations, and the operand (the one concerned) there. */
struct finding {
    enum safety safety; /* SAFETY_NONE: it requires nothing, or is never evaluated */
    uint32_t requirement;
    struct range operand; /* in all evaluations that are as unsafe */
};

struct proof {
    struct finding *findings; /* by node */
    size_t node_count;
    struct range **results; /* by array, of outputs: what each element lies in; NULL: unknown */
    size_t array_count;
    bool iterated; /* all loops were */
};

enum evaluation proof_make(struct proof *proof, const struct proof_request *request);
void proof_release(struct proof *proof);

#endif
