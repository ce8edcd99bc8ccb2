/* From expressions to forms. */
#ifndef GRADC_FORMULA_LAYOUT_H
#define GRADC_FORMULA_LAYOUT_H

#include "formula/form.h"
#include "ir/node_map.h"
#include "formula/reduction.h"

struct layout {
    struct program *program;
    struct reductions *reductions;     /* NULL: there are none */
    const struct index_table *indices; /* their names */
    index_id first_element;            /* indices from here on are those of elements, not of loops */
    struct node_map place_of;          /* by node: its form's place, plus 1 */
    VEC(struct form *) forms;
    VEC(node_id) stack;
    bool failed; /* memory was exhausted */
};

/* The form of an expression. NULL where memory is exhausted. */
struct form *layout_form(struct layout *l, node_id n);
void layout_release(struct layout *l);

/* ---- Between the files of the layout ---- */

/* A node's form, where it has been made. */
struct form *layout_made(const struct layout *l, node_id n);
/* Whether the node's form is still to be made; it is then, before what waits for it. */
bool layout_want(struct layout *l, node_id n);
struct form *layout_make(struct layout *l, struct form form, struct form *const *parts, uint32_t count);
/* A number without its sign; a decimal is NULL where it would not end soon. */
struct form *layout_number(struct layout *l, mpz_srcptr number);
struct form *layout_decimal(struct layout *l, mpq_srcptr number);
/* Each returns the form, or NULL while it waits for others (formula/layout_sum.c, layout_product.c). */
struct form *layout_sum(struct layout *l, node_id n);
struct form *layout_product(struct layout *l, node_id n);
struct form *layout_whole_sum(struct layout *l, node_id n);
/* Puts the terms of a sum in order. */
struct form *layout_terms(struct layout *l, struct form **terms, size_t count);
/* The sum of the opposites of a sum's terms. */
struct form *layout_opposite(struct layout *l, const struct form *sum);
/* A form's opposite that is no longer: b - a for a - b, also in products, odd powers and sums over ranges.
 * NULL: there is none. */
struct form *layout_turned(struct layout *l, struct form *f);
/* What stands alone: -(if c then a else b) is `if c then -a else -b`. */
struct form *layout_alone(struct layout *l, struct form *f);
/* The order of two forms by their texts. */
int layout_compare(struct layout *l, struct form *x, struct form *y);
/* By class and then by text; params and whole numbers come first, functions last. */
void layout_sort_factors(struct layout *l, struct form **factors, size_t count);

#endif
