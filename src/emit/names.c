#include "emit/names.h"

#include <ctype.h>
#include <string.h>

#include "ir/ops.h"
#include "support/text.h"

/* Keywords and macros of C and C++, and names of the headers that emitted files include. */
static const char *const reserved[] = {
    "alignas",
    "alignof",
    "and",
    "and_eq",
    "asm",
    "auto",
    "bitand",
    "bitor",
    "bool",
    "break",
    "case",
    "catch",
    "char",
    "char16_t",
    "char32_t",
    "char8_t",
    "class",
    "compl",
    "concept",
    "const",
    "const_cast",
    "consteval",
    "constexpr",
    "constinit",
    "continue",
    "co_await",
    "co_return",
    "co_yield",
    "decltype",
    "default",
    "delete",
    "do",
    "double",
    "dynamic_cast",
    "else",
    "enum",
    "explicit",
    "export",
    "extern",
    "false",
    "float",
    "for",
    "friend",
    "goto",
    "if",
    "inline",
    "int",
    "long",
    "mutable",
    "namespace",
    "new",
    "noexcept",
    "not",
    "not_eq",
    "nullptr",
    "operator",
    "or",
    "or_eq",
    "private",
    "protected",
    "public",
    "register",
    "reinterpret_cast",
    "requires",
    "restrict",
    "return",
    "short",
    "signed",
    "sizeof",
    "static",
    "static_assert",
    "static_cast",
    "struct",
    "switch",
    "template",
    "this",
    "thread_local",
    "throw",
    "true",
    "try",
    "typedef",
    "typeid",
    "typename",
    "typeof",
    "union",
    "unsigned",
    "using",
    "virtual",
    "void",
    "volatile",
    "wchar_t",
    "while",
    "xor",
    "xor_eq",
    "I",
    "NAN",
    "INFINITY",
    "HUGE_VAL",
    "HUGE_VALF",
    "NULL",
    "isnan",
    "isinf",
    "isfinite",
    "signbit",
    "unix",
    "linux",
    "i386",
    "size_t",
    "int64_t",
    "main",
    "std",
    "floorf",
    "signgam",
    "printf",
    "fabs",
    "DOMAIN",
    "SING",
    "OVERFLOW",
    "UNDERFLOW",
    "PLOSS",
    "TLOSS",
    "HUGE",
    "index",
    "j0",
    "j1",
    "jn",
    "y0",
    "y1",
    "yn",
    "gamma",
    "drem",
    "significand",
    "scalb",
};
static const char *const reserved_starts[] = {"M_", "FP_", "MATH_", "INT", "UINT", "gradc_", "GRADC_", "_"};

/* U+0391 .. U+03C9 */
static const char *const greek[] = {
    "Alpha",   "Beta",  "Gamma",   "Delta", "Epsilon", "Zeta",  "Eta",     "Theta", "Iota",  "Kappa",
    "Lambda",  "Mu",    "Nu",      "Xi",    "Omicron", "Pi",    "Rho",     "_",     "Sigma", "Tau",
    "Upsilon", "Phi",   "Chi",     "Psi",   "Omega",   "_",     "_",       "_",     "_",     "_",
    "_",       "_",     "alpha",   "beta",  "gamma",   "delta", "epsilon", "zeta",  "eta",   "theta",
    "iota",    "kappa", "lambda",  "mu",    "nu",      "xi",    "omicron", "pi",    "rho",   "sigma",
    "sigma",   "tau",   "upsilon", "phi",   "chi",     "psi",   "omega",
};
enum { FIRST_GREEK = 0x391, GREEK_COUNT = sizeof greek / sizeof *greek };

enum { TAKEN_NO, TAKEN_HERE, TAKEN_FOREVER };

