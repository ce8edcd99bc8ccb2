/* Memory for what may become large. From a quarter of a mebibyte on it comes from the system itself: it grows
 * without two copies side by side, what was never written takes nothing, and what is given back leaves no
 * hole between other pieces. */
#ifndef GRADC_SUPPORT_LARGE_H
#define GRADC_SUPPORT_LARGE_H

#include <stdbool.h>
#include <stddef.h>

/* Zeroed memory; NULL where it is exhausted. */
void *large_new(size_t count, size_t size);
/* The same count and size give it back; NULL is allowed. */
void large_free(void *at, size_t count, size_t size);
/* Makes room for `wanted` elements of an array that large_reserve made, or none; false where memory is
 * exhausted. */
bool large_reserve(void **at, size_t *room, size_t wanted, size_t size);

/* Growable arrays as of support/vec.h, with VEC_POP and VEC_LAST, but pushed to and freed by these. */
#define LARGE(type)                                                                                          \
    struct {                                                                                                 \
        type *at;                                                                                            \
        size_t count, room;                                                                                  \
        bool failed;                                                                                         \
    }
#define LARGE_RESERVE(v, wanted)                                                                             \
    (large_reserve((void **)&(v)->at, &(v)->room, (wanted), sizeof *(v)->at) || ((v)->failed = true, false))
#define LARGE_PUSH(v, element)                                                                               \
    ((v)->count < (v)->room || LARGE_RESERVE((v), (v)->count + 1)                                            \
         ? ((v)->at[(v)->count++] = (element), true)                                                         \
         : false)
#define LARGE_FREE(v)                                                                                        \
    (large_free((v)->at, (v)->room, sizeof *(v)->at), (v)->at = NULL, (v)->count = (v)->room = 0)

#endif
