#include "sema/npy.h"

#include <stdint.h>
#include <string.h>

static const char magic[] = "\x93NUMPY";
enum { MAGIC = sizeof magic - 1, MOST_COLUMNS = 100000 };

/* The header: a dictionary as Python writes it. */
struct reading {
    struct table *t;
    struct intern *strings;
    struct diag_list *diags;
    struct span span;
    const char *at, *end; /* of what has not been read yet */
    size_t begin;         /* of the cells, in the file */
    bool fortran, has_order, has_type, has_shape, records, complained;
    size_t shape[2], dimensions;
    size_t record; /* the size of a row of records, or of a number */
};

bool npy_recognise(const char *text, size_t length) {
    return length >= MAGIC && memcmp(text, magic, MAGIC) == 0;
}

/* ---- Messages ---- */

static bool damaged(struct reading *r, const char *what) {
    if (!r->complained)
        diag_error(r->diags, "damaged-npy", r->span, "`%s` is no whole file of NumPy's: %s", r->t->path,
                   what);
    r->complained = true;
    return false;
}

static bool unsupported(struct reading *r, const char *what, const char *hint) {
    struct diag *diag = diag_error(r->diags, "unsupported-npy", r->span, "`%s` %s", r->t->path, what);
    if (hint) diag_hint(r->diags, diag, "%s", hint);
    r->complained = true;
    return false;
}

/* ---- Words of the header ---- */

static char peek(struct reading *r) {
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\n' || *r->at == '\t')) r->at++;
    return r->at < r->end ? *r->at : '\0';
}

static bool take(struct reading *r, char wanted) {
    if (peek(r) != wanted) return false;
    r->at++;
    return true;
}

/* A string without escapes. */
static bool take_string(struct reading *r, const char **text, size_t *length) {
    char quote = peek(r);
    if (quote != '\'' && quote != '"') return false;
    const char *begin = ++r->at;
    while (r->at < r->end && *r->at != quote && *r->at != '\\') r->at++;
    *text = begin;
    *length = (size_t)(r->at - begin);
    return take(r, quote);
}

static bool take_number(struct reading *r, size_t *number) {
    *number = 0;
    if (peek(r) < '0' || *r->at > '9') return false;
    for (; r->at < r->end && *r->at >= '0' && *r->at <= '9'; r->at++)
        if (__builtin_mul_overflow(*number, 10, number) ||
            __builtin_add_overflow(*number, (size_t)(*r->at - '0'), number))
            return false;
    return true;
}

static bool take_word(struct reading *r, const char *word) {
    size_t length = strlen(word);
    peek(r);
    if ((size_t)(r->end - r->at) < length || memcmp(r->at, word, length) != 0) return false;
    r->at += length;
    return true;
}

/* ---- Types ---- */

static const struct {
    const char *name;
    size_t size;
    enum cell_type type;
} types[] = {
    {"f8", 8, CELL_F64}, {"f4", 4, CELL_F32}, {"i8", 8, CELL_I64}, {"i4", 4, CELL_I32},
    {"i2", 2, CELL_I16}, {"i1", 1, CELL_I8},  {"u8", 8, CELL_U64}, {"u4", 4, CELL_U32},
    {"u2", 2, CELL_U16}, {"u1", 1, CELL_U8},  {"b1", 1, CELL_U8},
};

static bool find_type(struct reading *r, const char *text, size_t length, struct table_field *field) {
    for (size_t k = 0; k < sizeof types / sizeof *types; k++) {
        if (length != 3 || memcmp(text + 1, types[k].name, 2) != 0) continue;
        bool order = text[0] == '<' || (text[0] == '|' && types[k].size == 1);
        if (!order && text[0] == '>')
            return unsupported(r, "holds numbers with the highest byte first",
                               "save it as little-endian: a.astype(a.dtype.newbyteorder('<'))");
        field->type = types[k].type;
        field->size = types[k].size;
        return order || damaged(r, "its type is unknown");
    }
    const char *what =
        arena_format(r->diags->arena, "holds cells of the type `%.*s`, which are no numbers here",
                     length > 40 ? 40 : (int)length, text);
    return unsupported(r, what ? what : "holds cells that are no numbers", NULL);
}

/* ('y', '<f8') */
static bool read_record_field(struct reading *r, struct table_field *field) {
    const char *name, *type;
    size_t name_length, type_length;
    if (!take(r, '(') || !take_string(r, &name, &name_length) || !take(r, ','))
        return damaged(r, "its records cannot be read");
    if (!take_string(r, &type, &type_length))
        return unsupported(r, "has records within records", "save the columns as an array of numbers");
    if (take(r, ',') && peek(r) == '(')
        return unsupported(r, "has records that hold arrays", "save the columns as an array of numbers");
    field->name = intern_name(r->strings, name, name_length);
    return find_type(r, type, type_length, field) &&
           (take(r, ')') || damaged(r, "its records cannot be read"));
}

static bool read_records(struct reading *r) {
    VEC(struct table_field) fields = {0};
    bool good = true;
    r->records = true;
    while (good && peek(r) == '(') {
        struct table_field field = {.offset = r->record};
        good = read_record_field(r, &field) && fields.count < MOST_COLUMNS && VEC_PUSH(&fields, field);
        r->record += field.size;
        if (!take(r, ',')) break;
    }
    good = good && (take(r, ']') || damaged(r, "its records cannot be read"));
    r->t->fields = good ? ARENA_ARRAY(r->strings->arena, struct table_field, fields.count + 1) : NULL;
    r->t->columns = fields.count;
    if (r->t->fields && fields.count) memcpy(r->t->fields, fields.at, fields.count * sizeof *fields.at);
    VEC_FREE(&fields);
    return good && r->t->fields;
}

