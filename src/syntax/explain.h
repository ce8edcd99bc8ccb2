/* Syntax errors in words. */
#ifndef GRADC_SYNTAX_EXPLAIN_H
#define GRADC_SYNTAX_EXPLAIN_H

#include "syntax/build.h"

/* Tokens of the grammar have consecutive codes from here on. */
enum { FIRST_TOKEN = 258, END_OF_TOKENS = FIRST_TOKEN + 80 };

/* By code - FIRST_TOKEN: whether the token could stand where the parser stopped. */
struct expectation {
    bool tokens[END_OF_TOKENS - FIRST_TOKEN];
};

/* Reports what is wrong with the token that was handed out last. */
void explain_error(struct parser *ps, const struct expectation *expected);
/* Reports that the parser's own stack is full. */
void explain_depth(struct parser *ps, struct span span);

#endif
