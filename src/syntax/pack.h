/* The statements of a file. Those of a long program are lets of plain expressions: each is kept as some forty
 * bytes, and becomes a tree again while it is looked at. All others stay trees. */
#ifndef GRADC_SYNTAX_PACK_H
#define GRADC_SYNTAX_PACK_H

#include <stdbool.h>
#include <string.h>

#include "support/intern.h"
#include "syntax/ast.h"

/* A node on the way through a tree. */
struct ast_visit {
    const struct ast *ast;
    uint32_t next; /* of its operands */
};

struct ast_file {
    const struct intern *names;
    LARGE(uint32_t) places; /* per statement: of its tree, or, with the highest bit, of its bytes */
    VEC(struct ast_statement *) trees;
    LARGE(unsigned char) bytes;
    /* While a statement is packed. */
    VEC(struct ast_visit) stack;
    VEC(const struct ast *) order; /* operands before operators */
};

/* Adds a statement as bytes; false where it must stay a tree. */
bool ast_pack(struct ast_file *file, const struct ast_statement *statement);
/* Adds a tree, which must live as long as the file. */
bool ast_add(struct ast_file *file, struct ast_statement *statement);
void ast_file_release(struct ast_file *file);

static inline uint32_t ast_count(const struct ast_file *file) {
    return (uint32_t)file->places.count;
}
/* The kind of statement k, which need not become a tree for that. */
enum ast_statement_kind ast_kind_at(const struct ast_file *file, uint32_t k);

/* The names in a statement, by their numbers, without its tree; none where it is kept as a tree. */
struct ast_names {
    const unsigned char *at;
    uint32_t count;
};
struct ast_names ast_names_at(const struct ast_file *file, uint32_t k);
static inline uint32_t ast_name_number(const struct ast_names *names, uint32_t k) {
    uint32_t number;
    memcpy(&number, names->at + sizeof number * k, sizeof number);
    return number;
}

/* Looks at one statement after the other. */
struct ast_reader {
    char *block; /* of the tree that was made last; NULL: none, or it is kept */
    size_t capacity;
    bool holds; /* the statement given last is in it */
    VEC(char *) kept;
    VEC(struct ast *) stack;
    bool failed; /* memory was exhausted */
};

/* Statement k, valid until the next one is asked for; one without meaning where memory is exhausted. */
const struct ast_statement *ast_at(struct ast_reader *reader, const struct ast_file *file, uint32_t k);
/* Lets the statement given last live as long as the reader. */
void ast_keep(struct ast_reader *reader);
void ast_reader_release(struct ast_reader *reader);

#endif
