#include "formula/latex_name.h"

#include <ctype.h>
#include <string.h>

#include "support/text.h"

/* U+0391 .. U+03C9; those without a command look like Latin letters. */
static const char *const greek[] = {
    "\\mathrm{A}", "\\mathrm{B}", "\\Gamma",     "\\Delta",   "\\mathrm{E}", "\\mathrm{Z}", "\\mathrm{H}",
    "\\Theta",     "\\mathrm{I}", "\\mathrm{K}", "\\Lambda",  "\\mathrm{M}", "\\mathrm{N}", "\\Xi",
    "\\mathrm{O}", "\\Pi",        "\\mathrm{P}", "?",         "\\Sigma",     "\\mathrm{T}", "\\Upsilon",
    "\\Phi",       "\\mathrm{X}", "\\Psi",       "\\Omega",   "?",           "?",           "?",
    "?",           "?",           "?",           "?",         "\\alpha",     "\\beta",      "\\gamma",
    "\\delta",     "\\epsilon",   "\\zeta",      "\\eta",     "\\theta",     "\\iota",      "\\kappa",
    "\\lambda",    "\\mu",        "\\nu",        "\\xi",      "o",           "\\pi",        "\\rho",
    "\\varsigma",  "\\sigma",     "\\tau",       "\\upsilon", "\\phi",       "\\chi",       "\\psi",
    "\\omega",
};
enum { FIRST_GREEK = 0x391, GREEK_COUNT = sizeof greek / sizeof *greek };

struct piece {
    const char *at;
    size_t length;
};

/* The Greek letter of two bytes; NULL: it is none. */
static const char *greek_letter(const char *at, size_t length) {
    unsigned first = (unsigned char)at[0], point = 0;
    if (length >= 2 && first >= 0xC0) point = (first & 0x1FU) << 6 | ((unsigned char)at[1] & 0x3FU);
    if (point < FIRST_GREEK || point >= FIRST_GREEK + GREEK_COUNT) return NULL;
    return greek[point - FIRST_GREEK];
}

/* The command of a letter whose name is spelled out; NULL: it is none. */
static const char *spelled_letter(struct piece piece) {
    for (size_t k = 0; k < GREEK_COUNT; k++) {
        const char *command = greek[k];
        if (command[0] == '\\' && strncmp(command, "\\math", 5) != 0 && strlen(command + 1) == piece.length &&
            memcmp(command + 1, piece.at, piece.length) == 0)
            return command;
    }
    return NULL;
}

/* Letters as they are, in a font. */
static void add_letters(struct text *out, const char *font, struct piece piece) {
    text_addf(out, "\\%s{", font);
    for (size_t k = 0; k < piece.length; k++) {
        const char *letter = greek_letter(piece.at + k, piece.length - k);
        unsigned char c = (unsigned char)piece.at[k];
        if (letter) text_addf(out, "%s ", letter);
        if (letter) k++;
        if (letter || c >= 0x80) continue;
        if (c == '_')
            text_add(out, "\\_");
        else
            text_add_bytes(out, isalnum(c) ? piece.at + k : ".", 1);
    }
    text_add(out, "}");
}

static size_t digits_at_end(struct piece piece) {
    size_t count = 0;
    while (count < piece.length && isdigit((unsigned char)piece.at[piece.length - 1 - count])) count++;
    return count;
}

/* One letter or a word; whether it is a word. */
static bool add_piece(struct text *out, const char *font, struct piece piece) {
    const char *letter = greek_letter(piece.at, piece.length), *spelled = spelled_letter(piece);
    bool single = piece.length == 1 || digits_at_end(piece) == piece.length;
    if (letter && piece.length == 2)
        text_add(out, letter);
    else if (spelled)
        text_add(out, spelled);
    else if (single)
        text_add_bytes(out, piece.at, piece.length);
    else
        add_letters(out, font, piece);
    return !single && !spelled && !(letter && piece.length == 2);
}

/* ---- Names ---- */

static bool is_plain(const char *name) {
    size_t length = strlen(name);
    return length == 0 || name[0] == '_' || name[length - 1] == '_' || strstr(name, "__") ||
           strchr(name, '.');
}

static const char *keep(struct latex_names *names, struct text *text) {
    const char *copy = text->failed ? NULL : intern_text(&names->seen, text_string(text));
    if (!copy) names->failed = true;
    text_free(text);
    return copy ? copy : "";
}

