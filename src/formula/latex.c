#include "formula/latex.h"

#include <ctype.h>
#include <string.h>

#include "formula/latex_item.h"
#include "ir/ops.h"

/* SLACK: how far more than a sum a product may reach, in which a new line is harder to read. */
enum { SHORTEST_LINE = 24, LONGEST_CONDITION = 36, SLACK = 6 };

/* ---- What is still to be written ---- */

void latex_push(struct latex_writing *w, struct latex_item item) {
    VEC_PUSH(&w->open, item);
}

void latex_push_text(struct latex_writing *w, const char *text) {
    latex_push(w, (struct latex_item){.kind = ITEM_TEXT, .text = text});
}

void latex_push_part(struct latex_writing *w, const struct form *f, enum binding_strength least, bool small) {
    latex_push(w, (struct latex_item){.kind = ITEM_FORM, .form = f, .least = least, .small = small});
}

void latex_push_list(struct latex_writing *w, struct form *const *parts, uint32_t count, bool small) {
    for (uint32_t k = count; k > 0; k--) {
        latex_push_part(w, parts[k - 1], BINDS_IF, small);
        if (k > 1) latex_push_text(w, ", ");
    }
}

/* A part that looks like its whole: as small, in the same lines. */
static struct latex_item part_of(const struct latex_item *whole, const struct form *f,
                                 enum binding_strength least) {
    return (struct latex_item){.kind = ITEM_FORM,
                               .form = f,
                               .least = least,
                               .small = whole->small,
                               .lines = whole->lines,
                               .in_case = whole->in_case,
                               .level = whole->level};
}

/* ---- How it looks ---- */

static bool is_fraction(const struct form *f) {
    return f->kind == FORM_PRODUCT && f->above < f->count;
}

/* The zeros at the end of a number that are written as a power of ten; 0 for few. */
static size_t zeros_of(const char *text) {
    enum { FEWEST = 6 };
    size_t length = strlen(text), count = 0;
    while (count < length && text[length - 1 - count] == '0') count++;
    return strpbrk(text, ".e") || count < FEWEST ? 0 : count;
}

static bool has_power_of_ten(const struct form *f) {
    return f->kind == FORM_NUMBER && (strchr(f->text, 'e') || zeros_of(f->text));
}

/* Whether it can go on in a further line. */
static bool can_break(const struct latex_writing *w, const struct form *f) {
    switch ((int)f->kind) {
    case FORM_SUM:
    case FORM_REDUCTION:
    case FORM_CHOICE: return true;
    case FORM_PRODUCT: return f->count > 1;
    case FORM_POWER: return f->parts[0]->kind == FORM_SUM;
    default: return latex_has_arguments(w, f);
    }
}

/* The factor over a line that stands better behind the fraction: a sum over a range, and in lines a long sum;
 * `above` if there is none. */
static uint32_t factor_behind(const struct form *f, bool small, bool lines) {
    uint32_t found = f->above;
    if (small || !is_fraction(f)) return found;
    for (uint32_t k = 0; k < f->above; k++)
        if (f->parts[k]->kind == FORM_REDUCTION) return k;
    for (uint32_t k = 0; k < f->above && lines; k++) {
        bool sum = f->parts[k]->kind == FORM_SUM || f->parts[k]->kind == FORM_CHOICE;
        if (sum && (found == f->above || f->parts[k]->width > f->parts[found]->width)) found = k;
    }
    return found;
}

static enum binding_strength strength_of(const struct latex_writing *w, const struct latex_item *item) {
    const struct form *f = item->form;
    if (f->kind == FORM_REDUCTION) return BINDS_PRODUCT;
    if (has_power_of_ten(f)) return item->small ? BINDS_PRODUCT : BINDS_POWER;
    if (f->kind == FORM_REMAINDER || (f->kind == FORM_CALL && f->op == OP_MOD)) return BINDS_SUM;
    if (latex_is_exponential(w, f)) return BINDS_POWER;
    if (is_fraction(f) && !item->small && factor_behind(f, false, item->lines) == f->above)
        return BINDS_POWER;
    return f->strength;
}

