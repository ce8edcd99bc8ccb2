#include "sema/table.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sema/file.h"
#include "sema/literal.h"
#include "support/number.h"

/* A place in a table's text; cells are read one after the other. */
struct cursor {
    const struct table *table;
    size_t at;
    bool open_quote; /* the cell read last has no closing quote */
};

/* The content of a cell: without blanks and quotes around it; inner doubled quotes are kept. */
struct cell {
    const char *text;
    size_t length, offset;
    bool ends_row, quoted;
};

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

static bool ends_line(const struct table *t, size_t at) {
    return at >= t->length || t->text[at] == '\n' || t->text[at] == '\r';
}

static size_t skip_line_end(const struct table *t, size_t at) {
    if (at + 1 < t->length && t->text[at] == '\r' && t->text[at + 1] == '\n') return at + 2;
    return at < t->length ? at + 1 : at;
}

static size_t skip_blanks(const struct table *t, size_t at) {
    while (at < t->length && is_blank(t->text[at])) at++;
    return at;
}

/* Behind the closing quote of a cell that begins with one; quotes inside are doubled. */
static size_t skip_quoted(struct cursor *c, size_t at) {
    const struct table *t = c->table;
    for (at++; at < t->length; at++) {
        if (t->text[at] != '"') continue;
        if (at + 1 >= t->length || t->text[at + 1] != '"') return at + 1;
        at++;
    }
    c->open_quote = true;
    return at;
}

static struct cell next_cell(struct cursor *c) {
    const struct table *t = c->table;
    size_t begin = skip_blanks(t, c->at), end = begin;
    bool quoted = begin < t->length && t->text[begin] == '"';
    if (quoted) end = skip_quoted(c, begin);
    size_t closed = end;
    while (!ends_line(t, end) && t->text[end] != ',') end++;
    struct cell cell = {.offset = begin, .quoted = quoted, .ends_row = ends_line(t, end)};
    c->at = cell.ends_row ? skip_line_end(t, end) : end + 1;
    if (quoted) {
        begin++;
        end = closed > begin ? closed - 1 : closed;
    }
    while (end > begin && is_blank(t->text[end - 1])) end--;
    cell.text = t->text + begin;
    cell.length = end - begin;
    return cell;
}

/* ---- Messages ---- */

static struct diag *complain(const struct table *t, size_t offset, struct diag_list *diags, const char *code,
                             const char *message) {
    size_t begin = 0, line = 1, column = 1;
    for (size_t k = 0; k < offset; k++) {
        bool lone_return = t->text[k] == '\r' && (k + 1 >= t->length || t->text[k + 1] != '\n');
        if (t->text[k] != '\n' && !lone_return) continue;
        line++;
        begin = k + 1;
    }
    for (size_t k = begin; k < offset; k++) column += ((unsigned char)t->text[k] & 0xC0) != 0x80;
    struct diag *diag = diag_error(diags, code, (struct span){0}, "%s", message);
    diag->file = t->path;
    diag->line = (uint32_t)line;
    diag->column = (uint32_t)column;
    return diag;
}

static const char *describe(struct diag_list *diags, const char *format, int length, const char *text) {
    const char *message = arena_format(diags->arena, format, length, text);
    return message ? message : "memory is exhausted";
}

/* ---- Rows ---- */

/* The number of cells in the row at the cursor. */
static size_t count_cells(struct cursor *c) {
    size_t count = 1;
    while (!next_cell(c).ends_row) count++;
    return count;
}

/* Whether all cells of the row at the cursor are numbers. */
static bool is_row_of_numbers(struct cursor c) {
    double value;
    struct cell cell;
    do {
        cell = next_cell(&c);
        if (!number_parse(cell.text, cell.length, &value)) return false;
    } while (!cell.ends_row);
    return true;
}

static bool is_empty_line(const struct table *t, size_t at, size_t *next) {
    size_t end = skip_blanks(t, at);
    if (!ends_line(t, end)) return false;
    *next = skip_line_end(t, end);
    return true;
}

static bool read_header(struct table *t, struct cursor *c, struct intern *strings) {
    t->names = ARENA_ARRAY(strings->arena, const char *, t->columns + 1);
    if (!t->names) return false;
    for (size_t k = 0; k < t->columns; k++) {
        struct cell cell = next_cell(c);
        t->names[k] = intern_name(strings, cell.text, cell.length);
    }
    return true;
}

static bool name_columns(struct table *t, const char *const *names, struct intern *strings) {
    t->names = ARENA_ARRAY(strings->arena, const char *, t->columns + 1);
    if (!t->names) return false;
    for (size_t k = 0; names && k < t->columns; k++) t->names[k] = names[k];
    return true;
}

