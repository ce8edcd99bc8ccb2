#include <string.h>

#include "syntax/problem.h"

/* ---- Statements ---- */

static const struct {
    const char *word, *hint;
} statements[] = {
    {"for", "there are no loops: a sum is sum(E for i in 1..n), an array is let a[i in 1..n] = E"},
    {"while", "there are no loops: a sum is sum(E for i in 1..n), an array is let a[i in 1..n] = E"},
    {"if", "a condition chooses a value: let y = if C then A else B"},
    {"end", "a statement ends with its line; nothing closes it"},
    {"return", "a function is one expression: fn f(x) = x^2"},
    {"def", "a function is declared with `fn`: fn f(x) = x^2"},
    {"function", "a function is declared with `fn`: fn f(x) = x^2"},
    {"const", "a constant is declared with `param`: param k = 3"},
    {"set", "a range stands where it is used: sum(x[i] for i in 1..n)"},
    {"int", "a constant is declared with `param`, an unknown with `var`; they need no type"},
    {"real", "a constant is declared with `param`, an unknown with `var`; they need no type"},
    {"float", "a constant is declared with `param`, an unknown with `var`; they need no type"},
    {"double", "a constant is declared with `param`, an unknown with `var`; they need no type"},
    {"vector", "an array is declared with its size: param w[3], or var x[n]"},
    {"matrix", "an array is declared with its size: param A[2, 3], or var m[n, k]"},
    {"parameters", "each unknown is declared by itself: var mu = 0"},
    {"model", "there are no blocks: say what to `minimize`, `maximize` or `fit`"},
    {"print", "a value is printed by an output: output g = x^2"},
    {"disp", "a value is printed by an output: output g = x^2"},
    {"display", "a value is printed by an output: output g = x^2"},
    {"min", "the objective is stated by `minimize`: minimize x^2"},
    {"max", "the objective is stated by `maximize`: maximize -x^2"},
    {"st", "a constraint begins with `subject to`: subject to x >= 1"},
    {"constraint", "a constraint begins with `subject to`: subject to x >= 1"},
};

static bool touches(const struct token *a, const struct token *b) {
    return a && b && a->span.end == b->span.begin;
}

static const struct token *token_at(const struct problem *p, size_t at) {
    return at < p->ps->tokens->count ? &p->ps->tokens->at[at] : NULL;
}

static bool is_arithmetic(int code) {
    return code == TOKEN_PLUS || code == TOKEN_MINUS || code == TOKEN_TIMES || code == TOKEN_OVER_SIGN;
}

const char *habit_of_statement(const struct problem *p) {
    const struct token *second = p->after, *third = token_at(p, p->at + 2);
    if (p->found->code == TOKEN_OVER_SIGN || p->found->code == TOKEN_REM) return "a comment begins with `#`";
    const char *word = p->found->text ? p->found->text : as_written(p, p->found);
    if (strcmp(word, "s") == 0 && second && second->code == TOKEN_DOT) word = "st";
    for (size_t k = 0; k < sizeof statements / sizeof *statements; k++)
        if (strcmp(word, statements[k].word) == 0 && (!second || second->code != TOKEN_ASSIGN))
            return statements[k].hint;
    if (second && second->code == TOKEN_TILDE) return "a fit is written: fit y ~ MODEL over TABLE";
    if (second && third && is_arithmetic(second->code) && third->code == TOKEN_ASSIGN)
        return "a name keeps its value; another name can have the new one: let NAME = ...";
    if (second && is_comparison(second->code))
        return "a constraint begins with `subject to`: subject to x >= 1";
    return NULL;
}

/* ---- Signs ---- */

static bool both(const struct problem *p, int left, int right) {
    return p->before && p->before->code == left && p->found->code == right && touches(p->before, p->found);
}

static bool both_after(const struct problem *p, int left, int right) {
    return p->after && p->found->code == left && p->after->code == right && touches(p->found, p->after);
}

