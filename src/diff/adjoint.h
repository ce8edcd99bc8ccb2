/* The adjoint of one update: from the adjoint of its target to those of the arrays its value reads.
 *
 * All partials are derived at once, on the shared graph, users before operands, so a product of n factors
 * costs O(n). What arrives at a read becomes `abar[subscripts] += ...`, under a condition where it comes from
 * one side of a branch only. */
#ifndef GRADC_DIFF_ADJOINT_H
#define GRADC_DIFF_ADJOINT_H

#include "diff/active.h"
#include "diff/region.h"
#include "ir/node_queue.h"
#include "support/diag.h"
#include "support/large.h"

/* What arrived at a read, to become an update. */
struct pending_update {
    uint32_t region;
    node_id read, adjoint;
};

/* Where stands what arrives at a node: there is room for as much as there are ways to it. */
struct arrivals {
    uint32_t first, count;
};

struct adjoint_pass {
    struct program *out;
    const struct activity *activity;
    const array_id *adjoint_of; /* per array of the function; 0: none */
    const array_id *mask_of;    /* per array; 0: its reverse needs none */
    struct diag_list *diags;
    struct regions regions;
    LARGE(struct arrivals) arrivals; /* per node; without any while no expression is looked at */
    LARGE(struct contribution) contributions;
    LARGE(node_id) reached;
    struct node_queue queue;
    VEC(struct pending_update) pending;
    bool failed;
    /* Takes what arrives at a read in the place of the update of its adjoint; `conditional`: the conditions
     * that it stands under have been opened in the program. NULL: there is none. */
    void (*deliver)(void *context, node_id read, node_id adjoint, bool conditional);
    void *context;
};

bool adjoint_pass_init(struct adjoint_pass *pass, struct program *out, const struct activity *activity,
                       const array_id *adjoint_of, const array_id *mask_of, struct diag_list *diags);
void adjoint_pass_release(struct adjoint_pass *pass);
/* Appends the adjoint updates of `value`, whose own adjoint is `seed`, valid where `condition` holds. `same`
 * is a cheaper node with the same value (a read of the target), or 0. */
void adjoint_of_value(struct adjoint_pass *pass, node_id value, node_id seed, node_id condition, node_id same,
                      struct span span);

#endif
