#include "api/build.h"

#include <math.h>
#include <string.h>

#include "api/handle.h"
#include "support/number.h"

struct gradc_builder *gradc_builder_new(const char *name) {
    struct gradc_builder *b = calloc(1, sizeof *b);
    if (!b) return NULL;
    intern_init(&b->names, &b->arena);
    b->name = arena_text(&b->arena, name, strlen(name));
    if (b->name && VEC_PUSH(&b->terms, (struct term){.kind = TERM_NUMBER})) return b;
    gradc_builder_free(b);
    return NULL;
}

void gradc_builder_free(struct gradc_builder *b) {
    if (!b) return;
    VEC_FREE(&b->pieces);
    VEC_FREE(&b->terms);
    VEC_FREE(&b->statements);
    VEC_FREE(&b->values);
    VEC_FREE(&b->errors);
    map_release(&b->known);
    intern_release(&b->names);
    arena_release(&b->arena);
    free(b);
}

/* ---- Declarations ---- */

static void close_statement(struct gradc_builder *b, size_t first, bool is_family) {
    struct statement s = {first, b->pieces.count - first, is_family};
    if (!VEC_PUSH(&b->statements, s)) b->arena.failed = true;
}

/* Of the array that the last statement has declared. */
static void set_ready(struct gradc_builder *b, struct gradc_term array) {
    b->terms.at[array.number].ready = b->statements.count;
}

static void add_dimensions(struct gradc_builder *b, const struct gradc_range *dimensions, size_t rank) {
    if (rank) put_text(b, "[");
    put_ranges(b, dimensions, rank);
    if (rank) put_text(b, "]");
}

/* A name that is declared; no term where it cannot be. */
static struct gradc_term declare(struct gradc_builder *b, const char *name,
                                 const struct gradc_range *dimensions, size_t rank) {
    struct gradc_term none = {0};
    const char *own = builder_name(b, name);
    if (!own || !builder_has_ranges(b, dimensions, rank, false)) return none;
    if (strncmp(own, "part_", 5) == 0) {
        builder_complain(b, "bad-name", "names that begin with `part_` are kept for parts of formulas");
        return none;
    }
    if (map_get(&b->known, own) == MAP_NONE) return builder_named(b, own, TERM_ARRAY);
    builder_complain(b, "duplicate-name", "`%.60s` is declared or an index already", name);
    return none;
}

/* Keeps the values of a param for the model: the text names it only. */
static void keep_values(struct gradc_builder *b, const char *name, const double *values, size_t count) {
    double *kept = ARENA_ARRAY(&b->arena, double, count + 1);
    if (kept && count) memcpy(kept, values, count * sizeof *kept);
    struct gradc_param_value value = {name, kept, count};
    if (!kept || !VEC_PUSH(&b->values, value)) b->arena.failed = true;
}

struct gradc_term gradc_build_param(struct gradc_builder *b, const char *name,
                                    const struct gradc_range *dimensions, size_t rank, const double *values,
                                    size_t count) {
    struct gradc_term array = declare(b, name, dimensions, rank);
    if (!array.number) return array;
    bool is_written = rank == 0 && count == 1 && isfinite(*values);
    struct gradc_term value = is_written ? gradc_build_number(b, *values) : array;
    size_t first = b->pieces.count;
    put_text(b, "param ");
    put_term(b, array, LEVEL_ATOM);
    add_dimensions(b, dimensions, rank);
    if (is_written) put_text(b, " = ");
    if (is_written) put_term(b, value, LEVEL_ANY);
    close_statement(b, first, true);
    set_ready(b, array);
    if (!is_written) keep_values(b, b->terms.at[array.number].name, values, count);
    return array;
}

static void add_bounds(struct gradc_builder *b, struct gradc_term lower, struct gradc_term upper) {
    put_text(b, " in [");
    if (builder_knows(b, lower))
        put_term(b, lower, LEVEL_ANY);
    else
        put_text(b, "-inf");
    put_text(b, ", ");
    if (builder_knows(b, upper))
        put_term(b, upper, LEVEL_ANY);
    else
        put_text(b, "inf");
    put_text(b, "]");
}

