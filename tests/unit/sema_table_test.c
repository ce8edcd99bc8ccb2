/* Tables: numbers are read to the bits of strtod, whatever they look like. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sema/table.h"
#include "support/number.h"

enum { DECIMALS = 100000, LONGEST = 64 };

static uint64_t state = 88172645463325252u;

static uint64_t draw(void) {
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

/* Any digits with a point among them, perhaps with zeros before and an exponent behind. */
static void write_digits(char *out) {
    size_t count = 1 + draw() % 24, point = draw() % 26, length = 0;
    if (draw() % 2) out[length++] = draw() % 4 ? '-' : '+';
    for (size_t k = draw() % 4; k > 1; k--) out[length++] = '0';
    for (size_t k = 0; k < count; k++) {
        if (k == point) out[length++] = '.';
        out[length++] = (char)('0' + draw() % 10);
    }
    out[length] = 0;
    if (draw() % 2) snprintf(out + length, LONGEST - length, "e%d", (int)(draw() % 64) - 32);
}

/* Whole numbers in the middle between two doubles, or beside it, moved by a power of ten. */
static void write_middle(char *out) {
    uint64_t middle = ((uint64_t)1 << 53 | draw() >> 11) << (draw() % 9) | 1;
    middle = (middle >> 1 << 1) | (draw() % 4 != 0);
    snprintf(out, LONGEST, "%llue%d", (unsigned long long)middle, draw() % 2 ? 0 : (int)(draw() % 8) - 4);
}

/* The shortest digits of a double, or 17 of them. */
static void write_double(char *out) {
    double value = ldexp((double)draw(), (int)(draw() % 160) - 130);
    if (draw() % 2)
        number_format(value, out);
    else
        snprintf(out, LONGEST, "%.17g", value);
}

static void write_decimal(char *out) {
    void (*const kinds[])(char *) = {write_digits, write_middle, write_double};
    kinds[draw() % 3](out);
}

struct opened {
    struct arena arena;
    struct intern names;
    struct source_set sources;
    struct diag_list diags;
    struct table table;
};

static bool open_table(struct opened *o, const char *text) {
    char path[] = "/tmp/gradc-table-XXXXXX";
    int descriptor = mkstemp(path);
    FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "w");
    cr_assert_not_null(file);
    fputs(text, file);
    fclose(file);
    arena_init(&o->arena);
    intern_init(&o->names, &o->arena);
    source_set_init(&o->sources, &o->arena);
    diag_init(&o->diags, &o->arena, &o->sources);
    bool good = table_read(&o->table, path, NULL, 0, &o->names, &o->diags, (struct span){0});
    remove(path);
    return good;
}

static void close_table(struct opened *o) {
    table_release(&o->table);
    diag_release(&o->diags);
    source_set_release(&o->sources);
    intern_release(&o->names);
    arena_release(&o->arena);
}

Test(sema_table, numbers_have_the_bits_of_strtod) {
    struct opened o;
    char *text = malloc((size_t)DECIMALS * LONGEST), *at = text;
    double *wanted = malloc(DECIMALS * sizeof *wanted), *found = malloc(DECIMALS * sizeof *found);
    cr_assert(text && wanted && found);
    for (size_t k = 0; k < DECIMALS; k++) {
        write_decimal(at);
        wanted[k] = strtod(at, NULL);
        at += strlen(at);
        *at++ = '\n';
    }
    *at = 0;
    cr_assert(open_table(&o, text));
    cr_assert_eq(o.table.rows, DECIMALS);
    cr_assert(table_column(&o.table, 0, false, found, 1, &o.diags));
    for (size_t k = 0; k < DECIMALS; k++)
        cr_assert_eq(memcmp(&found[k], &wanted[k], sizeof found[k]), 0, "row %zu: %.17g, not %.17g", k + 1,
                     found[k], wanted[k]);
    close_table(&o);
    free(text);
    free(wanted);
    free(found);
}

static void check_cell(const char *cell, bool good, double value) {
    struct opened o;
    double found = 0;
    char text[100];
    snprintf(text, sizeof text, "a\n%s\n", cell);
    cr_assert(open_table(&o, text));
    cr_expect_eq(table_column(&o.table, 0, false, &found, 1, &o.diags), good, "%s", cell);
    if (good) cr_expect_eq(memcmp(&found, &value, sizeof value), 0, "%s: %.17g", cell, found);
    close_table(&o);
}

Test(sema_table, unusual_cells) {
    check_cell("1.", true, 1);
    check_cell(".5", true, 0.5);
    check_cell("-0", true, -0.0);
    check_cell("-0e999", true, -0.0);
    check_cell("1e-400", true, 0);
    check_cell("+0000000000000000000000000000001.50", true, 1.5);
    check_cell("9223372036854775808e-19", true, 0.9223372036854775808);
    check_cell("9999999999999999999e27", true, 9999999999999999999e27);
    check_cell("1e400", true, HUGE_VAL);
    check_cell("\"2.5\"", true, 2.5);
    check_cell(".", false, 0);
    check_cell("1e", false, 0);
    check_cell("1e+", false, 0);
    check_cell("+", false, 0);
    check_cell("1.5x", false, 0);
    check_cell("0x10", false, 0);
    check_cell("1 2", false, 0);
    check_cell("nan", false, 0);
}
