#include "syntax/scan.h"

#include <stdlib.h>
#include <string.h>

enum { LONGEST_NAME = 1000, LONGEST_NUMBER = 10000, TOKENS_AT_ONCE = 256 };

/* The interface of the generated scanner. */
typedef struct yy_buffer_state *YY_BUFFER_STATE;
int scanner_lex_init_extra(struct scan *extra, void **scanner);
int scanner_lex_destroy(void *scanner);
YY_BUFFER_STATE scanner__scan_buffer(char *base, size_t size, void *scanner);
void scanner__delete_buffer(YY_BUFFER_STATE buffer, void *scanner);

/* In the order of the grammar: a word's place is its code's. */
#define WORD(text, code)                                                                                     \
    { text, sizeof text - 1, code }
static const struct {
    const char *text;
    size_t length;
    int code;
} words[] = {
    WORD("if", TOKEN_IF),
    WORD("then", TOKEN_THEN),
    WORD("else", TOKEN_ELSE),
    WORD("and", TOKEN_AND),
    WORD("or", TOKEN_OR),
    WORD("not", TOKEN_NOT),
    WORD("for", TOKEN_FOR),
    WORD("in", TOKEN_IN),
    WORD("param", TOKEN_PARAM),
    WORD("data", TOKEN_DATA),
    WORD("var", TOKEN_VAR),
    WORD("let", TOKEN_LET),
    WORD("fn", TOKEN_FN),
    WORD("minimize", TOKEN_MINIMIZE),
    WORD("maximize", TOKEN_MAXIMIZE),
    WORD("fit", TOKEN_FIT),
    WORD("residual", TOKEN_RESIDUAL),
    WORD("subject", TOKEN_SUBJECT),
    WORD("output", TOKEN_OUTPUT),
    WORD("solve", TOKEN_SOLVE),
    WORD("import", TOKEN_IMPORT),
    WORD("from", TOKEN_FROM),
    WORD("over", TOKEN_OVER),
    WORD("weight", TOKEN_WEIGHT),
    WORD("with", TOKEN_WITH),
    WORD("to", TOKEN_TO),
    WORD("by", TOKEN_BY),
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

/* The text of a number or string; equal ones are one, as of names. */
static int keep(struct scan *s, const char *text, size_t length, int code) {
    s->text = intern_name(s->request->names, text, length);
    if (!s->text) s->failed = true;
    return code;
}

int scan_number(struct scan *s, const char *text, size_t length) {
    if (length > LONGEST_NUMBER) {
        if (s->request->diags)
            diag_error(s->request->diags, "number-too-long", span_of(s),
                       "this number has %zu characters; the limit is %d", length, LONGEST_NUMBER);
        length = 1;
        text = "1";
    }
    return keep(s, text, length, TOKEN_NUMBER);
}

static size_t digits_length(const char *text, size_t length) {
    size_t k = 0;
    while (k < length && text[k] >= '0' && text[k] <= '9') k++;
    return k;
}

/* The length of the number that the text begins with. */
static size_t number_length(const char *text, size_t length) {
    size_t k = digits_length(text, length);
    if (k < length && text[k] == '.') k += 1 + digits_length(text + k + 1, length - k - 1);
    if (k + 1 >= length || (text[k] != 'e' && text[k] != 'E')) return k;
    size_t sign = text[k + 1] == '+' || text[k + 1] == '-';
    size_t digits = digits_length(text + k + 1 + sign, length - k - 1 - sign);
    return digits ? k + 1 + sign + digits : k;
}

static void report_missing_operator(struct scan *s, const char *text, size_t number, size_t length) {
    enum { LONGEST_SHOWN = 40 };
    struct diag_list *diags = s->request->diags;
    const char *name = text + number;
    int left = number < LONGEST_SHOWN ? (int)number : LONGEST_SHOWN;
    int right = length - number < LONGEST_SHOWN ? (int)(length - number) : LONGEST_SHOWN;
    while (right > 0 && ((unsigned char)name[right - 1] & 0xC0) == 0xC0) right--; /* no half letters */
    struct diag *diag =
        diag_error(diags, "implicit-multiplication", span_of(s),
                   "an operator is missing between `%.*s` and `%.*s`", left, text, right, name);
    diag_hint(diags, diag, "a product is written with `*`: %.*s*%.*s", left, text, right, name);
}

static bool demands_value(int word) {
    return word == TOKEN_MINIMIZE || word == TOKEN_MAXIMIZE || word == TOKEN_FIT || word == TOKEN_RESIDUAL;
}

/* "2x" lacks an operator; "1e", "0x1" and "1_0" look like numbers of other languages. */
int scan_bad_number(struct scan *s, const char *text, size_t length) {
    size_t number = number_length(text, length);
    char after = text[number];
    bool exponent = (after == 'e' || after == 'E') && number + 1 == length;
    bool prefixed = number == 1 && text[0] == '0' && (after == 'x' || after == 'X' || after == 'b');
    bool declared = s->before >= TOKEN_PARAM && s->before <= TOKEN_IMPORT && after != '_' && !prefixed;
    struct diag_list *diags = s->request->diags;
    s->quiet = true;
    if (diags && declared && !demands_value(s->before)) {
        struct diag *diag = diag_error(diags, "malformed-name", span_of(s), "`%.*s` is no name",
                                       length < 60 ? (int)length : 60, text);
        diag_hint(diags, diag, "a name begins with a letter or `_`");
    } else if (diags && (exponent || prefixed || after == '_')) {
        struct diag *diag = diag_error(diags, "malformed-number", span_of(s), "`%.*s` is not a number",
                                       length < 60 ? (int)length : 60, text);
        if (exponent)
            diag_hint(diags, diag, "an exponent has digits: %.*se-6", number < 40 ? (int)number : 40, text);
    } else if (diags) {
        report_missing_operator(s, text, number, length);
    }
    return keep(s, text, number, TOKEN_NUMBER);
}

int scan_string(struct scan *s, const char *text, size_t length) {
    if (memchr(text, 0, length)) return scan_stray(s, "", 1);
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
        length = (unsigned char)text[0] < 0x80 ? 1 : 2; /* the first letter stands for it */
        return keep(s, text, length, TOKEN_IDENT);
    }
    s->is_plain = is_ascii(text, length);
    if (s->is_plain) {
        s->hash = intern_hash(text, length);
        intern_ask_slot(s->request->names, s->hash);
    } else {
        s->text = normalise(s, text, length);
        if (!s->text) s->failed = true;
    }
    for (size_t k = 0; k < sizeof words / sizeof *words; k++)
        if (words[k].length == length && memcmp(words[k].text, text, length) == 0) return words[k].code;
    return TOKEN_IDENT;
}

