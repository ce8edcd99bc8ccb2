/* Sums of parts against the definition, on random places: the same bits, whichever way they are added. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sparse/scatter.h"

enum { MOST_KINDS = 6, MOST_ELEMENTS = 9000, ROUNDS = 300 };

static uint64_t state = 20261128;

static size_t draw(size_t below) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (size_t)(state >> 33) % below;
}

struct sums {
    struct scatter scatter;
    size_t *at[MOST_KINDS]; /* the test's own */
    double *from[MOST_KINDS];
    struct scatter_cursor cursors[MOST_KINDS];
    double *expected, *found;
};

/* Runs up and down, places that stay, elements that go nowhere; in any order or upwards. */
static void draw_places(size_t *at, size_t count, size_t entries, bool upwards) {
    size_t next = draw(entries / 2 + 1), stride = draw(7);
    bool down = false;
    for (size_t k = 0; k < count; k++) {
        if (draw(upwards ? 80 : 20) == 0) stride = draw(7);
        if (!upwards && draw(30) == 0) down = !down;
        if (!upwards && draw(30) == 0) next = draw(entries);
        at[k] = next < entries && draw(50) ? next : SIZE_MAX;
        next = down ? (next > stride ? next - stride : 0) : next + stride;
    }
}

static void draw_sums(struct sums *s, size_t kinds, size_t entries) {
    bool upwards = draw(2);
    *s = (struct sums){.expected = calloc(entries, sizeof(double)), .found = calloc(entries, sizeof(double))};
    cr_assert(scatter_init(&s->scatter, kinds, entries));
    for (size_t k = 0; k < kinds; k++) {
        size_t count = draw(4) ? 1 + draw(MOST_ELEMENTS) : draw(3), *at = malloc((count + 1) * sizeof *at);
        s->at[k] = malloc((count + 1) * sizeof *at);
        s->from[k] = malloc((count + 1) * sizeof *s->from[k]);
        draw_places(at, count, entries, upwards);
        memcpy(s->at[k], at, count * sizeof *at);
        for (size_t i = 0; i < count; i++) s->from[k][i] = (double)draw(1000003) / 7 - 50000;
        cr_assert(scatter_set(&s->scatter, k, at, count));
        s->cursors[k].from = s->from[k];
    }
}

static void release_sums(struct sums *s) {
    for (size_t k = 0; k < s->scatter.kind_count; k++) {
        free(s->at[k]);
        free(s->from[k]);
    }
    scatter_release(&s->scatter);
    free(s->expected);
    free(s->found);
}

static void add_by_definition(struct sums *s) {
    for (size_t k = 0; k < s->scatter.kind_count; k++)
        for (size_t i = 0; i < s->scatter.kinds[k].count; i++)
            if (s->at[k][i] != SIZE_MAX) s->expected[s->at[k][i]] += s->from[k][i];
}

Test(sparse_scatter, sums_have_the_bits_of_their_definition) {
    size_t in_blocks = 0;
    for (int round = 0; round < ROUNDS; round++) {
        size_t entries = 1 + draw(40000);
        struct sums s;
        draw_sums(&s, 1 + draw(MOST_KINDS), entries);
        add_by_definition(&s);
        in_blocks += s.scatter.ascends;
        for (int times = 0; times < 2; times++) {
            cr_assert(scatter_add(&s.scatter, s.cursors, s.found));
            cr_assert(memcmp(s.found, s.expected, entries * sizeof *s.found) == 0, "round %d", round);
        }
        release_sums(&s);
    }
    cr_expect(in_blocks > ROUNDS / 5 && in_blocks < ROUNDS, "%zu in blocks", in_blocks);
}

Test(sparse_scatter, some_at_a_time_are_the_same_kind_by_kind) {
    for (int round = 0; round < ROUNDS; round++) {
        size_t entries = 1 + draw(40000), step = 1 + draw(700);
        struct sums s;
        draw_sums(&s, 1 + draw(MOST_KINDS), entries);
        add_by_definition(&s);
        scatter_start(&s.scatter, s.cursors, s.found);
        for (size_t k = 0; k < s.scatter.kind_count; k++) {
            for (size_t i = 0; i < s.scatter.kinds[k].count; i += step) {
                s.cursors[k].from = s.from[k] + i;
                scatter_add_some(&s.scatter, k, &s.cursors[k], i, i + step, s.found);
            }
        }
        cr_assert(memcmp(s.found, s.expected, entries * sizeof *s.found) == 0, "round %d", round);
        release_sums(&s);
    }
}

Test(sparse_scatter, what_is_not_finite_is_noticed) {
    for (int round = 0; round < ROUNDS; round++) {
        struct sums s;
        draw_sums(&s, 1, 1 + draw(40000));
        size_t count = s.scatter.kinds[0].count, which = count ? draw(count) : 0;
        if (count) s.from[0][which] = draw(2) ? NAN : INFINITY;
        bool counts = count && s.at[0][which] != SIZE_MAX;
        cr_expect_eq(scatter_add(&s.scatter, s.cursors, s.found), !counts, "round %d", round);
        release_sums(&s);
    }
}

Test(sparse_scatter, one_run_is_told_from_many) {
    struct scatter s;
    size_t *even = malloc(5 * sizeof *even), *bent = malloc(5 * sizeof *bent);
    for (size_t k = 0; k < 5; k++) even[k] = 3 + 2 * k;
    memcpy(bent, even, 5 * sizeof *bent);
    bent[4]++;
    cr_assert(scatter_init(&s, 2, 20));
    cr_assert(scatter_set(&s, 0, even, 5));
    cr_assert(scatter_set(&s, 1, bent, 5));
    const struct scatter_run *run = scatter_only_run(&s, 0);
    cr_assert_not_null(run);
    cr_expect_eq(run->first, 3);
    cr_expect_eq(run->stride, 2);
    cr_expect_null(scatter_only_run(&s, 1));
    scatter_release(&s);
}
