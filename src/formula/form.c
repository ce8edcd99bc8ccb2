#include "formula/form.h"

#include <string.h>

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
