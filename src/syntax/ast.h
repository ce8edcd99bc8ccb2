/* The syntax tree of an expression file: what the parser builds and the checker reads.
 *
 * Everything lives in one arena. Names are interned (support/intern.h): equal names are equal pointers;
 * U+00B5 has become U+03BC, U+03C0 has become `pi`. Trees can be deep (a chain of 100000 terms leans to the
 * left, a chain of `else if` to the right): readers use explicit stacks. Numbers keep their text, interned
 * like names; their exact value is made later. */
#ifndef GRADC_SYNTAX_AST_H
#define GRADC_SYNTAX_AST_H

#include <stdint.h>

#include "support/source.h"

enum ast_kind {
    AST_NUMBER,    /* text */
    AST_NAME,      /* name (also pi and inf) */
    AST_INDEXED,   /* name[items] */
    AST_COLUMN,    /* name.column */
    AST_COLUMN_AT, /* name.column[items] */
    AST_CALL,      /* name(items) */
    AST_GENERATOR, /* name(items[0] for binders) */
    AST_UNARY,     /* op items[0] */
    AST_BINARY,    /* items[0] op items[1], comparisons and logic too */
    AST_IF,        /* if items[0] then items[1] else items[2] */
    AST_ARRAY,     /* [items], only as an initial value */
    AST_ERROR      /* stands where parsing failed; draws no further message */
};

enum ast_op {
    AST_ADD,
    AST_SUB,
    AST_MUL,
    AST_DIV,
    AST_REM /* % */,
    AST_POW,
    AST_NEGATE,
    AST_PLUS,
    AST_LT,
    AST_LE,
    AST_GT,
    AST_GE,
    AST_EQ,
    AST_NE,
    AST_AND,
    AST_OR,
    AST_NOT
};

/* `name in from..to by step if filter`; also the declared range of a dimension. */
struct ast_range {
    const char *name; /* NULL in a dimension without an index */
    struct span name_span;
    struct span span;
    struct ast *from; /* NULL in a plain size `x[n]`, which means 1..n */
    struct ast *to;
    struct ast *by;     /* NULL: 1 */
    struct ast *filter; /* NULL: none */
};

/* Long expressions have many: it is kept small. */
struct ast {
    enum ast_kind kind : 8;
    enum ast_op op : 8;
    struct span span;      /* the whole expression */
    struct span name_span; /* the name, the operator, or the number */
    uint32_t count;        /* items */
    struct ast **items;
    const char *name; /* or the text of a number */
    union {
        const char *column;       /* of COLUMN and COLUMN_AT */
        struct ast_range *ranges; /* binders of a GENERATOR */
    };
    uint32_t range_count; /* 0 but in a generator */
};

/* One declared name: of param, var, let and output. */
struct ast_declaration {
    const char *name;
    struct span name_span, span;
    struct ast_range *dims;
    uint32_t rank;
    struct ast *lower, *upper; /* bounds of a var; NULL: none */
    struct ast *value;         /* NULL: none given */
};

enum ast_comparison { AST_AT_MOST, AST_AT_LEAST, AST_EQUAL, AST_BETWEEN /* a <= b <= c */, AST_BETWEEN_DOWN };

struct ast_setting {
    const char *name,
        *value; /* the value as text: a word, a number with its sign, or the content of a string */
    struct span name_span, value_span;
};

enum ast_statement_kind {
    AST_PARAM,
    AST_VAR,
    AST_LET,
    AST_OUTPUT, /* declarations */
    AST_DATA,   /* name from path columns (...) */
    AST_FN,     /* name(parameters) = expression */
    AST_MINIMIZE,
    AST_MAXIMIZE, /* expression */
    AST_FIT,      /* expression ~ model over name weight */
    AST_RESIDUAL, /* name?: expression for ranges */
    AST_SUBJECT,  /* name?: parts[0] cmp parts[1] (cmp parts[2]) for ranges */
    AST_SOLVE,    /* settings */
    AST_IMPORT    /* path */
};

struct ast_statement {
    enum ast_statement_kind kind;
    struct span span;
    const char *name; /* data, fn, fit's table, labels; NULL: none */
    struct span name_span;
    struct ast_declaration *declarations;
    uint32_t declaration_count;
    const char *path; /* data, import; unquoted */
    struct span path_span;
    const char **parameters; /* of fn, or column names of data */
    struct span *parameter_spans;
    uint32_t parameter_count;
    struct ast *expression, *model, *weight;
    enum ast_comparison comparison;
    struct ast *parts[3];
    struct ast_range *ranges;
    uint32_t range_count;
    struct ast_setting *settings;
    uint32_t setting_count;
};

#endif