static struct latex_name as_written(struct latex_names *names, const char *name) {
    struct text text = {0};
    add_letters(&text, "mathit", (struct piece){name, strlen(name)});
    return (struct latex_name){keep(names, &text), "", true};
}

/* Adjoints have a line over their name. */
static const char adjoint[] = "_adjoint";

static bool is_adjoint(const char *name) {
    size_t length = strlen(name), end = sizeof adjoint - 1;
    return length > end && strcmp(name + length - end, adjoint) == 0;
}

/* A base and subscripts: at underscores, and where digits begin. */
static struct latex_name with_subscripts(struct latex_names *names, const char *name) {
    struct piece base = {name, strcspn(name, "_")};
    struct text text = {0}, below = {0};
    const char *rest = name + base.length;
    size_t digits = digits_at_end(base);
    if (digits < base.length) base.length -= digits;
    text_add_bytes(&below, base.at + base.length, (size_t)(rest - base.at) - base.length);
    bool is_word = add_piece(&text, "mathit", base);
    while (*rest) {
        struct piece piece = {rest + 1, strcspn(rest + 1, "_")};
        if (below.length) text_add(&below, ",");
        add_piece(&below, "mathrm", piece);
        rest = piece.at + piece.length;
    }
    const char *base_text = keep(names, &text);
    return (struct latex_name){base_text, keep(names, &below), is_word};
}

/* Whether its base is the name of an array, whose elements would look the same. */
static bool looks_like_element(struct latex_names *names, const char *name) {
    size_t length = strcspn(name, "_");
    size_t digits = digits_at_end((struct piece){name, length});
    if (digits < length) length -= digits;
    const char *base = intern_name(&names->seen, name, length);
    return name[length] && base && map_get(&names->ranked, base) != MAP_NONE;
}

/* False where another name looks like it. */
static bool take(struct latex_names *names, struct latex_name name) {
    struct text text = {0};
    text_addf(&text, "%s_{%s}", name.base, name.below);
    const char *look = keep(names, &text);
    if (map_get(&names->taken, look) != MAP_NONE) return false;
    if (!map_set(&names->taken, look, 1)) names->failed = true;
    return true;
}

static struct latex_name with_line(struct latex_names *names, struct latex_name name) {
    struct text text = {0};
    text_addf(&text, name.is_word ? "\\overline{%s}" : "\\bar{%s}", name.base);
    name.base = keep(names, &text);
    return name;
}

static struct latex_name make(struct latex_names *names, const char *name) {
    size_t length = strlen(name) - (is_adjoint(name) ? sizeof adjoint - 1 : 0);
    const char *stem = intern_name(&names->seen, name, length);
    if (!stem) names->failed = true;
    if (!stem || is_plain(stem) || looks_like_element(names, stem)) return as_written(names, name);
    struct latex_name made = with_subscripts(names, stem);
    return is_adjoint(name) ? with_line(names, made) : made;
}

struct latex_name latex_name(struct latex_names *names, const char *name) {
    const char *key = intern_text(&names->seen, name);
    uint32_t place = key ? map_get(&names->place, key) : MAP_NONE;
    if (place != MAP_NONE) return names->names.at[place];
    if (strcmp(name, "inf") == 0) return (struct latex_name){"\\infty", "", false};
    struct latex_name made = make(names, name);
    if (!take(names, made)) made = as_written(names, name);
    bool good =
        key && VEC_PUSH(&names->names, made) && map_set(&names->place, key, (uint32_t)names->names.count - 1);
    if (!good) names->failed = true;
    return made;
}

void latex_names_init(struct latex_names *names, const struct program *program) {
    *names = (struct latex_names){.arena = program->arena};
    intern_init(&names->seen, program->arena);
    for (array_id a = 1; a < program->arrays.count; a++) {
        const struct array *array = &program->arrays.at[a];
        if (array->name && strcmp(array->name, "e") == 0) names->has_e = true;
        if (array->rank == 0 || !array->name) continue;
        const char *name = intern_text(&names->seen, array->name);
        if (!name || !map_set(&names->ranked, name, 1)) names->failed = true;
    }
}

void latex_names_release(struct latex_names *names) {
    intern_release(&names->seen);
    map_release(&names->place);
    map_release(&names->ranked);
    map_release(&names->taken);
    VEC_FREE(&names->names);
}
