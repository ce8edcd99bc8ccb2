/* The interpreter of programs without loops: a list of records, each an operation on numbered slots.
 *
 * It gives the bits of the interpreter on demand (eval/doubles.h), with which it shares what is said there,
 * but computes every node once in the run: in programs without loops a value stays the same after it could
 * first be computed. Both sides of a choice of values are computed. */
#ifndef GRADC_EVAL_TAPE_H
#define GRADC_EVAL_TAPE_H

#include "eval/binding.h"

struct tape_record {
    uint16_t kind; /* enum tape_kind */
    uint16_t what; /* the function, or the kind of update */
    uint32_t to, a, b;
};

struct tape {
    LARGE(struct tape_record) records;
    double *slots; /* constants first */
};

enum tape_fit {
    TAPE_FITS,
    TAPE_UNFIT, /* the program has loops, or integers that are not constant */
    TAPE_MEMORY
};

/* Whether a program has no loops. */
bool tape_may_fit(const struct program *p);
/* Makes the tape of a program; the binding has been allocated for it, and its extents will stay. New nodes go
 * into the program's graph. There is something to release only where it fits. */
enum tape_fit tape_make(struct tape *tape, const struct program *p, const struct binding *b);
void tape_release(struct tape *tape);
/* Runs all steps; results stand in the binding. */
void tape_run(const struct tape *tape, const struct binding *b);

#endif
