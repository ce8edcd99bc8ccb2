/* Operations in MPFR: the reference value of every row of the table of operations at any precision.
 *
 * An operation with an `mpfr` column is computed by it, any other by the reference value of its expansion.
 * Beside each value goes a first-order bound of the error that a calculation in doubles would make, in units
 * of 2^-53 (one rounding of v is |v|): how far correctly working doubles may be off. */
#ifndef GRADC_EVAL_PRECISE_H
#define GRADC_EVAL_PRECISE_H

#include <mpfr.h>

#include "ir/graph.h"

struct precise_value {
    mpfr_t value;
    double error; /* absolute, in units of 2^-53 */
};

/* An expression to be evaluated as a whole: all nodes below a root, operands first. */
struct precise_formula {
    node_id root;
    uint32_t input_count;
    size_t count;
    node_id *nodes;
    uint32_t *place; /* by node id: where it stands in nodes */
    struct precise_value *values;
    int64_t *integers;
    const struct precise_value **operands; /* of the node being computed */
    size_t made;                           /* values that have been initialised */
};

struct precise_cache;

struct precise {
    mpfr_prec_t precision;
    bool errors;    /* whether error bounds are computed */
    bool any_order; /* of terms: additions that round nothing in this one may do so in another */
    /* The smallest distance to a point where an operation met so far is not smooth: |a - b| of a comparison
     * and of operands of min and max, |a| of abs, the distance to the next jump of floor and its like; in
     * relation to the larger operand or 1. */
    double kink;
    /* A hash of what was decided so far: results of comparisons, which operand of min and max it was, signs
     * in abs, whole numbers of floor and its like. Where it stays the same the function is smooth. */
    uint64_t decisions;
    double work;                 /* done so far, in additions */
    struct precise_cache *cache; /* of functions; borrowed, NULL: none */
    struct graph graph;          /* expansions, over reads as placeholders of operands */
    struct precise_formula formulas[OP_COUNT];
};

/* Precision in bits. */
void precise_init(struct precise *pr, mpfr_prec_t precision);
void precise_release(struct precise *pr);

void precise_value_init(struct precise_value *v, mpfr_prec_t precision);
void precise_value_clear(struct precise_value *v);

/* A CONST, PI or INFINITY. */
void precise_leaf(struct precise *pr, const struct graph *g, node_id n, struct precise_value *result);
void precise_integer(struct precise *pr, int64_t integer, struct precise_value *result);
/* Any other real operation but reads and selects; exponent is that of POWI, which has one operand here.
 * False where memory is exhausted. */
bool precise_operation(struct precise *pr, enum op op, const struct precise_value *const *operands,
                       uint32_t count, int64_t exponent, struct precise_value *result);
bool precise_compare(struct precise *pr, enum op op, const struct precise_value *a,
                     const struct precise_value *b);

/* Prepares the expression below root. False where memory is exhausted. */
bool precise_formula_init(struct precise *pr, const struct graph *g, node_id root,
                          struct precise_formula *formula);
void precise_formula_release(struct precise_formula *formula);
/* Evaluates it, reads of array k standing for inputs[k - 1]; the result is borrowed from the formula. NULL
 * where memory is exhausted or an integer operation failed. */
const struct precise_value *precise_formula_evaluate(struct precise *pr, const struct graph *g,
                                                     struct precise_formula *formula,
                                                     const struct precise_value *const *inputs);

/* Gives back what MPFR keeps for this thread: constants, and memory for numbers to come. */
void precise_forget(void);

#endif
