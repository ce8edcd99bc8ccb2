#include <math.h>
#include <stdint.h>
#include <string.h>

#include "sema/cell.h"
#include "sema/literal.h"
#include "support/number.h"

/* ---- Text ---- */

static const char *describe(struct diag_list *diags, const char *format, int length, const char *text) {
    const char *message = arena_format(diags->arena, format, length, text);
    return message ? message : "memory is exhausted";
}

enum { SHOWN_CELL = 40 };

static bool is_missing(const struct cell *cell) {
    static const char *const words[] = {"",     "NA", "na", "N/A", "NaN", "nan", "NULL",
                                        "null", "?",  "-",  "--",  "---", "."};
    bool missing = false;
    for (size_t k = 0; k < sizeof words / sizeof *words; k++)
        missing |= strlen(words[k]) == cell->length && memcmp(words[k], cell->text, cell->length) == 0;
    return missing;
}

/* Digits with a comma: 1,000,000 and 1,234.5 are in groups, 2,5 has decimals, and 1,250 may be either. */
static const char *meant_by_comma(const struct cell *cell) {
    const char *end = cell->text + cell->length, *comma = memchr(cell->text, ',', cell->length);
    const char *behind = comma + 1;
    size_t rest = (size_t)(end - behind);
    if (memchr(behind, ',', rest) || memchr(behind, '.', rest))
        return "digits stand without commas between them, as in 1000000";
    const char *first = strchr("+-", *cell->text) ? cell->text + 1 : cell->text;
    bool may_be_group = rest == 3 && comma > first && comma - first <= 3 && *first != '0';
    if (may_be_group && !memchr(first, '.', (size_t)(comma - first)))
        return "a number has no comma: a thousand is 1000, and decimals stand behind a point, as in 3.5";
    return "decimals stand behind a point, as in 3.5";
}

/* What it seems to be; NULL: no idea. */
static const char *meant_by(const struct cell *cell) {
    if (is_missing(cell)) return "leave rows that have no number here out of the file";
    bool digits = cell->length > 0;
    for (size_t k = 0; k < cell->length; k++)
        digits &= cell->text[k] && strchr("0123456789+-,.", cell->text[k]) != NULL;
    return digits && memchr(cell->text, ',', cell->length) ? meant_by_comma(cell) : NULL;
}

static bool refuse_cell(const struct table *t, const struct cell *cell, struct diag_list *diags) {
    int shown = cell->length > SHOWN_CELL ? SHOWN_CELL : (int)cell->length;
    const char *code = cell->length ? "cell-not-a-number" : "empty-cell";
    const char *message = cell->length ? describe(diags, "a number is needed here, but the cell holds `%.*s`",
                                                  shown, cell->text)
                                       : "a number is needed here, but the cell is empty";
    struct diag *diag = cell_complain(t, cell->offset, diags, code, message);
    bool first_row = t->rows < 2 || cell->offset < t->second;
    if (t->names_given && first_row && cell->length)
        diag_hint(diags, diag, "`columns (...)` is for files without a header; leave it out if this is one");
    else if (meant_by(cell))
        diag_hint(diags, diag, "%s", meant_by(cell));
    return false;
}

static bool take_cell(const struct table *t, const struct cell *cell, bool whole, double *value,
                      struct diag_list *diags) {
    if (!number_parse(cell->text, cell->length, value) || isnan(*value)) return refuse_cell(t, cell, diags);
    if (!whole || number_is_whole(*value)) return true;
    int shown = cell->length > SHOWN_CELL ? SHOWN_CELL : (int)cell->length;
    bool large = *value == nearbyint(*value) && isfinite(*value);
    cell_complain(
        t, cell->offset, diags, large ? "too-large" : "cell-not-whole",
        describe(diags,
                 large ? "this column is used as an index, but %.*s is beyond the limit of "
                         "9007199254740991 for that"
                       : "this column is used as an index, so its cells must be whole, but this one is %.*s",
                 shown, cell->text));
    return false;
}

/* The cell of a row that begins at c->at; c goes to the next row. */
static struct cell take_row(struct cursor *c, size_t column) {
    struct cell cell = cell_next(c), wanted = cell;
    for (size_t k = 1; !cell.ends_row; k++) {
        cell = cell_next(c);
        if (k == column) wanted = cell;
    }
    return wanted;
}

static bool text_column(const struct table *t, size_t column, bool whole, double *values, size_t stride,
                        struct diag_list *diags) {
    struct cursor c = {.table = t, .at = t->first};
    for (size_t row = 0; row < t->rows;) {
        if (cell_line_is_empty(t, c.at, &c.at)) continue;
        struct cell cell = take_row(&c, column);
        if (!take_cell(t, &cell, whole, &values[row++ * stride], diags)) return false;
    }
    return true;
}

/* A short number, up to the end of its cell; false for all other contents. */
static bool scan_cell(const char *at, const char *end, double *value) {
    while (at < end && (*at == ' ' || *at == '\t')) at++;
    const char *behind = number_scan(at, end, value);
    while (behind && behind < end && (*behind == ' ' || *behind == '\t' || *behind == '\r')) behind++;
    return behind && (behind == end || *behind == ',' || *behind == '\n');
}