static bool report(const struct problem *p, struct span span, const char *code, const char *message,
                   const char *hint) {
    struct diag *diag = diag_error(p->ps->diags, code, span, "%s", message);
    diag_hint(p->ps->diags, diag, "%s", hint);
    return true;
}

static bool report_pair(const struct problem *p, const char *hint) {
    bool behind = p->before && !expects_operator(p) && touches(p->before, p->found) && expects_operand(p);
    const struct token *a = behind ? p->before : p->found, *b = behind ? p->found : p->after;
    struct diag *diag = diag_error(p->ps->diags, "unknown-operator", span_join(a->span, b->span),
                                   "`%s%s` is no sign of the language", as_written(p, a), as_written(p, b));
    diag_hint(p->ps->diags, diag, "%s", hint);
    return true;
}

static bool foreign_sign(const struct problem *p) {
    static const char division[] =
        "div(a, b) divides whole numbers and rounds down; a comment begins with `#`";
    if (both(p, TOKEN_OVER_SIGN, TOKEN_OVER_SIGN) || both_after(p, TOKEN_OVER_SIGN, TOKEN_OVER_SIGN))
        return report_pair(p, division);
    if (both(p, TOKEN_OVER_SIGN, TOKEN_TIMES) || both_after(p, TOKEN_OVER_SIGN, TOKEN_TIMES))
        return report_pair(p, "a comment begins with `#`");
    if (both(p, TOKEN_LT, TOKEN_GT)) return report_pair(p, "write `!=`");
    if (both_after(p, TOKEN_ASSIGN, TOKEN_GT)) return report_pair(p, "write `>=`");
    if (both_after(p, TOKEN_ASSIGN, TOKEN_LT)) return report_pair(p, "write `<=`");
    if (both_after(p, TOKEN_COLON, TOKEN_ASSIGN)) return report_pair(p, "write `=`");
    if (p->before && is_arithmetic(p->before->code) && both(p, p->before->code, TOKEN_ASSIGN))
        return report_pair(p, "a name keeps its value; another name can have the new one: let NAME = ...");
    return false;
}

/* ---- Declarations ---- */

static int first_code(const struct problem *p) {
    return p->first ? p->first->code : TOKEN_END;
}

/* Whether a bracket stands directly behind such a token. */
static bool is_behind(const struct problem *p, const struct token *bracket, int code) {
    return bracket > p->ps->tokens->at && bracket[-1].code == code;
}

/* Whether the innermost open bracket is that of an unknown's bounds. */
static bool opens_bounds(const struct problem *p) {
    const struct token *open = open_bracket(p);
    return open && open->code == TOKEN_OPEN_INDEX && is_behind(p, open, TOKEN_IN);
}

static bool foreign_bounds(const struct problem *p) {
    int found = p->found->code;
    struct span span = p->found->span;
    if (is_comparison(found) && expects(p, TOKEN_IN))
        return report(p, span, "bounds-as-comparison", "the bounds of an unknown stand behind `in`",
                      "as in var x in [0, inf] = 1");
    if (p->before->code == TOKEN_IN && begins_operand(found) && found != TOKEN_OPEN_INDEX && !open_bracket(p))
        return report(p, span, "round-bounds", "bounds stand in square brackets",
                      "as in var x in [0, 1]; both ends belong to the range");
    if (found == TOKEN_IN && !expects(p, TOKEN_IN))
        return report(p, span, "bounds-behind-start", "the bounds stand before the start",
                      "as in var x in [0, inf] = 1");
    if (found == TOKEN_DOTDOT && opens_bounds(p))
        return report(p, span, "bounds-as-range", "a `,` stands between two bounds", "as in var x in [0, 1]");
    return false;
}

