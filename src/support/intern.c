#include "support/intern.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void intern_init(struct intern *table, struct arena *arena) {
    *table = (struct intern){.arena = arena};
}

void intern_release(struct intern *table) {
    free(table->slots);
    *table = (struct intern){0};
}

static uint64_t hash_bytes(const char *bytes, size_t length) {
    uint64_t hash = 14695981039346656037U;
    for (size_t i = 0; i < length; i++) hash = (hash ^ (unsigned char)bytes[i]) * 1099511628211U;
    return hash;
}

static const char **find_slot(const char **slots, size_t capacity, const char *name, size_t length) {
    size_t i = hash_bytes(name, length) & (capacity - 1);
    while (slots[i] && (strncmp(slots[i], name, length) != 0 || slots[i][length]))
        i = (i + 1) & (capacity - 1);
    return &slots[i];
}

static int grow(struct intern *table) {
    size_t capacity = table->capacity ? table->capacity * 2 : 64;
    const char **slots = calloc(capacity, sizeof *slots);
    if (!slots) return 0;
    for (size_t i = 0; i < table->capacity; i++) {
        const char *name = table->slots[i];
        if (name) *find_slot(slots, capacity, name, strlen(name)) = name;
    }
    free(table->slots);
    table->slots = slots;
    table->capacity = capacity;
    return 1;
}

const char *intern_name(struct intern *table, const char *name, size_t length) {
    if (table->count * 2 >= table->capacity && !grow(table)) return NULL;
    const char **slot = find_slot(table->slots, table->capacity, name, length);
    if (!*slot) {
        *slot = arena_text(table->arena, name, length);
        table->count += *slot != NULL;
    }
    return *slot;
}

const char *intern_text(struct intern *table, const char *name) {
    return intern_name(table, name, strlen(name));
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