/* Lines without quotes: cells are found by their commas, rows by the ends of lines. */
static bool plain_column(const struct table *t, size_t column, bool whole, double *values, size_t stride,
                         struct diag_list *diags) {
    const char *end = t->file.at + t->file.length, *at = t->file.at + t->first;
    for (size_t row = 0; row < t->rows;) {
        size_t next = (size_t)(at - t->file.at);
        if (*at <= ' ' && cell_line_is_empty(t, next, &next)) {
            at = t->file.at + next;
            continue;
        }
        const char *cell = at;
        for (size_t k = 0; k < column; k++) cell = (const char *)memchr(cell, ',', (size_t)(end - cell)) + 1;
        double *value = &values[row++ * stride];
        if (!scan_cell(cell, end, value) || (whole && !number_is_whole(*value))) {
            struct cursor c = {.table = t, .at = (size_t)(cell - t->file.at)};
            struct cell slow = cell_next(&c);
            if (!take_cell(t, &slow, whole, value, diags)) return false;
        }
        const char *newline = memchr(cell, '\n', (size_t)(end - cell));
        at = newline ? newline + 1 : end;
    }
    return true;
}

/* ---- Numbers in binary form ---- */

static const char *cell_at(const struct table *t, size_t column, size_t row) {
    return t->cells + t->fields[column].offset + row * t->stride;
}

#define READ(type)                                                                                           \
    {                                                                                                        \
        type number;                                                                                         \
        memcpy(&number, at, sizeof number);                                                                  \
        return (double)number;                                                                               \
    }

static double read_binary(const char *at, enum cell_type type) {
    switch (type) {
    case CELL_F64: READ(double)
    case CELL_F32: READ(float)
    case CELL_I64: READ(int64_t)
    case CELL_I32: READ(int32_t)
    case CELL_I16: READ(int16_t)
    case CELL_I8: READ(int8_t)
    case CELL_U64: READ(uint64_t)
    case CELL_U32: READ(uint32_t)
    case CELL_U16: READ(uint16_t)
    case CELL_U8: break;
    }
    READ(uint8_t)
}

/* A row, counted from 1, and a column as a reader of the file would name them. */
static bool refuse_binary(const struct table *t, size_t column, size_t row, const char *code,
                          const char *what, struct diag_list *diags) {
    const char *name = t->names[column];
    struct diag *diag =
        name
            ? diag_error(diags, code, (struct span){0}, "%s: column `%s`, row %zu", what, name, row + 1)
            : diag_error(diags, code, (struct span){0}, "%s: column %zu, row %zu", what, column + 1, row + 1);
    diag->file = t->path;
    return false;
}

static bool accept_binary(const struct table *t, size_t column, size_t row, bool whole, double value,
                          struct diag_list *diags) {
    if (isnan(value))
        return refuse_binary(t, column, row, "cell-not-a-number",
                             "a number is needed here, but the cell holds nan", diags);
    if (!whole || number_is_whole(value)) return true;
    bool large = value == nearbyint(value) && isfinite(value);
    return refuse_binary(t, column, row, large ? "too-large" : "cell-not-whole",
                         large
                             ? "this column is used as an index, but a cell is beyond the limit of "
                               "9007199254740991 for that"
                             : "this column is used as an index, so its cells must be whole, but one is not",
                         diags);
}

static bool binary_column(const struct table *t, size_t column, bool whole, double *values, size_t stride,
                          struct diag_list *diags) {
    for (size_t row = 0; row < t->rows; row++) {
        double value = read_binary(cell_at(t, column, row), t->fields[column].type);
        if (!accept_binary(t, column, row, whole, value, diags)) return false;
        values[row * stride] = value;
    }
    return true;
}

static bool is_aligned(const char *at) {
    return (uintptr_t)at % sizeof(double) == 0;
}

const double *table_column_in_place(const struct table *t, size_t column) {
    if (!t->cells || t->fields[column].type != CELL_F64) return NULL;
    const char *first = cell_at(t, column, 0);
    return t->stride == sizeof(double) && is_aligned(first) ? (const double *)(const void *)first : NULL;
}

const double *table_rows_in_place(const struct table *t) {
    if (!t->cells || t->stride != t->columns * sizeof(double) || !is_aligned(t->cells)) return NULL;
    for (size_t k = 0; k < t->columns; k++)
        if (t->fields[k].type != CELL_F64 || t->fields[k].offset != k * sizeof(double)) return NULL;
    return (const double *)(const void *)t->cells;
}

bool table_check(const struct table *t, size_t column, struct diag_list *diags) {
    for (size_t row = 0; row < t->rows; row++)
        if (!accept_binary(t, column, row, false,
                           read_binary(cell_at(t, column, row), t->fields[column].type), diags))
            return false;
    return true;
}

/* ---- Any ---- */

bool table_column(const struct table *t, size_t column, bool whole, double *values, size_t stride,
                  struct diag_list *diags) {
    if (t->cells) return binary_column(t, column, whole, values, stride, diags);
    return (t->plain ? plain_column : text_column)(t, column, whole, values, stride, diags);
}
