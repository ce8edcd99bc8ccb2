#include "syntax/explain.h"

#include <string.h>

#include "syntax/problem.h"

static const char *const token_texts[] = {
    [TOKEN_IF - FIRST_TOKEN] = "if",         [TOKEN_THEN - FIRST_TOKEN] = "then",
    [TOKEN_ELSE - FIRST_TOKEN] = "else",     [TOKEN_AND - FIRST_TOKEN] = "and",
    [TOKEN_OR - FIRST_TOKEN] = "or",         [TOKEN_NOT - FIRST_TOKEN] = "not",
    [TOKEN_FOR - FIRST_TOKEN] = "for",       [TOKEN_IN - FIRST_TOKEN] = "in",
    [TOKEN_FROM - FIRST_TOKEN] = "from",     [TOKEN_OVER - FIRST_TOKEN] = "over",
    [TOKEN_WEIGHT - FIRST_TOKEN] = "weight", [TOKEN_WITH - FIRST_TOKEN] = "with",
    [TOKEN_TO - FIRST_TOKEN] = "to",         [TOKEN_BY - FIRST_TOKEN] = "by",
    [TOKEN_LE - FIRST_TOKEN] = "<=",         [TOKEN_GE - FIRST_TOKEN] = ">=",
    [TOKEN_EQ - FIRST_TOKEN] = "==",         [TOKEN_NE - FIRST_TOKEN] = "!=",
    [TOKEN_LT - FIRST_TOKEN] = "<",          [TOKEN_GT - FIRST_TOKEN] = ">",
    [TOKEN_DOTDOT - FIRST_TOKEN] = "..",     [TOKEN_POW - FIRST_TOKEN] = "^",
    [TOKEN_PLUS - FIRST_TOKEN] = "+",        [TOKEN_MINUS - FIRST_TOKEN] = "-",
    [TOKEN_TIMES - FIRST_TOKEN] = "*",       [TOKEN_OVER_SIGN - FIRST_TOKEN] = "/",
    [TOKEN_REM - FIRST_TOKEN] = "%",         [TOKEN_ASSIGN - FIRST_TOKEN] = "=",
    [TOKEN_TILDE - FIRST_TOKEN] = "~",       [TOKEN_COMMA - FIRST_TOKEN] = ",",
    [TOKEN_COLON - FIRST_TOKEN] = ":",       [TOKEN_DOT - FIRST_TOKEN] = ".",
    [TOKEN_OPEN - FIRST_TOKEN] = "(",        [TOKEN_CLOSE - FIRST_TOKEN] = ")",
    [TOKEN_OPEN_INDEX - FIRST_TOKEN] = "[",  [TOKEN_CLOSE_INDEX - FIRST_TOKEN] = "]",
};

enum { TEXTS = sizeof token_texts / sizeof *token_texts, LONGEST_SHOWN = 40 };

const char *as_written(const struct problem *p, const struct token *token) {
    const char *text = token->text;
    if (!text && token->code >= FIRST_TOKEN && token->code < FIRST_TOKEN + TEXTS)
        text = token_texts[token->code - FIRST_TOKEN];
    if (!text) return "";
    const char *quote = token->code == TOKEN_STRING ? "\"" : "";
    bool whole = strlen(text) <= LONGEST_SHOWN;
    const char *shown =
        arena_format(p->ps->arena, "%s%.*s%s%s", quote, LONGEST_SHOWN, text, whole ? "" : "...", quote);
    return shown ? shown : text;
}

static const char *found_text(const struct problem *p) {
    if (p->found->code == TOKEN_END) return "the end";
    if (p->found->code == TOKEN_NL) return "the end of the line";
    const char *text = arena_format(p->ps->arena, "`%s`", as_written(p, p->found));
    return text ? text : "this";
}

/* Whether another entry of the list speaks for this token. */
static bool is_covered(const struct problem *p, int code) {
    if (expects(p, TOKEN_IDENT) && token_is_name(code)) return true;
    if (!expects_operator(p)) return false;
    bool continues_name = code == TOKEN_DOT || code == TOKEN_OPEN || code == TOKEN_OPEN_INDEX;
    bool is_operator = code >= TOKEN_LE && code <= TOKEN_REM && code != TOKEN_DOTDOT;
    return continues_name || is_operator || code == TOKEN_AND || code == TOKEN_OR;
}