struct gradc_term gradc_build_unknown(struct gradc_builder *b, const char *name,
                                      const struct gradc_range *dimensions, size_t rank,
                                      struct gradc_term start, struct gradc_term lower,
                                      struct gradc_term upper) {
    struct gradc_term array = declare(b, name, dimensions, rank);
    if (!array.number) return array;
    size_t first = b->pieces.count;
    put_text(b, "var ");
    put_term(b, array, LEVEL_ATOM);
    add_dimensions(b, dimensions, rank);
    if (builder_knows(b, lower) || builder_knows(b, upper)) add_bounds(b, lower, upper);
    if (builder_knows(b, start)) put_text(b, " = ");
    if (builder_knows(b, start)) put_term(b, start, LEVEL_ANY);
    close_statement(b, first, true);
    set_ready(b, array);
    return array;
}

struct gradc_term gradc_build_let(struct gradc_builder *b, const char *name,
                                  const struct gradc_range *dimensions, size_t rank) {
    struct gradc_term array = declare(b, name, dimensions, rank);
    if (!array.number) return array;
    /* How it is declared, for its definition. */
    size_t first = b->pieces.count;
    put_term(b, array, LEVEL_ATOM);
    add_dimensions(b, dimensions, rank);
    struct term *term = &b->terms.at[array.number];
    term->is_open = true;
    term->declared = first;
    term->declared_count = b->pieces.count - first;
    return array;
}

static bool may_define(struct gradc_builder *b, struct gradc_term let, struct gradc_term value) {
    if (!builder_needs(b, let, "what is defined") || !builder_needs(b, value, "a definition")) return false;
    if (b->terms.at[let.number].is_open && b->terms.at[let.number].kind == TERM_ARRAY) return true;
    builder_complain(b, "duplicate-name", "only what gradc_build_let has announced is defined, and once");
    return false;
}

void gradc_build_define(struct gradc_builder *b, const struct gradc_term *lets,
                        const struct gradc_term *values, size_t count) {
    bool family = false;
    for (size_t k = 0; k < count; k++)
        if (!may_define(b, lets[k], values[k])) return;
    if (count == 0) return;
    size_t first = b->pieces.count;
    put_text(b, "let ");
    for (size_t k = 0; k < count; k++) {
        struct term *term = &b->terms.at[lets[k].number];
        if (k) put_text(b, ", ");
        for (size_t p = 0; p < term->declared_count; p++) {
            struct piece piece = b->pieces.at[term->declared + p];
            if (!VEC_PUSH(&b->pieces, piece)) b->arena.failed = true;
        }
        put_text(b, " = ");
        put_term(b, values[k], LEVEL_ANY);
        family |= term->declared_count > 1;
        term->is_open = false;
    }
    close_statement(b, first, family);
    for (size_t k = 0; k < count; k++) set_ready(b, lets[k]);
}

/* ---- What is asked for ---- */

static void state(struct gradc_builder *b, const char *word, struct gradc_term value) {
    if (!builder_needs(b, value, "the objective")) return;
    size_t first = b->pieces.count;
    put_text(b, word);
    put_term(b, value, LEVEL_ANY);
    close_statement(b, first, false);
}

void gradc_build_minimize(struct gradc_builder *b, struct gradc_term value) {
    state(b, "minimize ", value);
}

void gradc_build_maximize(struct gradc_builder *b, struct gradc_term value) {
    state(b, "maximize ", value);
}

/* Whether a label is a name, or there is none. */
static bool put_label(struct gradc_builder *b, const char *word, const char *label) {
    const char *own = label ? builder_name(b, label) : "";
    if (!own) return false;
    put_text(b, word);
    put_text(b, own);
    if (label) put_text(b, ": ");
    return true;
}

void gradc_build_residual(struct gradc_builder *b, const char *label, struct gradc_term value,
                          const struct gradc_range *ranges, size_t count) {
    size_t first = b->pieces.count;
    if (!builder_needs(b, value, "a residual") || !builder_has_ranges(b, ranges, count, true)) return;
    if (!put_label(b, "residual ", label)) return;
    put_term(b, value, LEVEL_ANY);
    put_family(b, ranges, count);
    close_statement(b, first, count > 0);
}

