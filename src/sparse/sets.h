/* Sets of numbers that grow by union, a hundred million of them: small ones are kept as lists, each list
 * once; larger ones as unions of two, expanded only when asked for. */
#ifndef GRADC_SPARSE_SETS_H
#define GRADC_SPARSE_SETS_H

#include "support/vec.h"
#include <stdint.h>

typedef uint32_t set_id; /* 0: the empty set */

struct set {
    uint32_t first;  /* of a list: in members; of a union: one of the two */
    uint32_t second; /* of a union: the other */
    uint32_t count;  /* of a list; 0: a union */
};

struct sets {
    VEC(struct set) all;
    VEC(uint32_t) members;
    uint32_t *slots; /* hash of lists and unions to id */
    size_t slot_count;
    VEC(set_id) open;
    VEC(uint32_t) marks; /* by set: the expansion that met it last */
    uint32_t expansion;
    bool failed; /* memory was exhausted, or there are too many */
};

void sets_init(struct sets *s);
void sets_release(struct sets *s);
set_id set_single(struct sets *s, uint32_t member);
set_id set_union(struct sets *s, set_id a, set_id b);
struct members {
    uint32_t *at;
    size_t count, capacity;
    bool failed;
};
/* Appends the members of a set, ascending, each once. False where memory is exhausted. */
bool set_expand(struct sets *s, set_id set, struct members *out);

#endif
