#include "sema/table.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "sema/cell.h"
#include "sema/npy.h"
#include "support/number.h"

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

static bool ends_line(const struct table *t, size_t at) {
    return at >= t->file.length || t->file.at[at] == '\n' || t->file.at[at] == '\r';
}

static size_t skip_line_end(const struct table *t, size_t at) {
    if (at + 1 < t->file.length && t->file.at[at] == '\r' && t->file.at[at + 1] == '\n') return at + 2;
    return at < t->file.length ? at + 1 : at;
}

static size_t skip_blanks(const struct table *t, size_t at) {
    while (at < t->file.length && is_blank(t->file.at[at])) at++;
    return at;
}

/* Behind the closing quote of a cell that begins with one; quotes inside are doubled. */
static size_t skip_quoted(struct cursor *c, size_t at) {
    const struct table *t = c->table;
    for (at++; at < t->file.length; at++) {
        if (t->file.at[at] != '"') continue;
        if (at + 1 >= t->file.length || t->file.at[at + 1] != '"') return at + 1;
        at++;
    }
    c->open_quote = true;
    return at;
}

struct cell cell_next(struct cursor *c) {
    const struct table *t = c->table;
    size_t begin = skip_blanks(t, c->at), end = begin;
    bool quoted = begin < t->file.length && t->file.at[begin] == '"';
    if (quoted) end = skip_quoted(c, begin);
    size_t closed = end;
    while (!ends_line(t, end) && t->file.at[end] != ',') end++;
    struct cell cell = {.offset = begin, .quoted = quoted, .ends_row = ends_line(t, end)};
    c->at = cell.ends_row ? skip_line_end(t, end) : end + 1;
    if (quoted) {
        begin++;
        end = closed > begin ? closed - 1 : closed;
    }
    while (end > begin && is_blank(t->file.at[end - 1])) end--;
    cell.text = t->file.at + begin;
    cell.length = end - begin;
    return cell;
}

/* ---- Messages ---- */

struct diag *cell_complain(const struct table *t, size_t offset, struct diag_list *diags, const char *code,
                           const char *message) {
    size_t begin = 0, line = 1, column = 1;
    for (size_t k = 0; k < offset; k++) {
        bool lone_return = t->file.at[k] == '\r' && (k + 1 >= t->file.length || t->file.at[k + 1] != '\n');
        if (t->file.at[k] != '\n' && !lone_return) continue;
        line++;
        begin = k + 1;
    }
    for (size_t k = begin; k < offset; k++) column += ((unsigned char)t->file.at[k] & 0xC0) != 0x80;
    struct diag *diag = diag_error(diags, code, (struct span){0}, "%s", message);
    diag->file = t->path;
    diag->line = (uint32_t)line;
    diag->column = (uint32_t)column;
    return diag;
}

/* ---- Rows ---- */

/* The number of cells in the row at the cursor. */
static size_t count_cells(struct cursor *c) {
    size_t count = 1;
    while (!cell_next(c).ends_row) count++;
    return count;
}

/* Whether all cells of the row at the cursor are numbers. */
static bool is_row_of_numbers(struct cursor c) {
    double value;
    struct cell cell;
    do {
        cell = cell_next(&c);
        if (!number_parse(cell.text, cell.length, &value)) return false;
    } while (!cell.ends_row);
    return true;
}

bool cell_line_is_empty(const struct table *t, size_t at, size_t *next) {
    size_t end = skip_blanks(t, at);
    if (!ends_line(t, end)) return false;
    *next = skip_line_end(t, end);
    return true;
}

