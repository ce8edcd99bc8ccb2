/** @file
 * Derivatives as text, and the elementary functions; part of gradc.h. */
#ifndef GRADC_FORMULAS_H
#define GRADC_FORMULAS_H

#include "gradc/model.h"

#ifdef __cplusplus
extern "C" {
#endif
#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif

/* ---- Derivatives as text ---- */

/** How formulas are written. */
enum gradc_formula_format {
    GRADC_FORMULA_TEXT,
    GRADC_FORMULA_GRAD, /**< statements of the language, which parse */
    GRADC_FORMULA_JSON,
    GRADC_FORMULA_LATEX, /**< an environment `align*` of amsmath */
    GRADC_FORMULA_DOT    /**< a graph for Graphviz */
};

/** The exact derivatives of the objective (without one: of the outputs) by the named unknowns or real params;
 * none named: by all unknowns. Of order 2 and more, each choice of variables is told once; order 0 is the
 * function itself. NULL after an error. */
char *gradc_formulas(struct gradc_model *model, const char *const *wrt, size_t wrt_count, unsigned order,
                     enum gradc_formula_format format);

/* ---- The elementary functions ---- */

/** An elementary function of the language. */
struct gradc_function {
    const char *name;   /**< as the language spells it */
    size_t arity;       /**< SIZE_MAX: one or more operands */
    char operands[64];  /**< their names: "x", "y, x", "x, y, ..." */
    const char *domain; /**< of the operands, in words */
    const char *doc;    /**< what it is, in one line */
    /** The largest errors of the value and of the derivatives over the domain, in units in the last place:
     * what tests find, rounded up. */
    double value_error; /**< the largest error of the value over the domain, in units in the last place: what
                           tests find, rounded up */
    double derivative_error; /**< the same of the derivatives */
    const char
        *error_note; /**< why they are large, or in relation to what they count; NULL: nothing to say */
};
/** How many elementary functions there are. */
size_t gradc_function_count(void);
/** Function k, from 0; its texts are constants. */
struct gradc_function gradc_function_at(size_t k);
/** Its derivatives as text, one by each operand, separated by newlines; NULL where memory is
 * exhausted. */
char *gradc_function_derivatives(size_t k);

#ifdef __GNUC__
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif

#endif
