/* Elements that derivatives are taken by.
 *
 * A derivative along a direction (or, seeded, of an output) is linear in it. A formula wants the derivative
 * by one element: the direction is 1 there and 0 elsewhere. So whatever depends on a direction gains the
 * indices of its chosen element, before all others, and each read of a direction becomes the condition that
 * its subscripts are those indices. */
#ifndef GRADC_FORMULA_CHOSEN_H
#define GRADC_FORMULA_CHOSEN_H

#include "formula/number_set.h"
#include "ir/program.h"

struct chosen_element {
    array_id seed; /* an input of the program: a seed or a direction */
    const struct dimension *dims;
    uint32_t rank;     /* 0: the seed is 1 */
    uint32_t before;   /* how many indices a formula has before those of this element */
    index_id *indices; /* made by chosen_make */
};

struct chosen {
    struct program *p;
    struct chosen_element *elements;
    size_t count;
    uint32_t *element_of; /* by array: the element it chooses, plus 1; 0: none. NULL without elements */
    uint32_t *set_of;     /* by array: the set of elements it depends on */
    struct number_sets sets;
    struct node_map set_of_node; /* the set, plus 1 */
    VEC(node_id) stack;
};

/* A part of a sum, with the condition under which it counts. */
struct chosen_part {
    node_id value, condition;
};
struct chosen_parts {
    VEC(struct chosen_part) all;
};

/* Finds what depends on which elements; those without dimensions are not followed. False where memory is
 * exhausted. */
bool chosen_make(struct chosen *c, struct program *p, const struct chosen_element *elements, size_t count);
void chosen_release(struct chosen *c);
/* Whether an array is a seed without dimensions, which is 1. */
bool chosen_is_one(const struct chosen *c, array_id array);
/* The elements that an array depends on. */
struct number_set chosen_of_array(const struct chosen *c, array_id array);
/* Splits a value into parts that do not read seeds. False where memory is exhausted. */
bool chosen_split(struct chosen *c, node_id value, struct chosen_parts *parts);

#endif
