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

/* Reads a text token by token, line ends included. Errors: "implicit-multiplication", "malformed-number",
 * "number-too-long", "unterminated-string", "stray-character", "not-utf8", "name-too-long". */
struct scan;
/* NULL where memory is exhausted. The request outlives it. */
struct scan *scan_begin(const struct scan_request *request, const char *text, size_t length);
/* Appends some of the tokens that follow; false where none does, or memory is exhausted. */
bool scan_more(struct scan *scan, token_list *tokens);
/* Whether all went well so far. */
bool scan_is_good(const struct scan *scan);
void scan_free(struct scan *scan);
/* All tokens of a text at once. False where memory is exhausted. */
bool scan_text(const struct scan_request *request, const char *text, size_t length, token_list *tokens);

/* Whether a token is a word that begins a statement. */
bool token_begins_statement(int code);
/* Whether it is one of the words that are names wherever a name can stand, or a name. */
bool token_is_name(int code);
/* Whether it is reserved: never a name. */
bool token_is_reserved(int code);

#endif
