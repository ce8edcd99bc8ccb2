/* Definitions: what each array of a program is, as formulas.
 *
 * A program says step by step how arrays come about; a definition says what an element is: a sum of terms,
 * each over the loops and conditions around an update. Where an update goes to an element whose subscripts
 * can be solved for the indices of its loops, those loops disappear: `g[i - 1] += e(i)` for i in 2..n becomes
 * `g[k] = if k < n then e(k + 1) else 0`. Loops stay loops, so the size does not depend on the data. */
#ifndef GRADC_FORMULA_DEFINITION_H
#define GRADC_FORMULA_DEFINITION_H

#include "formula/chosen.h"
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
    index_id *indices; /* of an element: those of the loops that own the array, one for each dimension, and
                        * those of the chosen elements (of shown derivatives, these come first) */
    struct dimension *ranges;
    uint32_t rank, own; /* the first index that is one of a dimension */
    bool *down;         /* by index: elements come about from the last to the first */
    uint32_t loop;      /* the outermost loop around its first term, plus 1; 0: none */
    bool written;       /* some update makes it; otherwise it is what it begins with, 0 */
    bool recurrent;     /* a loop around it runs in a stated order */
    bool sequential;    /* that loop runs in a stated order */
    uint32_t position;  /* the last step that writes it */
    uint32_t pending;   /* updates that are not among the terms yet */
    VEC(struct term) terms;
};

struct definitions {
    struct program *program; /* gains indices and nodes */
    struct definition *of;   /* by array */
    size_t count;
    struct chosen chosen;
    bool for_eyes; /* counts of reads are left out where they would be lines of their own */
    struct known known;
    bool failed; /* memory was exhausted */
};

/* Of a program's derivatives by the elements that its seeds choose. False where memory is exhausted. */
bool definitions_make(struct definitions *d, struct program *program, const struct chosen_element *elements,
                      size_t count, bool for_eyes);
void definitions_release(struct definitions *d);

/* Writes a term in terms of the indices of its element, which stand for the subscripts (formula/gather.c).
 * False where memory is exhausted. */
bool definition_gather(struct definitions *d, struct definition *def, struct term *term,
                       const node_id *subscripts, uint32_t count);

#endif
