/* The line filter: of all line ends it keeps those that end a statement. It gives the tokens of one statement
 * after the other; what has been parsed need not stay.
 *
 * Errors: "unclosed-bracket", "too-deep", and those of the scanner. */
#ifndef GRADC_SYNTAX_LINES_H
#define GRADC_SYNTAX_LINES_H

#include "syntax/token.h"

struct bracket {
    struct span span;
    int code;
};

struct lines {
    struct scan *scan;
    struct diag_list *diags;
    token_list tokens;            /* what is kept */
    token_list read;              /* what was read ahead of that */
    size_t at;                    /* of it: the current one */
    VEC(struct bracket) brackets; /* open ones */
    int first, last;              /* of the current statement; 0: it is empty */
    uint32_t count;               /* of its tokens so far */
    bool mismatched;              /* a bracket was closed by one of another kind, which the grammar reports */
    bool complete;                /* a statement has ended */
    bool ended;                   /* nothing follows */
};

/* False where memory is exhausted. The request outlives the lines. */
bool lines_open(struct lines *lines, const struct scan_request *request, const char *text, size_t length);
/* Appends the tokens of the next statement, or a line end without one; false where none follows. */
bool lines_next(struct lines *lines);
bool lines_are_good(const struct lines *lines);
void lines_close(struct lines *lines);

#endif
