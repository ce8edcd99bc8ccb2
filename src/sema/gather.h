/* The statements of a file and of those it imports, in the order in which they count. */
#ifndef GRADC_SEMA_GATHER_H
#define GRADC_SEMA_GATHER_H

#include "support/diag.h"
#include "support/intern.h"
#include "syntax/pack.h"

/* Statements of one file that follow each other. */
struct gathered_run {
    const struct ast_file *file;
    uint32_t first, count;
    const char *path; /* of the file: relative paths count from its folder */
};

struct gathered {
    VEC(struct gathered_run) runs;
    VEC(struct ast_file *) files;
};

struct gather_request {
    struct arena *arena; /* of paths */
    struct arena *trees; /* of statements */
    struct intern *names;
    struct source_set *sources;
    struct diag_list *diags;
};

/* Parses a file and its imports; each file once. Errors: "missing-file", "circular-import",
 * "statement-in-import" and those of the parser. */
void gather_file(const struct gather_request *request, const char *path, struct gathered *statements);
/* The same for a text shown as `name`; its relative paths count from `directory`. */
void gather_text(const struct gather_request *request, const char *name, const char *directory,
                 const char *text, size_t length, struct gathered *statements);
void gathered_release(struct gathered *statements);

#endif
