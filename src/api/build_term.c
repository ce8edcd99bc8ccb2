#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "api/build.h"
#include "support/number.h"

enum { MOST_ERRORS = 20 };

/* ---- Errors ---- */

__attribute__((format(printf, 3, 4))) void builder_complain(struct gradc_builder *b, const char *code,
                                                            const char *format, ...) {
    struct text text = {0};
    char message[200];
    va_list arguments;
    if (b->errors.count >= MOST_ERRORS) return;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    text_add(&text, message);
    struct build_error error = {code, arena_text(&b->arena, text_string(&text), text.length)};
    text_free(&text);
    if (error.message) VEC_PUSH(&b->errors, error);
}

bool builder_knows(const struct gradc_builder *b, struct gradc_term t) {
    return t.number > 0 && t.number < b->terms.count;
}

/* Whether a term that is needed is there; a 0 that came from an earlier error draws no further message. */
bool builder_needs(struct gradc_builder *b, struct gradc_term t, const char *what) {
    if (builder_knows(b, t)) return true;
    if (t.number != 0 || b->errors.count == 0)
        builder_complain(b, "missing-term", "%s is not a term of this builder", what);
    return false;
}

/* Names come into a text: they must not be more than names there. */
static bool is_name(const char *name) {
    if (!name || !*name || (*name >= '0' && *name <= '9')) return false;
    for (const unsigned char *c = (const unsigned char *)name; *c; c++) {
        bool letter = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || *c >= 0x80;
        if (!letter && !(*c >= '0' && *c <= '9') && *c != '_') return false;
    }
    return true;
}

const char *builder_name(struct gradc_builder *b, const char *name) {
    if (is_name(name)) return intern_text(&b->names, name);
    builder_complain(b, "bad-name", "`%.60s` is no name", name ? name : "");
    return NULL;
}

/* ---- Pieces ---- */

static void add_piece(struct gradc_builder *b, struct piece piece) {
    if (!VEC_PUSH(&b->pieces, piece)) b->arena.failed = true;
}

void put_text(struct gradc_builder *b, const char *text) {
    add_piece(b, (struct piece){.text = text});
}

void put_term(struct gradc_builder *b, struct gradc_term t, enum term_level needed) {
    add_piece(b, (struct piece){.term = t.number, .needed = needed});
}

/* One that need not be computed. */
void put_perhaps(struct gradc_builder *b, struct gradc_term t, enum term_level needed) {
    add_piece(b, (struct piece){.term = t.number, .needed = needed, .only_at_times = true});
}

/* The term of the pieces from `first` on. */
static struct gradc_term close_term(struct gradc_builder *b, size_t first, enum term_level level) {
    struct term term = {
        .kind = TERM_FORMULA, .level = level, .first = first, .count = b->pieces.count - first};
    for (size_t k = first; k < b->pieces.count; k++) {
        const struct term *part = &b->terms.at[b->pieces.at[k].term];
        if (b->pieces.at[k].text) continue;
        term.indices |= part->indices;
    }
    if (b->terms.count < UINT32_MAX && VEC_PUSH(&b->terms, term))
        return (struct gradc_term){(uint32_t)(b->terms.count - 1)};
    b->arena.failed = true;
    return (struct gradc_term){0};
}

/* A term that is written as its name. */
struct gradc_term builder_named(struct gradc_builder *b, const char *name, enum term_kind kind) {
    size_t first = b->pieces.count;
    put_text(b, name);
    struct gradc_term t = close_term(b, first, LEVEL_ATOM);
    b->terms.at[t.number].kind = kind;
    b->terms.at[t.number].name = name;
    if (!map_set(&b->known, name, t.number)) b->arena.failed = true;
    return t;
}

/* ---- Ranges ---- */

bool builder_has_ranges(struct gradc_builder *b, const struct gradc_range *ranges, size_t count,
                        bool as_loop) {
    for (size_t k = 0; k < count; k++) {
        const struct gradc_range *r = &ranges[k];
        if (!builder_needs(b, r->to, "the end of a range")) return false;
        bool indexed = builder_knows(b, r->index) && b->terms.at[r->index.number].kind == TERM_INDEX;
        if (!indexed && (as_loop || builder_knows(b, r->from) || r->index.number)) {
            builder_complain(b, "missing-term", "a range needs an index that gradc_build_index has made");
            return false;
        }
    }
    return true;
}

