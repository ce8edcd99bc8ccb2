#include "formula/form.h"

#include <string.h>

#include "ir/ops.h"

enum { LONGEST = 1 << 28, HEAD = 40 };

static uint64_t mix(uint64_t h, uint64_t value) {
    h ^= value + UINT64_C(0x9e3779b97f4a7c15) + (h << 6) + (h >> 2);
    h *= UINT64_C(0xff51afd7ed558ccd);
    return h ^ (h >> 33);
}

static uint64_t mix_text(uint64_t h, const char *text) {
    for (; text && *text; text++) h = mix(h, (unsigned char)*text);
    return h;
}

static uint64_t structure_of(const struct form *f) {
    uint64_t h = mix(mix((uint64_t)f->kind, f->negative), f->above);
    h = mix_text(h, f->text);
    for (uint32_t k = 0; k < f->count; k++) h = mix(h, f->parts[k] ? f->parts[k]->structure : 0);
    return h;
}

/* What stands between and around the parts, about. */
static size_t length_around(const struct form *f) {
    size_t text = f->text ? strlen(f->text) : 0, gaps = f->count ? f->count - 1 : 0;
    switch (f->kind) {
    case FORM_SUM: return 3 * gaps;
    case FORM_PRODUCT: return gaps + (f->above == 0) + (f->count - f->above > 1 ? 2u : 0u);
    case FORM_POWER: return 1;
    case FORM_CALL: return text + 2 + 2 * gaps;
    case FORM_ELEMENT: return text + 2 * f->count;
    case FORM_CHOICE: return strlen("if  then  else ");
    case FORM_REDUCTION: return text + strlen("( for )") + 2 * (gaps ? gaps - 1 : 0);
    case FORM_RANGE:
        return text + strlen(" in ..") + (f->parts[2] ? strlen(" by ") : 0) +
               (f->parts[3] ? strlen(" if ") : 0);
    case FORM_AND: return strlen(" and ");
    case FORM_OR: return strlen(" or ");
    case FORM_NOT: return strlen("not ");
    case FORM_REMAINDER: return strlen(" % ");
    case FORM_NUMBER:
    case FORM_NAME:
    case FORM_COMPARISON: break;
    }
    return text;
}

/* A sign stands first or in brackets. */
bool form_needs_brackets(const struct form *f, enum binding_strength least) {
    return f->negative ? least > BINDS_SUM : f->strength < least;
}

enum binding_strength form_part_strength(const struct form *f, uint32_t part) {
    switch (f->kind) {
    case FORM_SUM: return part == 0 ? BINDS_SUM : BINDS_PRODUCT;
    case FORM_PRODUCT: return part == 0 && f->above > 0 ? BINDS_PRODUCT : BINDS_POWER;
    case FORM_POWER: return BINDS_ATOM;
    case FORM_CHOICE: return part == 0 ? BINDS_OR : BINDS_IF;
    case FORM_COMPARISON: return BINDS_SUM;
    case FORM_AND: return part == 0 ? BINDS_AND : BINDS_NOT;
    case FORM_OR: return part == 0 ? BINDS_OR : BINDS_AND;
    case FORM_NOT: return BINDS_NOT;
    case FORM_REMAINDER: return part == 0 ? BINDS_PRODUCT : BINDS_SIGN;
    case FORM_RANGE: return part < 3 ? BINDS_SUM : BINDS_OR;
    case FORM_NUMBER:
    case FORM_NAME:
    case FORM_ELEMENT:
    case FORM_CALL:
    case FORM_REDUCTION: break;
    }
    return BINDS_IF;
}

static size_t length_of(const struct form *f) {
    size_t length = length_around(f) + f->negative + (f->negative && f->strength < BINDS_PRODUCT ? 2u : 0u);
    for (uint32_t k = 0; k < f->count; k++) {
        if (!f->parts[k]) continue;
        /* The sign of a term is the sign between terms. */
        bool sign = f->kind == FORM_SUM && k > 0 && f->parts[k]->negative;
        bool brackets = !sign && form_needs_brackets(f->parts[k], form_part_strength(f, k));
        length += f->parts[k]->length - sign + 2 * brackets;
    }
    return length < LONGEST ? length : LONGEST;
}

/* ---- The width of what is typeset ---- */

static size_t smaller(size_t width) {
    return (7 * width + 9) / 10;
}

static size_t larger(size_t a, size_t b) {
    return a > b ? a : b;
}

size_t form_width_of_name(const char *name) {
    static const char adjoint[] = "_adjoint";
    size_t length = strlen(name), end = sizeof adjoint - 1;
    return length > end && strcmp(name + length - end, adjoint) == 0 ? length - end : length;
}

