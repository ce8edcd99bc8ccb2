/* What the declarations of params, unknowns, lets and outputs have in common. */
#ifndef GRADC_SEMA_DECLARE_H
#define GRADC_SEMA_DECLARE_H

#include "sema/checker.h"

/* Adds the array that a declaration names; false after an error. */
bool declare_array(struct checker *c, const struct ast_declaration *d, enum array_role role,
                   enum value_type type, struct model_array *shape);
/* Makes the name known; kind SYMBOL_BROKEN after an error in its declaration. */
struct symbol *declare_symbol(struct checker *c, const struct ast_declaration *d, enum symbol_kind kind,
                              array_id array, bool depends);
/* The values of a declaration's expression, or of its array literal. NULL after an error. They may wait where
 * the checker says so. */
double *declared_values(struct checker *c, const struct ast_declaration *d, const struct ast *ast,
                        const struct model_array *shape, const char *what);
/* Turns values into whole numbers, which becomes the contents of an integer input. False after an error. */
bool set_whole(struct checker *c, const struct model_array *shape, const double *values);
/* Computes an element of an array from an expression, sum by sum where it is made of sums. The array has been
 * cleared where `added`. */
void define_element(struct checker *c, array_id array, const node_id *subscripts, const struct ast *ast,
                    bool added);
/* Clears an array whose elements will be added up. */
void clear_array(struct checker *c, array_id array, struct span span);
/* Whether an expression reads a name. */
bool reads_name(struct checker *c, const struct ast *ast, const char *name);

#endif
