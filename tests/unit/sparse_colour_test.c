/* Sets, patterns and colourings against their definitions, on random matrices. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "sparse/colour.h"
#include "sparse/sets.h"

enum { LARGEST = 60 };

static uint64_t state = 88172645463325252u;

static uint32_t draw(uint32_t below) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 33) % below;
}

/* ---- Sets ---- */

Test(sparse_sets, unions_have_the_members_of_both) {
    enum { SETS = 400, MEMBERS = 200 };
    static bool has[SETS][MEMBERS];
    set_id ids[SETS];
    struct sets s;
    sets_init(&s);
    for (uint32_t k = 0; k < SETS; k++) {
        uint32_t single = draw(MEMBERS);
        ids[k] = set_single(&s, single);
        has[k][single] = true;
        for (int times = 0; k > 1 && times < 6; times++) {
            uint32_t other = draw(k);
            ids[k] = set_union(&s, ids[k], ids[other]);
            for (uint32_t m = 0; m < MEMBERS; m++) has[k][m] |= has[other][m];
        }
        struct members members = {0};
        cr_assert(set_expand(&s, ids[k], &members));
        size_t at = 0;
        for (uint32_t m = 0; m < MEMBERS; m++)
            if (has[k][m]) cr_assert(at < members.count && members.at[at++] == m, "set %u lacks %u", k, m);
        cr_assert_eq(at, members.count, "set %u has too many members", k);
        VEC_FREE(&members);
    }
    sets_release(&s);
}

Test(sparse_sets, equal_small_sets_are_one) {
    struct sets s;
    sets_init(&s);
    set_id a = set_union(&s, set_single(&s, 3), set_single(&s, 5));
    set_id b = set_union(&s, set_single(&s, 5), set_single(&s, 3));
    cr_assert_eq(a, b);
    cr_assert_eq(set_union(&s, a, set_single(&s, 5)), a);
    cr_assert_eq(set_union(&s, 0, a), a);
    sets_release(&s);
}

Test(sparse_sets, adding_the_same_again_makes_nothing) {
    struct sets s;
    sets_init(&s);
    set_id all = 0, large = 0;
    for (uint32_t k = 0; k < 1000; k++) large = set_union(&s, large, set_single(&s, k));
    all = set_union(&s, set_single(&s, 5000), large);
    size_t before = s.all.count;
    for (int k = 0; k < 1000; k++) all = set_union(&s, all, large);
    cr_assert_eq(s.all.count, before);
    sets_release(&s);
}

/* ---- Patterns ---- */

/* A random matrix: zero but where it has entries, which are all different. */
struct matrix {
    size_t rows, columns;
    double at[LARGEST][LARGEST];
    struct pattern pattern;
};

static void take_pattern(struct matrix *m) {
    m->pattern = (struct pattern){.rows = m->rows, .columns = m->columns};
    m->pattern.starts = calloc(m->rows + 1, sizeof *m->pattern.starts);
    m->pattern.entry = calloc(m->rows * m->columns + 1, sizeof *m->pattern.entry);
    size_t count = 0;
    for (size_t i = 0; i < m->rows; i++) {
        for (size_t j = 0; j < m->columns; j++)
            if (m->at[i][j] > 0) m->pattern.entry[count++] = (uint32_t)j;
        m->pattern.starts[i + 1] = count;
    }
}

static void draw_matrix(struct matrix *m, bool symmetric) {
    *m = (struct matrix){.rows = 1 + draw(LARGEST), .columns = 1 + draw(LARGEST)};
    if (symmetric) m->columns = m->rows;
    size_t entries = draw(4 * (uint32_t)m->rows);
    for (size_t k = 0; k < entries; k++) {
        uint32_t i = draw((uint32_t)m->rows), j = draw((uint32_t)m->columns);
        m->at[i][j] = (double)k + 1;
        if (symmetric) m->at[j][i] = m->at[i][j];
    }
    /* A dense row now and then. */
    for (size_t j = 0; draw(3) == 0 && j < m->columns; j++) {
        m->at[0][j] = 1000 + (double)j;
        if (symmetric) m->at[j][0] = m->at[0][j];
    }
    take_pattern(m);
}