/* What people write who come from elsewhere. */
static const char *meant(const char *text) {
    static const struct {
        const char *begin, *hint;
    } known[] = {
        {"&", "write `and`"},
        {"||", "write `or`"},
        {"|", "write `or`, and abs(x) for an absolute value"},
        {"!", "write `not`"},
        {"?", "write `if C then A else B`"},
        {"{", "brackets are ( ) and [ ]"},
        {"}", "brackets are ( ) and [ ]"},
        {"'", "strings stand in double quotes"},
        {"\xC2\xA0", "write a blank; this one does not break lines"},
        {"\xC2\xB0", "numbers bear no units"},
        {"\xC2\xB2", "write `^2`"},
        {"\xC2\xB3", "write `^3`"},
        {"\xC2\xB7", "write `*`"},     /* middle dot */
        {"\xC3\x97", "write `*`"},     /* multiplication sign */
        {"\xE2\x80\x93", "write `-`"}, /* dash */
        {"\xE2\x80\x9C", "strings stand in straight quotes: \"obs.csv\""},
        {"\xE2\x80\x9D", "strings stand in straight quotes: \"obs.csv\""},
        {"\xE2\x88\x92", "write `-`"}, /* minus sign */
        {"\xE2\x88\x9A", "write sqrt(x)"},
        {"\xE2\x88\x9E", "write `inf`"},
        {"\xE2\x89\xA0", "write `!=`"}, /* not equal */
        {"\xE2\x89\xA4", "write `<=`"}, /* less or equal */
        {"\xE2\x89\xA5", "write `>=`"}, /* greater or equal */
    };
    for (size_t k = 0; k < sizeof known / sizeof *known; k++)
        if (strncmp(text, known[k].begin, strlen(known[k].begin)) == 0) return known[k].hint;
    return NULL;
}

/* Whether a sign belongs to one before it, which has been reported: the message is said once for both. */
static bool is_second(struct scan *s, const char *text, size_t length) {
    if (text[0] == '{') s->braces++;
    if (text[0] == '}' && s->braces > 0) {
        s->braces--;
        return true;
    }
    if (length != 1 || (text[0] != '\'' && text[0] != '|')) return false;
    size_t distance = s->begin - s->opened;
    bool second = s->opened > 0 && s->opening == text[0] && !memchr(text - distance, '\n', distance) &&
                  !memchr(text - distance, '\r', distance);
    s->opened = second ? 0 : s->end;
    s->opening = text[0];
    return second;
}

