#include "emit/names.h"

#include <ctype.h>
#include <string.h>

#include "support/intern.h"
#include "support/map.h"
#include "support/text.h"

static const char *const reserved[] = {
    "auto",     "break",    "case",     "char",     "const",    "continue",  "default",  "do",
    "double",   "else",     "enum",     "extern",   "float",    "for",       "goto",     "if",
    "inline",   "int",      "long",     "register", "restrict", "return",    "short",    "signed",
    "sizeof",   "static",   "struct",   "switch",   "typedef",  "union",     "unsigned", "void",
    "volatile", "while",    "asm",      "typeof",   "bool",     "true",      "false",    "I",
    "NAN",      "INFINITY", "HUGE_VAL", "NULL",     "class",    "delete",    "new",      "private",
    "public",   "template", "this",     "throw",    "virtual",  "namespace", "operator", "try",
    "catch",    "using",    "unix",     "linux",
};

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

static bool is_reserved(const char *name) {
    for (size_t k = 0; k < sizeof reserved / sizeof *reserved; k++)
        if (strcmp(name, reserved[k]) == 0) return true;
    return false;
}

const char *name_make(const char *name, struct arena *arena) {
    struct text text = {0};
    for (const unsigned char *at = (const unsigned char *)name; *at; at++) {
        char plain[2] = {(char)*at, 0};
        unsigned point = *at >= 0xC0 && at[1] ? (*at & 0x1FU) << 6 | (at[1] & 0x3FU) : 0;
        if (*at < 0x80) {
            text_add(&text, isalnum(*at) ? plain : "_");
        } else if (point) {
            bool known = point >= FIRST_GREEK && point < FIRST_GREEK + GREEK_COUNT;
            text_add(&text, known ? greek[point - FIRST_GREEK] : "_");
            at++;
        }
    }
    const char *made = text_string(&text);
    if (is_reserved(made)) text_add(&text, "_");
    const char *copy = arena_text(arena, text_string(&text), text.length);
    text_free(&text);
    return copy;
}

const char **names_make(const struct program *p, struct arena *arena) {
    struct intern seen;
    struct map taken = {0};
    intern_init(&seen, arena);
    const char **names = ARENA_ARRAY(arena, const char *, p->arrays.count);
    bool good = names != NULL;
    for (array_id a = 1; good && a < p->arrays.count; a++) {
        const char *base = name_make(p->arrays.at[a].name ? p->arrays.at[a].name : "array", arena);
        const char *name = base ? intern_text(&seen, base) : NULL;
        for (unsigned k = 2; name && map_get(&taken, name) != MAP_NONE; k++) {
            const char *next = arena_format(arena, "%s_%u", base, k);
            name = next ? intern_text(&seen, next) : NULL;
        }
        good = name && map_set(&taken, name, a);
        names[a] = name;
    }
    map_release(&taken);
    intern_release(&seen);
    return good ? names : NULL;
}
