#include "syntax/scan.h"

#include <stdlib.h>
#include <string.h>

enum { LONGEST_NAME = 1000 };

/* The interface of the generated scanner. */
typedef struct yy_buffer_state *YY_BUFFER_STATE;
int scanner_lex_init_extra(struct scan *extra, void **scanner);
int scanner_lex_destroy(void *scanner);
YY_BUFFER_STATE scanner__scan_buffer(char *base, size_t size, void *scanner);
void scanner__delete_buffer(YY_BUFFER_STATE buffer, void *scanner);

/* In the order of the grammar: a word's place is its code's. */
static const struct {
    const char *text;
    int code;
} words[] = {
    {"if", TOKEN_IF},
    {"then", TOKEN_THEN},
    {"else", TOKEN_ELSE},
    {"and", TOKEN_AND},
    {"or", TOKEN_OR},
    {"not", TOKEN_NOT},
    {"for", TOKEN_FOR},
    {"in", TOKEN_IN},
    {"param", TOKEN_PARAM},
    {"data", TOKEN_DATA},
    {"var", TOKEN_VAR},
    {"let", TOKEN_LET},
    {"fn", TOKEN_FN},
    {"minimize", TOKEN_MINIMIZE},
    {"maximize", TOKEN_MAXIMIZE},
    {"fit", TOKEN_FIT},
    {"residual", TOKEN_RESIDUAL},
    {"subject", TOKEN_SUBJECT},
    {"output", TOKEN_OUTPUT},
    {"solve", TOKEN_SOLVE},
    {"import", TOKEN_IMPORT},
    {"from", TOKEN_FROM},
    {"over", TOKEN_OVER},
    {"weight", TOKEN_WEIGHT},
    {"with", TOKEN_WITH},
    {"to", TOKEN_TO},
    {"by", TOKEN_BY},
};

bool token_begins_statement(int code) {
    return code >= TOKEN_PARAM && code <= TOKEN_IMPORT;
}

bool token_is_name(int code) {
    return code == TOKEN_IDENT || (code >= TOKEN_PARAM && code <= TOKEN_BY);
}

bool token_is_reserved(int code) {
    return code >= TOKEN_IF && code <= TOKEN_IN;
}

static struct span span_of(const struct scan *s) {
    return (struct span){s->request->source, s->begin, s->end};
}

/* The text of a number or string, in the arena. */
static int keep(struct scan *s, const char *text, size_t length, int code) {
    s->text = arena_text(s->request->arena, text, length);
    if (!s->text) s->failed = true;
    return code;
}

int scan_number(struct scan *s, const char *text, size_t length) {
    return keep(s, text, length, TOKEN_NUMBER);
}

static size_t number_length(const char *text, size_t length) {
    size_t k = 0;
    while (k < length && ((text[k] >= '0' && text[k] <= '9') || text[k] == '.')) k++;
    return k;
}

/* "2x" lacks an operator; "1e", "0x1" and "1_0" look like numbers of other languages. */
int scan_bad_number(struct scan *s, const char *text, size_t length) {
    size_t digits = number_length(text, length);
    char after = digits < length ? text[digits] : 0;
    bool exponent = (after == 'e' || after == 'E') && digits + 1 == length;
    bool hexadecimal = digits == 1 && text[0] == '0' && (after == 'x' || after == 'X' || after == 'b');
    int shown = length < 60 ? (int)length : 60;
    if (s->request->diags && (exponent || hexadecimal || after == '_')) {
        struct diag *diag = diag_error(s->request->diags, "malformed-number", span_of(s),
                                       "`%.*s` is not a number", shown, text);
        if (exponent)
            diag_hint(s->request->diags, diag, "an exponent has digits: %.*se-6", (int)digits, text);
    } else if (s->request->diags) {
        struct diag *diag = diag_error(s->request->diags, "implicit-multiplication", span_of(s),
                                       "an operator is missing between `%.*s` and `%.*s`", (int)digits, text,
                                       shown > (int)digits ? shown - (int)digits : 0, text + digits);
        diag_hint(s->request->diags, diag, "a product is written with `*`: %.*s*%.*s", (int)digits, text,
                  shown > (int)digits ? shown - (int)digits : 0, text + digits);
    }
    return keep(s, text, digits ? digits : 1, TOKEN_NUMBER);
}

