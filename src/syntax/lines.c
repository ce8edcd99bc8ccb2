/* The line filter: of all line ends it keeps those that end a statement. */
#include "parser.h"
#include "syntax/token.h"

enum { DEEPEST_NESTING = 10000 };

struct bracket {
    struct span span;
    int code;
};

/* No more is kept than has been read: both stand in one list. */
struct filter {
    token_list *tokens;
    size_t kept;
    struct diag_list *diags;
    VEC(struct bracket) brackets; /* open ones */
    int first, last;              /* of the current statement; 0: it is empty */
    uint32_t count;               /* of its tokens so far */
    bool mismatched;              /* a bracket was closed by one of another kind, which the grammar reports */
};

static bool is_operator(int code) {
    return code >= TOKEN_LE && code <= TOKEN_COLON;
}

static bool is_joint(int code) {
    return token_is_reserved(code) || is_operator(code);
}

/* A line goes on after these: reserved words and signs, never words that can be names. */
static bool goes_on_after(const struct filter *f) {
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

static int code_at(const struct filter *f, size_t at) {
    return at < f->tokens->count ? f->tokens->at[at].code : TOKEN_END;
}

static void end_statement(struct filter *f, struct span span, bool quiet) {
    struct token end = {.code = TOKEN_NL, .span = span, .quiet = quiet};
    if (f->kept < f->tokens->count)
        f->tokens->at[f->kept++] = end;
    else if (VEC_PUSH(f->tokens, end))
        f->kept++;
    f->brackets.count = 0;
    f->first = f->last = 0;
    f->count = 0;
    f->mismatched = false;
}

static void report_unclosed(struct filter *f) {
    if (f->mismatched) return;
    diag_error(f->diags, "unclosed-bracket", VEC_LAST(&f->brackets).span, "this bracket is not closed");
}

/* Whether a statement word and what must follow it stand here: then a bracket was forgotten. */
static bool statement_begins(const struct filter *f, size_t at) {
    int next = code_at(f, at + 1);
    return token_begins_statement(code_at(f, at)) &&
           (next == TOKEN_IDENT || next == TOKEN_NUMBER || next == TOKEN_STRING);
}

/* The line end at `at`; returns the place to go on from. */
static size_t take_line_end(struct filter *f, size_t at) {
    size_t next = at;
    while (code_at(f, next) == TOKEN_NL) next++;
    bool inside = f->brackets.count > 0, begins = statement_begins(f, next);
    if (inside && !begins) return next;
    if (inside)
        report_unclosed(f);
    else if (f->last && (goes_on_after(f) || goes_on_before(code_at(f, next))))
        return next;
    end_statement(f, f->tokens->at[at].span, inside);
    return next;
}

static size_t take_semicolon(struct filter *f, size_t at) {
    bool inside = f->brackets.count > 0;
    if (inside) report_unclosed(f);
    end_statement(f, f->tokens->at[at].span, inside);
    return at + 1;
}

static void close_bracket(struct filter *f, int code) {
    int open = VEC_POP(&f->brackets).code;
    if ((open == TOKEN_OPEN) != (code == TOKEN_CLOSE)) f->mismatched = true;
}

/* False where brackets nest too deeply: nothing behind that is looked at. */
static bool take_token(struct filter *f, size_t at) {
    struct token token = f->tokens->at[at];
    bool opens = token.code == TOKEN_OPEN || token.code == TOKEN_OPEN_INDEX;
    bool closes = token.code == TOKEN_CLOSE || token.code == TOKEN_CLOSE_INDEX;
    if (opens && f->brackets.count >= DEEPEST_NESTING) {
        diag_error(f->diags, "too-deep", token.span, "brackets nest deeper than the limit of %d levels",
                   DEEPEST_NESTING);
        end_statement(f, token.span, true);
        return false;
    }
    if (opens) VEC_PUSH(&f->brackets, ((struct bracket){token.span, token.code}));
    if (closes && f->brackets.count > 0) close_bracket(f, token.code);
    f->tokens->at[f->kept++] = token;
    f->last = token.code;
    if (f->count++ == 0) f->first = token.code;
    return true;
}

static void end_file(struct filter *f) {
    if (f->kept == 0) return;
    bool inside = f->brackets.count > 0;
    if (inside) report_unclosed(f);
    struct span span = f->tokens->at[f->kept - 1].span; /* blank lines may follow it */
    span.begin = span.end;
    if (f->last) end_statement(f, span, inside);
}

bool filter_lines(token_list *tokens, struct diag_list *diags) {
    struct filter f = {.tokens = tokens, .diags = diags};
    bool good = true;
    for (size_t at = 0; at < tokens->count && good;) {
        int code = tokens->at[at].code;
        if (code == TOKEN_NL)
            at = take_line_end(&f, at);
        else if (code == TOKEN_SEMICOLON)
            at = take_semicolon(&f, at);
        else
            good = take_token(&f, at++);
    }
    /* The end may need a token more than has been read. */
    if (good && f.kept < tokens->count) tokens->count = f.kept;
    if (good) end_file(&f);
    tokens->count = f.kept;
    bool enough = !f.brackets.failed && !tokens->failed;
    VEC_FREE(&f.brackets);
    return enough;
}
