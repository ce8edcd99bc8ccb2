/* From text to syntax tree.
 *
 * The scanner (grammar/scanner.l) makes tokens with spans, the line filter decides which line ends end a
 * statement, the parser (grammar/parser.y) builds the tree. Errors go to the list; parsing goes on behind the
 * broken statement, so that one run reports them all. Reentrant; nothing is printed. */
#ifndef GRADC_SYNTAX_PARSE_H
#define GRADC_SYNTAX_PARSE_H

#include <stdbool.h>

#include "support/diag.h"
#include "support/intern.h"
#include "syntax/pack.h"

struct parse_context {
    struct arena *arena; /* of the trees */
    struct intern *names;
    const struct source_set *sources;
    struct diag_list *diags;
};

/* Parses one source as a file of statements, for the caller to release; those that failed are left out. False
 * where memory is exhausted; whether there were errors is in the list. */
bool parse_file(const struct parse_context *context, uint32_t source, struct ast_file *file);
/* Parses one source as a single expression; NULL after an error. */
struct ast *parse_expression(const struct parse_context *context, uint32_t source);
/* Whether text given with -e is a file (it holds a `;` outside strings, or begins with a statement: a
 * statement word followed by a name, number, string or what that statement demands) rather than an
 * expression. */
bool parse_looks_like_file(const char *text);

#endif
