/* The statements of a file and of those it imports, in the order in which they count. */
#ifndef GRADC_SEMA_GATHER_H
#define GRADC_SEMA_GATHER_H

#include "support/diag.h"
#include "support/intern.h"
#include "syntax/ast.h"

struct gathered {
    struct ast_statement *statement;
    const char *file; /* whose relative paths count from its folder */
    bool imported;
};

typedef VEC(struct gathered) gathered_list;

struct gather_request {
    struct arena *arena;
    struct intern *names;
    struct source_set *sources;
    struct diag_list *diags;
};

/* Parses a file and its imports; each file once. Errors: "missing-file", "circular-import",
 * "statement-in-import" and those of the parser. */
void gather_file(const struct gather_request *request, const char *path, gathered_list *statements);
/* The same for a text shown as `name`; its relative paths count from `directory`. */
void gather_text(const struct gather_request *request, const char *name, const char *directory,
                 const char *text, size_t length, gathered_list *statements);

#endif
