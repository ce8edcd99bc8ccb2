/* The check that every element which is read exists, that recurrences look back, and that whole numbers can
 * be computed: once for all iterations, so that compiled code needs no checks.
 *
 * Most accesses are proven by intervals. What is not is tried under its conditions on whole numbers: first
 * with the intervals that they leave, then by running over the indices it uses. Conditions on real numbers
 * count as possible. */
#ifndef GRADC_SEMA_ACCESS_H
#define GRADC_SEMA_ACCESS_H

#include "eval/interval.h"
#include "eval/walk.h"
#include "sema/checker.h"

/* What the parts of the check share. */
struct access {
    struct checker *c;
    struct program *program;
    struct graph *graph;
    const struct binding *binding;
    struct interval *indices; /* by index_id */
    struct intervals intervals;
    struct walk walk;
    struct model_array *shapes;       /* by array; name NULL: not known yet */
    struct definition **defined;      /* by array: its definition, if it is a recurrence */
    bool *leads;                      /* by index_id: the first of a recurrence's */
    VEC(uint32_t) open;               /* loops and conditions around the current step */
    uint32_t step;                    /* the current one */
    uint32_t position;                /* of the array that it belongs to, in its group */
    array_id defining;                /* that array, 0: none */
    VEC(node_id) projected;           /* by node and polarity */
    VEC(node_id) stack, order, guard; /* of the traversal; guard by node */
    VEC(uint8_t) state;               /* by node */
    bool failed;                      /* memory was exhausted */
};

/* Something that must hold in every iteration. */
struct demand {
    node_id node;  /* a read, or an integer operation */
    node_id guard; /* the condition under which it is needed */
    bool order;    /* the read must look back, too */
};

/* A condition as far as it is one on whole numbers: where `holds`, what must be true for it to be possible
 * that it holds; else, that it does not (sema/access_guard.c). */
node_id access_project(struct access *a, node_id condition, bool holds);
/* The intervals that the indices have where the conditions around the current step and a guard hold. The
 * caller frees them; NULL where memory is exhausted. */
struct interval *access_refine(struct access *a, node_id guard);
/* Runs over the indices that a demand uses and reports where it fails first (sema/access_run.c). */
void access_run(struct access *a, const struct demand *demand);
/* Reports a minimum or maximum of nothing. */
void access_never_empty(struct access *a, const struct never_empty *extremum);
/* The bounds of an array, as numbers. */
const struct model_array *access_shape(struct access *a, array_id array);
/* How an element being read relates to the one being defined, in one dimension: below 0 is earlier. */
node_id access_distance(struct access *a, node_id read, uint32_t dimension);
/* Whether the array is one whose definition the current step belongs to. */
bool access_is_being_defined(const struct access *a, array_id array);

#endif