static bool check_row(const struct table *t, size_t start, size_t cells, const struct cursor *c,
                      struct diag_list *diags) {
    if (c->open_quote) {
        complain(t, start, diags, "unterminated-quote", "a quoted cell of this row has no closing quote");
        return false;
    }
    if (cells == t->columns) return true;
    const char *comment = t->text[0] == '#' ? "; a line that begins with `#` is no comment in a table" : "";
    const char *message = arena_format(diags->arena, "this row has %zu cell%s, but the first one has %zu%s",
                                       cells, cells == 1 ? "" : "s", t->columns, comment);
    complain(t, start, diags, "ragged-table", message ? message : "memory is exhausted");
    return false;
}

static bool read_rows(struct table *t, struct cursor *c, struct diag_list *diags) {
    while (c->at < t->length) {
        size_t start = c->at;
        if (is_empty_line(t, start, &c->at)) continue;
        size_t cells = count_cells(c);
        if (!check_row(t, start, cells, c, diags)) return false;
        if (!VEC_PUSH(&t->starts, start)) {
            diag_error(diags, "out-of-memory", (struct span){0}, "memory is exhausted");
            return false;
        }
    }
    t->rows = t->starts.count;
    return true;
}

static bool wrong_name_count(const struct table *t, size_t given, struct diag_list *diags, struct span span) {
    diag_error(diags, "column-count", span, "%zu column%s named, but `%s` has %zu", given,
               given == 1 ? " is" : "s are", t->path, t->columns);
    return false;
}

static bool read_text(struct table *t, const char *const *names, size_t name_count, struct intern *strings,
                      struct diag_list *diags, struct span span) {
    struct cursor c = {.table = t};
    if (t->length >= 3 && memcmp(t->text, "\xEF\xBB\xBF", 3) == 0) c.at = 3;
    while (c.at < t->length && is_empty_line(t, c.at, &c.at)) {
    }
    if (c.at >= t->length) {
        diag_error(diags, "empty-table", span, "`%s` is empty", t->path);
        return false;
    }
    struct cursor first = c;
    t->columns = count_cells(&first);
    if (!check_row(t, c.at, t->columns, &first, diags)) return false;
    if (name_count && name_count != t->columns) return wrong_name_count(t, name_count, diags, span);
    bool named =
        name_count || is_row_of_numbers(c) ? name_columns(t, names, strings) : read_header(t, &c, strings);
    t->names_given = name_count > 0;
    return named && read_rows(t, &c, diags);
}

bool table_read(struct table *t, const char *path, const char *const *names, size_t name_count,
                struct intern *strings, struct diag_list *diags, struct span span) {
    *t = (struct table){.path = path};
    t->text = file_read(path, &t->length);
    if (t->text) return read_text(t, names, name_count, strings, diags, span);
    diag_error(diags, "missing-table", span, "cannot read the table `%s`: %s", path, strerror(errno));
    return false;
}

void table_release(struct table *t) {
    free(t->text);
    VEC_FREE(&t->starts);
    *t = (struct table){0};
}

bool table_has_column(const struct table *t, const char *name) {
    for (size_t k = 0; k < t->columns; k++)
        if (t->names[k] && strcmp(t->names[k], name) == 0) return true;
    return false;
}

/* ---- Cells ---- */

enum { SHOWN_CELL = 40 };

static bool refuse_cell(const struct table *t, const struct cell *cell, struct diag_list *diags) {
    int shown = cell->length > SHOWN_CELL ? SHOWN_CELL : (int)cell->length;
    const char *code = cell->length ? "cell-not-a-number" : "empty-cell";
    const char *message = cell->length ? describe(diags, "a number is needed here, but the cell holds `%.*s`",
                                                  shown, cell->text)
                                       : "a number is needed here, but the cell is empty";
    struct diag *diag = complain(t, cell->offset, diags, code, message);
    bool first_row = t->rows < 2 || cell->offset < t->starts.at[1];
    if (t->names_given && first_row && cell->length)
        diag_hint(diags, diag, "`columns (...)` is for files without a header; leave it out if this is one");
    return false;
}

static bool take_cell(const struct table *t, const struct cell *cell, bool whole, double *value,
                      struct diag_list *diags) {
    if (!number_parse(cell->text, cell->length, value) || isnan(*value)) return refuse_cell(t, cell, diags);
    if (!whole || number_is_whole(*value)) return true;
    int shown = cell->length > SHOWN_CELL ? SHOWN_CELL : (int)cell->length;
    bool large = *value == nearbyint(*value) && isfinite(*value);
    complain(
        t, cell->offset, diags, large ? "too-large" : "cell-not-whole",
        describe(diags,
                 large ? "this column is used as an index, but %.*s is beyond the limit of "
                         "9007199254740991 for that"
                       : "this column is used as an index, so its cells must be whole, but this one is %.*s",
                 shown, cell->text));
    return false;
}

bool table_column(const struct table *t, size_t column, bool whole, double *values, size_t stride,
                  struct diag_list *diags) {
    for (size_t row = 0; row < t->rows; row++) {
        struct cursor c = {.table = t, .at = t->starts.at[row]};
        struct cell cell = next_cell(&c);
        for (size_t k = 0; k < column; k++) cell = next_cell(&c);
        if (!take_cell(t, &cell, whole, &values[row * stride], diags)) return false;
    }
    return true;
}
