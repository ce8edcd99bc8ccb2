#include "syntax/parse.h"

#include <string.h>

#include "parser.h"
#include "syntax/build.h"
#include "syntax/lines.h"

/* What messages look at of the statement before. */
enum { KEPT_TOKENS = 2 };

/* Forgets the tokens of the statements before, and reads those of the next; false where none follows. */
static bool read_statement(struct parser *ps) {
    token_list *tokens = &ps->lines->tokens;
    size_t kept = tokens->count < KEPT_TOKENS ? tokens->count : KEPT_TOKENS;
    if (!ps->file) return lines_next(ps->lines);
    if (kept) memmove(tokens->at, tokens->at + tokens->count - kept, kept * sizeof *tokens->at);
    tokens->count = ps->at = kept;
    return lines_next(ps->lines);
}

/* Lets may be packed: their trees do not stay. */
static void begin_statement(struct parser *ps, const struct token *token) {
    ps->statement_begin = ps->at - 1;
    arena_clear(&ps->passing);
    ps->arena = ps->file && token->code == TOKEN_LET ? &ps->passing : ps->trees;
}

const struct token *parser_next(struct parser *ps) {
    static const struct token file_start = {.code = TOKEN_START_FILE},
                              expression_start = {.code = TOKEN_START_EXPR}, end = {.code = TOKEN_END};
    if (ps->start) {
        bool file = ps->start == TOKEN_START_FILE;
        ps->start = 0;
        return file ? &file_start : &expression_start;
    }
    const token_list *tokens = ps->tokens;
    if (ps->at >= tokens->count && !read_statement(ps)) {
        ps->at = tokens->count + 1;
        return &end;
    }
    const struct token *token = &tokens->at[ps->at++];
    bool begins = ps->at == 1 || tokens->at[ps->at - 2].code == TOKEN_NL;
    if (begins) begin_statement(ps, token);
    return token;
}

/* Brings the messages from `first` on into the order of their places: scanner, line filter and grammar report
 * one after the other. There are few, for the list has a limit. */
static void sort_messages(struct diag_list *diags, size_t first) {
    for (size_t k = first + 1; k < diags->items.count; k++) {
        struct diag moved = diags->items.at[k];
        size_t to = k;
        for (; to > first && diags->items.at[to - 1].span.begin > moved.span.begin; to--)
            diags->items.at[to] = diags->items.at[to - 1];
        diags->items.at[to] = moved;
    }
}

/* An expression may stand in several lines, and is read as a whole. */
static void read_expression(struct lines *lines) {
    token_list *tokens = &lines->tokens;
    while (lines_next(lines)) {
    }
    while (tokens->count > 0 && VEC_LAST(tokens).code == TOKEN_NL && !VEC_LAST(tokens).quiet) tokens->count--;
}

/* Runs the grammar over a source. False where memory is exhausted. */
static bool run(const struct parse_context *context, uint32_t source, struct parser *ps) {
    const struct source *text = source_get(context->sources, source);
    struct scan_request request = {context->arena, context->names, context->diags, source};
    struct lines lines;
    size_t messages = context->diags->items.count;
    if (!text || !lines_open(&lines, &request, text->text, text->length)) return false;
    ps->lines = &lines;
    ps->tokens = &lines.tokens;
    if (ps->start == TOKEN_START_EXPR) read_expression(&lines);
    grammar_parse(ps);
    bool good = lines_are_good(&lines);
    ps->tokens = NULL;
    ps->lines = NULL;
    sort_messages(context->diags, messages);
    lines_close(&lines);
    good &= !ps->passing.failed && !context->arena->failed;
    arena_release(&ps->passing);
    return good;
}

enum { PASSING_BYTES = 2048 };

static struct parser parser_of(const struct parse_context *context, int start) {
    return (struct parser){.arena = context->arena,
                           .trees = context->arena,
                           .passing = {.chunk_bytes = PASSING_BYTES},
                           .names = context->names,
                           .diags = context->diags,
                           .start = start};
}

bool parse_file(const struct parse_context *context, uint32_t source, struct ast_file *file) {
    struct parser ps = parser_of(context, TOKEN_START_FILE);
    *file = (struct ast_file){.names = context->names};
    ps.file = file;
    return run(context, source, &ps);
}

struct ast *parse_expression(const struct parse_context *context, uint32_t source) {
    struct parser ps = parser_of(context, TOKEN_START_EXPR);
    return run(context, source, &ps) && !diag_has_errors(context->diags) ? ps.expression : NULL;
}

/* What may stand behind a statement word, other than names, numbers and strings. */
static bool demands(int word, int next) {
    bool expression =
        word == TOKEN_MINIMIZE || word == TOKEN_MAXIMIZE || word == TOKEN_FIT || word == TOKEN_RESIDUAL;
    if (next == TOKEN_OPEN || next == TOKEN_IF) return expression;
    return next == TOKEN_MINUS && (word == TOKEN_MINIMIZE || word == TOKEN_MAXIMIZE);
}

static bool looks_like_file(const token_list *tokens) {
    size_t first = 0;
    while (first < tokens->count && tokens->at[first].code == TOKEN_NL) first++;
    for (size_t k = first; k < tokens->count; k++)
        if (tokens->at[k].code == TOKEN_SEMICOLON) return true;
    if (first + 1 >= tokens->count) return false;
    int word = tokens->at[first].code, next = tokens->at[first + 1].code;
    if (!token_begins_statement(word)) return false;
    return token_is_name(next) || next == TOKEN_NUMBER || next == TOKEN_STRING || demands(word, next);
}

bool parse_looks_like_file(const char *text) {
    struct arena arena;
    struct intern names;
    arena_init(&arena);
    intern_init(&names, &arena);
    token_list tokens = {0};
    struct scan_request request = {&arena, &names, NULL, 1};
    bool result = scan_text(&request, text, strlen(text), &tokens) && looks_like_file(&tokens);
    VEC_FREE(&tokens);
    intern_release(&names);
    arena_release(&arena);
    return result;
}