static bool takes_brackets(const struct latex_writing *w, const struct latex_item *item) {
    if (!item->without_sign && item->form->negative) return item->least > BINDS_SUM;
    return strength_of(w, item) < item->least;
}

/* ---- Products ---- */

/* What a product begins or ends with. */
static bool is_word(struct latex_writing *w, const struct form *f) {
    if (f->kind == FORM_POWER) f = f->parts[0];
    return (f->kind == FORM_NAME || f->kind == FORM_ELEMENT) && latex_name(w->names, f->text).is_word;
}

static bool begins_with_digit(const struct form *f) {
    while (f->kind == FORM_POWER || (f->kind == FORM_PRODUCT && !is_fraction(f))) f = f->parts[0];
    const char *pattern = f->kind == FORM_CALL ? latex_pattern(f) : NULL;
    return f->kind == FORM_NUMBER || (pattern && isdigit((unsigned char)pattern[0]));
}

static const char *between_factors(struct latex_writing *w, const struct form *left,
                                   const struct latex_item *right) {
    bool brackets = takes_brackets(w, right);
    if (!brackets && begins_with_digit(right->form)) return " \\cdot ";
    bool named = left->kind != FORM_NUMBER && left->kind != FORM_SUM;
    if ((brackets && named) || (!brackets && is_fraction(right->form)) || is_word(w, left) ||
        (!brackets && is_word(w, right->form)))
        return " \\, ";
    return " ";
}

/* What a line must have left for a part to begin on it. */
static size_t room_for(const struct latex_writing *w, const struct form *f) {
    bool breaks = can_break(w, f) && f->width > w->limit;
    return breaks ? (w->limit > 2 * SHORTEST_LINE ? w->limit / 2 : SHORTEST_LINE) : f->width;
}

static void push_gap(struct latex_writing *w, const struct latex_item *in, const char *text,
                     const char *after_break, size_t width) {
    latex_push(w, (struct latex_item){.kind = in->lines ? ITEM_GAP : ITEM_TEXT,
                                      .text = text,
                                      .after_break = after_break,
                                      .width = width,
                                      .in_case = in->in_case,
                                      .level = in->level});
}

/* Factors number first..end-1 but one (`end`: none), as the last thing of a product or not. */
static void push_factors(struct latex_writing *w, const struct latex_item *in, uint32_t first, uint32_t end,
                         uint32_t but) {
    struct form *const *parts = in->form->parts;
    uint32_t last = end;
    while (last > first && last - 1 == but) last--;
    for (uint32_t k = end; k > first; k--) {
        if (k - 1 == but) continue;
        struct latex_item item = part_of(in, parts[k - 1], k == last ? BINDS_PRODUCT : BINDS_POWER);
        latex_push(w, item);
        uint32_t left = k - 1;
        while (left > first && left - 1 == but) left--;
        if (left > first)
            push_gap(w, in, between_factors(w, parts[left - 1], &item), "{} \\cdot ",
                     room_for(w, parts[k - 1]));
    }
}

/* The factors over or under a line, but one. */
static void push_side(struct latex_writing *w, const struct form *f, uint32_t first, uint32_t end,
                      uint32_t but) {
    struct latex_item whole = {.form = f};
    uint32_t count = end - first - (but >= first && but < end);
    if (count == 1)
        latex_push_part(w, f->parts[first == but ? first + 1 : first], BINDS_IF, false);
    else if (count)
        push_factors(w, &whole, first, end, but);
    else
        latex_push_text(w, "1");
}

static void push_fraction(struct latex_writing *w, const struct latex_item *item) {
    const struct form *f = item->form;
    uint32_t behind = factor_behind(f, item->small, item->lines);
    if (behind < f->above) {
        size_t width = 0;
        for (uint32_t k = f->above; k < f->count; k++) width += f->parts[k]->width;
        latex_push(w, part_of(item, f->parts[behind], BINDS_PRODUCT));
        latex_push_text(w, " \\, ");
        if (item->lines) latex_push(w, (struct latex_item){.kind = ITEM_PLACE, .width = width});
    }
    latex_push_text(w, "}");
    push_side(w, f, f->above, f->count, f->count);
    latex_push_text(w, "}{");
    push_side(w, f, 0, f->above, behind);
    latex_push_text(w, "\\frac{");
}

