/* The interpreter in pairs of doubles, which carries a derivative along with every value. Two kinds of pairs:
 *
 * Dual numbers: a value and its derivative in one direction, by the chain rule at each operation (Wengert,
 * Comm. ACM 7 (1964), 463); the partials of a function are those of its row in the table of operations.
 *
 * Complex numbers: the unknown moves by a tiny imaginary step h, and the derivative is the imaginary part
 * over h, without any cancellation (Squire and Trapp, SIAM Review 40 (1998), 110). Comparisons look at real
 * parts. Functions are those of C99 where it has them as complex ones, and some that are made of them; others
 * have none.
 *
 * Composite functions are expanded first. There is no recursion: it is a client of eval/walk.h. */
#ifndef GRADC_EVAL_CARRIED_H
#define GRADC_EVAL_CARRIED_H

#include "eval/execute.h"
#include "eval/tape.h"

enum carried_kind { CARRIED_DUAL, CARRIED_COMPLEX };

/* The value or real part, and the derivative or imaginary part. */
struct carry {
    double value, part;
};

/* The partial of a function by one operand, as a little program over the operands and the value. */
struct partial {
    struct graph *graph;
    struct arena arena;
    struct program program;
    struct binding binding;
    struct tape tape;
    double operands[2], value, result;
    bool has_binding, has_tape, ready;
};

struct carried {
    enum carried_kind kind;
    struct program expanded;
    struct walk walk;
    struct carry *values;                  /* by node */
    bool *constant;                        /* by node */
    struct carry **stored;                 /* by array that is computed; NULL: not yet */
    struct partial *partials[OP_COUNT][2]; /* dual numbers: made when they are first needed */
    array_id moved;                        /* the input that moves, */
    size_t element;                        /* at this element, */
    double step;                           /* by this part */
    enum op missing; /* a function that was met and has no complex form; OP_NONE: none */
};

/* The binding has been allocated for this program; its inputs are read in every run. False where memory is
 * exhausted.
 */
bool carried_init(struct carried *c, enum carried_kind kind, const struct program *p, struct binding *b,
                  struct diag_list *diags);
void carried_release(struct carried *c);
/* Runs the program with an element of an input moved. */
enum evaluation carried_run(struct carried *c, array_id moved, size_t element);
/* The derivative of an element of a result by what was moved. */
double carried_derivative(const struct carried *c, array_id result, size_t element);

/* A function, whose operands are known; false where memory is exhausted (eval/carried_dual.c,
 * eval/carried_complex.c). */
bool carried_dual(struct carried *c, node_id n, const struct carry *operands, uint32_t count,
                  struct carry *result);
bool carried_complex(struct carried *c, node_id n, const struct carry *operands, uint32_t count,
                     struct carry *result);
void carried_release_partials(struct carried *c);

#endif
