#include "support/intern.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void intern_init(struct intern *table, struct arena *arena) {
    *table = (struct intern){.arena = arena};
}

void intern_release(struct intern *table) {
    large_free(table->slots, table->capacity, sizeof *table->slots);
    LARGE_FREE(&table->names);
    *table = (struct intern){0};
}

uint32_t intern_hash(const char *bytes, size_t length) {
    uint64_t hash = 14695981039346656037U;
    for (size_t i = 0; i < length; i++) hash = (hash ^ (unsigned char)bytes[i]) * 1099511628211U;
    return (uint32_t)(hash ^ hash >> 32);
}

static bool grow(struct intern *table) {
    size_t capacity = table->capacity ? table->capacity * 2 : 64;
    struct intern_slot *slots = large_new(capacity, sizeof *slots);
    if (!slots) return false;
    for (size_t k = 0; k < table->capacity; k++) {
        if (!table->slots[k].number) continue;
        size_t at = table->slots[k].hash & (capacity - 1);
        while (slots[at].number) at = (at + 1) & (capacity - 1);
        slots[at] = table->slots[k];
    }
    large_free(table->slots, table->capacity, sizeof *table->slots);
    table->slots = slots;
    table->capacity = capacity;
    return true;
}

static bool is_name(const char *known, const char *name, size_t length) {
    return strnlen(known, length + 1) == length && memcmp(known, name, length) == 0;
}

/* The number stands before the letters. */
static const char *add_name(struct intern *table, struct intern_slot *slot, const char *name, size_t length,
                            uint32_t hash) {
    const char *none = NULL;
    if (table->names.count == 0) LARGE_PUSH(&table->names, none);
    uint32_t number = (uint32_t)table->names.count;
    char *piece =
        number && number < UINT32_MAX ? arena_alloc(table->arena, sizeof number + length + 1) : NULL;
    if (!piece) return NULL;
    memcpy(piece, &number, sizeof number);
    memcpy(piece + sizeof number, name, length);
    const char *made = piece + sizeof number;
    if (!LARGE_PUSH(&table->names, made)) return NULL;
    *slot = (struct intern_slot){hash, number};
    return made;
}

void intern_ask_slot(const struct intern *table, uint32_t hash) {
    if (table->capacity) __builtin_prefetch(&table->slots[hash & (table->capacity - 1)]);
}

/* The number in the first slot for a hash; 0: none. */
static uint32_t first_number(const struct intern *table, uint32_t hash) {
    return table->capacity ? table->slots[hash & (table->capacity - 1)].number : 0;
}

void intern_ask_name(const struct intern *table, uint32_t hash) {
    __builtin_prefetch(table->names.at + first_number(table, hash));
}

void intern_ask_letters(const struct intern *table, uint32_t hash) {
    uint32_t number = first_number(table, hash);
    if (number) __builtin_prefetch(table->names.at[number]);
}

const char *intern_name(struct intern *table, const char *name, size_t length) {
    return intern_hashed(table, name, length, intern_hash(name, length));
}

const char *intern_hashed(struct intern *table, const char *name, size_t length, uint32_t hash) {
    if (table->names.count * 3 >= table->capacity * 2 && !grow(table)) return NULL;
    struct intern_slot *slot = &table->slots[hash & (table->capacity - 1)];
    while (slot->number) {
        if (slot->hash == hash && is_name(table->names.at[slot->number], name, length))
            return table->names.at[slot->number];
        if (++slot == table->slots + table->capacity) slot = table->slots;
    }
    return add_name(table, slot, name, length, hash);
}

const char *intern_text(struct intern *table, const char *name) {
    return intern_name(table, name, strlen(name));
}

uint32_t intern_number(const char *name) {
    uint32_t number;
    memcpy(&number, name - sizeof number, sizeof number);
    return number;
}

enum { LONGEST = 64 };

static unsigned min3(unsigned a, unsigned b, unsigned c) {
    unsigned least = a < b ? a : b;
    return least < c ? least : c;
}

/* Edit distance with transpositions of neighbours. */
static unsigned distance(const char *a, size_t n, const char *b, size_t m) {
    unsigned rows[3][LONGEST + 1];
    for (size_t j = 0; j <= m; j++) rows[0][j] = (unsigned)j;
    for (size_t i = 1; i <= n; i++) {
        unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= m; j++) {
            unsigned change = a[i - 1] != b[j - 1];
            row[j] = min3(above[j] + 1, row[j - 1] + 1, above[j - 1] + change);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && before[j - 2] + 1 < row[j])
                row[j] = before[j - 2] + 1;
        }
    }
    return rows[n % 3][m];
}

const char *nearest_name(const char *name, const char *const *candidates, size_t count) {
    size_t length = strlen(name);
    if (length > LONGEST) return NULL;
    const char *nearest = NULL;
    unsigned least = (unsigned)(length + 2) / 3 + 1;
    for (size_t i = 0; i < count; i++) {
        size_t other = strlen(candidates[i]);
        if (other > LONGEST) continue;
        unsigned edits = distance(name, length, candidates[i], other);
        if (edits < least && edits < length + (length == 1)) {
            least = edits;
            nearest = candidates[i];
        }
    }
    return nearest;
}
