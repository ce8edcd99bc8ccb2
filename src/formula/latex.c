#include "formula/latex.h"

#include <ctype.h>
#include <string.h>

#include "ir/ops.h"

enum { WIDEST_LINE = 80, LONGEST_EXPONENT = 40 };

/* What is still to be written, the next at the end: a form or a piece of text. */
struct item {
    const struct form *form; /* NULL: a piece of text */
    enum binding_strength least;
    bool without_sign;
    bool small; /* an exponent or a subscript: fractions with a slash */
    bool alone; /* on a line */
    bool case_; /* a further case of a choice, or what is left */
    const char *text;
};

struct writing {
    struct latex_names *names;
    struct text *out;
    VEC(struct item) open;
};

static void push_text(struct writing *w, const char *text) {
    VEC_PUSH(&w->open, ((struct item){.text = text}));
}

static void push(struct writing *w, const struct form *f, enum binding_strength least, bool small) {
    VEC_PUSH(&w->open, ((struct item){.form = f, .least = least, .small = small}));
}

/* ---- How it looks ---- */

static bool is_fraction(const struct form *f) {
    return f->kind == FORM_PRODUCT && f->above < f->count;
}

static const char *template_of(const struct form *f) {
    const char *latex = op_info(f->op)->latex;
    switch ((int)f->op) {
    case OP_IMIN: return "\\min";
    case OP_IMAX: return "\\max";
    case OP_IABS: return "|%|";
    default: return latex;
    }
}

static bool ends_with(const char *text, char end) {
    return text && text[0] && text[strlen(text) - 1] == end;
}

/* exp(x) is e^x where that is not too long for an exponent; 2^ and 10^ always. */
static bool is_exponential(const struct writing *w, const struct form *f) {
    if (f->kind != FORM_CALL) return false;
    if (f->op == OP_EXP)
        return !w->names->has_e && (!f->parts[0]->tall || f->parts[0]->length <= LONGEST_EXPONENT);
    return ends_with(template_of(f), '^');
}

static enum binding_strength strength_of(const struct writing *w, const struct form *f, bool small) {
    if (f->kind == FORM_REDUCTION) return BINDS_PRODUCT;
    if (f->kind == FORM_REMAINDER || (f->kind == FORM_CALL && f->op == OP_MOD)) return BINDS_SUM;
    if (is_exponential(w, f) || (is_fraction(f) && !small)) return BINDS_POWER;
    return f->strength;
}

static bool takes_brackets(const struct writing *w, const struct item *item) {
    const struct form *f = item->form;
    if (!item->without_sign && f->negative) return item->least > BINDS_SUM;
    return strength_of(w, f, item->small) < item->least;
}

/* What a product begins or ends with. */
static bool is_word(struct writing *w, const struct form *f) {
    if (f->kind == FORM_POWER) f = f->parts[0];
    return (f->kind == FORM_NAME || f->kind == FORM_ELEMENT) && latex_name(w->names, f->text).is_word;
}

static bool begins_with_digit(const struct form *f) {
    while (f->kind == FORM_POWER || (f->kind == FORM_PRODUCT && !is_fraction(f))) f = f->parts[0];
    const char *template = f->kind == FORM_CALL ? template_of(f) : NULL;
    return f->kind == FORM_NUMBER || (template && isdigit((unsigned char)template[0]));
}

static const char *between_factors(struct writing *w, const struct form *left, const struct item *right) {
    bool brackets = takes_brackets(w, right);
    if (!brackets && begins_with_digit(right->form)) return " \\cdot ";
    bool named = left->kind != FORM_NUMBER && left->kind != FORM_SUM;
    if ((brackets && named) || (!brackets && is_fraction(right->form)) || is_word(w, left) ||
        (!brackets && is_word(w, right->form)))
        return " \\, ";
    return " ";
}

/* ---- Parts; they are pushed from the last to the first ---- */

static void push_list(struct writing *w, struct form *const *parts, uint32_t count, bool small) {
    for (uint32_t k = count; k > 0; k--) {
        push(w, parts[k - 1], BINDS_IF, small);
        if (k > 1) push_text(w, ", ");
    }
}

