/* How many elements arrays have, as expressions of C. */
#ifndef GRADC_EMIT_MEASURE_H
#define GRADC_EMIT_MEASURE_H

#include "emit/unit.h"

struct measure {
    struct unit *unit;
    const struct program *program;
    const bool *wanted; /* by array */
    struct names *names;
    struct phrasing phrasing;
    struct storage *storage; /* by array; inputs have names, and are marked where they are read */
    struct phrase *sizes;    /* by array: the result */
    struct text *out;        /* statements that have to stand before */
};

/* False after an error. */
bool measure_write(struct measure *m);

/* How many elements an array has in a binding that has been allocated; of an array that no step touches, too.
 */
bool elements_here(const struct program *p, const struct binding *b, array_id a, size_t *count,
                   struct diag_list *diags);

/* A sum of sizes: numbers are added up, names are joined. */
struct tally_sum {
    size_t number;
    struct phrase rest; /* none: 0 */
};
void tally_sum_add(const struct phrasing *p, struct tally_sum *sum, struct phrase size);
struct phrase tally_sum_phrase(const struct phrasing *p, const struct tally_sum *sum);

/* A function that gives how many elements some arrays have together. */
struct tally {
    bool known; /* it is a number, */
    size_t total;
    struct text statements; /* or what these return */
    bool uses_inputs;
    size_t here; /* with the inputs as they are, where the unit asks for that */
};
/* `further`: what is added to them. */
bool tally_make(struct tally *t, struct unit *u, const struct program *p, const array_id *arrays,
                size_t count, size_t further);
void tally_release(struct tally *t);
/* Statements that set begins[k] to how many elements the first k arrays have, and begins[count] to those of
 * all. */
bool tally_begins(struct text *out, struct unit *u, const struct program *p, const array_id *arrays,
                  size_t count, bool *uses_inputs);

/* Names for the inputs that the program has, in a function; none is marked as used. */
bool name_inputs(const struct unit *u, const struct program *p, struct names *names, struct storage *storage);
/* Declarations of the inputs that are marked; `from` is how the structure is reached. */
void declare_inputs(struct unit *u, const struct program *p, const struct storage *storage, const char *from,
                    unsigned depth, struct text *out, bool *uses_inputs);

#endif
