/* Interned names with their numbers, maps by these, and arenas that are filled again and again. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "support/intern.h"
#include "support/name_map.h"

enum { NAMES = 5000 };

static const char *name_numbered(struct intern *names, unsigned k) {
    char text[32];
    snprintf(text, sizeof text, "name%u", k);
    return intern_text(names, text);
}

Test(names, equal_names_are_one_and_numbered_in_order) {
    struct arena arena;
    struct intern names;
    arena_init(&arena);
    intern_init(&names, &arena);
    for (unsigned k = 0; k < NAMES; k++) cr_assert_eq(intern_number(name_numbered(&names, k)), k + 1);
    for (unsigned k = 0; k < NAMES; k++) {
        const char *name = name_numbered(&names, k);
        cr_assert_eq(intern_number(name), k + 1);
        cr_assert_eq(names.names.at[k + 1], name);
    }
    cr_expect_eq(intern_name(&names, "name12", 5), intern_text(&names, "name1"));
    intern_release(&names);
    arena_release(&arena);
}

/* As the scanner makes many: in parts, each asked for before. */
Test(names, made_in_parts_are_the_same) {
    struct arena arena;
    struct intern names;
    arena_init(&arena);
    intern_init(&names, &arena);
    uint32_t hash = intern_hash("alpha", 5);
    intern_ask_slot(&names, hash);
    intern_ask_name(&names, hash);
    intern_ask_letters(&names, hash);
    const char *name = intern_hashed(&names, "alphabet", 5, hash);
    cr_expect_str_eq(name, "alpha");
    intern_ask_letters(&names, hash);
    cr_expect_eq(intern_text(&names, "alpha"), name);
    cr_expect_neq(intern_text(&names, "alphabet"), name);
    intern_release(&names);
    arena_release(&arena);
}

Test(names, maps_hold_what_was_set) {
    struct arena arena;
    struct intern names;
    struct name_map map = {0};
    arena_init(&arena);
    intern_init(&names, &arena);
    const char *first = intern_text(&names, "a"), *second = intern_text(&names, "b"),
               *third = intern_text(&names, "c");
    cr_expect_eq(name_map_get(&map, second), NAME_NONE);
    cr_assert(name_map_set(&map, second, 0));
    cr_expect_eq(name_map_get(&map, first), NAME_NONE);
    cr_expect_eq(name_map_get(&map, second), 0);
    cr_expect_eq(name_map_get(&map, third), NAME_NONE);
    cr_expect_eq(name_map_get(&map, NULL), NAME_NONE);
    cr_assert(name_map_set(&map, second, 7));
    cr_expect_eq(name_map_get(&map, second), 7);
    name_map_release(&map);
    intern_release(&names);
    arena_release(&arena);
}

static void fill(struct arena *arena, size_t pieces, size_t size) {
    for (size_t k = 0; k < pieces; k++) {
        unsigned char *piece = arena_alloc(arena, size);
        cr_assert_not_null(piece);
        for (size_t b = 0; b < size; b++) cr_assert_eq(piece[b], 0);
        memset(piece, 0xFF, size);
    }
}

Test(arenas, are_cleared_and_taken_over) {
    struct arena arena = {0}, passing = {.chunk_bytes = 256};
    fill(&arena, 1, 16);
    for (int round = 0; round < 3; round++) {
        fill(&passing, 40, 48);
        fill(&passing, 1, 1000);
        arena_clear(&passing);
    }
    cr_expect_eq(passing.used, 0);
    fill(&passing, 10, 48);
    char *kept = arena_text(&passing, "kept", 4);
    arena_take(&arena, &passing);
    cr_expect_null(passing.chunks);
    fill(&passing, 10, 48);
    fill(&arena, 10000, 48);
    cr_expect_str_eq(kept, "kept");
    arena_release(&passing);
    arena_release(&arena);
}
