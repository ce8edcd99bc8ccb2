#include "syntax/lines.h"

#include <string.h>

#include "parser.h"

enum { DEEPEST_NESTING = 10000 };

static bool is_operator(int code) {
    return code >= TOKEN_LE && code <= TOKEN_COLON;
}

static bool is_joint(int code) {
    return token_is_reserved(code) || is_operator(code);
}

/* A line goes on after these: reserved words and signs, never words that can be names. */
static bool goes_on_after(const struct lines *f) {
    if (is_joint(f->last)) return true;
    if (f->count == 1) return token_begins_statement(f->first);
    return f->count == 2 && ((f->first == TOKEN_SUBJECT && f->last == TOKEN_TO) ||
                             (f->first == TOKEN_SOLVE && f->last == TOKEN_WITH));
}

/* What cannot begin a statement continues the line before. */
static bool goes_on_before(int code) {
    switch (code) {
    case TOKEN_FROM:
    case TOKEN_OVER:
    case TOKEN_WEIGHT:
    case TOKEN_WITH:
    case TOKEN_BY:
    case TOKEN_CLOSE:
    case TOKEN_CLOSE_INDEX: return true;
    case TOKEN_NOT: return false;
    default: return is_joint(code);
    }
}

/* The code of a token that was read, `ahead` of the current one. */
static int code_ahead(struct lines *f, size_t ahead) {
    while (f->at + ahead >= f->read.count)
        if (!scan_more(f->scan, &f->read)) return TOKEN_END;
    return f->read.at[f->at + ahead].code;
}

static void end_statement(struct lines *f, struct span span, bool quiet) {
    struct token end = {.code = TOKEN_NL, .span = span, .quiet = quiet};
    VEC_PUSH(&f->tokens, end);
    f->brackets.count = 0;
    f->first = f->last = 0;
    f->count = 0;
    f->mismatched = false;
    f->complete = true;
}

static void report_unclosed(struct lines *f) {
    if (f->mismatched) return;
    diag_error(f->diags, "unclosed-bracket", VEC_LAST(&f->brackets).span, "this bracket is not closed");
}

/* Whether a statement word and what must follow it stand there: then a bracket was forgotten. */
static bool statement_begins(struct lines *f, size_t ahead) {
    int next = code_ahead(f, ahead + 1);
    return token_begins_statement(code_ahead(f, ahead)) &&
           (next == TOKEN_IDENT || next == TOKEN_NUMBER || next == TOKEN_STRING);
}

/* The line end that stands at the current place, and those behind it. */
static void take_line_end(struct lines *f) {
    size_t ends = 1;
    while (code_ahead(f, ends) == TOKEN_NL) ends++;
    bool inside = f->brackets.count > 0, begins = statement_begins(f, ends);
    struct span span = f->read.at[f->at].span;
    int next = code_ahead(f, ends);
    f->at += ends;
    if (inside && !begins) return;
    if (inside)
        report_unclosed(f);
    else if (f->last && (goes_on_after(f) || goes_on_before(next)))
        return;
    end_statement(f, span, inside);
}

static void take_semicolon(struct lines *f) {
    bool inside = f->brackets.count > 0;
    if (inside) report_unclosed(f);
    end_statement(f, f->read.at[f->at++].span, inside);
}

static void close_bracket(struct lines *f, int code) {
    int open = VEC_POP(&f->brackets).code;
    if ((open == TOKEN_OPEN) != (code == TOKEN_CLOSE)) f->mismatched = true;
}

/* Where brackets nest too deeply nothing behind that is looked at. */
static void take_token(struct lines *f) {
    struct token token = f->read.at[f->at++];
    bool opens = token.code == TOKEN_OPEN || token.code == TOKEN_OPEN_INDEX;
    bool closes = token.code == TOKEN_CLOSE || token.code == TOKEN_CLOSE_INDEX;
    if (opens && f->brackets.count >= DEEPEST_NESTING) {
        diag_error(f->diags, "too-deep", token.span, "brackets nest deeper than the limit of %d levels",
                   DEEPEST_NESTING);
        end_statement(f, token.span, true);
        f->ended = true;
        return;
    }
    if (opens) VEC_PUSH(&f->brackets, ((struct bracket){token.span, token.code}));
    if (closes && f->brackets.count > 0) close_bracket(f, token.code);
    VEC_PUSH(&f->tokens, token);
    f->last = token.code;
    if (f->count++ == 0) f->first = token.code;
}

static void end_file(struct lines *f) {
    f->ended = true;
    if (!f->last) return;
    bool inside = f->brackets.count > 0;
    if (inside) report_unclosed(f);
    struct span span = VEC_LAST(&f->tokens).span; /* blank lines may follow it */
    span.begin = span.end;
    end_statement(f, span, inside);
}

/* Forgets what was read and has been taken. */
static void forget_read(struct lines *f) {
    size_t left = f->read.count - f->at;
    if (f->at < left) return;
    if (left) memmove(f->read.at, f->read.at + f->at, left * sizeof *f->read.at);
    f->read.count = left;
    f->at = 0;
}

bool lines_next(struct lines *f) {
    size_t before = f->tokens.count;
    f->complete = false;
    while (!f->complete && !f->ended && !f->tokens.failed) {
        int code = code_ahead(f, 0);
        if (code == TOKEN_END)
            end_file(f);
        else if (code == TOKEN_NL)
            take_line_end(f);
        else if (code == TOKEN_SEMICOLON)
            take_semicolon(f);
        else
            take_token(f);
        forget_read(f);
    }
    return f->tokens.count > before;
}

bool lines_open(struct lines *f, const struct scan_request *request, const char *text, size_t length) {
    *f = (struct lines){.diags = request->diags, .scan = scan_begin(request, text, length)};
    return f->scan != NULL;
}

bool lines_are_good(const struct lines *f) {
    return !f->brackets.failed && !f->tokens.failed && !f->read.failed && scan_is_good(f->scan);
}

void lines_close(struct lines *f) {
    scan_free(f->scan);
    VEC_FREE(&f->tokens);
    VEC_FREE(&f->read);
    VEC_FREE(&f->brackets);
}
