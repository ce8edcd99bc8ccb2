/* Sets of numbers, each kept once: equal sets have one place. */
#ifndef GRADC_FORMULA_NUMBER_SET_H
#define GRADC_FORMULA_NUMBER_SET_H

#include "ir/node_map.h"
#include "support/arena.h"
#include "support/vec.h"

struct number_set {
    const uint32_t *members; /* in order */
    uint32_t count;
    uint32_t next; /* another set of the same hash; 0: none */
};

/* Place 0 is the empty set. */
struct number_sets {
    struct arena *arena;
    VEC(struct number_set) all;
    struct node_map of_hash; /* the place, plus 1 */
};

/* False where memory is exhausted. */
bool number_sets_init(struct number_sets *sets, struct arena *arena);
void number_sets_release(struct number_sets *sets);
uint32_t number_set_of(struct number_sets *sets, uint32_t member);
uint32_t number_set_unite(struct number_sets *sets, uint32_t a, uint32_t b);
bool number_set_contains(const struct number_sets *sets, uint32_t set, uint32_t member);
/* Whether memory was exhausted. */
bool number_sets_failed(const struct number_sets *sets);

#endif
