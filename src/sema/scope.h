/* What names mean: declared values, functions, and the names that are valid only within an expression. */
#ifndef GRADC_SEMA_SCOPE_H
#define GRADC_SEMA_SCOPE_H

#include "ir/program.h"
#include "support/diag.h"
#include "support/name_map.h"
#include "syntax/ast.h"

struct table_source;

enum symbol_kind {
    SYMBOL_PARAM,   /* array: an input; also lets of integers, which are computed when the file is loaded */
    SYMBOL_UNKNOWN, /* array */
    SYMBOL_LET,     /* array: stored, a scalar too */
    SYMBOL_VALUE,   /* value: a let that is replaced by its expression */
    SYMBOL_TABLE,   /* table */
    SYMBOL_BROKEN   /* its declaration has an error; draws no further message */
};

/* Long programs have many: it is kept small. */
struct symbol {
    const char *name;
    struct table_source *table;
    const struct ast *sum; /* a let used once: its expression may go straight into another sum */
    struct span span;
    array_id array;
    node_id value;
    enum symbol_kind kind : 8;
    enum value_type type : 8;
    bool depends : 1; /* on unknowns */
    bool is_array : 1;
    bool being_defined : 1; /* by the let that is being lowered */
};

struct function {
    const char *name;
    struct span span;
    const struct ast_statement *statement;
    bool pure;   /* without reductions: equal arguments give the same node */
    bool open;   /* being expanded */
    bool broken; /* its declaration has an error; calls draw no further message */
};

/* A loop index, or an argument of a function. */
struct local {
    const char *name;
    struct span span;
    bool integer;
    node_id value;
    uint32_t level; /* the body (sema/body.h) that its value belongs to */
    bool depends;   /* on unknowns */
};

struct declared_later {
    struct span span;
    bool advances; /* an array that others may advance together with, in one `let` */
};

struct scope {
    LARGE(struct symbol) symbols;
    VEC(struct function) functions;
    VEC(struct local) locals;
    uint32_t hidden; /* locals below this are those of callers */
    struct name_map symbol_places, function_places;
    LARGE(struct declared_later) later; /* where the file declares names, reached or not */
    struct name_map later_places, later_functions;
    const char *const *columns; /* of the table of the fit at hand: NULL where one has no name */
    size_t column_count;
};

void scope_release(struct scope *scope);
/* NULL where there is none. */
struct symbol *scope_symbol(const struct scope *scope, const char *name);
struct function *scope_function(const struct scope *scope, const char *name);
const struct local *scope_local(const struct scope *scope, const char *name);
/* Adds a symbol; an error where the name is taken. The result is valid until the next addition. */
struct symbol *scope_declare(struct scope *scope, struct symbol symbol, struct diag_list *diags);
void scope_declare_function(struct scope *scope, struct function function, struct diag_list *diags);
/* Notes that the file declares a name somewhere: a use before that is no misspelling. `advances`: it is an
 * array that others may advance together with. */
void scope_foresee(struct scope *scope, const char *name, struct span span, bool advances);
void scope_foresee_function(struct scope *scope, const char *name, struct span span);
/* Adds a local; a note where it hides a declared name. */
void scope_push(struct scope *scope, struct local local, struct diag_list *diags);
/* The one that is most like a name; NULL where none is. A single letter is like no other one. */
const char *scope_nearest(const char *name, const char *const *known, size_t count);
/* Reports a name that means nothing, with the nearest one that does. */
void scope_unknown(const struct scope *scope, const char *name, struct span span, struct diag_list *diags);
void scope_unknown_function(const struct scope *scope, const char *name, struct span span,
                            struct diag_list *diags);

#endif