static void push_quotient_on_a_line(struct latex_writing *w, const struct latex_item *item) {
    const struct form *f = item->form;
    uint32_t count = f->count - f->above;
    if (count > 1) latex_push_text(w, ")");
    if (count == 1) latex_push(w, part_of(item, f->parts[f->above], BINDS_POWER));
    if (count > 1) push_factors(w, item, f->above, f->count, f->count);
    latex_push_text(w, count > 1 ? "/(" : "/");
    if (f->above) push_factors(w, item, 0, f->above, f->count);
    if (!f->above) latex_push_text(w, "1");
}

static void push_product(struct latex_writing *w, const struct latex_item *item) {
    const struct form *f = item->form;
    if (!is_fraction(f))
        push_factors(w, item, 0, f->count, f->count);
    else if (item->small)
        push_quotient_on_a_line(w, item);
    else
        push_fraction(w, item);
}

/* ---- Sums, numbers, names ---- */

static void push_sum(struct latex_writing *w, const struct latex_item *item) {
    const struct form *f = item->form;
    for (uint32_t k = f->count; k > 1; k--) {
        const struct form *part = f->parts[k - 1];
        struct latex_item term = part_of(item, part, part->negative ? BINDS_PRODUCT : BINDS_SUM);
        term.without_sign = true;
        const char *sign = part->negative ? " - " : " + ";
        latex_push(w, term);
        push_gap(w, item, sign, sign, room_for(w, part));
    }
    latex_push(w, part_of(item, f->parts[0], BINDS_SUM));
}

/* 2e-4 is 2 \cdot 10^{-4}, and 3000000 is 3 \cdot 10^{6}. */
static void push_number(struct latex_writing *w, const struct form *f) {
    struct arena *arena = w->names->arena;
    size_t zeros = zeros_of(f->text);
    const char *end = zeros ? f->text + strlen(f->text) - zeros : strchr(f->text, 'e');
    if (!end) {
        latex_push_text(w, f->text);
        return;
    }
    const char *digits = arena_text(arena, f->text, (size_t)(end - f->text));
    const char *exponent = zeros ? arena_format(arena, "%zu", zeros) : end + 1 + (end[1] == '+');
    if (!digits || !exponent) {
        w->names->failed = true;
        return;
    }
    bool is_one = strcmp(digits, "1") == 0;
    latex_push_text(w, "}");
    latex_push_text(w, exponent);
    latex_push_text(w, is_one ? "10^{" : " \\cdot 10^{");
    if (!is_one) latex_push_text(w, digits);
}

/* x_{k}, with the subscripts that the name has. */
static void push_element(struct latex_writing *w, const struct form *f) {
    struct latex_name name = latex_name(w->names, f->text);
    if (f->count || name.below[0]) latex_push_text(w, "}");
    latex_push_list(w, f->parts, f->count, true);
    if (f->count && name.below[0]) latex_push_text(w, ", ");
    latex_push_text(w, name.below);
    if (f->count || name.below[0]) latex_push_text(w, "_{");
    latex_push_text(w, name.base);
}

/* ---- Sums over ranges ---- */

/* What stands below the sign: i=1, and steps and filters in lines of their own. */
static void push_range(struct latex_writing *w, const struct form *f, bool is_sum) {
    bool lines = f->parts[2] || f->parts[3];
    latex_push_text(w, "} ");
    if (is_sum) {
        latex_push_part(w, f->parts[1], BINDS_IF, true);
        latex_push_text(w, "}^{");
    }
    if (lines) latex_push_text(w, "}");
    if (f->parts[3]) {
        latex_push(w,
                   (struct latex_item){
                       .kind = ITEM_CONDITION, .form = f->parts[3], .small = true, .after_break = " \\\\ "});
        latex_push_text(w, " \\\\ ");
    }
    if (f->parts[2]) {
        latex_push_part(w, f->parts[2], BINDS_IF, true);
        latex_push_text(w, " \\\\ \\text{step } ");
    }
    if (!is_sum) {
        latex_push_part(w, f->parts[1], BINDS_SUM, true);
        latex_push_text(w, " \\le ");
    }
    if (is_sum) latex_push_part(w, f->parts[0], BINDS_SUM, true);
    struct latex_name name = latex_name(w->names, f->text);
    if (is_sum) latex_push_text(w, " = ");
    if (name.below[0]) latex_push_text(w, "}");
    latex_push_text(w, name.below);
    if (name.below[0]) latex_push_text(w, "_{");
    latex_push_text(w, name.base);
    if (!is_sum) {
        latex_push_text(w, " \\le ");
        latex_push_part(w, f->parts[0], BINDS_SUM, true);
    }
    latex_push_text(w, lines ? "_{\\substack{" : "_{");
}