static bool read_type(struct reading *r) {
    const char *text;
    size_t length;
    if (take(r, '[')) return read_records(r);
    r->t->fields = ARENA_ARRAY(r->strings->arena, struct table_field, 1);
    if (!take_string(r, &text, &length) || !r->t->fields) return damaged(r, "its type cannot be read");
    *r->t->fields = (struct table_field){0};
    if (!find_type(r, text, length, r->t->fields)) return false;
    r->record = r->t->fields->size;
    return true;
}

/* ---- The dictionary ---- */

static bool read_shape(struct reading *r) {
    if (!take(r, '(')) return damaged(r, "its shape cannot be read");
    while (peek(r) != ')') {
        size_t extent;
        if (!take_number(r, &extent)) return damaged(r, "its shape cannot be read");
        if (r->dimensions < 2) r->shape[r->dimensions] = extent;
        r->dimensions++;
        if (!take(r, ',')) break;
    }
    return take(r, ')') || damaged(r, "its shape cannot be read");
}

static bool read_entry(struct reading *r) {
    const char *key;
    size_t length;
    if (!take_string(r, &key, &length) || !take(r, ':')) return damaged(r, "its header cannot be read");
    if (length == 5 && memcmp(key, "descr", 5) == 0) return r->has_type = read_type(r);
    if (length == 5 && memcmp(key, "shape", 5) == 0) return r->has_shape = read_shape(r);
    if (length != 13 || memcmp(key, "fortran_order", 13) != 0) return damaged(r, "its header cannot be read");
    r->has_order = true;
    r->fortran = take_word(r, "True");
    return r->fortran || take_word(r, "False") || damaged(r, "its order cannot be read");
}

static bool read_dictionary(struct reading *r) {
    if (!take(r, '{')) return damaged(r, "its header cannot be read");
    while (peek(r) != '}') {
        if (!read_entry(r)) return false;
        if (!take(r, ',')) break;
    }
    if (!take(r, '}') || !r->has_type || !r->has_shape || !r->has_order)
        return damaged(r, "its header cannot be read");
    return true;
}

/* The version, and where the header ends. */
static bool read_head(struct reading *r) {
    const unsigned char *head = (const unsigned char *)r->t->file.at;
    size_t length = r->t->file.length;
    if (length < MAGIC + 4) return damaged(r, "it is too short");
    size_t wide = head[MAGIC] == 1 ? 2 : 4, size = 0;
    if (head[MAGIC] < 1 || head[MAGIC] > 3)
        return unsupported(r, "has a version of the format that is not known here", NULL);
    if (length < MAGIC + 2 + wide) return damaged(r, "it is too short");
    for (size_t k = wide; k-- > 0;) size = size << 8 | head[MAGIC + 2 + k];
    r->begin = MAGIC + 2 + wide + size;
    if (r->begin > length) return damaged(r, "it is too short");
    r->at = r->t->file.at + MAGIC + 2 + wide;
    r->end = r->at + size;
    return true;
}

/* ---- Columns ---- */

/* Numbers in one or two dimensions. */
static bool place_numbers(struct reading *r) {
    struct table *t = r->t;
    struct table_field one = *t->fields;
    t->columns = r->dimensions == 2 ? r->shape[1] : 1;
    if (t->columns == 0 || t->columns > MOST_COLUMNS)
        return unsupported(r, "has no columns, or too many", NULL);
    t->fields = ARENA_ARRAY(r->strings->arena, struct table_field, t->columns);
    if (!t->fields) return damaged(r, "memory is exhausted");
    size_t step = r->fortran ? t->rows * one.size : one.size;
    t->stride = r->fortran ? one.size : t->columns * one.size;
    for (size_t k = 0; k < t->columns; k++) {
        t->fields[k] = one;
        t->fields[k].offset = k * step;
    }
    return true;
}

static bool check_size(struct reading *r) {
    size_t columns = r->dimensions == 2 ? r->shape[1] : 1, row, whole;
    if (__builtin_mul_overflow(columns, r->record, &row) || __builtin_mul_overflow(row, r->t->rows, &whole) ||
        whole > r->t->file.length - r->begin)
        return damaged(r, "it ends before its last cell");
    return true;
}

static bool place_columns(struct reading *r) {
    struct table *t = r->t;
    if (r->dimensions < 1 || r->dimensions > 2 || (r->records && r->dimensions != 1)) {
        const char *what = arena_format(r->diags->arena, "has %zu dimensions, but a table has %s",
                                        r->dimensions, r->records ? "one, of records" : "one or two");
        return unsupported(r, what ? what : "has too many dimensions", NULL);
    }
    t->rows = r->shape[0];
    if (!check_size(r)) return false;
    t->cells = t->file.at + r->begin;
    t->stride = r->record;
    if (!r->records) return place_numbers(r);
    return t->columns > 0 || unsupported(r, "has no columns", NULL);
}

bool npy_read(struct table *t, struct intern *strings, struct diag_list *diags, struct span span) {
    struct reading r = {.t = t, .strings = strings, .diags = diags, .span = span};
    return read_head(&r) && read_dictionary(&r) && place_columns(&r);
}
