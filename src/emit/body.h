/* The statements of a function: from linear code (schedule/code.h) to lines of C.
 *
 * One piece of the code (schedule/plan.h) at a time. Results are folded into the expressions that use them
 * where that keeps a line readable (emit/fold.h); others become constants with a name. */
#ifndef GRADC_EMIT_BODY_H
#define GRADC_EMIT_BODY_H

#include "emit/fold.h"
#include "emit/names.h"
#include "emit/phrase.h"
#include "emit/storage.h"
#include "eval/binding.h"
#include "support/text.h"

/* Helpers that functions call; each is defined once per file where it is needed. */
enum helper {
    HELPER_FLOOR_QUOTIENT,
    HELPER_FLOOR_REST,
    HELPER_LESSER,
    HELPER_GREATER,
    HELPER_MINIMUM,
    HELPER_MAXIMUM,
    HELPER_APART,
    HELPER_RESTRICT,
    HELPER_UNROLL,
    HELPER_SELDOM,
    HELPER_COUNT
};

/* What functions call. */
struct needs {
    bool helpers[HELPER_COUNT];
    bool ops[OP_COUNT];
    bool failed;
};

struct body {
    const struct code *code;
    const struct plan *plan;
    const struct fold *fold;
    struct storage *storage; /* by array */
    const uint32_t *cells;   /* by slot of the plan: among those of its kind */
    struct names *names;
    struct needs *needs;
    struct phrasing phrasing;
    const char *name;                 /* of the function; pieces are called NAME_1, NAME_2, .. */
    const struct source_set *sources; /* for comments; NULL: none */
    const struct binding *frozen;     /* values of the inputs where they are constants; NULL: they are not */
    struct text *out;
    struct phrase *phrases; /* by register */
    const char **carried;   /* by load and store: the variable that has the element, too (emit/carry.h) */
    uint32_t piece;
    unsigned depth; /* of blocks */
    uint32_t block;
    bool uses_kept, uses_whole; /* cells */
    VEC(size_t) scopes;
};

/* Decides where the variables of the code are declared. */
bool body_place_variables(const struct code *code, const struct fold *fold, struct storage *storage);
/* Writes the statements of a piece. */
void body_write(struct body *b, uint32_t piece);
/* The definition of a helper; of floats where `single`. */
void body_write_helper(enum helper helper, bool single, struct text *out);

/* One statement, indented and broken into lines. */
void body_line(struct body *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same for any text. */
void lines_add(struct text *out, unsigned depth, const char *statement);
const char *body_type(const struct body *b, enum value_type type);
/* What a register stands for in an expression. */
struct phrase body_phrase(struct body *b, code_register r);
/* What a result is called that needs a name (emit/temporary.c). */
const char *temporary_name(struct body *b, code_register r);

#endif
