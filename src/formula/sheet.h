/* A sheet of formulas: every array that is shown or used, as one expression each, and the lines that give
 * names to what is shared or comes about step by step. */
#ifndef GRADC_FORMULA_SHEET_H
#define GRADC_FORMULA_SHEET_H

#include "formula/definition.h"
#include "formula/formula.h"
#include "formula/layout.h"
#include "formula/name_set.h"
#include "formula/reduction.h"
#include "formula/simplify.h"

enum entry_kind {
    ENTRY_NONE,   /* an input, an array of the file, a reduction, or nothing that is needed */
    ENTRY_TARGET, /* shown itself */
    ENTRY_LINE    /* shown where it is read, or by a line */
};

/* An array. */
struct entry {
    enum entry_kind kind;
    node_id value; /* of its element; 0: none */
    index_id *indices;
    struct dimension *ranges;
    bool *down; /* by index: elements come about from the last to the first */
    uint32_t rank;
    uint32_t uses;  /* reads of it */
    bool recurrent; /* a loop around it runs in a stated order */
    bool has_loops; /* it is a sum over loops */
};

/* A line that gives a name to an element. */
struct sheet_line {
    array_id array;
    bool with_previous; /* recurrences that advance together */
};

struct sheet {
    struct program *program;
    const struct program *function; /* that the targets are derivatives of; NULL: none */
    struct definitions definitions;
    struct reductions reductions;
    struct index_table indices;
    index_id first_element;      /* indices from here on are those of elements, not of loops */
    VEC(struct entry) entries;   /* by array */
    VEC(array_id) order;         /* arrays with definitions, in the order in which they come about */
    VEC(uint32_t) reductions_of; /* how many reductions there were after each of these */
    VEC(struct sheet_line) lines;
    struct name_set taken; /* names that lines must not take */
    struct formula_names *names;
    struct layout layout;
    struct node_map domain; /* of the function (formula/domain.c) */
    bool was_plain;         /* the graph, before */
    bool for_eyes;          /* not for a file: ranges may depend on each other */
    bool failed;
};

/* Takes the program's definitions; derivatives need only hold where the function is defined.
 * `targets` are the arrays that are shown, of the elements that seeds
 * choose. `for_eyes` leaves out that elements which nothing reads are not computed. False where memory is
 * exhausted. */
bool sheet_make(struct sheet *s, struct program *p, const struct program *function, const array_id *targets,
                size_t count, const struct chosen_element *elements, size_t element_count, bool for_eyes,
                struct formula_names *names);
void sheet_release(struct sheet *s);
/* The form of an expression. NULL where memory is exhausted. */
struct form *sheet_form(struct sheet *s, node_id n);

/* ---- Between the files of the sheet ---- */

/* Whether an array belongs to the file, which shows its name. */
bool sheet_belongs_to_file(const struct sheet *s, array_id array);
/* Names indices, and makes indices one that have the same name and range (formula/names.c). */
bool sheet_name_indices(struct sheet *s);
/* Names the arrays that have lines. */
void sheet_name_lines(struct sheet *s);
/* Entries with expressions from definitions (formula/formulate.c). */
bool sheet_formulate(struct sheet *s);
/* Finds what the targets need, and how often; puts what is needed once or short where it is read
 * (formula/inline.c). */
bool sheet_inline(struct sheet *s, bool *changed);
/* Simplifies all expressions. */
bool sheet_simplify(struct sheet *s, enum simplifier_mode mode);
/* Makes entries one that differ only in their names (formula/alike.c). */
bool sheet_join_alike(struct sheet *s);
/* Gives names to what is shared, where that is shorter (formula/share.c). */
bool sheet_share(struct sheet *s);
/* Gives indices of sums within sums of the same name another (formula/rename.c). */
bool sheet_rename_nested(struct sheet *s);
/* Puts the lines in order, each behind those that it names (formula/order.c). */
bool sheet_order(struct sheet *s);

#endif