static size_t width_of_parts(const struct form *f, uint32_t first, uint32_t end) {
    size_t width = 0;
    for (uint32_t k = first; k < end; k++) {
        const struct form *part = f->parts[k];
        if (!part) continue;
        bool brackets = form_needs_brackets(part, form_part_strength(f, k));
        width += part->width + part->negative + 2 * brackets;
    }
    return width;
}

/* What stands below a sign of summation or above it. */
static size_t width_of_range(const struct form *f) {
    size_t first = strlen(f->text) + 3 + f->parts[0]->width;
    if (f->parts[2]) first = larger(first, f->parts[2]->width + strlen("step "));
    if (f->parts[3]) first = larger(first, f->parts[3]->width);
    return larger(3, smaller(larger(first, f->parts[1]->width)));
}

/* Those of one letter, and those of their names. */
static size_t width_of_function(const struct form *f) {
    const char *latex = op_info(f->op)->latex;
    return latex && strncmp(latex, "\\operatorname", strlen("\\operatorname")) != 0 ? 3 : strlen(f->text);
}

static size_t width_of(const struct form *f) {
    size_t text = f->text ? form_width_of_name(f->text) : 0, gaps = f->count ? f->count - 1 : 0, parts;
    switch ((int)f->kind) {
    case FORM_RANGE: return width_of_range(f);
    case FORM_CHOICE:
        return larger(f->parts[0]->width + f->parts[1]->width + strlen("{ if "), f->parts[2]->width);
    case FORM_POWER: return f->parts[0]->width + smaller(f->parts[1]->width);
    case FORM_ELEMENT: return text + smaller(width_of_parts(f, 0, f->count) + gaps);
    case FORM_PRODUCT:
        parts = width_of_parts(f, 0, f->above) + f->above / 2;
        return larger(parts, width_of_parts(f, f->above, f->count) + (f->count - f->above) / 2);
    default: break;
    }
    parts = width_of_parts(f, 0, f->count);
    if (f->kind == FORM_REDUCTION || f->kind == FORM_NAME || f->kind == FORM_NUMBER) gaps = 0;
    if (f->kind == FORM_REDUCTION) text = 0;
    if (f->kind == FORM_CALL) text = width_of_function(f);
    if (f->kind == FORM_CALL && f->op == OP_EXP) return 1 + smaller(parts);
    return text + parts + 3 * gaps + (f->kind == FORM_CALL ? 2 : 0);
}

static size_t bounded_width(const struct form *f) {
    size_t width = width_of(f);
    return width < LONGEST ? width : LONGEST;
}

static bool is_tall(const struct form *f) {
    bool tall = f->kind == FORM_REDUCTION || f->kind == FORM_CHOICE ||
                (f->kind == FORM_PRODUCT && f->above < f->count);
    uint32_t on_the_line = f->kind == FORM_ELEMENT ? 0 : f->kind == FORM_POWER ? 1 : f->count;
    for (uint32_t k = 0; k < on_the_line && !tall; k++) tall = f->parts[k] && f->parts[k]->tall;
    return tall;
}

struct form *form_make(struct arena *arena, struct form form, struct form *const *parts, uint32_t count) {
    struct form *f = ARENA_NEW(arena, struct form);
    if (!f) return NULL;
    *f = form;
    f->count = count;
    f->head = NULL;
    if (count) {
        f->parts = ARENA_ARRAY(arena, struct form *, count);
        if (!f->parts) return NULL;
        memcpy(f->parts, parts, count * sizeof *parts);
    }
    f->length = length_of(f);
    f->width = bounded_width(f);
    f->structure = structure_of(f);
    f->tall = is_tall(f);
    return f;
}

struct form *form_signed(struct arena *arena, struct form *form, bool negative) {
    if (form->negative == negative) return form;
    struct form *f = ARENA_NEW(arena, struct form);
    if (!f) return NULL;
    *f = *form;
    f->negative = negative;
    f->length = length_of(f);
    f->structure = structure_of(f);
    return f;
}

const char *form_head(struct arena *arena, struct form *form) {
    if (form->head) return form->head;
    struct text text = {0};
    struct form positive = *form;
    positive.negative = false;
    /* Of terms it is the text behind the number that tells. */
    if (form->kind == FORM_PRODUCT && form->above > 1 && form->parts[0]->kind == FORM_NUMBER) {
        positive.parts++;
        positive.count--;
        positive.above--;
    }
    if (form_write(&positive, BINDS_IF, HEAD, &text))
        form->head = arena_text(arena, text_string(&text), text.length);
    text_free(&text);
    return form->head ? form->head : "";
}