static void put_range(struct gradc_builder *b, const struct gradc_range *r) {
    if (builder_knows(b, r->index)) {
        put_term(b, r->index, LEVEL_ATOM);
        put_text(b, " in ");
        if (builder_knows(b, r->from))
            put_term(b, r->from, LEVEL_ADD);
        else
            put_text(b, "1");
        put_text(b, "..");
    }
    put_term(b, r->to, LEVEL_ADD);
    if (builder_knows(b, r->by)) {
        put_text(b, " by ");
        put_term(b, r->by, LEVEL_ADD);
    }
    if (builder_knows(b, r->filter)) {
        put_text(b, " if ");
        put_perhaps(b, r->filter, LEVEL_OR);
    }
}

void put_ranges(struct gradc_builder *b, const struct gradc_range *ranges, size_t count) {
    for (size_t k = 0; k < count; k++) {
        if (k) put_text(b, ", ");
        put_range(b, &ranges[k]);
    }
}

void put_family(struct gradc_builder *b, const struct gradc_range *ranges, size_t count) {
    if (count) put_text(b, " for ");
    put_ranges(b, ranges, count);
}

/* ---- Formulas ---- */

struct gradc_term gradc_build_number(struct gradc_builder *b, double value) {
    char digits[NUMBER_CHARS];
    size_t first = b->pieces.count;
    number_format(value, digits);
    if (isnan(value)) {
        builder_complain(b, "bad-value", "NaN is no number of a formula");
        return (struct gradc_term){0};
    }
    const char *text = arena_text(&b->arena, digits, strlen(digits));
    put_text(b, text ? text : "0");
    struct gradc_term t = close_term(b, first, signbit(value) ? LEVEL_SIGN : LEVEL_ATOM);
    b->terms.at[t.number].kind = TERM_NUMBER;
    return t;
}

struct gradc_term gradc_build_index(struct gradc_builder *b, const char *name) {
    const char *own = builder_name(b, name);
    if (!own) return (struct gradc_term){0};
    uint32_t known = map_get(&b->known, own);
    if (known != MAP_NONE && b->terms.at[known].kind == TERM_INDEX) return (struct gradc_term){known};
    if (known != MAP_NONE) {
        builder_complain(b, "duplicate-name", "the index `%.60s` has the name of something else", name);
        return (struct gradc_term){0};
    }
    struct gradc_term t = builder_named(b, own, TERM_INDEX);
    b->terms.at[t.number].indices = UINT64_C(1)
                                    << (b->index_count < LAST_INDEX_BIT ? b->index_count : LAST_INDEX_BIT);
    b->index_count++;
    return t;
}

static bool has_all(struct gradc_builder *b, const struct gradc_term *terms, size_t count, const char *what) {
    for (size_t k = 0; k < count; k++)
        if (!builder_needs(b, terms[k], what)) return false;
    return true;
}

static void add_list(struct gradc_builder *b, const struct gradc_term *terms, size_t count) {
    for (size_t k = 0; k < count; k++) {
        if (k) put_text(b, ", ");
        put_term(b, terms[k], LEVEL_OR);
    }
}

struct gradc_term gradc_build_element(struct gradc_builder *b, struct gradc_term array,
                                      const struct gradc_term *subscripts, size_t count) {
    struct gradc_term none = {0};
    if (!builder_needs(b, array, "an array") || !has_all(b, subscripts, count, "a subscript")) return none;
    if (b->terms.at[array.number].kind != TERM_ARRAY) {
        builder_complain(b, "missing-term", "only what is declared has elements");
        return none;
    }
    size_t first = b->pieces.count;
    put_term(b, array, LEVEL_ATOM);
    if (count) put_text(b, "[");
    add_list(b, subscripts, count);
    if (count) put_text(b, "]");
    return close_term(b, first, LEVEL_ATOM);
}

