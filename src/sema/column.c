#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ir/build.h"
#include "sema/checker.h"
#include "sema/file.h"

/* ---- Declaration ---- */

static const char *given_table(struct checker *c, const char *name) {
    const char *path = NULL;
    for (size_t k = 0; c->options && k < c->options->table_count; k++)
        if (strcmp(c->options->tables[k].name, name) == 0) path = c->options->tables[k].path;
    return path;
}

static array_id new_size(struct checker *c, const struct table_source *t, const char *what, size_t value) {
    struct array array = {.name = arena_format(c->arena, "%s.%s", t->name, what),
                          .role = ROLE_SIZE,
                          .type = TYPE_INT,
                          .span = t->span};
    int64_t *content = ARENA_NEW(c->arena, int64_t);
    if (!content || !array.name) return 0;
    *content = (int64_t)value;
    array_id size = program_array(c->program, array);
    contents_set_integer(c, size, content, 1);
    return size;
}

static const struct given_numbers *given_numbers(struct checker *c, const char *name) {
    const struct given_numbers *found = NULL;
    for (size_t k = 0; c->options && k < c->options->number_count; k++)
        if (strcmp(c->options->numbers[k].name, name) == 0) found = &c->options->numbers[k];
    return found;
}

static bool take_numbers(struct checker *c, struct table_source *t, const struct given_numbers *given,
                         const struct ast_statement *s) {
    const char *name = arena_text(c->arena, given->name, strlen(given->name));
    return name &&
           table_of_numbers(&t->table, name, given->values, given->rows, given->columns, given->column_names,
                            &c->model->names) &&
           table_rename(&t->table, s->parameters, s->parameter_count, &c->model->names, c->diags,
                        s->path_span);
}

static bool read_table(struct checker *c, struct table_source *t, const struct ast_statement *s,
                       const char *file) {
    const char *path = given_table(c, s->name);
    if (!path) path = file_beside(c->arena, file, s->path);
    return path && table_read(&t->table, path, s->parameters, s->parameter_count, &c->model->names, c->diags,
                              s->path_span);
}

static bool open_table(struct checker *c, struct table_source *t, const struct ast_statement *s,
                       const char *file) {
    const struct given_numbers *numbers = given_numbers(c, s->name);
    if (!VEC_PUSH(&c->tables, t)) return false;
    if (numbers ? !take_numbers(c, t, numbers, s) : !read_table(c, t, s, file)) return false;
    struct model_table told = {.name = t->name,
                               .path = numbers ? NULL : t->table.path,
                               .column_names = t->table.names,
                               .rows = t->table.rows,
                               .columns = t->table.columns};
    t->number = c->model->tables.count;
    if (!VEC_PUSH(&c->model->tables, told)) return false;
    t->rows = new_size(c, t, "rows", t->table.rows);
    t->columns = new_size(c, t, "columns", t->table.columns);
    t->arrays = ARENA_ARRAY(c->arena, array_id, t->table.columns + 1);
    t->is_bad = ARENA_ARRAY(c->arena, bool, t->table.columns + 1);
    return t->rows && t->columns && t->arrays && t->is_bad;
}

void declare_data(struct checker *c, const struct ast_statement *s, const char *file) {
    struct table_source *t = ARENA_NEW(c->arena, struct table_source);
    struct symbol symbol = {.name = s->name, .kind = SYMBOL_BROKEN, .span = s->name_span};
    if (t) {
        t->name = s->name;
        t->span = s->name_span;
        symbol.table = t;
        if (open_table(c, t, s, file)) symbol.kind = SYMBOL_TABLE;
    }
    scope_declare(&c->scope, symbol, c->diags);
}

/* ---- Columns ---- */

/* As it is written in formulas. */
static const char *array_name(struct checker *c, const struct table_source *t, size_t column) {
    const char *name = t->table.names[column];
    return name ? arena_format(c->arena, "%s.%s", t->name, name)
                : arena_format(c->arena, "%s.%zu", t->name, column + 1);
}

static bool is_whole_column(struct checker *c, const struct table_source *t, size_t column) {
    const char *number = arena_format(c->arena, "%zu", column + 1);
    bool by_number = number && usage_of_column(&c->usage, t->name, number).integer;
    const char *name = t->table.names[column];
    return by_number || (name && usage_of_column(&c->usage, t->name, name).integer);
}

