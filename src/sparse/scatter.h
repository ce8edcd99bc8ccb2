/* Parts of numbers added up where they belong: entries of a matrix that come kind by kind.
 *
 * The places of each kind are known beforehand. Most stand at equal distances, for they come from loops: such
 * runs take no table. An entry gets its parts in the order of the kinds, and of the elements in each kind. */
#ifndef GRADC_SPARSE_SCATTER_H
#define GRADC_SPARSE_SCATTER_H

#include <stdbool.h>
#include <stddef.h>

/* Elements `element`, element + 1, .. go to first, first + stride, ..; a stride downwards has wrapped around.
 */
struct scatter_run {
    size_t element, count, first, stride;
};

struct scatter_kind {
    size_t count; /* of elements */
    struct scatter_run *runs;
    size_t run_count;
    size_t *at; /* NULL, or instead of runs: by element, SIZE_MAX for nowhere */
};

struct scatter {
    struct scatter_kind *kinds;
    size_t kind_count, entry_count;
    bool ascends; /* all kinds have runs, of places that never go back */
};

/* Where adding stands in a kind; its elements are at `from`. */
struct scatter_cursor {
    const double *from;
    size_t run, done;
};

/* False where memory is exhausted. */
bool scatter_init(struct scatter *s, size_t kind_count, size_t entry_count);
void scatter_release(struct scatter *s);
/* Sets the places of a kind, by element, and takes the table over. Once for each kind. */
bool scatter_set(struct scatter *s, size_t kind, size_t *at, size_t count);
/* Whether the elements of a kind go to first, first + stride, .. without an exception; NULL: they do not. */
const struct scatter_run *scatter_only_run(const struct scatter *s, size_t kind);
/* Adds all up in `values`, by one cursor for each kind with `from` set. False where a sum is not finite. */
bool scatter_add(const struct scatter *s, struct scatter_cursor *cursors, double *values);
/* The same bit by bit: sets `values` to 0, and adds elements begin .. end - 1 of a kind, the first of which
 * is at the cursor's `from`; each kind from its element 0 upwards without a gap. */
void scatter_start(const struct scatter *s, struct scatter_cursor *cursors, double *values);
void scatter_add_some(const struct scatter *s, size_t kind, struct scatter_cursor *cursor, size_t begin,
                      size_t end, double *values);

#endif
