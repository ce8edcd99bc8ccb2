/* What is behind a builder: terms and statements as pieces of text, with the levels that decide about
 * brackets. */
#ifndef GRADC_API_BUILD_H
#define GRADC_API_BUILD_H

#include <gradc/gradc.h>

#include "support/arena.h"
#include "support/intern.h"
#include "support/map.h"
#include "support/text.h"
#include "support/vec.h"

/* How tightly a term holds together; what is below the level that a place needs stands in brackets. */
enum term_level {
    LEVEL_ANY, /* `if` */
    LEVEL_OR,
    LEVEL_AND,
    LEVEL_NOT,
    LEVEL_COMPARE,
    LEVEL_ADD,
    LEVEL_MULTIPLY,
    LEVEL_SIGN,
    LEVEL_POWER,
    LEVEL_ATOM
};

/* A piece of a term or statement: a text, or another term. */
struct piece {
    const char *text;       /* NULL: it is a term */
    uint32_t term;          /* its number */
    enum term_level needed; /* by the place */
    bool only_at_times;     /* what stands there need not be computed */
};

enum term_kind { TERM_NUMBER, TERM_INDEX, TERM_ARRAY, TERM_FORMULA };

struct term {
    enum term_kind kind;
    enum term_level level;
    size_t first, count;             /* pieces */
    const char *name;                /* of an index or an array */
    size_t declared, declared_count; /* pieces of its declaration, where that comes later */
    uint64_t indices;                /* that are free in it: by bit, the last one for all beyond */
    bool is_loop;                    /* it is a reduction */
    bool is_open;                    /* an array that has been announced, but not defined */
    size_t ready;                    /* of an array: behind so many statements it may be used */
};

enum { LAST_INDEX_BIT = 63 };

struct statement {
    size_t first, count; /* pieces */
    bool is_family;      /* it has indices of its own */
};

struct build_error {
    const char *code, *message;
};

struct builder_value {
    const char *name;
    const double *values;
    size_t count;
};

struct gradc_builder {
    struct arena arena;
    struct intern names;
    struct map known; /* the term of a name that is declared or an index */
    const char *name;
    VEC(struct piece) pieces;
    VEC(struct term) terms; /* [0] is none */
    VEC(struct statement) statements;
    VEC(struct gradc_param_value) values; /* of params that are arrays */
    VEC(struct build_error) errors;
    uint32_t index_count;
};

/* ---- Terms (build_term.c) ---- */

/* Notes an error for the model to come. */
__attribute__((format(printf, 3, 4))) void builder_complain(struct gradc_builder *b, const char *code,
                                                            const char *format, ...);
bool builder_knows(const struct gradc_builder *b, struct gradc_term t);
/* Whether a term that is needed is there; else notes an error. */
bool builder_needs(struct gradc_builder *b, struct gradc_term t, const char *what);
bool builder_has_ranges(struct gradc_builder *b, const struct gradc_range *ranges, size_t count,
                        bool as_loop);
/* The unique copy of a name; NULL, after an error, of what is none. */
const char *builder_name(struct gradc_builder *b, const char *name);
/* A term that is written as its name. */
struct gradc_term builder_named(struct gradc_builder *b, const char *name, enum term_kind kind);
/* Pieces of the term or statement that is being put together. */
void put_text(struct gradc_builder *b, const char *text);
void put_term(struct gradc_builder *b, struct gradc_term t, enum term_level needed);
void put_perhaps(struct gradc_builder *b, struct gradc_term t, enum term_level needed); /* at times only */
void put_ranges(struct gradc_builder *b, const struct gradc_range *ranges, size_t count);
void put_family(struct gradc_builder *b, const struct gradc_range *ranges, size_t count);

/* ---- Text (build_text.c) ---- */

/* Writes all statements. Terms that are used more than once are named first: without free indices by a `let`,
 * long ones with them by a function of the indices. False where there is no memory, or too long a text. */
bool builder_write(const struct gradc_builder *b, struct text *text);

#endif