/* Keeps numbers until the model is released; whole ones take the places of the doubles. */
static bool set_contents(struct checker *c, array_id array, double *values, size_t count, bool whole) {
    int64_t *integers = (int64_t *)(void *)values;
    if (!VEC_PUSH(&c->model->owned, values)) {
        free(values);
        return false;
    }
    for (size_t k = 0; whole && k < count; k++) integers[k] = (int64_t)values[k];
    if (whole)
        contents_set_integer(c, array, integers, count);
    else
        contents_set_real(c, array, values, count);
    return true;
}

/* Keeps the file for as long as the model, for numbers are used where they stand in it. */
static bool set_in_place(struct checker *c, struct table_source *t, array_id array, const double *values,
                         size_t count) {
    if (!t->is_kept && !VEC_PUSH(&c->model->files, t->table.file)) return false;
    t->is_kept = true;
    /* Inputs are read only. */
    contents_set_real(c, array, (double *)(uintptr_t)values, count);
    return true;
}

static array_id new_column(struct checker *c, const struct table_source *t, const char *name, bool whole,
                           bool matrix) {
    struct graph *g = c->graph;
    node_id one = mk_int(g, 1);
    struct dimension dims[2] = {{one, mk_read(g, t->rows, TYPE_INT, NULL, 0)},
                                {one, mk_read(g, t->columns, TYPE_INT, NULL, 0)}};
    struct array array = {.name = name,
                          .role = ROLE_COLUMN,
                          .type = whole ? TYPE_INT : TYPE_REAL,
                          .dims = dims,
                          .rank = matrix ? 2 : 1,
                          .span = t->span};
    return program_array(c->program, array);
}

static array_id column_in_place(struct checker *c, struct table_source *t, size_t column,
                                const double *values) {
    const char *name = array_name(c, t, column);
    if (!name || !table_check(&t->table, column, c->diags)) return 0;
    array_id array = new_column(c, t, name, false, false);
    if (set_in_place(c, t, array, values, t->table.rows)) t->arrays[column] = array;
    return t->arrays[column];
}

/* The column as an array of its own, which is a copy unless it stands so in the file. */
static array_id make_column(struct checker *c, struct table_source *t, size_t column) {
    bool whole = is_whole_column(c, t, column);
    const double *in_place = whole ? NULL : table_column_in_place(&t->table, column);
    if (in_place) return column_in_place(c, t, column, in_place);
    double *values = calloc(t->table.rows + 1, sizeof *values);
    const char *name = array_name(c, t, column);
    if (!values || !name || !table_column(&t->table, column, whole, values, 1, c->diags)) {
        free(values);
        return 0;
    }
    array_id array = new_column(c, t, name, whole, false);
    if (!set_contents(c, array, values, t->table.rows, whole)) return 0;
    t->arrays[column] = array;
    return array;
}

static array_id column_array(struct checker *c, struct table_source *t, size_t column) {
    if (!t->arrays[column] && !t->is_bad[column]) t->is_bad[column] = make_column(c, t, column) == 0;
    return t->arrays[column];
}

static void unknown_column(struct checker *c, const struct table_source *t, const char *column,
                           struct span span) {
    struct diag *diag =
        diag_error(c->diags, "unknown-column", span, "the table `%s` has no column `%s`", t->name, column);
    VEC(const char *) known = {0};
    for (size_t k = 0; k < t->table.columns; k++)
        if (t->table.names[k]) VEC_PUSH(&known, t->table.names[k]);
    const char *near = scope_nearest(column, known.at, known.count);
    if (near)
        diag_hint(c->diags, diag, "did you mean `%s`?", near);
    else if (known.count == 0)
        diag_hint(c->diags, diag,
                  "the file has no header: name its columns, data %s from \"...\" columns (...)", t->name);
    diag_note(c->diags, diag, t->span, "`%s` is declared here", t->name);
    VEC_FREE(&known);
}