int scan_stray(struct scan *s, const char *text, size_t length) {
    unsigned char byte = (unsigned char)text[0];
    struct diag_list *diags = s->request->diags;
    if (!diags || is_second(s, text, length)) return TOKEN_STRAY;
    if (byte < 0x20 || byte == 0x7F) {
        diag_error(diags, "stray-character", span_of(s),
                   "a control character (byte %u) is no part of the language", byte);
        return TOKEN_STRAY;
    }
    int shown = length < 60 ? (int)length : 60;
    struct diag *diag =
        diag_error(diags, "stray-character", span_of(s), "`%.*s` is no part of the language", shown, text);
    bool behind_value =
        token_is_name(s->before) || s->before == TOKEN_CLOSE || s->before == TOKEN_CLOSE_INDEX;
    const char *hint = meant(text);
    if (text[0] == '\'' && behind_value && s->before != TOKEN_FROM)
        hint = "there is no transpose; dot(a, b) multiplies arrays";
    if (text[0] == '@')
        hint = behind_value ? "dot(a, b) multiplies arrays"
                            : "statements begin with a word: var x in [0, inf], minimize x^2";
    if (hint) diag_hint(diags, diag, "%s", hint);
    return TOKEN_STRAY;
}

int scan_not_utf8(struct scan *s) {
    if (s->request->diags)
        diag_error(s->request->diags, "not-utf8", span_of(s),
                   "this is not UTF-8; files are read as UTF-8 text");
    return TOKEN_STRAY;
}

void scan_give_up(struct scan *s) {
    longjmp(s->give_up, 1);
}

/* The plain words among tokens, by their places behind the first of these, with hashes. */
struct plain_words {
    uint32_t hashes[TOKENS_AT_ONCE];
    uint16_t places[TOKENS_AT_ONCE];
    int count;
};

/* Makes their names. In a long program each is somewhere else in memory, which is asked for some words
 * before. */
static void name_words(struct scan *s, struct token *tokens, const struct plain_words *plain) {
    enum { FAR = 16, NEAR = 8 };
    struct intern *names = s->request->names;
    for (int k = -FAR; k < plain->count; k++) {
        if (k + FAR < plain->count) intern_ask_name(names, plain->hashes[k + FAR]);
        if (k + NEAR >= 0 && k + NEAR < plain->count) intern_ask_letters(names, plain->hashes[k + NEAR]);
        if (k < 0) continue;
        struct token *token = &tokens[plain->places[k]];
        size_t length = token->span.end - token->span.begin;
        token->text = intern_hashed(names, s->buffer + token->span.begin, length, plain->hashes[k]);
        if (!token->text) s->failed = true;
    }
}

static void collect(struct scan *s, token_list *tokens) {
    struct plain_words plain = {.count = 0};
    size_t first = tokens->count;
    int code = 0;
    for (int k = 0; k < TOKENS_AT_ONCE && (code = scan_next(s->generated)) != 0; k++) {
        if (s->begin >= s->length) break; /* the line end that was added */
        struct token token = {.code = (int16_t)code,
                              .span = span_of(s),
                              .text = s->text,
                              .quiet = s->quiet || code == TOKEN_STRAY};
        s->text = NULL;
        s->quiet = false;
        s->before = code;
        if (s->is_plain) {
            plain.hashes[plain.count] = s->hash;
            plain.places[plain.count++] = (uint16_t)(tokens->count - first);
            s->is_plain = false;
        }
        if (!VEC_PUSH(tokens, token)) s->failed = true;
    }
    if (!s->failed) name_words(s, tokens->at + first, &plain);
    s->ended = code == 0 || s->begin >= s->length || s->failed;
}

struct scan *scan_begin(const struct scan_request *request, const char *text, size_t length) {
    struct scan *s = calloc(1, sizeof *s);
    char *buffer = s && length < UINT32_MAX ? malloc(length + 3) : NULL;
    if (!buffer) {
        free(s);
        return NULL;
    }
    memcpy(buffer, text, length);
    memcpy(buffer + length, "\n\0\0", 3);
    s->request = request;
    s->buffer = buffer;
    s->length = (uint32_t)length;
    s->failed = scanner_lex_init_extra(s, &s->generated) != 0;
    s->ended = s->failed;
    return s;
}

bool scan_more(struct scan *s, token_list *tokens) {
    size_t before = tokens->count;
    if (s->ended) return false;
    if (setjmp(s->give_up) == 0) {
        if (!s->state) s->state = scanner__scan_buffer(s->buffer, (size_t)s->length + 3, s->generated);
        collect(s, tokens);
    } else {
        s->failed = s->ended = true;
    }
    /* Words may have no text then. */
    if (s->failed) tokens->count = before;
    return tokens->count > before;
}

bool scan_is_good(const struct scan *s) {
    return !s->failed;
}

void scan_free(struct scan *s) {
    if (!s) return;
    if (s->state) scanner__delete_buffer(s->state, s->generated);
    if (s->generated) scanner_lex_destroy(s->generated);
    free(s->buffer);
    free(s);
}

bool scan_text(const struct scan_request *request, const char *text, size_t length, token_list *tokens) {
    struct scan *s = scan_begin(request, text, length);
    while (s && scan_more(s, tokens)) {
    }
    bool good = s && scan_is_good(s);
    scan_free(s);
    return good;
}
