/* The state of a file's translation into a program, shared by the parts of sema. */
#ifndef GRADC_SEMA_CHECKER_H
#define GRADC_SEMA_CHECKER_H

#include "sema/body.h"
#include "sema/gather.h"
#include "sema/lower.h"
#include "sema/model.h"
#include "sema/scope.h"
#include "sema/table.h"
#include "sema/usage.h"

/* A table of a data statement. Its columns become inputs when they are first used. */
struct table_source {
    const char *name;
    struct span span;
    struct table table;
    array_id rows, columns; /* sizes */
    array_id *arrays;       /* per column: the input, 0 where it was not used yet */
    array_id matrix;        /* all columns as one input */
    bool has_no_matrix;     /* an error said why */
    bool *is_bad;           /* per column: likewise */
    size_t number;          /* among the tables of the model */
    bool is_kept;           /* the file, by the model: it is used where it is */
};

/* The bounds and the current element of an array that is being defined. */
struct dimensions {
    struct dimension *at;
    node_id *subscripts; /* the indices of the declared ranges */
    uint32_t rank;
};

/* The contents of an input. */
struct contents {
    double *real;
    int64_t *integer;
    size_t count;
};

/* What must hold once all values are known: a loop of a minimum or maximum runs at least once. */
struct never_empty {
    const struct ast *ast;
    index_id index; /* of its outermost loop */
};

/* An array that a let is filling, for the check that it does not look ahead. */
struct definition {
    array_id array;
    uint32_t group;    /* lets that advance together */
    uint32_t position; /* in its group */
    index_id *indices; /* of its loops, one for each dimension */
    bool *down;        /* per dimension */
    uint32_t rank;
    bool joint; /* shares its outermost loop with the others of its group */
};

struct checker {
    struct model *model;
    struct graph *graph;
    struct program *program;
    struct diag_list *diags;
    struct arena *arena;
    const struct model_options *options;
    struct ast_reader reader; /* of the statement that is being checked */
    struct usage usage;
    struct scope scope;
    struct bodies bodies;
    VEC(struct table_source *) tables;
    VEC(struct contents) contents; /* by array_id, of inputs */
    VEC(struct never_empty) never_empty;
    VEC(struct definition) definitions;
    VEC(bool) given; /* which of the options' params have been used */
    struct lowering lowering;
    VEC(const struct ast *) pending; /* of a traversal */

    /* The expression that is being translated. */
    const char *fixed;        /* what may not depend on unknowns: "a dimension"; NULL: it may */
    bool depends;             /* an unknown was met */
    bool broken;              /* a name was met whose declaration has an error */
    bool may_wait;            /* elements are not needed before the model is used */
    bool waits;               /* those evaluated last do wait */
    bool expression_only;     /* unknown names become unknowns */
    struct table_source *fit; /* its columns are in scope */
    node_id fit_row;

    const struct ast_statement *objective; /* the first */
    const struct ast_statement *residual;  /* the first fit or residual */
    VEC(struct symbol) outputs;            /* names and places of outputs and labels */
    uint32_t groups;
};

/* ---- Shapes (sema/shape.c) ---- */

/* Opens the loops of a declaration's ranges, its indices as names in scope, and gives its dimensions. False,
 * after an error, where a range is none. */
bool open_ranges(struct checker *c, const struct ast_declaration *d, struct dimensions *dims,
                 struct definition *definition);
/* Forgets the indices and closes the loops; `back` is the body that was current before. */
void close_ranges(struct checker *c, uint32_t rank, uint32_t back, size_t locals);
/* Adds an array of these dimensions to the program. */
array_id new_array(struct checker *c, const char *name, enum array_role role, enum value_type type,
                   const struct dimensions *dims, struct span span);
/* A scalar that lives in the current body. */
array_id new_scalar(struct checker *c, const char *name, enum array_role role);
/* The bounds of an array as numbers, for model_array and messages. False after an error. */
bool shape_of(struct checker *c, array_id array, const char *name, struct span span,
              struct model_array *shape);
/* "an array of 3 x 4 elements", or "a number". */
const char *shape_text(struct checker *c, array_id array);

/* ---- Values known when the file is loaded (sema/evaluate.c) ---- */

void contents_set_real(struct checker *c, array_id array, double *values, size_t count);
void contents_set_integer(struct checker *c, array_id array, int64_t *values, size_t count);
/* The value of an integer expression without indices. */
bool evaluate_integer(struct checker *c, node_id n, int64_t *value);
/* All elements of a declaration's expression over its ranges, row by row, as doubles from malloc. NULL after
 * an error. `what` is named where it depends on unknowns. Many elements wait among the model's inputs where
 * they may; see there. */
double *evaluate_elements(struct checker *c, const struct ast_declaration *d, const struct ast *ast,
                          const char *what, size_t count);
/* Binds the inputs of a program. False where memory is exhausted. */
bool bind_inputs(struct checker *c, struct binding *binding, const struct program *p);

/* ---- Statements ---- */

/* Paths count from the folder of the file. */
void declare_data(struct checker *c, const struct ast_statement *s, const char *file);
void declare_params(struct checker *c, const struct ast_statement *s);
void declare_unknowns(struct checker *c, const struct ast_statement *s);
void declare_lets(struct checker *c, const struct ast_statement *s);
void declare_function(struct checker *c, const struct ast_statement *s);
void declare_outputs(struct checker *c, const struct ast_statement *s);
void state_objective(struct checker *c, const struct ast_statement *s);
void state_fit(struct checker *c, const struct ast_statement *s);
void state_residual(struct checker *c, const struct ast_statement *s);
void state_constraint(struct checker *c, const struct ast_statement *s);
/* An unknown of a single expression, where its name is first met. */
void declare_free_name(struct checker *c, const struct ast *name);

/* The inputs that hold a column, or the whole table (sema/column.c). 0 after an error. */
array_id column_named(struct checker *c, struct table_source *t, const char *column, struct span span);
/* A cell of a column in a row; 0 after an error. */
node_id column_cell_named(struct checker *c, struct table_source *t, const char *column, node_id row,
                          struct span span);
node_id column_cell_numbered(struct checker *c, struct table_source *t, size_t column, node_id row);
array_id table_matrix(struct checker *c, struct table_source *t);

/* ---- Checks of the finished program ---- */

/* Every element that is read or written exists; recurrences look back. The binding's inputs are measured. */
void check_accesses(struct checker *c, struct program *p, const struct binding *binding);

#endif
