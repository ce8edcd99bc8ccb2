/* Tokens: what the scanner makes of a text, and the line filter of that. */
#ifndef GRADC_SYNTAX_TOKEN_H
#define GRADC_SYNTAX_TOKEN_H

#include "support/diag.h"
#include "support/intern.h"
#include "support/vec.h"

struct token {
    const char *text; /* names interned, numbers as written, strings without quotes; NULL for all others */
    struct span span;
    int16_t code; /* TOKEN_... of the grammar; TOKEN_SEMICOLON only before the line filter */
    bool quiet;   /* what is wrong here has been reported */
};

typedef VEC(struct token) token_list;

struct scan_request {
    struct arena *arena;
    struct intern *names;
    struct diag_list *diags; /* NULL: nothing is reported */
    uint32_t source;
};

/* Splits a text into tokens, line ends included. False where memory is exhausted. Errors:
 * "implicit-multiplication", "malformed-number", "number-too-long", "unterminated-string", "stray-character",
 * "not-utf8", "name-too-long". */
bool scan_text(const struct scan_request *request, const char *text, size_t length, token_list *tokens);

/* Keeps the line ends that end a statement; the list becomes what is kept. False where memory is exhausted.
 * Errors: "unclosed-bracket", "too-deep". */
bool filter_lines(token_list *tokens, struct diag_list *diags);

/* Whether a token is a word that begins a statement. */
bool token_begins_statement(int code);
/* Whether it is one of the words that are names wherever a name can stand, or a name. */
bool token_is_name(int code);
/* Whether it is reserved: never a name. */
bool token_is_reserved(int code);

#endif
