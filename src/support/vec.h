/* Growable arrays of any type: VEC(int) numbers = {0}; VEC_PUSH(&numbers, 3); ... VEC_FREE(&numbers).
 *
 * A push that finds no memory sets `failed`, keeps what was there and drops the element; a pass that cannot
 * continue without it checks `failed` (or the value of VEC_PUSH) once. */
#ifndef GRADC_SUPPORT_VEC_H
#define GRADC_SUPPORT_VEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#define VEC(type)                                                                                            \
    struct {                                                                                                 \
        type *at;                                                                                            \
        size_t count, capacity;                                                                              \
        bool failed;                                                                                         \
    }

/* Makes room for `wanted` elements; false where memory is exhausted. */
bool vec_reserve(void **at, size_t *capacity, size_t wanted, size_t size);

#define VEC_RESERVE(v, wanted)                                                                               \
    (vec_reserve((void **)&(v)->at, &(v)->capacity, (wanted), sizeof *(v)->at) || ((v)->failed = true, false))
#define VEC_PUSH(v, element)                                                                                 \
    ((v)->count < (v)->capacity || VEC_RESERVE((v), (v)->count + 1)                                          \
         ? ((v)->at[(v)->count++] = (element), true)                                                         \
         : false)
#define VEC_POP(v) ((v)->at[--(v)->count])
#define VEC_LAST(v) ((v)->at[(v)->count - 1])
#define VEC_FREE(v) (free((v)->at), (v)->at = NULL, (v)->count = (v)->capacity = 0)

#endif
