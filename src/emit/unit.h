/* An emitted file while it is being made: what its functions have in common. */
#ifndef GRADC_EMIT_UNIT_H
#define GRADC_EMIT_UNIT_H

#include "emit/body.h"
#include "eval/binding.h"
#include "support/diag.h"

struct unit {
    const char *prefix;            /* of all public names: a C identifier */
    bool single;                   /* floats instead of doubles */
    bool frozen;                   /* params, tables and sizes are constants of the file */
    const struct program *model;   /* its inputs are those of the file */
    const struct binding *binding; /* their values */
    const struct source_set *sources;
    struct arena *arena;
    struct diag_list *diags;
    const char **fields; /* by input: its name in the structure, or of its constant */
    bool *used;          /* by input: some function needs it */
    size_t input_count;  /* arrays of the model's program */
    bool counts_here;    /* tallies are wanted for the inputs as they are */
    bool has_workspace;  /* some function needs one, so that all take it */
    bool has_inputs;     /* likewise */
    struct needs needs;
};

static inline const char *unit_real(const struct unit *u) {
    return u->single ? "float" : "double";
}

/* A param, a column of a table or its number of rows. */
bool unit_is_input(const struct program *p, array_id a);
/* False where memory is exhausted, with an error. */
bool unit_out_of_memory(const struct unit *u);

/* Where an array is declared: "line 5: var x[i in 1..n]", cut where it is long; "" where it is not known. */
const char *unit_quote(const struct unit *u, struct span span);
/* A comment, indented and broken into lines. */
void unit_comment(struct text *out, unsigned depth, const char *text);
/* Adds a text in which @P is the prefix, @R the type of numbers, @F the end of its literals, @S the
 * declaration of the inputs and @I the inputs, both with a comma behind them, @V the declaration alone, or
 * void, and @v the inputs alone, @W and @w the declaration of the workspace and the workspace, with a comma
 * before them. */
void unit_template(const struct unit *u, struct text *out, const char *text);

#endif