static void push_sum(struct writing *w, const struct item *item) {
    const struct form *f = item->form;
    size_t width = f->parts[0]->length;
    size_t end = w->open.count;
    /* From the first to the last, to see where lines end; turned round afterwards. */
    push(w, f->parts[0], BINDS_SUM, item->small);
    for (uint32_t k = 1; k < f->count; k++) {
        const struct form *part = f->parts[k];
        bool ends = item->alone && width + part->length > WIDEST_LINE;
        width = ends ? part->length : width + part->length;
        if (ends) push_text(w, " \\\\\n&\\quad");
        push_text(w, part->negative ? " - " : " + ");
        VEC_PUSH(&w->open, ((struct item){.form = part,
                                          .least = part->negative ? BINDS_PRODUCT : BINDS_SUM,
                                          .without_sign = true,
                                          .small = item->small}));
    }
    for (size_t a = end, b = w->open.count; a + 1 < b; a++, b--) {
        struct item swap = w->open.at[a];
        w->open.at[a] = w->open.at[b - 1];
        w->open.at[b - 1] = swap;
    }
}

static void push_factors(struct writing *w, struct form *const *parts, uint32_t count, bool small) {
    for (uint32_t k = count; k > 0; k--) {
        enum binding_strength least = k == count ? BINDS_PRODUCT : BINDS_POWER;
        struct item item = {.form = parts[k - 1], .least = least, .small = small};
        VEC_PUSH(&w->open, item);
        if (k > 1) push_text(w, between_factors(w, parts[k - 2], &item));
    }
}

/* The factors over or under a line. */
static void push_side(struct writing *w, struct form *const *parts, uint32_t count) {
    if (count == 1)
        push(w, parts[0], BINDS_IF, false);
    else if (count)
        push_factors(w, parts, count, false);
    else
        push_text(w, "1");
}

static void push_product(struct writing *w, const struct item *item) {
    const struct form *f = item->form;
    struct form *const *below = f->parts + f->above;
    uint32_t count = f->count - f->above;
    if (count && !item->small) {
        push_text(w, "}");
        push_side(w, below, count);
        push_text(w, "}{");
        push_side(w, f->parts, f->above);
        push_text(w, "\\frac{");
        return;
    }
    if (count > 1) push_text(w, ")");
    if (count == 1) push(w, below[0], BINDS_POWER, true);
    if (count > 1) push_factors(w, below, count, true);
    if (count) push_text(w, count > 1 ? "/(" : "/");
    if (f->above) push_factors(w, f->parts, f->above, item->small);
    if (!f->above) push_text(w, "1");
}

/* x_{k}, with the subscripts that the name has. */
static void push_element(struct writing *w, const struct form *f) {
    struct latex_name name = latex_name(w->names, f->text);
    if (f->count || name.below[0]) push_text(w, "}");
    push_list(w, f->parts, f->count, true);
    if (f->count && name.below[0]) push_text(w, ", ");
    push_text(w, name.below);
    if (f->count || name.below[0]) push_text(w, "_{");
    push_text(w, name.base);
}

/* ---- Functions ---- */

static void push_arguments(struct writing *w, const struct form *f, uint32_t first, bool small) {
    bool tall = false;
    for (uint32_t k = first; k < f->count; k++) tall |= f->parts[k]->tall;
    push_text(w, tall ? "\\right)" : ")");
    push_list(w, f->parts + first, f->count - first, small);
    push_text(w, tall ? "\\left(" : "(");
}

/* J_{%} and the like: operands in the places of the signs, the others in brackets. */
static void push_template(struct writing *w, const struct form *f, const char *template, bool small) {
    struct arena *arena = w->names->arena;
    uint32_t places = 0;
    for (const char *c = template; *c; c++) places += *c == '%';
    const char *rest = strrchr(template, '%') + 1;
    bool delimiters = *rest && !ends_with(template, '}') && f->parts[0]->tall;
    if (places < f->count) push_arguments(w, f, places, small);
    push_text(w, rest);
    if (delimiters) push_text(w, "\\right");
    for (uint32_t k = places; k > 0; k--) {
        push(w, f->parts[k - 1], BINDS_IF, small || !delimiters);
        const char *end = rest - 1, *begin = end;
        while (begin > template && begin[-1] != '%') begin--;
        const char *text = arena_text(arena, begin, (size_t)(end - begin));
        w->names->failed |= !text;
        push_text(w, text ? text : "");
        rest = begin;
    }
    if (delimiters) push_text(w, "\\left");
}

