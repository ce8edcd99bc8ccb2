/* A sheet of formulas: which arrays get lines of their own, how everything is called, and the lines. */
#ifndef GRADC_FORMULA_SHEET_H
#define GRADC_FORMULA_SHEET_H

#include "formula/definition.h"
#include "formula/formula.h"
#include "formula/render.h"

/* A named line: an array that comes about by a definition, or a shared expression. */
struct sheet_line {
    const char *name;
    index_id *indices;
    struct dimension *ranges;
    uint32_t rank;
    const bool *down; /* by index, but for the first; NULL: none */
    const char *formula;
    const char *first_index;             /* its name; NULL: none */
    bool first_down;                     /* by it, elements come about from the last to the first */
    bool with_previous;                  /* recurrences that advance together */
    const struct definition *definition; /* NULL: a shared expression */
};

struct sheet {
    struct program *program;
    struct definitions definitions;
    struct renderer renderer;
    struct dimension *loop_of; /* by index: its range */
    bool *needed;              /* by array */
    uint32_t *uses;            /* by array */
    VEC(uint32_t) users;       /* by node: how many nodes and terms use it */
    VEC(node_id) shared;       /* nodes that may get a name */
    VEC(struct sheet_line) lines;
    struct formula_names *names;
    bool failed;
};

/* Takes the program's definitions; `targets` are the arrays that are shown, of the elements that seeds
 * choose. `for_eyes` leaves out that elements which nothing reads are not computed. */
bool sheet_make(struct sheet *s, struct program *p, const array_id *targets, size_t count,
                const struct chosen_element *elements, size_t element_count, bool for_eyes,
                struct formula_names *names);
void sheet_release(struct sheet *s);
/* The formula of an array's element (formula/term.c). */
const char *sheet_formula(struct sheet *s, const struct definition *def, enum binding_strength *strength);
/* Whether a read shows the array's name, because it has a line or belongs to the file. */
bool sheet_shows_name(const struct sheet *s, array_id array);

#endif