/* The place of a column plus 1; 0 after an error. */
static size_t find_column(struct checker *c, const struct table_source *t, const char *column,
                          struct span span) {
    size_t found = 0, matches = 0;
    for (size_t k = 0; k < t->table.columns; k++) {
        if (!t->table.names[k] || strcmp(t->table.names[k], column) != 0) continue;
        if (matches++ == 0) found = k;
    }
    if (matches == 0 && (strcmp(column, "rows") == 0 || strcmp(column, "columns") == 0)) {
        diag_error(c->diags, "shape-mismatch", span, "`%s.%s` is a number, not a column: it takes no index",
                   t->name, column);
        return 0;
    }
    if (matches == 0) {
        unknown_column(c, t, column, span);
        return 0;
    }
    if (matches > 1) {
        struct diag *diag = diag_error(c->diags, "duplicate-column", span, "`%s` has %zu columns called `%s`",
                                       t->table.path, matches, column);
        diag_hint(c->diags, diag, "take one by its number: %s[i, %zu]", t->name, found + 1);
        return 0;
    }
    return found + 1;
}

array_id column_named(struct checker *c, struct table_source *t, const char *column, struct span span) {
    size_t found = find_column(c, t, column, span);
    return found ? column_array(c, t, found - 1) : 0;
}

/* Makes all columns one input. */
static array_id new_matrix(struct checker *c, struct table_source *t, bool whole) {
    struct model_table *told = &c->model->tables.at[t->number];
    const char **names = ARENA_ARRAY(c->arena, const char *, t->table.columns + 1);
    for (size_t k = 0; names && k < t->table.columns; k++) names[k] = array_name(c, t, k);
    told->full_names = names;
    told->matrix = names ? new_column(c, t, t->name, whole, true) : 0;
    return told->matrix;
}

/* Rows of doubles that are used where they stand in the file. */
static array_id matrix_in_place(struct checker *c, struct table_source *t, const double *values) {
    size_t count = t->table.rows * t->table.columns; /* they are in the file */
    for (size_t k = 0; k < t->table.columns; k++)
        if (!table_check(&t->table, k, c->diags)) return 0;
    array_id matrix = new_matrix(c, t, false);
    if (matrix && set_in_place(c, t, matrix, values, count)) t->matrix = matrix;
    return t->matrix;
}

/* A cell of a column; by the matrix of all columns where that is in the file, so that nothing is copied. */
static node_id read_cell(struct checker *c, struct table_source *t, size_t column, node_id row) {
    struct graph *g = c->graph;
    bool in_rows = t->table.columns > 1 && table_rows_in_place(&t->table) && !is_whole_column(c, t, column) &&
                   !usage_of_column(&c->usage, t->name, "*").integer && !t->arrays[column];
    array_id array = in_rows ? table_matrix(c, t) : column_array(c, t, column);
    if (!array) return 0;
    node_id subscripts[2] = {row, mk_int(g, (int64_t)column + 1)};
    return mk_read(g, array, program_array_at(c->program, array)->type, subscripts, in_rows ? 2 : 1);
}

node_id column_cell_numbered(struct checker *c, struct table_source *t, size_t column, node_id row) {
    return read_cell(c, t, column, row);
}

node_id column_cell_named(struct checker *c, struct table_source *t, const char *column, node_id row,
                          struct span span) {
    size_t found = find_column(c, t, column, span);
    return found ? read_cell(c, t, found - 1, row) : 0;
}

static array_id make_matrix(struct checker *c, struct table_source *t) {
    size_t columns = t->table.columns, count;
    if (__builtin_mul_overflow(t->table.rows, columns, &count)) return 0;
    bool whole = usage_of_column(&c->usage, t->name, "*").integer;
    const double *in_place = whole ? NULL : table_rows_in_place(&t->table);
    if (in_place) return matrix_in_place(c, t, in_place);
    double *values = calloc(count + 1, sizeof *values);
    bool good = values != NULL;
    for (size_t k = 0; good && k < columns; k++)
        good = table_column(&t->table, k, whole, values + k, columns, c->diags);
    if (!good) {
        free(values);
        return 0;
    }
    array_id matrix = new_matrix(c, t, whole);
    if (!matrix) free(values);
    if (matrix && set_contents(c, matrix, values, count, whole)) t->matrix = matrix;
    return t->matrix;
}

array_id table_matrix(struct checker *c, struct table_source *t) {
    if (!t->matrix && !t->has_no_matrix) t->has_no_matrix = make_matrix(c, t) == 0;
    return t->matrix;
}
