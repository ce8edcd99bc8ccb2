/* Formulas as a mathematician lays them out: trees of sums, products and quotients, with terms by falling
 * degree, coefficients first, and signs where they read best. Writers make text or LaTeX of them. Equal parts
 * are one tree, so a form is small even where its text is long. */
#ifndef GRADC_FORMULA_FORM_H
#define GRADC_FORMULA_FORM_H

#include "ir/program.h"
#include "support/text.h"

/* How tightly an expression binds, loosest first. */
enum binding_strength {
    BINDS_IF,
    BINDS_OR,
    BINDS_AND,
    BINDS_NOT,
    BINDS_COMPARISON,
    BINDS_SUM,
    BINDS_PRODUCT,
    BINDS_SIGN,
    BINDS_POWER,
    BINDS_ATOM
};

enum form_kind {
    FORM_NUMBER,     /* text: a whole number without sign */
    FORM_NAME,       /* text: a name, "pi" or "inf" */
    FORM_ELEMENT,    /* text[parts] */
    FORM_SUM,        /* parts, each with its sign */
    FORM_PRODUCT,    /* the first `above` parts over the others */
    FORM_POWER,      /* base, exponent */
    FORM_CALL,       /* a function of the parts */
    FORM_CHOICE,     /* condition, then, else */
    FORM_COMPARISON, /* left, right; text is the sign between them */
    FORM_AND,        /* left, right */
    FORM_OR,
    FORM_NOT,
    FORM_REMAINDER, /* left, right */
    FORM_REDUCTION, /* value, ranges; text: sum, max or min */
    FORM_RANGE      /* text in lower..upper [by step] [if filter]; parts: those four, NULL: left out */
};

struct form {
    enum form_kind kind;
    enum binding_strength strength;
    enum op op;    /* of a CALL, and what a REDUCTION came from */
    bool negative; /* a minus sign stands before it */
    bool tall;     /* a fraction, a sum over a range or a choice is in it */
    int degree;    /* of the term it may be */
    const char *text;
    struct form **parts;
    uint32_t count, above;
    size_t length;      /* of its text with the sign, bounded */
    size_t width;       /* of it typeset without the sign, in letters, about */
    uint64_t structure; /* equal for equal texts */
    const char *head;   /* how its text begins, or NULL: not written yet */
};

/* Completes a form whose parts are known: its length and structure. NULL where memory is exhausted. */
struct form *form_make(struct arena *arena, struct form form, struct form *const *parts, uint32_t count);
/* The same with or without its sign. */
struct form *form_signed(struct arena *arena, struct form *form, bool negative);
/* Of a name typeset, in letters: adjoints have a line over the name. */
size_t form_width_of_name(const char *name);
/* How its text begins, without its sign. From the arena. */
const char *form_head(struct arena *arena, struct form *form);
/* Whether it takes brackets where something is expected that binds at least so tightly. */
bool form_needs_brackets(const struct form *form, enum binding_strength least);
/* How tightly a part of a form must bind in text; `first`: it begins the form. */
enum binding_strength form_part_strength(const struct form *form, uint32_t part);

/* Adds its text, in brackets where it binds less tightly than asked for; stops after `most` characters (0:
 * never). False where memory is exhausted. */
bool form_write(const struct form *form, enum binding_strength least, size_t most, struct text *out);

#endif