static void push_reduction(struct latex_writing *w, const struct latex_item *item) {
    const struct form *f = item->form;
    bool is_sum = f->op == OP_ADD;
    size_t width = 0;
    latex_push(w, part_of(item, f->parts[0], BINDS_PRODUCT));
    for (uint32_t k = f->count; k > 1; k--) width += f->parts[k - 1]->width;
    if (item->lines) latex_push(w, (struct latex_item){.kind = ITEM_PLACE, .width = width});
    for (uint32_t k = f->count; k > 1; k--) {
        push_range(w, f->parts[k - 1], is_sum);
        latex_push_text(w, is_sum ? "\\sum" : f->op == OP_MAX ? "\\max" : "\\min");
    }
}

/* ---- Choices and conditions ---- */

/* A value of a choice, and how far its lines may reach. */
static void push_value(struct latex_writing *w, const struct latex_item *in, const struct form *f,
                       size_t condition) {
    size_t least = in->column + SHORTEST_LINE;
    size_t limit = in->limit > least + condition ? in->limit - condition : least;
    struct latex_item value = part_of(in, f, BINDS_IF);
    value.in_case = true;
    latex_push(w, value);
    if (f->tall && !in->small) latex_push_text(w, "\\displaystyle ");
    if (in->lines)
        latex_push(w, (struct latex_item){.kind = ITEM_PLACE, .column = in->column + 2, .limit = limit});
}

static void push_condition(struct latex_writing *w, const struct form *f, bool small,
                           const char *after_break) {
    latex_push(w, (struct latex_item){
                      .kind = ITEM_CONDITION, .form = f, .small = small, .after_break = after_break});
}

/* "value & if condition", the others as a further case. */
static void push_choice(struct latex_writing *w, const struct latex_item *in) {
    const struct form *f = in->form;
    struct latex_item rest = *in;
    rest.kind = ITEM_CASE;
    rest.form = f->parts[2];
    latex_push(w, rest);
    latex_push_text(w, f->parts[1]->tall && !in->small ? " \\\\[1ex] " : " \\\\ ");
    push_condition(w, f->parts[0], in->small, " \\\\ & ");
    latex_push_text(w, " & \\text{if } ");
    size_t width = f->parts[0]->width;
    push_value(w, in, f->parts[1], (width < LONGEST_CONDITION ? width : LONGEST_CONDITION) + 6);
}

static void push_case(struct latex_writing *w, const struct latex_item *in) {
    if (in->form->kind == FORM_CHOICE && !in->form->negative) {
        push_choice(w, in);
        return;
    }
    if (in->lines)
        latex_push(w, (struct latex_item){
                          .kind = ITEM_PLACE, .column = in->column, .limit = in->limit, .width = in->width});
    latex_push_text(w, " & \\text{otherwise} \\end{cases}");
    push_value(w, in, in->form, 12);
}

/* The columns of the line are remembered: behind the cases the line goes on. */
static void push_cases(struct latex_writing *w, const struct latex_item *item) {
    struct latex_item cases = *item;
    cases.column = w->column;
    cases.limit = w->limit;
    cases.width = item->form->width;
    if (item->lines && w->limit < w->column + SHORTEST_LINE) cases.limit = w->column + SHORTEST_LINE;
    push_choice(w, &cases);
    latex_push_text(w, "\\begin{cases} ");
}

