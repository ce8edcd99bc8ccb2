/* Values of a program's arrays: what stands behind each array id while it runs.
 *
 * One binding serves every reader of a program: evaluators, native code and emitted C see the same storage.
 * Arrays are contiguous, row by row. Inputs are owned by whoever set them or by the binding (binding_input);
 * all other arrays are allocated by binding_allocate, with extents computed from the bound integer inputs. */
#ifndef GRADC_EVAL_BINDING_H
#define GRADC_EVAL_BINDING_H

#include "ir/program.h"
#include "support/diag.h"

/* Arrays that are made anew in the iterations of a loop have storage for so many of them at a time: kernels
 * run some in vector lanes. Only what is used of it takes memory. */
enum { BINDING_LANES = 16 };

struct bound_array {
    union {
        double *real;
        int64_t *integer;
    } at;
    size_t count;   /* elements */
    int64_t *lower; /* per dimension; of a local array with moving bounds 0 */
    int64_t *extent;
    bool owned;
};

/* Takes an element's place on to its subscript k; false where the array has no such element. */
static inline bool bound_step(const struct bound_array *array, uint32_t k, int64_t subscript, size_t *place) {
    int64_t at;
    if (__builtin_sub_overflow(subscript, array->lower[k], &at) || at < 0 || at >= array->extent[k])
        return false;
    *place = *place * (size_t)array->extent[k] + (size_t)at;
    return true;
}

struct binding {
    const struct program *program;
    struct bound_array *arrays; /* by array_id, [0] unused */
    size_t array_count;         /* program->arrays.count when bound */
    void **slots;               /* slots[a] == arrays[a].at: what compiled kernels take; one more behind */
};

/* Whether an array is made anew in the iterations of a loop, with storage for BINDING_LANES of them. */
static inline bool array_is_of_lanes(const struct array *array) {
    return array->owner && array->rank > 0;
}

/* Starts a binding for a program with no values set. False where memory is exhausted. */
bool binding_init(struct binding *b, const struct program *program);
void binding_release(struct binding *b);
/* Points an input array at storage of the caller, which outlives the binding. */
void binding_set_real(struct binding *b, array_id array, double *values, size_t count);
void binding_set_integer(struct binding *b, array_id array, int64_t *values, size_t count);
/* Takes over the inputs of another binding of a program with the same first arrays (shared storage, not
 * copied). */
void binding_share_inputs(struct binding *b, const struct binding *from);
/* A binding of the same program with the same inputs of others, and with storage of its own for all that the
 * first one owns; needs nothing but the first one. False where memory is exhausted. */
bool binding_like(struct binding *b, const struct binding *from);
/* Computes the dimensions of the inputs that have storage, so that their elements can be read by integer
 * expressions. Errors as below. */
bool binding_measure_inputs(struct binding *b, struct diag_list *diags);
/* Computes dimensions and allocates everything that is not an input (inputs without storage too, zeroed).
 * Errors: "negative-extent", "too-large" (the product overflows, or memory is refused), with the array's
 * span. */
bool binding_allocate(struct binding *b, struct diag_list *diags);

/* The value of an integer expression without loop indices, from bound params, sizes and integer arrays.
 * False, with an error at the node's span, where a division does not come out even, a number overflows 64
 * bits or a subscript is out of range. */
bool binding_integer(const struct binding *b, node_id n, int64_t *value, struct diag_list *diags);

#endif
