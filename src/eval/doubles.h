/* The interpreter in doubles: runs a program over a binding, bit for bit as native code does in its strict
 * mode.
 *
 * Composite functions are expanded first, constant subexpressions are one rounded double each, powers follow
 * eval/power.h, everything else is one IEEE operation or libm call per node. Nothing is shared between
 * updates, so that it needs none of what the code scheduler knows. */
#ifndef GRADC_EVAL_DOUBLES_H
#define GRADC_EVAL_DOUBLES_H

#include "eval/execute.h"

/* For many runs over one binding: input values may change between them, extents not. */
struct doubles {
    struct program expanded;
    struct walk walk;
    double *values; /* by node */
    bool *constant; /* by node */
};

/* Expands the program (new nodes go into its graph) and takes memory. False where memory is exhausted. The
 * binding has been allocated for this program. */
bool doubles_init(struct doubles *d, const struct program *p, struct binding *b, struct diag_list *diags);
void doubles_release(struct doubles *d);
/* Runs all steps; results stand in the binding. */
enum evaluation doubles_evaluate(struct doubles *d);

/* All of it at once. */
enum evaluation doubles_run(const struct program *p, struct binding *b, struct diag_list *diags);

/* One operation of the table on doubles whose operands are known; n is a node without an expansion. */
bool doubles_operation(void *context, node_id n);
bool doubles_constant(void *context, node_id n);
bool doubles_compare(void *context, node_id n);
void doubles_read(void *context, node_id n, array_id array, size_t element);
void doubles_select(void *context, node_id n, node_id taken);
void doubles_update(void *context, const struct step *step, size_t element);
void doubles_clear(void *context, const struct step *step);

#endif