static bool foreign_size(const struct problem *p, bool is_let) {
    int found = p->found->code;
    struct span span = p->found->span;
    bool behind_name = expects(p, TOKEN_OPEN_INDEX) && expects(p, TOKEN_ASSIGN);
    if (found == TOKEN_OPEN && behind_name && is_let)
        return report(p, span, "let-as-function", "a function is declared with `fn`, not with `let`",
                      "as in fn f(x) = x^2; an array is let a[i in 1..n] = i^2");
    if (found == TOKEN_OPEN && behind_name)
        return report(p, span, "round-size", "a size stands in square brackets", "as in x[3]");
    if (found == TOKEN_DOTDOT && expects(p, TOKEN_OPEN_INDEX))
        return report(p, span, "range-without-brackets", "a range stands in square brackets",
                      "x[n] has the elements x[1] to x[n], and x[0..n] those from x[0] on");
    return false;
}

static bool foreign_value(const struct problem *p, int word) {
    int found = p->found->code;
    struct span span = p->found->span;
    if (found == TOKEN_NUMBER && p->before->code == TOKEN_COMMA && expects(p, TOKEN_IDENT))
        return report(p, span, "bare-values", "several values stand in square brackets",
                      "as in param w[3] = [1, 2, 3]");
    if (word == TOKEN_LET && is_end(found) && expects(p, TOKEN_ASSIGN))
        return report(p, span, "let-without-value", "`let` gives an expression a name",
                      "as in let r = x^2; an unknown is declared with `var`");
    if (word == TOKEN_OUTPUT && expects(p, TOKEN_ASSIGN))
        return report(p, span, "output-without-value", "an output has a name and an expression",
                      "as in output g = x^2");
    return false;
}

static bool foreign_declaration(const struct problem *p) {
    int word = first_code(p);
    bool declares = word == TOKEN_VAR || word == TOKEN_PARAM || word == TOKEN_LET || word == TOKEN_OUTPUT;
    if (!declares || !p->before) return false;
    return (word == TOKEN_VAR && foreign_bounds(p)) || foreign_size(p, word == TOKEN_LET) ||
           foreign_value(p, word);
}

/* ---- Other statements ---- */

/* `residual y = E` and the like. */
static bool foreign_equation(const struct problem *p) {
    if (p->found->code != TOKEN_ASSIGN || open_bracket(p) || expects(p, TOKEN_THEN) || expects(p, TOKEN_IN))
        return false;
    switch (first_code(p)) {
    case TOKEN_RESIDUAL:
        return report(p, p->found->span, "equation", "a residual is one expression, without `=`",
                      "write the difference of the two sides: residual y - x^2");
    case TOKEN_MINIMIZE:
    case TOKEN_MAXIMIZE:
        return report(p, p->found->span, "equation", "an objective is one expression, without `=`",
                      "as in minimize x^2");
    case TOKEN_FIT:
        return report(p, p->found->span, "equation", "a `~` stands between what is fitted and the model",
                      "as in fit y ~ a*exp(-b*t) over obs");
    default: return false;
    }
}

/* `residual r[i in 1..n] = E`, `subject to c[i in 1..n]: E >= 0`. */
static bool foreign_family(const struct problem *p) {
    const struct token *open = open_bracket(p);
    if (p->found->code != TOKEN_IN || !open || open->code != TOKEN_OPEN_INDEX) return false;
    switch (first_code(p)) {
    case TOKEN_RESIDUAL:
        return report(p, p->found->span, "family-in-front", "the range of a residual stands at its end",
                      "as in residual y[i] - a*t[i] for i in 1..n");
    case TOKEN_SUBJECT:
        return report(p, p->found->span, "family-in-front", "the range of a constraint stands at its end",
                      "as in subject to c: x[i] >= 0 for i in 1..n");
    default: return false;
    }
}

