/* Entries of a matrix put where they belong, in the program that computes them.
 *
 * Input: the program of values of an element_matrix (diff/elements.h), and where the entries of each kind
 * stand among those of the matrix: at first, first + stride, first + 2*stride, .., or downwards. Output: a
 * program with one array of all entries, in rows of `stride`, to which every kind adds its own. Nothing is
 * copied then. Where kinds fill equal blocks of rows, as outputs over one range do, the array is one of
 * blocks: subscripts in different blocks are the same then, and what the kinds share is computed once. */
#ifndef GRADC_DIFF_ENTRIES_H
#define GRADC_DIFF_ENTRIES_H

#include "diff/elements.h"

/* Of a kind: its first entry, how many it has, and whether the others follow downwards. */
struct entry_place {
    size_t first, count;
    bool down;
};

struct entry_places {
    const struct entry_place *kinds;
    size_t stride, count; /* the same for all; entries of the matrix */
};

/* False where memory is exhausted. The array has at least `count` elements, from 0. */
bool entries_put(struct program *out, const struct element_matrix *matrix, const struct entry_places *places,
                 array_id *entries);

#endif