int scan_string(struct scan *s, const char *text, size_t length) {
    return keep(s, text + 1, length - 2, TOKEN_STRING);
}

int scan_open_string(struct scan *s, const char *text, size_t length) {
    if (s->request->diags)
        diag_error(s->request->diags, "unterminated-string", span_of(s), "this string has no closing quote");
    return keep(s, text + 1, length - 1, TOKEN_STRING);
}

/* The micro sign becomes the letter mu, in place; the name `pi` in Greek becomes `pi`. */
static const char *normalise(struct scan *s, const char *text, size_t length) {
    if (length == 2 && memcmp(text, "\xCF\x80", 2) == 0) return intern_text(s->request->names, "pi");
    char *copy = arena_text(s->request->arena, text, length);
    for (char *at = copy; at && (at = strstr(at, "\xC2\xB5")); at += 2) memcpy(at, "\xCE\xBC", 2);
    return copy ? intern_name(s->request->names, copy, length) : NULL;
}

static bool is_ascii(const char *text, size_t length) {
    for (size_t k = 0; k < length; k++)
        if ((unsigned char)text[k] >= 0x80) return false;
    return true;
}

int scan_word(struct scan *s, const char *text, size_t length) {
    if (length > LONGEST_NAME) {
        if (s->request->diags)
            diag_error(s->request->diags, "name-too-long", span_of(s),
                       "this name has %zu bytes; the limit is %d", length, LONGEST_NAME);
        length = 1;
    }
    s->text =
        is_ascii(text, length) ? intern_name(s->request->names, text, length) : normalise(s, text, length);
    if (!s->text) s->failed = true;
    for (size_t k = 0; k < sizeof words / sizeof *words; k++)
        if (strlen(words[k].text) == length && memcmp(words[k].text, text, length) == 0) return words[k].code;
    return TOKEN_IDENT;
}

void scan_stray(struct scan *s, const char *text, size_t length) {
    unsigned char byte = (unsigned char)text[0];
    if (!s->request->diags) return;
    if (byte < 0x20 || byte == 0x7F)
        diag_error(s->request->diags, "stray-character", span_of(s),
                   "a control character (byte %u) is no part of the language", byte);
    else
        diag_error(s->request->diags, "stray-character", span_of(s), "`%.*s` is no part of the language",
                   (int)length, text);
}

void scan_not_utf8(struct scan *s) {
    if (s->request->diags)
        diag_error(s->request->diags, "not-utf8", span_of(s),
                   "this is not UTF-8; files are read as UTF-8 text");
}

static void collect(struct scan *s, void *scanner, uint32_t length, token_list *tokens) {
    int code;
    while ((code = scan_next(scanner)) != 0) {
        if (s->begin >= length) break; /* the line end that was added */
        struct token token = {.code = code, .span = span_of(s), .text = s->text};
        s->text = NULL;
        if (!VEC_PUSH(tokens, token)) return;
    }
}

bool scan_text(const struct scan_request *request, const char *text, size_t length, token_list *tokens) {
    struct scan s = {.request = request};
    void *scanner;
    char *buffer = malloc(length + 3);
    if (!buffer || scanner_lex_init_extra(&s, &scanner) != 0) {
        free(buffer);
        return false;
    }
    memcpy(buffer, text, length);
    memcpy(buffer + length, "\n\0\0", 3);
    YY_BUFFER_STATE state = scanner__scan_buffer(buffer, length + 3, scanner);
    if (state) {
        collect(&s, scanner, (uint32_t)length, tokens);
        scanner__delete_buffer(state, scanner);
    }
    scanner_lex_destroy(scanner);
    free(buffer);
    return state && !s.failed && !tokens->failed;
}