/* `subject to x >= 1, y >= 2`: what other statements may list. */
static bool foreign_list(const struct problem *p) {
    bool joins = p->found->code == TOKEN_COMMA || p->found->code == TOKEN_AND;
    if (!joins || open_bracket(p) || !expects(p, TOKEN_PLUS) || expects(p, TOKEN_THEN)) return false;
    switch (first_code(p)) {
    case TOKEN_SUBJECT:
        return report(p, p->found->span, "listed-constraints", "a constraint is a statement of its own",
                      "the next one begins on its own line: subject to y >= 2");
    case TOKEN_RESIDUAL:
        return report(p, p->found->span, "listed-residuals", "a residual is a statement of its own",
                      "the next one begins on its own line: residual y - 2");
    case TOKEN_MINIMIZE:
    case TOKEN_MAXIMIZE:
        return report(p, p->found->span, "listed-objectives", "an objective is one number",
                      "several become one as a sum, with weights: minimize a + 0.1*b");
    default: return false;
    }
}

/* Of a file, as it would be written in a shell. */
static bool begins_path(int code) {
    return token_is_name(code) || code == TOKEN_OVER_SIGN || code == TOKEN_DOT || code == TOKEN_DOTDOT ||
           code == TOKEN_TILDE;
}

static bool foreign_statement(const struct problem *p) {
    int word = first_code(p), found = p->found->code;
    if (foreign_equation(p) || foreign_family(p) || foreign_list(p)) return true;
    bool objective = word == TOKEN_MINIMIZE || word == TOKEN_MAXIMIZE;
    if (objective && found == TOKEN_COLON && p->at == p->ps->statement_begin + 2)
        return report(p, span_join(p->before->span, p->found->span), "label-of-objective",
                      "an objective bears no name", "leave it out, as in minimize x^2");
    if (word == TOKEN_FIT && expects(p, TOKEN_OVER) && is_end(found))
        return report(p, p->found->span, "fit-without-table", "this fit does not name its table",
                      "as in fit y ~ a*exp(-b*t) over obs, with data obs from \"obs.csv\"");
    if (begins_path(found) && expects(p, TOKEN_STRING) && !expects(p, TOKEN_NUMBER))
        return report(p, p->found->span, "file-without-quotes", "the name of a file stands in double quotes",
                      word == TOKEN_IMPORT ? "as in import \"lib.grad\"" : "as in data obs from \"obs.csv\"");
    return false;
}

/* ---- Expressions ---- */

static bool foreign_index(const struct problem *p) {
    int found = p->found->code;
    const struct token *open = open_bracket(p);
    if (found == TOKEN_OPEN_INDEX && p->before && p->before->code == TOKEN_CLOSE_INDEX)
        return report(p, p->found->span, "chained-index", "all indices stand in one pair of brackets",
                      "as in x[i, j]");
    if (found == TOKEN_COLON && open && open->code == TOKEN_OPEN_INDEX && !expects(p, TOKEN_DOTDOT))
        return report(p, p->found->span, "slice", "an index is one number; there are no slices",
                      "a sum over a part is sum(x[i] for i in 1..n)");
    const struct token *two_before = p->at > 1 ? token_at(p, p->at - 2) : NULL;
    bool behind_for = two_before && two_before->code == TOKEN_FOR;
    if (found == TOKEN_ASSIGN && expects(p, TOKEN_IN) && (open || behind_for))
        return report(p, p->found->span, "assigned-index", "an index runs over a range behind `in`",
                      "as in sum(x[i] for i in 1..n)");
    if (found != TOKEN_COLON && expects(p, TOKEN_DOTDOT) && !expects(p, TOKEN_CLOSE_INDEX) &&
        !begins_operand(found))
        return report(p, p->found->span, "missing-range", "a range has two ends, with `..` between them",
                      "as in sum(x[i] for i in 1..n)");
    const struct token *two_behind = token_at(p, p->at + 2);
    if (found == TOKEN_ASSIGN && open && two_behind &&
        (two_behind->code == TOKEN_DOTDOT || two_behind->code == TOKEN_COLON))
        return report(p, p->found->span, "assigned-index", "an index runs over a range behind `in`",
                      "as in sum(x[i] for i in 1..n)");
    if (found == TOKEN_FOR && p->before && p->before->code == TOKEN_COMMA)
        return report(p, p->before->span, "comma-before-for", "no comma stands before `for`",
                      "as in sum(x[i] for i in 1..n)");
    if (found == TOKEN_FOR && p->before && p->before->code == TOKEN_OPEN)
        return report(p, p->found->span, "for-first", "the expression stands before its `for`",
                      "as in sum(x[i] for i in 1..n)");
    if (found == TOKEN_FOR && open && open->code == TOKEN_OPEN_INDEX && !expects(p, TOKEN_FOR))
        return report(p, p->found->span, "list-by-formula", "a list names each of its values",
                      "values by formula stand behind an index: var x[i in 1..n] = i/n");
    if (found == TOKEN_COMMA && open && is_behind(p, open, TOKEN_IF))
        return report(p, p->found->span, "if-as-function", "`if` is no function",
                      "as in (if x > 0 then x else -x)");
    if (found == TOKEN_COMMA && open && open->code == TOKEN_OPEN && expects(p, TOKEN_CLOSE))
        return report(p, p->found->span, "round-values", "a list of values stands in square brackets",
                      "as in param w[3] = [1, 2, 3]");
    return false;
}