struct alternatives {
    const char *at[TEXTS + 8];
    size_t count;
};

static void add_alternative(struct alternatives *list, bool possible, const char *text) {
    if (possible) list->at[list->count++] = text;
}

/* What could stand here: "a", "a or b", "a, b or c". */
static const char *expected_text(const struct problem *p) {
    if (expects_operand(p)) return "an expression";
    struct alternatives list = {.count = 0};
    add_alternative(&list, expects(p, TOKEN_IDENT), "a name");
    add_alternative(&list, expects(p, TOKEN_STRING), "a string");
    add_alternative(&list, expects(p, TOKEN_NUMBER), "a number");
    add_alternative(&list, expects_operator(p), "an operator");
    for (int code = FIRST_TOKEN; code < FIRST_TOKEN + TEXTS; code++) {
        const char *text = token_texts[code - FIRST_TOKEN];
        const char *quoted = text ? arena_format(p->ps->arena, "`%s`", text) : NULL;
        add_alternative(&list, quoted && expects(p, code) && !is_covered(p, code), quoted);
    }
    add_alternative(&list, expects(p, TOKEN_NL), "the end of the line");
    struct text joined = {0};
    for (size_t k = 0; k < list.count; k++)
        text_addf(&joined, "%s%s", k == 0 ? "" : k + 1 < list.count ? ", " : " or ", list.at[k]);
    const char *copy = arena_text(p->ps->arena, text_string(&joined), joined.length);
    text_free(&joined);
    return copy && *copy ? copy : "something else";
}

const struct token *open_bracket(const struct problem *p) {
    size_t closed = 0;
    for (size_t k = p->at; k > 0; k--) {
        const struct token *token = &p->ps->tokens->at[k - 1];
        if (token->code == TOKEN_NL) return NULL;
        if (token->code == TOKEN_CLOSE || token->code == TOKEN_CLOSE_INDEX) closed++;
        if (token->code != TOKEN_OPEN && token->code != TOKEN_OPEN_INDEX) continue;
        if (closed-- == 0) return token;
    }
    return NULL;
}

/* ---- Rules: each reports and returns true where it fits ---- */

struct diag *say(const struct problem *p, const char *code, const char *message) {
    return diag_error(p->ps->diags, code, p->found->span, "%s", message);
}

static const char *in_small_letters(const struct problem *p, const char *word) {
    char *copy = arena_text(p->ps->arena, word, strlen(word));
    for (char *at = copy; at && *at; at++)
        if (*at >= 'A' && *at <= 'Z') *at = (char)(*at - 'A' + 'a');
    return copy ? copy : word;
}

static bool unknown_statement(const struct problem *p) {
    static const char *const words[] = {"param",    "data",     "var",   "let",      "fn",
                                        "minimize", "maximize", "fit",   "residual", "subject",
                                        "output",   "solve",    "import"};
    if (!is_end(p->before ? p->before->code : TOKEN_NL) || token_begins_statement(p->found->code) ||
        expects_operand(p))
        return false;
    bool assigns = p->after && p->after->code == TOKEN_ASSIGN && token_is_name(p->found->code);
    const char *near =
        p->found->code == TOKEN_IDENT && !assigns
            ? nearest_name(in_small_letters(p, p->found->text), words, sizeof words / sizeof *words)
            : NULL;
    struct diag *diag = diag_error(p->ps->diags, "unknown-statement", p->found->span,
                                   "no statement begins with %s", found_text(p));
    const char *habit = habit_of_statement(p);
    if (habit)
        diag_hint(p->ps->diags, diag, "%s", habit);
    else if (assigns)
        diag_hint(p->ps->diags, diag,
                  "declare it: an unknown with `var`, a constant with `param`, else `let`");
    else if (near)
        diag_hint(p->ps->diags, diag, "did you mean `%s`?", near);
    else
        diag_hint(p->ps->diags, diag,
                  "an expression stands in a statement, such as `minimize`, `let NAME =` or `output NAME =`");
    return true;
}

