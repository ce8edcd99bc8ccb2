#include "emit/phrase.h"

#include <ctype.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "support/number.h"

static struct phrase phrase_make(const char *text, enum phrase_level level) {
    return (struct phrase){
        .text = text ? text : "0", .length = text ? (uint32_t)strlen(text) : 1, .level = (uint8_t)level};
}

struct phrase phrase_name(const char *name) {
    return phrase_make(name, LEVEL_NAME);
}

bool phrase_is_name(struct phrase a) {
    if (a.level != LEVEL_NAME || a.negative) return false;
    for (const char *at = a.text; *at; at++)
        if (!isalnum((unsigned char)*at) && *at != '_') return false;
    return true;
}

/* ---- Numbers ---- */

struct phrase phrase_real(const struct phrasing *p, double value) {
    char digits[NUMBER_CHARS];
    double size = fabs(value);
    if (isnan(value)) return phrase_make(p->single ? "NAN" : "(double)NAN", LEVEL_SIGN);
    struct phrase phrase = phrase_make(p->single ? "HUGE_VALF" : "HUGE_VAL", LEVEL_NAME);
    if (p->single && size > 0 && size < (double)FLT_MIN * (double)FLT_EPSILON / 2) size = 0;
    bool finite = p->single ? size <= (double)FLT_MAX : !isinf(size);
    if (finite) {
        number_format(size, digits);
        bool whole = !strpbrk(digits, ".e");
        phrase = phrase_make(
            arena_format(p->arena, "%s%s%s", digits, whole ? ".0" : "", p->single ? "f" : ""), LEVEL_NAME);
    }
    phrase.negative = signbit(value) != 0;
    return phrase;
}

struct phrase phrase_integer(const struct phrasing *p, int64_t value) {
    if (value == INT64_MIN) return phrase_make("(-INT64_C(9223372036854775807) - 1)", LEVEL_NAME);
    long long size = value < 0 ? -(long long)value : (long long)value;
    bool small = size <= 32767;
    char *text = arena_format(p->arena, small ? "%lld" : "INT64_C(%lld)", size);
    struct phrase phrase = phrase_make(text, LEVEL_NAME);
    phrase.negative = value < 0;
    return phrase;
}

/* ---- Operations ---- */

struct phrase phrase_signed(const struct phrasing *p, struct phrase a) {
    if (!a.negative) return a;
    bool bare = a.level <= LEVEL_PRODUCT;
    enum phrase_level level = a.level == LEVEL_PRODUCT ? LEVEL_PRODUCT : LEVEL_SIGN;
    return phrase_make(arena_format(p->arena, bare ? "-%s" : "-(%s)", a.text), level);
}

/* The text as an operand that binds more strongly than `weakest` and what follows it. */
static const char *operand(const struct phrasing *p, struct phrase a, enum phrase_level weakest) {
    if (a.negative) a = phrase_signed(p, a);
    if (a.level <= weakest) return a.text;
    const char *text = arena_format(p->arena, "(%s)", a.text);
    return text ? text : "0";
}

static struct phrase join(const struct phrasing *p, const char *a, const char *operator_, const char *b,
                          enum phrase_level level) {
    return phrase_make(arena_format(p->arena, "%s %s %s", a, operator_, b), level);
}

static struct phrase positive(struct phrase a) {
    a.negative = false;
    return a;
}

struct phrase phrase_sum(const struct phrasing *p, struct phrase a, struct phrase b) {
    bool swap = a.negative != b.negative ? a.negative : b.level == LEVEL_SUM && a.level < LEVEL_SUM;
    if (swap) {
        struct phrase c = a;
        a = b;
        b = c;
    }
    return join(p, operand(p, a, LEVEL_SUM), b.negative ? "-" : "+", operand(p, positive(b), LEVEL_PRODUCT),
                LEVEL_SUM);
}

static bool is_one(struct phrase a) {
    return strcmp(a.text, "1.0") == 0 || strcmp(a.text, "1.0f") == 0 || strcmp(a.text, "1") == 0;
}

struct phrase phrase_product(const struct phrasing *p, struct phrase a, struct phrase b) {
    bool negative = a.negative != b.negative;
    struct phrase product = is_one(a) ? b : a;
    if (!is_one(a) && !is_one(b)) {
        bool swap = b.level == LEVEL_PRODUCT && a.level < LEVEL_PRODUCT;
        const char *first = operand(p, positive(swap ? b : a), LEVEL_PRODUCT);
        product = join(p, first, "*", operand(p, positive(swap ? a : b), LEVEL_SIGN), LEVEL_PRODUCT);
    }
    product.negative = negative;
    return product;
}

struct phrase phrase_quotient(const struct phrasing *p, struct phrase a, struct phrase b) {
    struct phrase quotient = join(p, operand(p, positive(a), LEVEL_PRODUCT), "/",
                                  operand(p, positive(b), LEVEL_SIGN), LEVEL_PRODUCT);
    quotient.negative = a.negative != b.negative;
    return quotient;
}

struct phrase phrase_binary(const struct phrasing *p, struct phrase a, const char *operator_, struct phrase b,
                            enum phrase_level level) {
    /* Compilers warn of && beside ||, and of comparisons of comparisons. */
    enum phrase_level weakest = level <= LEVEL_EQUALITY ? LEVEL_SUM : LEVEL_EQUALITY;
    if (level == LEVEL_PRODUCT) weakest = LEVEL_NAME;
    return join(p, operand(p, a, weakest), operator_, operand(p, b, weakest), level);
}

struct phrase phrase_not(const struct phrasing *p, struct phrase a) {
    return phrase_make(arena_format(p->arena, "!%s", operand(p, a, LEVEL_NAME)), LEVEL_SIGN);
}

struct phrase phrase_choice(const struct phrasing *p, struct phrase condition, struct phrase a,
                            struct phrase b) {
    return phrase_make(arena_format(p->arena, "%s ? %s : %s", operand(p, condition, LEVEL_OR),
                                    operand(p, a, LEVEL_OR), operand(p, b, LEVEL_OR)),
                       LEVEL_CHOICE);
}

struct phrase phrase_call(const struct phrasing *p, const char *function, struct phrase a, struct phrase b) {
    const char *first = operand(p, a, LEVEL_CHOICE);
    const char *text =
        b.text ? arena_format(p->arena, "%s(%s, %s)", function, first, operand(p, b, LEVEL_CHOICE))
               : arena_format(p->arena, "%s(%s)", function, first);
    return phrase_make(text, LEVEL_NAME);
}

struct phrase phrase_element(const struct phrasing *p, const char *array, struct phrase place) {
    return phrase_make(arena_format(p->arena, "%s[%s]", array, operand(p, place, LEVEL_CHOICE)), LEVEL_NAME);
}

struct phrase phrase_cast(const struct phrasing *p, const char *type, struct phrase a) {
    return phrase_make(arena_format(p->arena, "(%s)%s", type, operand(p, a, LEVEL_NAME)), LEVEL_SIGN);
}
