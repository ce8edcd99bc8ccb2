/* What the generated scanner calls for tokens that need more than a number. */
#ifndef GRADC_SYNTAX_SCAN_H
#define GRADC_SYNTAX_SCAN_H

#include <setjmp.h>

#include "parser.h"
#include "syntax/token.h"

struct scan {
    const struct scan_request *request;
    uint32_t begin, end; /* of the current token */
    bool is_plain;       /* it is a word of ASCII letters, whose name is made later; its hash: */
    uint32_t hash;
    const char *text; /* of the current token, where it has one */
    bool failed;      /* memory was exhausted */
    bool quiet;       /* what is wrong with the current token has been reported */
    int before;       /* the code of the token before */
    uint32_t braces;  /* that are open and have been reported */
    uint32_t opened;  /* behind the last reported ' or |, and which of them; 0: none */
    char opening;
    jmp_buf give_up; /* where the generated scanner goes that finds no memory */
    /* The generated scanner and what it reads, with the line end that was added. */
    void *generated;
    struct yy_buffer_state *state;
    char *buffer;
    uint32_t length; /* of the text */
    bool ended;
};

/* Each returns the code of the token. */
int scan_number(struct scan *s, const char *text, size_t length);
int scan_bad_number(struct scan *s, const char *text, size_t length);
int scan_string(struct scan *s, const char *text, size_t length);
int scan_open_string(struct scan *s, const char *text, size_t length);
int scan_word(struct scan *s, const char *text, size_t length);
/* Report what is no part of the language; no statement can hold the token that stands for it. */
int scan_stray(struct scan *s, const char *text, size_t length);
int scan_not_utf8(struct scan *s);
/* Ends the scan for want of memory. */
_Noreturn void scan_give_up(struct scan *s);

/* The generated scanner: the next token, 0 at the end. */
int scan_next(void *scanner);

#endif
