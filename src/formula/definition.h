/* Definitions: what each array of a program is, as formulas.
 *
 * A program says step by step how arrays come about; a definition says what an element is: a sum of terms,
 * each over the loops and conditions around an update. Where an update goes to an element whose subscripts
 * can be solved for the indices of its loops, those loops disappear: `g[i - 1] += e(i)` for i in 2..n becomes
 * `g[k] = if k < n then e(k + 1) else 0`. Loops stay loops, so the size does not depend on the data. */
#ifndef GRADC_FORMULA_DEFINITION_H
#define GRADC_FORMULA_DEFINITION_H

#include "formula/condition.h"
#include "ir/program.h"

/* A loop or a condition around a term. */
struct wrapper {
    index_id index; /* 0: a condition */
    node_id lower, upper, by;
    node_id condition;
    bool sequential; /* a loop that runs in a stated order */
};

struct term {
    enum update_op op;
    node_id value;
    struct wrapper *wrappers;
    uint32_t count;
};

struct definition {
    array_id array;    /* 0: none */
    index_id *indices; /* of an element: those of the loops that own the array, then one for each dimension */
    struct dimension *ranges;
    uint32_t rank;
    bool *down;        /* by index: elements come about from the last to the first */
    uint32_t loop;     /* the outermost loop around its first term, plus 1; 0: none */
    bool written;      /* some update makes it; otherwise it is what it begins with, 0 */
    bool recurrent;    /* a loop around it runs in a stated order */
    bool sequential;   /* that loop runs in a stated order */
    uint32_t position; /* the last step that writes it */
    uint32_t pending;  /* updates that are not among the terms yet */
    VEC(struct term) terms;
};

/* Of a derivative of an array: the seed chooses one of its elements. Whatever depends on the seed has the
 * indices of that element, before all others. */
struct chosen_element {
    array_id seed; /* 0: none */
    const struct dimension *dims;
    uint32_t rank;
    index_id *indices; /* new ones, made with the definitions */
    bool for_eyes;     /* counts of reads are left out where they would be lines of their own */
};

struct definitions {
    struct program *program; /* gains indices and nodes */
    struct definition *of;   /* by array */
    size_t count;
    struct chosen_element element;
    struct known known;
    bool failed; /* memory was exhausted */
};

/* False where memory is exhausted. */
bool definitions_make(struct definitions *d, struct program *program, struct chosen_element element);
void definitions_release(struct definitions *d);

/* The node with indices replaced (replacement by index_id, 0: none); 0 stays 0. */
node_id definition_replace(struct program *p, node_id root, const node_id *replacements, size_t count);
/* The root with one node replaced. */
node_id definition_exchange(struct program *p, node_id root, node_id node, node_id replacement);
/* Whether an index occurs in a node. */
bool definition_uses(const struct graph *g, node_id root, index_id index);
/* Which arrays depend on the seed, by array (formula/seed.c); the caller frees it. NULL where memory is
 * exhausted. */
bool *definition_seeded(const struct program *p, array_id seed);
/* The value of an update where its seed is 1. `condition` becomes that the element is the chosen one; 0: the
 * value does not read the seed. */
node_id definition_take_seed(struct program *p, const struct chosen_element *element, const bool *seeded,
                             node_id value, node_id *condition);
/* Writes the terms of an element in terms of its own indices (formula/gather.c). False where memory is
 * exhausted. */
bool definition_gather(struct definitions *d, struct definition *def, struct term *term,
                       const node_id *subscripts, uint32_t own);

#endif
