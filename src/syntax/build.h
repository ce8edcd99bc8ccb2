/* Building the tree: what the grammar's actions call. */
#ifndef GRADC_SYNTAX_BUILD_H
#define GRADC_SYNTAX_BUILD_H

#include <stdbool.h>

#include "support/arena.h"
#include "support/diag.h"
#include "support/intern.h"
#include "syntax/ast.h"
#include "syntax/pack.h"
#include "syntax/token.h"

/* Elements of a list under construction, in the arena; lists are small structures that are passed by value.
 */
struct lines;
struct list_item;
struct list {
    struct list_item *first, *last;
    uint32_t count;
};
#define LIST_EMPTY ((struct list){NULL, NULL, 0})

struct parser {
    struct arena *arena; /* of the current statement: the trees', or that of statements to be packed */
    struct arena *trees;
    struct arena passing;
    struct ast_file *file; /* NULL: of an expression */
    struct intern *names;
    struct diag_list *diags;
    struct lines *lines;
    const token_list *tokens; /* of the lines: those of the current statement and the last ones before it; of
                                 an expression all */
    size_t at;                /* behind the token handed out last */
    int start;                /* START_FILE or START_EXPR, until it has been handed out */
    struct ast *expression;
    size_t statement_begin; /* the first token of the current statement */
    /* What builders hand out where memory is exhausted; such a tree is not used. */
    struct ast no_ast;
    struct ast_statement no_statement;
    struct ast_declaration no_declaration;
    struct ast_range no_range;
};

/* The next token for the grammar. */
const struct token *parser_next(struct parser *ps);

struct list list_one(struct parser *ps, const void *element, size_t size);
struct list list_add(struct parser *ps, struct list list, const void *element, size_t size);

/* ---- Expressions ---- */

struct ast *build_leaf(struct parser *ps, enum ast_kind kind, const char *text, struct span span);
struct ast *build_items(struct parser *ps, enum ast_kind kind, const char *name, struct span name_span,
                        struct list items, struct span span);
struct ast *build_column_of(struct parser *ps, const char *name, struct span name_span, const char *column,
                            struct list items, struct span span);
struct ast *build_generator(struct parser *ps, const char *name, struct span name_span, struct list items,
                            struct list ranges, struct span span);
struct ast *build_unary(struct parser *ps, enum ast_op op, struct ast *operand, struct span op_span,
                        struct span span);
struct ast *build_binary(struct parser *ps, enum ast_op op, struct ast *left, struct ast *right,
                         struct span op_span, struct span span);
struct ast *build_if(struct parser *ps, struct ast *condition, struct ast *then, struct ast *otherwise,
                     struct span word, struct span span);
struct ast *build_array(struct parser *ps, struct list items, struct span span);
struct ast_range *build_range(struct parser *ps, const char *name, struct span name_span, struct span span,
                              struct ast *from, struct ast *to, struct ast *by, struct ast *filter);

/* ---- Names ---- */

/* A reserved word as a name of a column. */
const char *build_word(struct parser *ps, const char *word);
/* A name that is being declared: `pi` and `inf` are refused. */
const char *build_index(struct parser *ps, const char *name, struct span span);
/* Adds a name that is declared, or one of a column. */
struct list build_name(struct parser *ps, struct list list, const char *name, struct span span);
struct list build_column(struct parser *ps, struct list list, const char *name, struct span span);
/* The columns of a data statement, behind the word `columns`. */
struct list build_columns(struct parser *ps, const char *word, struct span span, struct list columns);

/* ---- Statements ---- */

struct ast_declaration *build_declaration(struct parser *ps, const char *name, struct span name_span,
                                          struct list dims, struct ast *value, struct span span);
/* An output may bear any name, for outputs have a space of names of their own. */
struct ast_declaration *build_output(struct parser *ps, const char *name, struct span name_span,
                                     struct list dims, struct ast *value, struct span span);
struct ast_statement *build_declarations(struct parser *ps, enum ast_statement_kind kind, struct list list);
struct ast_statement *build_data(struct parser *ps, const char *name, struct span name_span, const char *path,
                                 struct span path_span, struct list columns);
struct ast_statement *build_function(struct parser *ps, const char *name, struct span name_span,
                                     struct list parameters, struct ast *body);
struct ast_statement *build_expression_statement(struct parser *ps, enum ast_statement_kind kind,
                                                 struct ast *expression);
struct ast_statement *build_fit(struct parser *ps, struct ast *observed, struct ast *model, const char *table,
                                struct span table_span, struct ast *weight);
/* `family` holds the ranges, or is NULL. */
struct ast_statement *build_family(struct parser *ps, struct list ranges);
struct ast_statement *build_residual(struct parser *ps, const char *label, struct span label_span,
                                     struct ast *expression, struct ast_statement *family);
struct ast_statement *build_comparison(struct parser *ps, enum ast_comparison comparison, struct ast *a,
                                       struct ast *b, struct ast *c);
struct ast_statement *build_constraint(struct parser *ps, const char *label, struct span label_span,
                                       struct ast_statement *comparison, struct ast_statement *family);
struct list build_setting(struct parser *ps, struct list list, const char *name, struct span name_span,
                          const char *value, struct span value_span);
const char *build_negative(struct parser *ps, const char *number);
struct ast_statement *build_settings(struct parser *ps, struct list settings);
struct ast_statement *build_import(struct parser *ps, const char *path, struct span path_span);
/* Adds a finished statement to the file. */
void build_add(struct parser *ps, struct ast_statement *statement, struct span span);

#endif