static void push_floor_of_quotient(struct writing *w, const struct form *f, bool small) {
    push_text(w, small ? " \\rfloor" : "} \\right\\rfloor");
    push(w, f->parts[1], small ? BINDS_POWER : BINDS_IF, small);
    push_text(w, small ? "/" : "}{");
    push(w, f->parts[0], small ? BINDS_PRODUCT : BINDS_IF, small);
    push_text(w, small ? "\\lfloor " : "\\left\\lfloor \\frac{");
}

static void push_braces(struct writing *w, const struct form *f, const char *before, bool small) {
    push_text(w, "}");
    push(w, f->parts[0], BINDS_IF, small);
    push_text(w, "{");
    push_text(w, before);
}

static void push_call(struct writing *w, const struct form *f, bool small) {
    const char *template = template_of(f);
    bool is_one = f->count == 1 && f->parts[0]->kind == FORM_NUMBER && !strcmp(f->parts[0]->text, "1");
    if (f->op == OP_EXP && is_one && !f->parts[0]->negative) {
        push_text(w, "e");
    } else if (is_exponential(w, f)) {
        push_braces(w, f, f->op == OP_EXP ? "e^" : template, true);
    } else if (f->op == OP_SQRT || f->op == OP_CBRT) {
        push_braces(w, f, template, small);
    } else if (f->op == OP_MOD) {
        push(w, f->parts[1], BINDS_POWER, small);
        push_text(w, " \\bmod ");
        push(w, f->parts[0], BINDS_PRODUCT, small);
    } else if (f->op == OP_IFLOOR) {
        push_floor_of_quotient(w, f, small);
    } else if (template && strchr(template, '%')) {
        push_template(w, f, template, small);
    } else {
        push_arguments(w, f, 0, small);
        if (!template) push_text(w, "}");
        push_text(w, template ? template : f->text);
        if (!template) push_text(w, "\\operatorname{");
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

static void push_power(struct writing *w, const struct form *f, bool small) {
    const struct form *base = f->parts[0], *exponent = f->parts[1];
    bool inside = takes_power(base) && exponent->kind == FORM_NUMBER && !exponent->negative;
    if (inside) push_arguments(w, base, 0, small);
    push_text(w, "}");
    push(w, exponent, BINDS_IF, true);
    push_text(w, "^{");
    if (inside)
        push_text(w, template_of(base));
    else
        push(w, base, BINDS_ATOM, small);
}

/* ---- Sums over ranges ---- */

/* What stands below the sign: i=1, and steps and filters in lines of their own. */
static void push_range(struct writing *w, const struct form *f, bool is_sum) {
    bool lines = f->parts[2] || f->parts[3];
    push_text(w, "} ");
    if (is_sum) {
        push(w, f->parts[1], BINDS_IF, true);
        push_text(w, "}^{");
    }
    if (lines) push_text(w, "}");
    if (f->parts[3]) {
        push(w, f->parts[3], BINDS_IF, true);
        push_text(w, " \\\\ ");
    }
    if (f->parts[2]) {
        push(w, f->parts[2], BINDS_IF, true);
        push_text(w, " \\\\ \\text{step } ");
    }
    if (!is_sum) {
        push(w, f->parts[1], BINDS_SUM, true);
        push_text(w, " \\le ");
    }
    if (is_sum) push(w, f->parts[0], BINDS_SUM, true);
    struct latex_name name = latex_name(w->names, f->text);
    if (is_sum) push_text(w, " = ");
    if (name.below[0]) push_text(w, "}");
    push_text(w, name.below);
    if (name.below[0]) push_text(w, "_{");
    push_text(w, name.base);
    if (!is_sum) {
        push_text(w, " \\le ");
        push(w, f->parts[0], BINDS_SUM, true);
    }
    push_text(w, lines ? "_{\\substack{" : "_{");
}

static void push_reduction(struct writing *w, const struct form *f, bool small) {
    bool is_sum = f->op == OP_ADD;
    push(w, f->parts[0], BINDS_PRODUCT, small);
    for (uint32_t k = f->count; k > 1; k--) {
        push_range(w, f->parts[k - 1], is_sum);
        push_text(w, is_sum ? "\\sum" : f->op == OP_MAX ? "\\max" : "\\min");
    }
}

/* ---- Choices and conditions ---- */

static void push_case(struct writing *w, const struct form *f, bool small) {
    if (f->kind != FORM_CHOICE || f->negative) {
        push_text(w, " & \\text{otherwise} \\end{cases}");
        push(w, f, BINDS_IF, small);
        return;
    }
    VEC_PUSH(&w->open, ((struct item){.form = f->parts[2], .small = small, .case_ = true}));
    push_text(w, " \\\\ ");
    push(w, f->parts[0], BINDS_IF, small);
    push_text(w, " & \\text{if } ");
    push(w, f->parts[1], BINDS_IF, small);
}

static const char *comparison_sign(const char *sign) {
    static const char *const signs[][2] = {{" < ", " < "},     {" > ", " > "},  {" <= ", " \\le "},
                                           {" >= ", " \\ge "}, {" == ", " = "}, {" != ", " \\ne "}};
    for (size_t k = 0; k < sizeof signs / sizeof *signs; k++)
        if (strcmp(signs[k][0], sign) == 0) return signs[k][1];
    return sign;
}

static void push_pair(struct writing *w, const struct form *f, const char *between, bool small) {
    push(w, f->parts[1], form_part_strength(f, 1), small);
    push_text(w, between);
    push(w, f->parts[0], form_part_strength(f, 0), small);
}

/* ---- Everything ---- */

static void push_inside(struct writing *w, const struct item *item) {
    const struct form *f = item->form;
    bool small = item->small;
    switch (f->kind) {
    case FORM_NUMBER: push_text(w, f->text); break;
    case FORM_NAME:
    case FORM_ELEMENT: push_element(w, f); break;
    case FORM_SUM: push_sum(w, item); break;
    case FORM_PRODUCT: push_product(w, item); break;
    case FORM_POWER: push_power(w, f, small); break;
    case FORM_CALL: push_call(w, f, small); break;
    case FORM_CHOICE:
        push_case(w, f, small);
        push_text(w, "\\begin{cases} ");
        break;
    case FORM_COMPARISON: push_pair(w, f, comparison_sign(f->text), small); break;
    case FORM_AND: push_pair(w, f, " \\text{ and } ", small); break;
    case FORM_OR: push_pair(w, f, " \\text{ or } ", small); break;
    case FORM_NOT:
        push(w, f->parts[0], BINDS_ATOM, small);
        push_text(w, "\\lnot ");
        break;
    case FORM_REMAINDER: push_pair(w, f, " \\bmod ", small); break;
    case FORM_REDUCTION: push_reduction(w, f, small); break;
    case FORM_RANGE: push_range(w, f, true); break;
    }
}

static void write_item(struct writing *w, struct item item) {
    if (!item.form) {
        text_add(w->out, item.text);
        return;
    }
    if (item.case_) {
        push_case(w, item.form, item.small);
        return;
    }
    const struct form *f = item.form;
    bool minus = f->negative && !item.without_sign;
    bool inner = minus && strength_of(w, f, item.small) < BINDS_PRODUCT;
    uint32_t brackets = (uint32_t)takes_brackets(w, &item) + inner;
    item.alone = item.alone && !brackets;
    for (uint32_t k = 0; k < brackets; k++) push_text(w, f->tall ? "\\right)" : ")");
    push_inside(w, &item);
    if (inner) push_text(w, f->tall ? "\\left(" : "(");
    if (minus) push_text(w, "-");
    if (takes_brackets(w, &item)) push_text(w, f->tall ? "\\left(" : "(");
}

bool latex_write(struct latex_names *names, const struct form *form, bool alone, struct text *out) {
    struct writing w = {.names = names, .out = out};
    VEC_PUSH(&w.open, ((struct item){.form = form, .least = alone ? BINDS_IF : BINDS_SUM, .alone = alone}));
    while (w.open.count > 0) {
        struct item item = VEC_POP(&w.open);
        write_item(&w, item);
    }
    bool good = !w.open.failed && !out->failed && !names->failed;
    VEC_FREE(&w.open);
    return good;
}