static const char *spell(const char *name, struct arena *arena) {
    struct text text = {0};
    for (const unsigned char *at = (const unsigned char *)name; *at; at++) {
        char plain[2] = {(char)*at, 0};
        unsigned point = *at >= 0xC0 && at[1] ? (*at & 0x1FU) << 6 | (at[1] & 0x3FU) : 0;
        if (*at < 0x80) {
            bool digit_first = text.length == 0 && isdigit(*at);
            text_add(&text, digit_first ? "n" : "");
            text_add(&text, isalnum(*at) ? plain : "_");
        } else if (point) {
            bool known = point >= FIRST_GREEK && point < FIRST_GREEK + GREEK_COUNT;
            text_add(&text, known ? greek[point - FIRST_GREEK] : "_");
            at++;
        }
    }
    const char *copy = arena_text(arena, text_string(&text), text.length);
    bool failed = text.failed;
    text_free(&text);
    return failed ? NULL : copy;
}

static bool is_reserved(const char *name) {
    for (size_t k = 0; k < sizeof reserved / sizeof *reserved; k++)
        if (strcmp(name, reserved[k]) == 0) return true;
    for (size_t k = 0; k < sizeof reserved_starts / sizeof *reserved_starts; k++)
        if (strncmp(name, reserved_starts[k], strlen(reserved_starts[k])) == 0) return true;
    return false;
}

static bool is_function(const char *name) {
    for (int op = 0; op < OP_COUNT; op++) {
        const char *symbol = op_symbol((enum op)op);
        size_t length = symbol ? strlen(symbol) : 0;
        if (symbol && strncmp(name, symbol, length) == 0 &&
            (!name[length] || strcmp(name + length, "f") == 0))
            return true;
    }
    return false;
}

const char *name_make(const char *name, struct arena *arena) {
    const char *made = spell(name, arena);
    if (!made) return NULL;
    if (made[0] == '_' || !made[0]) made = arena_format(arena, "v%s", made);
    return made && (is_reserved(made) || is_function(made)) ? arena_format(arena, "%s_", made) : made;
}

void names_init(struct names *n, struct arena *arena, const char *prefix) {
    *n = (struct names){.arena = arena, .prefix = prefix};
    intern_init(&n->texts, arena);
}

void names_release(struct names *n) {
    intern_release(&n->texts);
    map_release(&n->taken);
    map_release(&n->last);
    VEC_FREE(&n->given);
}

static bool is_free(const struct names *n, const char *name) {
    uint32_t taken = map_get(&n->taken, name);
    return taken == MAP_NONE || taken == TAKEN_NO;
}

/* The file's own names begin with its prefix and `_`. */
static const char *make(struct names *n, const char *wish) {
    const char *name = name_make(wish, n->arena);
    size_t length = strlen(n->prefix);
    if (name && strncmp(name, n->prefix, length) == 0 && name[length] == '_')
        name = arena_format(n->arena, "%s_", name);
    return name ? intern_text(&n->texts, name) : NULL;
}

const char *names_take(struct names *n, const char *wish) {
    const char *first = make(n, wish), *name = first;
    uint32_t before = first ? map_get(&n->last, first) : 0,
             number = before == MAP_NONE || before == 0 ? 1 : before;
    if (before == MAP_NONE) before = 0;
    while (name && !is_free(n, name)) {
        const char *next = arena_format(n->arena, "%s_%u", first, ++number);
        name = next ? intern_text(&n->texts, next) : NULL;
    }
    struct given_name given = {name, first, before};
    if (name && map_set(&n->taken, name, TAKEN_HERE) && map_set(&n->last, first, number) &&
        VEC_PUSH(&n->given, given))
        return name;
    n->failed = true;
    return "x";
}

void names_reserve(struct names *n, const char *name) {
    const char *unique = intern_text(&n->texts, name);
    if (!unique || !map_set(&n->taken, unique, TAKEN_FOREVER)) n->failed = true;
}

size_t names_open(const struct names *n) {
    return n->given.count;
}

void names_close(struct names *n, size_t scope) {
    while (n->given.count > scope) {
        struct given_name given = VEC_POP(&n->given);
        if (!map_set(&n->taken, given.name, TAKEN_NO) || !map_set(&n->last, given.wish, given.before))
            n->failed = true;
    }
}