static const char *comparison_sign(const char *sign) {
    static const char *const signs[][2] = {{" < ", " < "},     {" > ", " > "},  {" <= ", " \\le "},
                                           {" >= ", " \\ge "}, {" == ", " = "}, {" != ", " \\ne "}};
    for (size_t k = 0; k < sizeof signs / sizeof *signs; k++)
        if (strcmp(signs[k][0], sign) == 0) return signs[k][1];
    return sign;
}

static void push_pair(struct latex_writing *w, const struct form *f, const char *between, bool small) {
    latex_push_part(w, f->parts[1], form_part_strength(f, 1), small);
    latex_push_text(w, between);
    latex_push_part(w, f->parts[0], form_part_strength(f, 0), small);
}

/* A long condition goes on in further lines at its "and" or "or". */
static void write_condition(struct latex_writing *w, struct latex_item item) {
    const struct form *f = item.form;
    bool pair = f->kind == FORM_AND || f->kind == FORM_OR;
    if (!pair || f->width <= LONGEST_CONDITION) {
        latex_push_part(w, f, BINDS_IF, item.small);
        return;
    }
    bool first_in_brackets = form_needs_brackets(f->parts[0], form_part_strength(f, 0));
    latex_push_part(w, f->parts[1], form_part_strength(f, 1), item.small);
    latex_push_text(w, f->kind == FORM_AND ? "\\text{and } " : "\\text{or } ");
    latex_push_text(w, item.after_break);
    if (first_in_brackets)
        latex_push_part(w, f->parts[0], form_part_strength(f, 0), item.small);
    else
        push_condition(w, f->parts[0], item.small, item.after_break);
}

/* ---- Parts that go on in further lines ---- */

static void push_arguments_in_lines(struct latex_writing *w, const struct latex_item *item) {
    const struct form *f = item->form;
    struct latex_item inner = *item;
    inner.level = (uint8_t)(item->level + 1);
    latex_push_text(w, f->tall ? "\\biggr)" : "\\bigr)");
    for (uint32_t k = f->count; k > 0; k--) {
        latex_push(w, part_of(&inner, f->parts[k - 1], BINDS_IF));
        if (k > 1) push_gap(w, &inner, ", ", "", room_for(w, f->parts[k - 1]));
    }
    latex_push(w, (struct latex_item){.kind = ITEM_PLACE, .width = strlen(f->text) + 1});
    latex_push_text(w, f->tall ? "\\biggl(" : "\\bigl(");
    latex_push_name(w, f);
}

static void push_power_in_lines(struct latex_writing *w, const struct latex_item *item) {
    latex_push_text(w, "}");
    latex_push_part(w, item->form->parts[1], BINDS_IF, true);
    latex_push_text(w, "^{");
    latex_push(w, part_of(item, item->form->parts[0], BINDS_ATOM));
}

/* ---- Everything ---- */

static void push_inside(struct latex_writing *w, const struct latex_item *item) {
    const struct form *f = item->form;
    bool small = item->small;
    switch (f->kind) {
    case FORM_NUMBER: push_number(w, f); break;
    case FORM_NAME:
    case FORM_ELEMENT: push_element(w, f); break;
    case FORM_SUM: push_sum(w, item); break;
    case FORM_PRODUCT: push_product(w, item); break;
    case FORM_POWER:
        if (item->lines)
            push_power_in_lines(w, item);
        else
            latex_push_power(w, f, small);
        break;
    case FORM_CALL:
        if (item->lines)
            push_arguments_in_lines(w, item);
        else
            latex_push_call(w, f, small);
        break;
    case FORM_CHOICE: push_cases(w, item); break;
    case FORM_COMPARISON: push_pair(w, f, comparison_sign(f->text), small); break;
    case FORM_AND: push_pair(w, f, " \\text{ and } ", small); break;
    case FORM_OR: push_pair(w, f, " \\text{ or } ", small); break;
    case FORM_NOT:
        latex_push_part(w, f->parts[0], BINDS_ATOM, small);
        latex_push_text(w, "\\lnot ");
        break;
    case FORM_REMAINDER: push_pair(w, f, " \\bmod ", small); break;
    case FORM_REDUCTION: push_reduction(w, item); break;
    case FORM_RANGE: push_range(w, f, true); break;
    }
}