void gradc_build_constraint(struct gradc_builder *b, const char *label, struct gradc_term lower,
                            struct gradc_term value, struct gradc_term upper,
                            const struct gradc_range *ranges, size_t count) {
    size_t first = b->pieces.count;
    bool below = builder_knows(b, lower), above = builder_knows(b, upper);
    bool equal = below && lower.number == upper.number;
    if (!builder_needs(b, value, "a constraint") || !builder_has_ranges(b, ranges, count, true)) return;
    if (!below && !above && !builder_needs(b, lower, "a bound of a constraint")) return;
    if (!put_label(b, "subject to ", label)) return;
    if (below && !equal) put_term(b, lower, LEVEL_ADD);
    if (below && !equal) put_text(b, " <= ");
    put_term(b, value, LEVEL_ADD);
    if (above) put_text(b, equal ? " == " : " <= ");
    if (above) put_term(b, upper, LEVEL_ADD);
    put_family(b, ranges, count);
    close_statement(b, first, count > 0);
}

void gradc_build_output(struct gradc_builder *b, const char *name, const struct gradc_range *dimensions,
                        size_t rank, struct gradc_term value) {
    const char *own = builder_name(b, name);
    if (!own || !builder_has_ranges(b, dimensions, rank, false)) return;
    if (!builder_needs(b, value, "an output")) return;
    size_t first = b->pieces.count;
    put_text(b, "output ");
    put_text(b, own);
    add_dimensions(b, dimensions, rank);
    put_text(b, " = ");
    put_term(b, value, LEVEL_ANY);
    close_statement(b, first, rank > 0);
}

void gradc_build_setting(struct gradc_builder *b, const char *name, const char *value) {
    double number;
    const char *own = builder_name(b, name);
    bool is_number = value && number_parse(value, strlen(value), &number) && isfinite(number);
    const char *text = is_number ? arena_text(&b->arena, value, strlen(value)) : builder_name(b, value);
    if (!own || !text) return;
    size_t first = b->pieces.count;
    put_text(b, "solve with ");
    put_text(b, own);
    put_text(b, " = ");
    put_text(b, text);
    close_statement(b, first, false);
}

/* ---- The end ---- */

static void check_definitions(struct gradc_builder *b) {
    for (size_t k = 1; k < b->terms.count; k++) {
        const struct term *term = &b->terms.at[k];
        if (term->kind == TERM_ARRAY && term->is_open)
            builder_complain(b, "undefined-name", "`%.60s` is announced, but not defined", term->name);
    }
}

static struct gradc_model *refuse(const struct gradc_builder *b) {
    struct gradc_model *model = gradc_load_text(b->name, ".", "", 0, NULL);
    for (size_t k = 0; model && k < b->errors.count; k++)
        diag_error(&model->model->diags, b->errors.at[k].code, (struct span){0}, "%s",
                   b->errors.at[k].message);
    return model;
}

struct gradc_model *gradc_build(struct gradc_builder *b) {
    struct text text = {0};
    size_t errors = b->errors.count;
    check_definitions(b);
    if (b->arena.failed) builder_complain(b, "out-of-memory", "memory is exhausted");
    if (b->errors.count == 0 && !builder_write(b, &text))
        builder_complain(b, "too-large",
                         "written out, the formulas are too long: name the parts of them that "
                         "are used often, and have sums in them, by gradc_build_let");
    struct gradc_load_options options = {.params = b->values.at, .param_count = b->values.count};
    struct gradc_model *model =
        b->errors.count > 0 ? refuse(b)
                            : gradc_load_text(b->name, ".", text_string(&text), text.length, &options);
    b->errors.count = errors;
    text_free(&text);
    return model;
}

char *gradc_builder_text(struct gradc_builder *b) {
    struct text text = {0};
    char *copy = builder_write(b, &text) ? text_copy(text_string(&text)) : NULL;
    text_free(&text);
    return copy;
}
