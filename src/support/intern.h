/* Names as unique pointers: equal names are the same pointer. They are numbered in the order of their making.
 */
#ifndef GRADC_SUPPORT_INTERN_H
#define GRADC_SUPPORT_INTERN_H

#include <stddef.h>
#include <stdint.h>

#include "support/arena.h"
#include "support/large.h"
#include "support/vec.h"

struct intern_slot {
    uint32_t hash, number; /* number 0: free */
};

struct intern {
    struct arena *arena;
    struct intern_slot *slots;
    size_t capacity;
    LARGE(const char *) names; /* by number; [0]: NULL */
};

void intern_init(struct intern *table, struct arena *arena);
void intern_release(struct intern *table);
/* The unique copy of a name; NULL where memory is exhausted. */
const char *intern_name(struct intern *table, const char *name, size_t length);
const char *intern_text(struct intern *table, const char *name);
/* The same in parts, for many names at once, whose memory is asked for before it is needed: the hash, its
 * slot, the name in the slot, the letters of that name. */
uint32_t intern_hash(const char *name, size_t length);
void intern_ask_slot(const struct intern *table, uint32_t hash);
void intern_ask_name(const struct intern *table, uint32_t hash);
void intern_ask_letters(const struct intern *table, uint32_t hash);
const char *intern_hashed(struct intern *table, const char *name, size_t length, uint32_t hash);
/* The number of a name that a table has given out, from 1. */
uint32_t intern_number(const char *name);
/* Ask for the memory of a numbered name: of its place in the table, then of the letters and the number
 * itself, which stands before them. */
static inline void intern_ask_numbered(const struct intern *table, uint32_t number) {
    __builtin_prefetch(&table->names.at[number]);
}
static inline void intern_ask_numbered_letters(const struct intern *table, uint32_t number) {
    __builtin_prefetch(table->names.at[number] - sizeof(uint32_t));
}
/* The known name nearest to `name` among `count` candidates (edit distance with transpositions, at most a
 * third of its length), or NULL. Ties go to the earliest candidate. */
const char *nearest_name(const char *name, const char *const *candidates, size_t count);

#endif
