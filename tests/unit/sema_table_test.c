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
