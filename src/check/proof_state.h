/* The state of a proof while it runs: what proof.c, proof_node.c, proof_store.c and assume.c share. */
#ifndef GRADC_CHECK_PROOF_STATE_H
#define GRADC_CHECK_PROOF_STATE_H

#include "check/proof.h"
#include "check/range_function.h"
#include "eval/interval.h"

/* A stored element; of an integer array the interval. */
struct cell {
    struct range real;
    struct interval integer;
    uint32_t logged; /* the undecided body that knows what it was before; 0: none */
};

struct store {
    struct cell *cells; /* NULL: an input, or not yet written */
    size_t count;       /* 1 where the array is summarised */
    bool summarised;
    struct cell all;  /* all that was ever written, or of an input that is there */
    bool all_known;   /* of an input */
    uint32_t cleared; /* when it was last */
};

/* What an element was before an undecided body. */
struct undo {
    array_id array;
    size_t element;
    struct cell before;
};

/* A loop around the present step that is run once for all iterations. */
struct at_once {
    double least, most; /* iterations; at least 1 here */
    uint32_t began;
    unsigned round; /* of a recurrence: it is run again until nothing is new; else 0 */
};

/* What is known of a node's value under the conditions met so far. */
struct assumption {
    node_id node;
    uint32_t previous; /* of the same node: its place plus 1; 0: none */
    struct range range;
    enum truth truth; /* of a condition; else NEVER */
};

/* A node being evaluated. */
struct visit {
    node_id node;
    unsigned phase;
    uint32_t epoch;     /* to return to from a side of a condition */
    size_t assumptions; /* likewise */
    enum truth truth;   /* of the condition */
    bool inside;        /* a side of a condition has been entered */
    bool reached;       /* and it can be */
    struct cell first;  /* the value of its first side */
};

struct proving {
    const struct proof_request *request;
    const struct program *program;
    const struct graph *graph;
    struct proof *proof;
    struct binding binding;
    struct ranger ranger;

    size_t node_count;
    struct cell *values;      /* by node */
    enum truth *truths;       /* by node, of conditions */
    uint32_t *epochs;         /* by node: when its value was found */
    uint32_t epoch, newest;   /* the present one, the last one given */
    struct interval *indices; /* by loop index */
    struct store *stores;     /* by array */
    bool *moving;             /* by array: its bounds depend on loop indices */
    VEC(struct assumption) assumptions;
    uint32_t *assumed; /* by node: the place of its newest assumption plus 1; 0: none */
    VEC(struct visit) visits;
    VEC(struct range) operands;

    double work, most_work, most_iterations;
    size_t root_work;
    bool flat;      /* sides of conditions are not told apart: it takes too long */
    bool exhausted; /* memory was */

    VEC(struct at_once) loops;
    VEC(struct undo) undos;
    uint32_t body, bodies; /* the innermost undecided body around the present step; those there were */
    bool changed;          /* a stored value has, in this round */
};

/* Everything found before is forgotten but for constants. */
void proving_begin(struct proving *s);
/* Finds the node's value. False where memory or the work allowed is exhausted. */
bool proving_evaluate(struct proving *s, node_id n);
bool proving_known(const struct proving *s, node_id n);

/* Takes what a condition says, if it holds or fails, for known. False: it cannot. */
bool proving_assume(struct proving *s, node_id condition, bool holds);
/* Forgets assumptions behind the first `count`. */
void proving_forget(struct proving *s, size_t count);
/* The sides of a comparison without each other, right minus left first, as nodes. */
void differences_of(struct graph *g, node_id comparison, node_id differences[2]);
/* What may come of a condition, by what is assumed. */
enum truth proving_truth(const struct proving *s, node_id n, enum truth truth);
/* A value within what is assumed of the node. */
struct range proving_limit(const struct proving *s, node_id n, struct range value);

struct cell proving_read(struct proving *s, array_id array, const node_id *subscripts);
void proving_write(struct proving *s, const struct step *step);
void proving_clear(struct proving *s, const struct step *step);
/* Steps up to proving_leave_body may have been run or not. Returns where its undos begin. */
size_t proving_enter_body(struct proving *s);
void proving_leave_body(struct proving *s, size_t first_undo, uint32_t outer);
struct cell cell_join(struct cell a, struct cell b);
struct cell cell_empty(void);

#endif
