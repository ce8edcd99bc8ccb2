/* Cells of tables. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sema/table.h"

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

/* ---- The same table in several ways of writing it ---- */

enum { ROWS = 400, COLUMNS = 3 };

static double number(int row, int column) {
    return (row * 7919 + column * 104729) % 100003 / (column == 1 ? 1000.0 : 3.0) - (column == 2 ? 1e4 : 0);
}

struct writing {
    const char *end_of_line, *blank, *empty_line;
    bool quoted, open_end;
};

static void check_writing(const struct writing *w) {
    static char text[ROWS * COLUMNS * 40];
    size_t at = (size_t)sprintf(text, "a,b,c%s", w->end_of_line);
    for (int row = 0; row < ROWS; row++) {
        if (row % 50 == 20) at += (size_t)sprintf(text + at, "%s", w->empty_line);
        for (int column = 0; column < COLUMNS; column++) {
            bool quoted = w->quoted && row == ROWS / 2 && column == 1;
            at += (size_t)sprintf(text + at, "%s%s%s%.17g%s%s", column ? "," : "", w->blank,
                                  quoted ? "\"" : "", number(row, column), quoted ? "\"" : "", w->blank);
        }
        if (row + 1 < ROWS || !w->open_end) at += (size_t)sprintf(text + at, "%s", w->end_of_line);
    }
    struct opened o;
    double values[ROWS];
    cr_assert(open_table(&o, text));
    cr_assert_eq(o.table.rows, ROWS);
    cr_expect_eq(o.table.plain, !w->quoted && strcmp(w->end_of_line, "\r") != 0);
    for (size_t column = 0; column < COLUMNS; column++) {
        cr_assert(table_column(&o.table, column, false, values, 1, &o.diags));
        for (int row = 0; row < ROWS; row++)
            cr_assert(values[row] == number(row, (int)column), "row %d, column %zu: %.17g", row, column,
                      values[row]);
    }
    close_table(&o);
}

Test(sema_table, ways_of_writing) {
    static const struct writing ways[] = {
        {"\n", "", "", false, false},          {"\n", "", "", false, true},
        {"\n", " ", "\n", false, false},       {"\r\n", "", "\r\n", false, false},
        {"\r\n", "\t ", " \r\n", false, true}, {"\r", "", "\r", false, true},
        {"\n", "", "  \n", true, false},       {"\r\n", " ", "\n", true, true},
    };
    for (size_t k = 0; k < sizeof ways / sizeof *ways; k++) check_writing(&ways[k]);
}

/* A column that is not used may hold anything; one that is used is read up to what is wrong in it. */
Test(sema_table, columns_that_are_not_used) {
    struct opened o;
    double values[3];
    cr_assert(open_table(&o, "a,b\n1,x\n2,\n3,nan\n"));
    cr_expect(o.table.plain);
    cr_expect(table_column(&o.table, 0, true, values, 1, &o.diags));
    cr_expect(values[0] == 1 && values[1] == 2 && values[2] == 3);
    cr_expect(!table_column(&o.table, 1, false, values, 1, &o.diags));
    cr_assert_eq(o.diags.items.count, 1);
    cr_expect_str_eq(o.diags.items.at[0].code, "cell-not-a-number");
    cr_expect_eq(o.diags.items.at[0].line, 2);
    cr_expect_eq(o.diags.items.at[0].column, 3);
    close_table(&o);
}