static bool wrong_bracket(const struct problem *p) {
    bool round = p->found->code == TOKEN_CLOSE, square = p->found->code == TOKEN_CLOSE_INDEX;
    if (!round && !square) return false;
    const struct token *open = open_bracket(p);
    if (!open) {
        struct diag *diag = diag_error(p->ps->diags, "unmatched-bracket", p->found->span,
                                       "there is no open bracket for this `%s`", round ? ")" : "]");
        (void)diag;
        return true;
    }
    if ((open->code == TOKEN_OPEN) == round) return false;
    struct diag *diag = diag_error(p->ps->diags, "mismatched-bracket", p->found->span,
                                   "expected `%s` here, found `%s`", round ? "]" : ")", round ? ")" : "]");
    diag_note(p->ps->diags, diag, open->span, "this bracket is open");
    return true;
}

static bool empty_brackets(const struct problem *p) {
    bool round = p->found->code == TOKEN_CLOSE, square = p->found->code == TOKEN_CLOSE_INDEX;
    if (!p->before ||
        (!(round && p->before->code == TOKEN_OPEN) && !(square && p->before->code == TOKEN_OPEN_INDEX)))
        return false;
    struct diag *diag = diag_error(p->ps->diags, "empty-brackets", span_join(p->before->span, p->found->span),
                                   "there is nothing between these brackets");
    bool argument = round && p->at > 1 && token_is_name(p->ps->tokens->at[p->at - 2].code);
    if (square) diag_hint(p->ps->diags, diag, "an index, a size or a value stands between `[` and `]`");
    if (argument) diag_hint(p->ps->diags, diag, "a function has at least one argument");
    return true;
}

static bool missing_else(const struct problem *p) {
    if (!expects(p, TOKEN_ELSE) || !(is_end(p->found->code) || p->found->code == TOKEN_CLOSE)) return false;
    struct diag *diag = say(p, "missing-else", "`else` is missing");
    diag_hint(p->ps->diags, diag, "every `if` says what counts otherwise: if C then A else B");
    return true;
}

static bool if_as_operand(const struct problem *p) {
    if (p->found->code != TOKEN_IF || !expects_operand(p)) return false;
    struct diag *diag = say(p, "if-needs-brackets", "`if` as an operand needs brackets around it");
    diag_hint(p->ps->diags, diag, "(if C then A else B)");
    return true;
}

static bool reserved_word(const struct problem *p) {
    if (!token_is_reserved(p->found->code) || !expects(p, TOKEN_IDENT) || is_end(p->found->code))
        return false;
    if (expects_operand(p) && p->before && !token_is_name(p->before->code) && p->found->code != TOKEN_NOT)
        return false;
    struct diag *diag = diag_error(p->ps->diags, "reserved-word", p->found->span,
                                   "`%s` is a reserved word and cannot be a name", as_written(p, p->found));
    diag_hint(p->ps->diags, diag, "reserved are if then else and or not for in pi inf");
    return true;
}

static bool single_equals(const struct problem *p) {
    if (p->found->code != TOKEN_ASSIGN || !expects(p, TOKEN_EQ)) return false;
    struct diag *diag = say(p, "single-equals", "`=` gives a name its value; a comparison is written `==`");
    diag_hint(p->ps->diags, diag, "write `==`");
    return true;
}

static bool constraint_comparison(const struct problem *p) {
    if (!p->first || p->first->code != TOKEN_SUBJECT) return false;
    if (p->found->code == TOKEN_LT || p->found->code == TOKEN_GT || p->found->code == TOKEN_NE) {
        struct diag *diag =
            diag_error(p->ps->diags, "strict-constraint", p->found->span,
                       "a constraint compares with <=, >= or ==, not with `%s`", as_written(p, p->found));
        if (p->found->code != TOKEN_NE) diag_hint(p->ps->diags, diag, "write `%s=`", as_written(p, p->found));
        return true;
    }
    if (is_comparison(p->found->code)) {
        struct diag *diag = say(p, "mixed-chain", "the comparisons of this constraint do not fit together");
        diag_hint(p->ps->diags, diag, "two comparisons point the same way: A <= E <= B, or A >= E >= B");
        return true;
    }
    if (!expects(p, TOKEN_LE) || begins_operand(p->found->code)) return false;
    struct diag *diag =
        diag_error(p->ps->diags, "missing-comparison", p->found->span,
                   "a constraint compares two sides: expected <=, >= or ==, found %s", found_text(p));
    (void)diag;
    return true;
}

