/* The reference interpreter: runs a program in MPFR at any precision, composite functions unexpanded, with
 * nothing in common with the double path but the steps. It is what doubles are judged by.
 *
 * Inputs are the doubles (and integers) of the binding; single elements may be set to anything else. Beside
 * values it can bound the error that a calculation in doubles would make, and it notes the nearest kink and
 * which side of each was taken. */
#ifndef GRADC_EVAL_REFERENCE_H
#define GRADC_EVAL_REFERENCE_H

#include "eval/execute.h"
#include "eval/precise.h"

struct reference {
    struct walk walk;
    struct precise precise;
    struct precise_value *values;  /* by node */
    bool *made;                    /* by node: its value is initialised */
    bool *constant;                /* by node */
    struct precise_value **stored; /* by array; NULL: an input as bound, an integer array, or not touched */
    VEC(const struct precise_value *) operands;
};

/* The binding has been allocated for this program; its real storage is only read. False where memory is
 * exhausted. */
bool reference_init(struct reference *r, const struct program *p, const struct binding *b,
                    mpfr_prec_t precision, struct diag_list *diags);
void reference_release(struct reference *r);
/* Takes values of functions from a cache of the same precision, which outlives the reference. */
void reference_use_cache(struct reference *r, struct precise_cache *cache);
/* Computes error bounds in later runs; slower. */
void reference_measure_errors(struct reference *r);
/* Bounds computed in later runs count a rounding for every addition, exact ones too: code in lanes adds in
 * another order, in which they need not be exact. */
void reference_add_in_any_order(struct reference *r);
/* Sets an input element for later runs; the value is copied. The others of its array stay as they are bound
 * now. False where memory is exhausted. */
bool reference_set(struct reference *r, array_id array, size_t element, mpfr_srcptr value);
/* The same for its error, in units of 2^-53; the value stays. */
bool reference_set_error(struct reference *r, array_id array, size_t element, double error);

enum evaluation reference_run(struct reference *r);

/* An element after a run; NaN where the array was not touched. */
void reference_get(const struct reference *r, array_id array, size_t element, mpfr_ptr value);
double reference_value(const struct reference *r, array_id array, size_t element);
/* The absolute error bound of an element, in units of 2^-53. */
double reference_error(const struct reference *r, array_id array, size_t element);
/* The smallest distance to a kink met in all runs so far (see struct precise); infinite where none was. */
double reference_kink(const struct reference *r);
/* What the last run has decided (see struct precise). */
uint64_t reference_decisions(const struct reference *r);

#endif