static bool read_header(struct table *t, struct cursor *c, struct intern *strings) {
    t->names = ARENA_ARRAY(strings->arena, const char *, t->columns + 1);
    if (!t->names) return false;
    for (size_t k = 0; k < t->columns; k++) {
        struct cell cell = cell_next(c);
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

/* Whether the first row looks as if semicolons or tabs separated its cells. */
static bool has_other_separators(const struct table *t) {
    bool found = false;
    for (size_t k = 0; t->columns == 1 && k < t->file.length && t->file.at[k] != '\n'; k++)
        found |= t->file.at[k] == ';' || t->file.at[k] == '\t';
    return found;
}

static bool check_row(const struct table *t, size_t start, size_t cells, const struct cursor *c,
                      struct diag_list *diags) {
    if (c->open_quote) {
        cell_complain(t, start, diags, "unterminated-quote",
                      "a quoted cell of this row has no closing quote");
        return false;
    }
    if (cells == t->columns) return true;
    const char *comment = t->file.at[0] == '#'      ? "; a line that begins with `#` is no comment in a table"
                          : has_other_separators(t) ? "; cells are separated by commas"
                                                    : "";
    const char *message = arena_format(diags->arena, "this row has %zu cell%s, but the first one has %zu%s",
                                       cells, cells == 1 ? "" : "s", t->columns, comment);
    cell_complain(t, start, diags, "ragged-table", message ? message : "memory is exhausted");
    return false;
}

static void note_row(struct table *t, size_t start) {
    if (t->rows == 0) t->first = start;
    if (t->rows == 1) t->second = start;
    t->rows++;
}

/* What a line consists of. */
struct signs {
    size_t commas;
    bool unusual; /* a quote, or the end of a line within it */
};

static struct signs count_signs(const char *line, size_t length) {
    enum { CHUNK = 128 }; /* counts fit into bytes, so that many are made at a time */
    struct signs signs = {0, false};
    for (size_t begin = 0; begin < length; begin += CHUNK) {
        size_t end = length - begin < CHUNK ? length : begin + CHUNK;
        uint8_t commas = 0, others = 0;
        for (size_t k = begin; k < end; k++) {
            commas = (uint8_t)(commas + (line[k] == ','));
            others = (uint8_t)(others | (line[k] == '"') | (line[k] == '\r'));
        }
        signs.commas += commas;
        signs.unusual |= others != 0;
    }
    return signs;
}

/* A line without quotes, ended as usual; false where it is none, or has another number of cells. */
static bool read_plain_line(struct table *t, struct cursor *c) {
    const char *line = t->file.at + c->at;
    const char *newline = memchr(line, '\n', t->file.length - c->at);
    size_t length = newline ? (size_t)(newline - line) : t->file.length - c->at, next = c->at + length + 1;
    if (length > 0 && line[length - 1] == '\r') length--;
    struct signs signs = count_signs(line, length);
    if (signs.unusual) return false;
    if (signs.commas == 0 && cell_line_is_empty(t, c->at, &c->at)) return true;
    if (signs.commas + 1 != t->columns) return false;
    note_row(t, c->at);
    c->at = newline ? next : t->file.length;
    return true;
}

static bool read_rows(struct table *t, struct cursor *c, struct diag_list *diags) {
    t->plain = true;
    while (c->at < t->file.length) {
        size_t start = c->at;
        if (t->plain && read_plain_line(t, c)) continue;
        t->plain = false;
        if (cell_line_is_empty(t, start, &c->at)) continue;
        size_t cells = count_cells(c);
        if (!check_row(t, start, cells, c, diags)) return false;
        note_row(t, start);
    }
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
    if (t->file.length >= 3 && memcmp(t->file.at, "\xEF\xBB\xBF", 3) == 0) c.at = 3;
    while (c.at < t->file.length && cell_line_is_empty(t, c.at, &c.at)) {
    }
    if (c.at >= t->file.length) {
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

bool table_rename(struct table *t, const char *const *names, size_t name_count, struct intern *strings,
                  struct diag_list *diags, struct span span) {
    if (name_count && name_count != t->columns) return wrong_name_count(t, name_count, diags, span);
    t->names_given = name_count > 0;
    if (!name_columns(t, names, strings)) return false;
    for (size_t k = 0; !names && k < t->columns; k++) t->names[k] = t->fields[k].name;
    return true;
}

bool table_of_numbers(struct table *t, const char *name, const double *values, size_t rows, size_t columns,
                      const char *const *own, struct intern *strings) {
    static const char *const none = "";
    *t = (struct table){.path = name, .file = {.at = none}, .rows = rows, .columns = columns};
    t->cells = values ? (const char *)values : none;
    t->stride = columns * sizeof *values;
    t->fields = ARENA_ARRAY(strings->arena, struct table_field, columns + 1);
    for (size_t k = 0; t->fields && k < columns; k++) {
        const char *label = own && own[k] ? intern_name(strings, own[k], strlen(own[k])) : NULL;
        t->fields[k] = (struct table_field){label, CELL_F64, sizeof *values, k * sizeof *values};
    }
    return t->fields != NULL;
}

bool table_read(struct table *t, const char *path, const char *const *names, size_t name_count,
                struct intern *strings, struct diag_list *diags, struct span span) {
    *t = (struct table){.path = path};
    if (!mapping_open(&t->file, path)) {
        diag_error(diags, "missing-table", span, "cannot read the table `%s`: %s", path, strerror(errno));
        return false;
    }
    if (!npy_recognise(t->file.at, t->file.length))
        return read_text(t, names, name_count, strings, diags, span);
    return npy_read(t, strings, diags, span) && table_rename(t, names, name_count, strings, diags, span);
}

void table_release(struct table *t) {
    mapping_release(&t->file);
    *t = (struct table){0};
}

bool table_has_column(const struct table *t, const char *name) {
    for (size_t k = 0; k < t->columns; k++)
        if (t->names[k] && strcmp(t->names[k], name) == 0) return true;
    return false;
}