static bool chained_comparison(const struct problem *p) {
    if (!is_comparison(p->found->code) || !expects_operator(p)) return false;
    struct diag *diag = say(p, "chained-comparison", "comparisons do not chain");
    diag_hint(p->ps->diags, diag, "join two of them: 0 <= x and x <= 1");
    return true;
}

static bool two_statements(const struct problem *p) {
    if (!token_begins_statement(p->found->code) || !p->after || !expects(p, TOKEN_NL)) return false;
    if (!begins_operand(p->after->code) && p->after->code != TOKEN_STRING) return false;
    struct diag *diag = diag_error(p->ps->diags, "two-statements", p->found->span,
                                   "the statement before `%s` has not ended", as_written(p, p->found));
    diag_hint(p->ps->diags, diag, "a statement begins on a line of its own, or behind `;`");
    return true;
}

/* An operator at the end of a line joins the next statement, whose word is then an operand. */
static bool dangling_operator(const struct problem *p) {
    if (!p->before || !token_begins_statement(p->before->code) || p->at < 2) return false;
    const struct token *sign = &p->ps->tokens->at[p->at - 2];
    bool joins = sign->code >= TOKEN_LE && sign->code <= TOKEN_COLON;
    if (!joins || !begins_operand(p->found->code)) return false;
    diag_error(p->ps->diags, "unexpected-end", sign->span, "%s is missing behind `%s`",
               sign->code == TOKEN_COMMA ? "something" : "an expression", as_written(p, sign));
    return true;
}

static bool missing_columns(const struct problem *p) {
    if (p->found->code != TOKEN_OPEN || !p->first || p->first->code != TOKEN_DATA) return false;
    struct diag *diag = say(p, "missing-columns", "the names of columns stand behind the word `columns`");
    diag_hint(p->ps->diags, diag, "as in data t from \"t.csv\" columns (a, b)");
    return true;
}

static bool missing_operator(const struct problem *p) {
    if (!begins_operand(p->found->code) || !expects_operator(p) || !p->before) return false;
    bool number = p->found->code == TOKEN_NUMBER && p->before->code == TOKEN_NUMBER;
    struct span both = span_join(p->before->span, p->found->span);
    if (number && p->before->span.end == p->found->span.begin) {
        diag_error(p->ps->diags, "malformed-number", both, "`%s%s` is not a number", as_written(p, p->before),
                   as_written(p, p->found));
        return true;
    }
    struct diag *diag = diag_error(p->ps->diags, "implicit-multiplication", both,
                                   "an operator is missing between `%s` and `%s`", as_written(p, p->before),
                                   as_written(p, p->found));
    const struct token *open = open_bracket(p);
    if (number && open && open->code == TOKEN_OPEN_INDEX)
        diag_hint(p->ps->diags, diag, "values are separated by `,`");
    else if (p->before->code == TOKEN_CLOSE_INDEX || p->before->code == TOKEN_STRING)
        diag_hint(p->ps->diags, diag, "a product is written with `*`");
    else if (p->before->code == TOKEN_IDENT && p->found->code != TOKEN_OPEN)
        diag_hint(p->ps->diags, diag, "a product is written %s*%s, a function %s(%s)",
                  as_written(p, p->before), as_written(p, p->found), as_written(p, p->before),
                  as_written(p, p->found));
    else
        diag_hint(p->ps->diags, diag, "a product is written with `*`: %s*%s",
                  p->before->code == TOKEN_CLOSE ? "(...)" : as_written(p, p->before),
                  p->found->code == TOKEN_OPEN ? "(...)" : as_written(p, p->found));
    return true;
}

static bool range_as_value(const struct problem *p) {
    if (p->found->code != TOKEN_DOTDOT || !expects_operator(p)) return false;
    struct diag *diag = say(p, "range-as-value", "a range is not a value");
    diag_hint(p->ps->diags, diag, "ranges stand behind `in`: sum(x[i] for i in 1..n)");
    return true;
}

