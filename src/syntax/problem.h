/* What the words for syntax errors look at: where the parser stopped, and what could stand there. */
#ifndef GRADC_SYNTAX_PROBLEM_H
#define GRADC_SYNTAX_PROBLEM_H

#include "parser.h"
#include "syntax/explain.h"

struct problem {
    struct parser *ps;
    const struct expectation *expected;
    const struct token *found, *before, *after; /* before and after: NULL where there is none */
    const struct token *first;                  /* of the statement */
    size_t at;
};

static inline bool expects(const struct problem *p, int code) {
    return p->expected->tokens[code - FIRST_TOKEN];
}

static inline bool expects_operand(const struct problem *p) {
    return expects(p, TOKEN_NUMBER) && expects(p, TOKEN_OPEN);
}

static inline bool expects_operator(const struct problem *p) {
    return expects(p, TOKEN_PLUS) && !expects(p, TOKEN_NUMBER);
}

static inline bool is_end(int code) {
    return code == TOKEN_NL || code == TOKEN_END;
}

static inline bool is_comparison(int code) {
    return code == TOKEN_LE || code == TOKEN_GE || code == TOKEN_EQ || code == TOKEN_NE || code == TOKEN_LT ||
           code == TOKEN_GT;
}

static inline bool begins_operand(int code) {
    return token_is_name(code) || code == TOKEN_NUMBER || code == TOKEN_OPEN;
}

/* A token as the user wrote it, shortened, in the arena. */
const char *as_written(const struct problem *p, const struct token *token);
/* The innermost open bracket before the error; NULL where none is open. */
const struct token *open_bracket(const struct problem *p);
/* Reports the token that was found. */
struct diag *say(const struct problem *p, const char *code, const char *message);

/* ---- What people write who come from other languages (syntax/habits.c) ---- */

/* How a statement is written that begins as in another language; NULL where it does not. */
const char *habit_of_statement(const struct problem *p);
/* Reports what is written as in another language, and returns true. */
bool habit_explained(const struct problem *p);

#endif
