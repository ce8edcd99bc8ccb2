/* Evaluation of one expression on demand: what every interpreter of programs has in common.
 *
 * A walk visits a node's operands with its own stack, computes integers and conditions itself (checked) and
 * leaves real values to a client, which keeps them by node. Only the taken operand of a select and the
 * operands that decide an `and` or `or` are visited. Values are remembered until walk_begin. */
#ifndef GRADC_EVAL_WALK_H
#define GRADC_EVAL_WALK_H

#include "eval/binding.h"

struct step;

/* What a client does with real values; context is the walk's. All operands have been evaluated before. */
struct walk_reals {
    /* Whether n is a constant, which then has its value from now on; asked before operands are visited. */
    bool (*constant)(void *context, node_id n);
    /* Any real operation but reads and selects; false where memory is exhausted. */
    bool (*operation)(void *context, node_id n);
    void (*read)(void *context, node_id n, array_id array, size_t element);
    void (*select)(void *context, node_id n, node_id taken);
    bool (*compare)(void *context, node_id n);
    /* Used by execute only: the step's value has been evaluated. */
    void (*update)(void *context, const struct step *step, size_t element);
    void (*clear)(void *context, const struct step *step);
};

struct walk {
    const struct program *program;
    const struct graph *graph;
    const struct binding *binding;
    const struct walk_reals *reals; /* NULL: a real node is an error */
    void *context;
    struct diag_list *diags; /* NULL: errors are not described */
    int64_t *index_values;   /* by index_id */
    int64_t *integers;       /* by node: integers; conditions as 0 and 1 */
    uint32_t *stamps;        /* by node: when its value was computed */
    size_t capacity;         /* of both, in nodes */
    uint32_t stamp;
    bool *moving; /* by array: its bounds depend on loop indices */
    VEC(node_id) stack;
    bool exhausted; /* memory was */
};

/* Starts a walk with all loop indices 0. False where memory is exhausted. */
bool walk_init(struct walk *w, const struct program *program, const struct binding *binding,
               const struct walk_reals *reals, void *context, struct diag_list *diags);
void walk_release(struct walk *w);
/* Forgets every value but those of constants: indices or stored elements have changed. */
void walk_begin(struct walk *w);
/* Gives the node its value. False, with a diagnostic, on an integer error. */
bool walk_evaluate(struct walk *w, node_id n);
/* Evaluates the current bounds of an array where they move. */
bool walk_bounds(struct walk *w, array_id array);
/* Where an element stands in its array's storage; subscripts and moving bounds have been evaluated. */
bool walk_element(struct walk *w, array_id array, const node_id *subscripts, struct span span,
                  size_t *element);

#endif
