/* What is still to be written of a form, for the files that write LaTeX. */
#ifndef GRADC_FORMULA_LATEX_ITEM_H
#define GRADC_FORMULA_LATEX_ITEM_H

#include "formula/latex.h"

enum latex_item_kind {
    ITEM_TEXT,
    ITEM_FORM,
    ITEM_CASE,      /* a further case of a choice, or what is left */
    ITEM_CONDITION, /* what may go on in further lines at its and and or */
    ITEM_GAP,       /* text, or a new line and other text where a part of some width does not fit */
    ITEM_PLACE      /* what follows stands at a column of the line */
};

struct latex_item {
    enum latex_item_kind kind;
    const struct form *form;
    enum binding_strength least;
    bool without_sign;
    bool small;    /* an exponent or a subscript: fractions with a slash */
    bool lines;    /* it may go on in further lines */
    bool in_case;  /* these are lines of a case */
    uint8_t level; /* of indentation */
    const char *text, *after_break;
    size_t width, column, limit;
};

struct latex_writing {
    struct latex_names *names;
    struct text *out;
    VEC(struct latex_item) open; /* the next at the end */
    size_t column, limit;        /* of the line */
};

/* Pieces are pushed from the last to the first. */
void latex_push(struct latex_writing *w, struct latex_item item);
void latex_push_text(struct latex_writing *w, const char *text);
void latex_push_part(struct latex_writing *w, const struct form *f, enum binding_strength least, bool small);
void latex_push_list(struct latex_writing *w, struct form *const *parts, uint32_t count, bool small);
/* ---- Functions (formula/latex_call.c) ---- */

/* How a function looks: a name, or a pattern with % for operands. NULL: its name in text. */
const char *latex_pattern(const struct form *call);
/* Whether a call is a power of e, 2 or 10. */
bool latex_is_exponential(const struct latex_writing *w, const struct form *f);
/* Whether its operands stand in brackets behind a name. */
bool latex_has_arguments(const struct latex_writing *w, const struct form *f);
void latex_push_name(struct latex_writing *w, const struct form *call);
void latex_push_call(struct latex_writing *w, const struct form *f, bool small);
void latex_push_power(struct latex_writing *w, const struct form *f, bool small);

#endif