/* What stands between two operands, how tightly it binds, and what its sides need. */
static const struct operator{
    const char *name, *between;
    enum term_level level, left, right;
}
operators[] = {
    {"+", " + ", LEVEL_ADD, LEVEL_ADD, LEVEL_MULTIPLY},
    {"-", " - ", LEVEL_ADD, LEVEL_ADD, LEVEL_MULTIPLY},
    {"*", "*", LEVEL_MULTIPLY, LEVEL_MULTIPLY, LEVEL_POWER},
    {"/", "/", LEVEL_MULTIPLY, LEVEL_MULTIPLY, LEVEL_POWER},
    {"%", " % ", LEVEL_MULTIPLY, LEVEL_MULTIPLY, LEVEL_POWER},
    {"^", "^", LEVEL_POWER, LEVEL_ATOM, LEVEL_POWER},
    {"==", " == ", LEVEL_COMPARE, LEVEL_ADD, LEVEL_ADD},
    {"!=", " != ", LEVEL_COMPARE, LEVEL_ADD, LEVEL_ADD},
    {"<", " < ", LEVEL_COMPARE, LEVEL_ADD, LEVEL_ADD},
    {"<=", " <= ", LEVEL_COMPARE, LEVEL_ADD, LEVEL_ADD},
    {">", " > ", LEVEL_COMPARE, LEVEL_ADD, LEVEL_ADD},
    {">=", " >= ", LEVEL_COMPARE, LEVEL_ADD, LEVEL_ADD},
    {"and", " and ", LEVEL_AND, LEVEL_AND, LEVEL_NOT},
    {"or", " or ", LEVEL_OR, LEVEL_OR, LEVEL_AND},
};

static struct gradc_term build_operator(struct gradc_builder *b, const struct operator* o,
                                        const struct gradc_term *operands) {
    size_t first = b->pieces.count;
    put_term(b, operands[0], o->left);
    put_text(b, o->between);
    if (o->level < LEVEL_NOT)
        put_perhaps(b, operands[1], o->right);
    else
        put_term(b, operands[1], o->right);
    return close_term(b, first, o->level);
}

static struct gradc_term build_sign(struct gradc_builder *b, const char *sign, enum term_level level,
                                    struct gradc_term operand) {
    size_t first = b->pieces.count;
    put_text(b, sign);
    put_term(b, operand, level + 1);
    return close_term(b, first, level);
}

static struct gradc_term build_choice(struct gradc_builder *b, const struct gradc_term *operands) {
    size_t first = b->pieces.count;
    put_text(b, "if ");
    put_term(b, operands[0], LEVEL_OR);
    put_text(b, " then ");
    put_perhaps(b, operands[1], LEVEL_OR);
    put_text(b, " else ");
    put_perhaps(b, operands[2], LEVEL_ANY);
    return close_term(b, first, LEVEL_ANY);
}

struct gradc_term gradc_build_call(struct gradc_builder *b, const char *operation,
                                   const struct gradc_term *operands, size_t count) {
    struct gradc_term none = {0};
    if (!has_all(b, operands, count, "an operand")) return none;
    for (size_t k = 0; count == 2 && k < sizeof operators / sizeof *operators; k++)
        if (strcmp(operators[k].name, operation) == 0) return build_operator(b, &operators[k], operands);
    if (count == 1 && strcmp(operation, "-") == 0) return build_sign(b, "-", LEVEL_SIGN, operands[0]);
    if (count == 1 && strcmp(operation, "not") == 0) return build_sign(b, "not ", LEVEL_NOT, operands[0]);
    if (count == 3 && strcmp(operation, "if") == 0) return build_choice(b, operands);
    if (!is_name(operation)) {
        builder_complain(b, "unknown-function", "there is no operation `%.60s` of %zu operands", operation,
                         count);
        return none;
    }
    const char *name = intern_text(&b->names, operation);
    size_t first = b->pieces.count;
    put_text(b, name ? name : "");
    put_text(b, "(");
    add_list(b, operands, count);
    put_text(b, ")");
    return close_term(b, first, LEVEL_ATOM);
}

struct gradc_term gradc_build_reduce(struct gradc_builder *b, const char *reduction, struct gradc_term value,
                                     const struct gradc_range *ranges, size_t count) {
    struct gradc_term none = {0};
    const char *name = builder_name(b, reduction);
    if (!name || !builder_needs(b, value, "what is reduced") || !builder_has_ranges(b, ranges, count, true))
        return none;
    size_t first = b->pieces.count;
    put_text(b, name);
    put_text(b, "(");
    put_perhaps(b, value, LEVEL_OR);
    put_family(b, ranges, count);
    put_text(b, ")");
    struct gradc_term t = close_term(b, first, LEVEL_ATOM);
    b->terms.at[t.number].is_loop = true;
    for (size_t k = 0; k < count; k++) {
        uint64_t bound = b->terms.at[ranges[k].index.number].indices;
        if (bound >> LAST_INDEX_BIT == 0) b->terms.at[t.number].indices &= ~bound;
    }
    return t;
}