/* Words for operations that stand between their operands elsewhere. */
static bool foreign_operation(const struct problem *p) {
    static const struct {
        const char *word, *hint;
    } operations[] = {
        {"div", "div(a, b) divides whole numbers and rounds down"},
        {"mod", "the remainder is a % b"},
        {"rem", "the remainder is a % b"},
    };
    if (p->found->code != TOKEN_IDENT || !expects_operator(p)) return false;
    for (size_t k = 0; k < sizeof operations / sizeof *operations; k++) {
        if (strcmp(as_written(p, p->found), operations[k].word) != 0) continue;
        struct diag *diag = diag_error(p->ps->diags, "foreign-operation", p->found->span,
                                       "`%s` does not stand between operands", operations[k].word);
        diag_hint(p->ps->diags, diag, "%s", operations[k].hint);
        return true;
    }
    bool such_that = strcmp(as_written(p, p->found), "s") == 0 && p->after && p->after->code == TOKEN_DOT;
    if (!such_that) return false;
    return report(p, p->found->span, "two-statements", "the statement before has not ended",
                  "a constraint is a statement of its own, on its own line: subject to x >= 1");
}

static bool foreign_expression(const struct problem *p) {
    int found = p->found->code;
    const struct token *two_before = p->at > 1 ? token_at(p, p->at - 2) : NULL;
    if (found == TOKEN_OPEN && two_before && two_before->code == TOKEN_DOT && token_is_name(p->before->code))
        return report(p, span_join(two_before->span, p->before->span), "function-of-module",
                      "a function bears its name alone", "as in sin(x)");
    if (found == TOKEN_IF && expects_operator(p) && !expects(p, TOKEN_IF))
        return report(p, p->found->span, "condition-behind", "the condition stands before what it chooses",
                      "as in if x > 0 then x else -x");
    if (expects(p, TOKEN_THEN) && !begins_operand(found) && !is_comparison(found) && found != TOKEN_ASSIGN)
        return report(p, p->found->span, "missing-then", "`then` is missing",
                      "as in if x > 0 then x else -x");
    if (found == TOKEN_COLON && p->before && p->before->code == TOKEN_ELSE)
        return report(p, p->found->span, "colon-behind-else", "no colon stands behind `else`",
                      "as in if x > 0 then x else -x");
    if (found == TOKEN_STRING && expects_operand(p))
        return report(p, p->found->span, "text-as-value", "a text is no value; only numbers are",
                      "texts name files: data obs from \"obs.csv\"");
    return false;
}

bool habit_explained(const struct problem *p) {
    return foreign_sign(p) || foreign_declaration(p) || foreign_statement(p) || foreign_index(p) ||
           foreign_operation(p) || foreign_expression(p);
}