static bool colon_in_range(const struct problem *p) {
    if (p->found->code != TOKEN_COLON || !expects(p, TOKEN_DOTDOT)) return false;
    struct diag *diag = say(p, "colon-in-range", "a range is written with `..`, not with `:`");
    diag_hint(p->ps->diags, diag, "as in 1..n, or 1..n by 2");
    return true;
}

static bool missing_for(const struct problem *p) {
    if (p->found->code != TOKEN_IN || !expects(p, TOKEN_FOR) || !p->before) return false;
    struct diag *diag = diag_error(p->ps->diags, "missing-for", span_join(p->before->span, p->found->span),
                                   "`for` is missing before this index");
    diag_hint(p->ps->diags, diag, "as in sum(x[i] for i in 1..n)");
    return true;
}

static bool array_in_expression(const struct problem *p) {
    if (p->found->code != TOKEN_OPEN_INDEX || !expects_operand(p)) return false;
    say(p, "literal-array",
        "an array in brackets can only be the value of a param or the start of an unknown");
    return true;
}

static bool hyphen_in_setting(const struct problem *p) {
    if (!p->first || p->first->code != TOKEN_SOLVE || p->found->code != TOKEN_MINUS || !p->before ||
        !p->after || !token_is_name(p->before->code))
        return false;
    struct diag *diag = say(p, "hyphen-in-setting", "names of settings are written with `_`");
    diag_hint(p->ps->diags, diag, "%s_%s", as_written(p, p->before), as_written(p, p->after));
    return true;
}

static void generic(const struct problem *p) {
    if (is_end(p->found->code) && expects_operand(p) && p->before && !is_end(p->before->code))
        diag_error(p->ps->diags, "unexpected-end", p->before->span, "an expression is missing behind `%s`",
                   as_written(p, p->before));
    else if (expects_operand(p) && p->before && *as_written(p, p->before))
        diag_error(p->ps->diags, "unexpected-token", p->found->span,
                   "expected an expression behind `%s`, found %s", as_written(p, p->before), found_text(p));
    else
        diag_error(p->ps->diags, "unexpected-token", p->found->span, "expected %s, found %s",
                   expected_text(p), found_text(p));
}

void explain_error(struct parser *ps, const struct expectation *expected) {
    static const struct token none = {.code = TOKEN_END};
    static bool (*const rules[])(const struct problem *) = {
        unknown_statement,     habit_explained, wrong_bracket,       empty_brackets,    missing_else,
        hyphen_in_setting,     if_as_operand,   missing_for,         reserved_word,     single_equals,
        constraint_comparison, colon_in_range,  two_statements,      dangling_operator, missing_operator,
        chained_comparison,    range_as_value,  array_in_expression, missing_columns,
    };
    size_t count = ps->tokens->count, at = ps->at ? ps->at - 1 : 0;
    struct problem p = {.ps = ps, .expected = expected, .at = at};
    p.found = at < count ? &ps->tokens->at[at] : count ? &VEC_LAST(ps->tokens) : &none;
    p.before = at > 0 && at <= count ? &ps->tokens->at[at - 1] : NULL;
    p.after = at + 1 < count ? &ps->tokens->at[at + 1] : NULL;
    p.first = ps->statement_begin < count ? &ps->tokens->at[ps->statement_begin] : NULL;
    if (at >= count && count) {
        /* The end: behind the last token. */
        struct token *end = ARENA_NEW(ps->arena, struct token);
        if (!end) return;
        *end = (struct token){.code = TOKEN_END, .span = VEC_LAST(ps->tokens).span};
        end->span.begin = end->span.end;
        p.found = end;
    }
    if (p.found->quiet) return;
    for (size_t k = 0; k < sizeof rules / sizeof *rules; k++)
        if (rules[k](&p)) return;
    generic(&p);
}

void explain_depth(struct parser *ps, struct span span) {
    diag_error(ps->diags, "too-deep", span, "this nests deeper than the limit of %d open operators",
               YYMAXDEPTH);
}