Test(sparse_pattern, transposes_and_mirrors) {
    for (int k = 0; k < 200; k++) {
        struct matrix m;
        struct pattern other;
        draw_matrix(&m, false);
        cr_assert(pattern_transpose(&other, &m.pattern));
        for (size_t i = 0; i < m.rows; i++)
            for (size_t j = 0; j < m.columns; j++) {
                bool has = m.at[i][j] > 0;
                cr_assert_eq(pattern_find(&m.pattern, i, (uint32_t)j) != SIZE_MAX, has);
                cr_assert_eq(pattern_find(&other, j, (uint32_t)i) != SIZE_MAX, has);
            }
        pattern_release(&other);
        pattern_release(&m.pattern);
    }
}

Test(sparse_pattern, symmetric_is_the_union_with_the_mirror_image) {
    for (int k = 0; k < 200; k++) {
        struct matrix m;
        struct pattern whole;
        draw_matrix(&m, false);
        m.columns = m.rows = m.rows < m.columns ? m.rows : m.columns;
        pattern_release(&m.pattern);
        take_pattern(&m);
        cr_assert(pattern_symmetric(&whole, &m.pattern));
        for (size_t i = 0; i < m.rows; i++)
            for (size_t j = 0; j < m.columns; j++)
                cr_assert_eq(pattern_find(&whole, i, (uint32_t)j) != SIZE_MAX,
                             m.at[i][j] > 0 || m.at[j][i] > 0);
        pattern_release(&whole);
        pattern_release(&m.pattern);
    }
}

/* ---- Colourings ---- */

/* The product of the matrix with the sum of the columns of a colour, at a row. */
static double product(const struct matrix *m, const struct colouring *c, uint32_t colour, size_t row) {
    double sum = 0;
    for (size_t j = 0; j < m->columns; j++)
        if (c->colour[j] == colour) sum += m->at[row][j];
    return sum;
}

static void check_entries(const struct matrix *m, const struct colouring *c, const bool *readings) {
    for (size_t i = 0; i < m->rows; i++)
        for (size_t e = m->pattern.starts[i]; e < m->pattern.starts[i + 1]; e++) {
            uint32_t j = m->pattern.entry[e];
            double value =
                !readings || readings[e] ? product(m, c, c->colour[j], i) : product(m, c, c->colour[i], j);
            cr_assert(value >= m->at[i][j] && value <= m->at[i][j], "entry %zu, %u", i, j);
        }
}

Test(sparse_colour, every_entry_is_found_in_a_product) {
    for (int k = 0; k < 300; k++) {
        struct matrix m;
        struct colouring c;
        draw_matrix(&m, false);
        cr_assert(colour_columns(&c, &m.pattern));
        check_entries(&m, &c, NULL);
        colouring_release(&c);
        pattern_release(&m.pattern);
    }
}

Test(sparse_colour, every_entry_of_a_symmetric_matrix_is_found) {
    for (int k = 0; k < 600; k++) {
        struct matrix m;
        struct colouring c;
        draw_matrix(&m, true);
        cr_assert(colour_symmetric(&c, &m.pattern));
        bool *readings = colour_readings(&c, &m.pattern);
        cr_assert_not_null(readings);
        check_entries(&m, &c, readings);
        free(readings);
        colouring_release(&c);
        pattern_release(&m.pattern);
    }
}

/* Known counts: 3 colours for a tridiagonal matrix, 2 for an arrow, however large. */
static struct pattern special(size_t n, bool arrow) {
    struct pattern p = {.rows = n, .columns = n};
    p.starts = calloc(n + 1, sizeof *p.starts);
    p.entry = calloc(5 * n + 5, sizeof *p.entry);
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = arrow ? 0 : i ? i - 1 : 0; j < n; j++) {
            bool has = arrow ? i == j || i == 0 || j == 0 : j <= i + 1;
            if (has) p.entry[count++] = (uint32_t)j;
            if (!has && (arrow ? j < i : true)) j = arrow ? i - 1 : n;
        }
        p.starts[i + 1] = count;
    }
    return p;
}

Test(sparse_colour, bands_and_arrows_take_few_colours) {
    for (int arrow = 0; arrow < 2; arrow++) {
        struct pattern p = special(20000, arrow == 1);
        struct colouring c;
        cr_assert(colour_symmetric(&c, &p));
        cr_expect_eq(c.count, arrow ? 2 : 3);
        colouring_release(&c);
        pattern_release(&p);
    }
}
