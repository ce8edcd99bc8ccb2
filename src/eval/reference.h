/* The reference interpreter: runs a program in MPFR at any precision, composite functions unexpanded, with
 * nothing in common with the double path but the steps. It is what doubles are judged by.
 *
 * Inputs are the doubles (and integers) of the binding; single elements may be overridden. Beside values it
 * can bound the error that a calculation in doubles would make, and it notes the nearest kink. */
#ifndef GRADC_EVAL_REFERENCE_H
#define GRADC_EVAL_REFERENCE_H

#include "eval/execute.h"
#include "eval/precise.h"

/* An input element with another value than the binding's. */
struct reference_override {
    array_id array;
    size_t element;
    mpfr_t value;
};

struct reference {
    struct walk walk;
    struct precise precise;
    struct precise_value *values;  /* by node */
    bool *made;                    /* by node: its value is initialised */
    bool *constant;                /* by node */
    struct precise_value **stored; /* by array; NULL: an input, an integer array, or not yet touched */
    VEC(struct reference_override) overrides;
    VEC(const struct precise_value *) operands;
};

/* The binding has been allocated for this program; its real storage is only read. False where memory is
 * exhausted. */
bool reference_init(struct reference *r, const struct program *p, struct binding *b, mpfr_prec_t precision,
                    struct diag_list *diags);
void reference_release(struct reference *r);
/* Computes error bounds in later runs; slower. */
void reference_measure_errors(struct reference *r);
/* Sets an input element for later runs; the value is copied. False where memory is exhausted. */
bool reference_set(struct reference *r, array_id array, size_t element, mpfr_srcptr value);

enum evaluation reference_run(struct reference *r);

/* An element after a run; NaN where the array was not touched. */
void reference_get(const struct reference *r, array_id array, size_t element, mpfr_ptr value);
double reference_value(const struct reference *r, array_id array, size_t element);
/* The absolute error bound of an element, in units of 2^-53. */
double reference_error(const struct reference *r, array_id array, size_t element);
/* The smallest distance to a kink met in all runs so far (see struct precise); infinite where none was. */
double reference_kink(const struct reference *r);

#endif
