/* How far doubles may be off an operation's reference value, and how near it is to a kink; used by
 * eval/precise.c. Errors are in units of 2^-53. */
#ifndef GRADC_EVAL_PRECISE_ERROR_H
#define GRADC_EVAL_PRECISE_ERROR_H

#include "eval/precise.h"

/* What rounding to double adds: nothing where the operands were exact and the value is a double; as much as
 * the smallest normal double where the value is smaller. */
double error_of_rounding(mpfr_srcptr value, double operand_error);
/* The same for a sum; of one in any order also where the value is a double. */
double error_of_sum(const struct precise *pr, mpfr_srcptr value, double operand_error);
/* Sets result->error of ADD, MUL, DIV, POWI. */
void error_of_arithmetic(const struct precise *pr, enum op op, const struct precise_value *const *operands,
                         uint32_t count, int64_t exponent, struct precise_value *result);
/* Sets result->error of a function of the table, with partials from differences of `apply`. */
void error_of_function(struct precise *pr, enum op op,
                       bool (*apply)(enum op, const mpfr_srcptr *, uint32_t, mpfr_ptr),
                       const struct precise_value *const *operands, mpfr_srcptr *values, uint32_t count,
                       struct precise_value *result);
/* Adds a decision to pr->decisions. */
void decide(struct precise *pr, int64_t decision);
/* Note distances to kinks in pr->kink, and which side of them was taken. */
void kink_between(struct precise *pr, mpfr_srcptr a, mpfr_srcptr b);
void kink_of_function(struct precise *pr, enum op op, const mpfr_srcptr *operands, uint32_t count);

#endif