/* Whether a form goes on in further lines: it does not fit, and can. */
static bool fits(struct latex_writing *w, const struct latex_item *item) {
    const struct form *f = item->form;
    size_t slack = f->kind == FORM_SUM ? 0 : SLACK;
    bool broken = w->column + f->width > w->limit + slack && can_break(w, f);
    if (!broken) w->column += f->width;
    return !broken;
}

static const char *opening(const struct latex_item *item, bool pair) {
    if (!item->form->tall) return pair ? "\\bigl(" : "(";
    return pair ? "\\biggl(" : "\\left(";
}

static const char *closing(const struct latex_item *item, bool pair) {
    if (!item->form->tall) return pair ? "\\bigr)" : ")";
    return pair ? "\\biggr)" : "\\right)";
}

static void write_form(struct latex_writing *w, struct latex_item item) {
    const struct form *f = item.form;
    if (item.lines && fits(w, &item)) item.lines = false;
    bool minus = f->negative && !item.without_sign;
    bool inner = minus && strength_of(w, &item) < BINDS_PRODUCT;
    uint32_t brackets = (uint32_t)takes_brackets(w, &item) + inner;
    /* \left and \right do not reach from line to line; those of a choice do not have to. */
    bool pair = item.lines && f->kind != FORM_CHOICE;
    bool outer = takes_brackets(w, &item);
    if (brackets && item.lines) item.level = (uint8_t)(item.level + 1);
    for (uint32_t k = 0; k < brackets; k++) latex_push_text(w, closing(&item, pair));
    push_inside(w, &item);
    if (inner) latex_push_text(w, opening(&item, pair));
    if (minus) latex_push_text(w, "-");
    if (outer) latex_push_text(w, opening(&item, pair));
}

/* A new line where what follows does not fit on this one, but would on the next. */
static void write_gap(struct latex_writing *w, const struct latex_item *item) {
    size_t indentation = item->level ? 4 : 2;
    size_t slack = item->text[1] == '+' || item->text[1] == '-' ? 0 : SLACK;
    bool breaks = w->column + item->width > w->limit + slack && w->column > indentation + 8;
    if (!breaks) {
        text_add(w->out, item->text);
        w->column += item->text[1] == '+' || item->text[1] == '-' ? 3 : 1;
        return;
    }
    text_add(w->out, item->in_case ? " \\\\ " : " \\\\\n&");
    text_add(w->out, item->level ? "\\qquad " : "\\quad ");
    bool sign = item->after_break[0] == ' ';
    if (sign && item->in_case) text_add(w->out, "{} ");
    text_add(w->out, item->after_break + sign);
    w->column = indentation + 2;
}

static void write_item(struct latex_writing *w, struct latex_item item) {
    switch (item.kind) {
    case ITEM_TEXT: text_add(w->out, item.text); break;
    case ITEM_FORM: write_form(w, item); break;
    case ITEM_CASE: push_case(w, &item); break;
    case ITEM_CONDITION: write_condition(w, item); break;
    case ITEM_GAP: write_gap(w, &item); break;
    case ITEM_PLACE:
        w->column = (item.limit ? item.column : w->column) + item.width;
        if (item.limit) w->limit = item.limit;
        break;
    }
}

static bool write_all(struct latex_writing *w, struct latex_item first) {
    latex_push(w, first);
    while (w->open.count > 0) {
        struct latex_item item = VEC_POP(&w->open);
        write_item(w, item);
    }
    bool good = !w->open.failed && !w->out->failed && !w->names->failed;
    VEC_FREE(&w->open);
    return good;
}

bool latex_write(struct latex_names *names, const struct form *form, struct text *out) {
    struct latex_writing w = {.names = names, .out = out};
    return write_all(&w, (struct latex_item){.kind = ITEM_FORM, .form = form, .least = BINDS_SUM});
}

bool latex_write_lines(struct latex_names *names, const struct form *form, size_t limit, size_t *end,
                       struct text *out) {
    struct latex_writing w = {.names = names, .out = out, .limit = limit};
    bool good =
        write_all(&w, (struct latex_item){.kind = ITEM_FORM, .form = form, .least = BINDS_IF, .lines = true});
    *end = w.column;
    return good;
}
