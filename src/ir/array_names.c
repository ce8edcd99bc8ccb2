#include "ir/array_names.h"

#include <stdlib.h>
#include <string.h>

#include "ir/program.h"

struct array_name {
    uint32_t array;  /* 0: free */
    unsigned suffix; /* no smaller one, and not this one, is free behind the name */
};

static uint64_t hash_text(const char *text) {
    uint64_t hash = 14695981039346656037U;
    for (; *text; text++) hash = (hash ^ (unsigned char)*text) * 1099511628211U;
    return hash ^ hash >> 32;
}

/* The slot of a name, or the free one where it belongs. */
static struct array_name *find(const struct program *p, const char *name) {
    const struct array_names *names = &p->names;
    size_t at = hash_text(name) & (names->capacity - 1);
    while (names->slots[at].array && strcmp(p->arrays.at[names->slots[at].array].name, name) != 0)
        at = (at + 1) & (names->capacity - 1);
    return &names->slots[at];
}

static bool make_room(struct program *p) {
    struct array_names *names = &p->names;
    size_t capacity = names->capacity ? names->capacity : 64, old_capacity = names->capacity;
    while (capacity < 2 * p->arrays.count) capacity *= 2;
    if (capacity == old_capacity) return true;
    struct array_name *old = names->slots;
    names->slots = calloc(capacity, sizeof *names->slots);
    if (names->slots) {
        names->capacity = capacity;
        for (size_t k = 0; k < old_capacity; k++)
            if (old[k].array) *find(p, p->arrays.at[old[k].array].name) = old[k];
    } else {
        *names = (struct array_names){0};
    }
    free(old);
    return names->slots != NULL;
}

/* Takes in the arrays that have come since the last time. */
static bool note_arrays(struct program *p) {
    struct array_names *names = &p->names;
    if (!make_room(p)) return false;
    if (names->noted == 0) names->noted = 1;
    for (; names->noted < p->arrays.count; names->noted++) {
        struct array_name *slot = find(p, p->arrays.at[names->noted].name);
        if (!slot->array) *slot = (struct array_name){(uint32_t)names->noted, 1};
    }
    return true;
}

const char *array_name_make(struct program *p, const char *name) {
    if (!note_arrays(p)) return NULL;
    struct array_name *taken = find(p, name);
    const char *made = name;
    while (taken->array && made && find(p, made)->array)
        made = arena_format(p->arena, "%s_%u", name, ++taken->suffix);
    return made;
}

void array_names_release(struct array_names *names) {
    free(names->slots);
    *names = (struct array_names){0};
}
