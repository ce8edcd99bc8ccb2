#include <string.h>

#include "formula/latex_item.h"
#include "ir/ops.h"

enum { LONGEST_EXPONENT = 30 };

static bool ends_with(const char *text, char end) {
    return text && text[0] && text[strlen(text) - 1] == end;
}

const char *latex_pattern(const struct form *f) {
    switch ((int)f->op) {
    case OP_IMIN: return "\\min";
    case OP_IMAX: return "\\max";
    case OP_IABS: return "|%|";
    default: return op_info(f->op)->latex;
    }
}

/* exp(x) is e^x where that is not too long for an exponent; 2^ and 10^ always. */
bool latex_is_exponential(const struct latex_writing *w, const struct form *f) {
    if (f->kind != FORM_CALL) return false;
    if (f->op == OP_EXP)
        return !w->names->has_e && (!f->parts[0]->tall || f->parts[0]->width <= LONGEST_EXPONENT);
    return ends_with(latex_pattern(f), '^');
}

static bool is_root(const struct form *f) {
    return f->op == OP_SQRT || f->op == OP_CBRT;
}

bool latex_has_arguments(const struct latex_writing *w, const struct form *f) {
    const char *pattern = latex_pattern(f);
    return f->kind == FORM_CALL && !latex_is_exponential(w, f) && !is_root(f) && f->op != OP_MOD &&
           f->op != OP_IFLOOR && !(pattern && strchr(pattern, '%'));
}

static void push_arguments(struct latex_writing *w, const struct form *f, uint32_t first, bool small) {
    bool tall = false;
    for (uint32_t k = first; k < f->count; k++) tall |= f->parts[k]->tall;
    latex_push_text(w, tall ? "\\right)" : ")");
    latex_push_list(w, f->parts + first, f->count - first, small);
    latex_push_text(w, tall ? "\\left(" : "(");
}

/* J_{%} and the like: operands in the places of the signs, the others in brackets. */
static void push_pattern(struct latex_writing *w, const struct form *f, const char *pattern, bool small) {
    struct arena *arena = w->names->arena;
    uint32_t places = 0;
    for (const char *c = pattern; *c; c++) places += *c == '%';
    const char *rest = strrchr(pattern, '%') + 1;
    bool delimiters = (pattern[0] == '|' || pattern[1] == 'l') && f->parts[0]->tall && places == 1 &&
                      strncmp(pattern, "\\ln", 3) != 0;
    if (places < f->count) push_arguments(w, f, places, small);
    latex_push_text(w, rest);
    if (delimiters) latex_push_text(w, "\\right");
    for (uint32_t k = places; k > 0; k--) {
        latex_push_part(w, f->parts[k - 1], BINDS_IF, small || places < f->count);
        const char *end = rest - 1, *begin = end;
        while (begin > pattern && begin[-1] != '%') begin--;
        const char *text = arena_text(arena, begin, (size_t)(end - begin));
        w->names->failed |= !text;
        latex_push_text(w, text ? text : "");
        rest = begin;
    }
    if (delimiters) latex_push_text(w, "\\left");
}

static void push_floor_of_quotient(struct latex_writing *w, const struct form *f, bool small) {
    latex_push_text(w, small ? " \\rfloor" : "} \\right\\rfloor");
    latex_push_part(w, f->parts[1], small ? BINDS_POWER : BINDS_IF, small);
    latex_push_text(w, small ? "/" : "}{");
    latex_push_part(w, f->parts[0], small ? BINDS_PRODUCT : BINDS_IF, small);
    latex_push_text(w, small ? "\\lfloor " : "\\left\\lfloor \\frac{");
}

static void push_braces(struct latex_writing *w, const struct form *f, const char *before, bool small) {
    latex_push_text(w, "}");
    latex_push_part(w, f->parts[0], BINDS_IF, small);
    latex_push_text(w, "{");
    latex_push_text(w, before);
}

void latex_push_name(struct latex_writing *w, const struct form *f) {
    const char *pattern = latex_pattern(f);
    if (!pattern) latex_push_text(w, "}");
    latex_push_text(w, pattern ? pattern : f->text);
    if (!pattern) latex_push_text(w, "\\operatorname{");
}

void latex_push_call(struct latex_writing *w, const struct form *f, bool small) {
    const char *pattern = latex_pattern(f);
    const struct form *first = f->parts[0];
    bool is_one = first->kind == FORM_NUMBER && !first->negative && !strcmp(first->text, "1");
    if (f->op == OP_EXP && is_one && latex_is_exponential(w, f)) {
        latex_push_text(w, "e");
    } else if (latex_is_exponential(w, f)) {
        push_braces(w, f, f->op == OP_EXP ? "e^" : pattern, true);
    } else if (is_root(f)) {
        push_braces(w, f, pattern, small);
    } else if (f->op == OP_MOD) {
        latex_push_part(w, f->parts[1], BINDS_POWER, small);
        latex_push_text(w, " \\bmod ");
        latex_push_part(w, first, BINDS_PRODUCT, small);
    } else if (f->op == OP_IFLOOR) {
        push_floor_of_quotient(w, f, small);
    } else if (pattern && strchr(pattern, '%')) {
        push_pattern(w, f, pattern, small);
    } else {
        push_arguments(w, f, 0, small);
        latex_push_name(w, f);
    }
}

/* Functions whose powers are written sin^2(x). */
static bool takes_power(const struct form *f) {
    if (f->kind != FORM_CALL || f->negative) return false;
    switch ((int)f->op) {
    case OP_SIN:
    case OP_COS:
    case OP_TAN:
    case OP_SINH:
    case OP_COSH:
    case OP_TANH:
    case OP_LOG: return true;
    default: return false;
    }
}

/* The square of ln B(x, y) needs brackets. */
static bool is_logarithm_of_function(const struct form *f) {
    const char *pattern = f->kind == FORM_CALL && !f->negative ? latex_pattern(f) : NULL;
    return pattern && strncmp(pattern, "\\ln", 3) == 0 && pattern[3];
}

void latex_push_power(struct latex_writing *w, const struct form *f, bool small) {
    const struct form *base = f->parts[0], *exponent = f->parts[1];
    bool inside = takes_power(base) && exponent->kind == FORM_NUMBER && !exponent->negative;
    bool brackets = is_logarithm_of_function(base);
    if (inside) push_arguments(w, base, 0, small);
    latex_push_text(w, "}");
    latex_push_part(w, exponent, BINDS_IF, true);
    latex_push_text(w, "^{");
    if (brackets) latex_push_text(w, base->tall ? "\\right)" : ")");
    if (inside)
        latex_push_name(w, base);
    else
        latex_push_part(w, base, brackets ? BINDS_IF : BINDS_ATOM, small);
    if (brackets) latex_push_text(w, base->tall ? "\\left(" : "(");
}
