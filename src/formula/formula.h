/* Derivatives as formulas, from a program that computes them.
 *
 * Input: a program (a gradient, or a function with its partials) and the arrays of interest. Output: text for
 * people, statements of the language, JSON, rows of LaTeX or a graph. What several formulas share, and what
 * comes about step by step, is given a name and a line of its own. The text does not grow with the data. */
#ifndef GRADC_FORMULA_FORMULA_H
#define GRADC_FORMULA_FORMULA_H

#include "ir/program.h"
#include "support/text.h"
#include "support/vec.h"

enum formula_format { FORMULA_TEXT, FORMULA_STATEMENTS, FORMULA_JSON, FORMULA_LATEX, FORMULA_DOT };

/* What a derivative is of, or by. */
struct formula_variable {
    const char *name;
    const struct dimension *dims;
    uint32_t rank;
    array_id seed; /* chooses its element; 0: the indices of the derivative's array do */
};

/* One derivative to show. */
struct formula_target {
    array_id array; /* that holds it; 0: it is zero everywhere */
    struct formula_variable of;
    bool of_objective;
    bool alone;                         /* its function has no other variable */
    const struct formula_variable *wrt; /* as many as the order, which may be 0: the function itself */
    uint32_t order;
};

/* What one program's formulas have used, for the next. */
struct formula_names {
    VEC(const char *) taken; /* names that lines must not take: those of the file, and of lines before */
    unsigned lines;          /* t1, t2, ... so far */
    unsigned rows, nodes;    /* of LaTeX; of graphs */
};

/* Adds the formulas of `count` targets in one program, which hold where the function is defined that they are
 * derivatives of (NULL: they are none); rows of LaTeX are separated, the last one is not ended. The program
 * gains indices and names, `names` those of the lines. Formats for people leave out that elements which
 * nothing reads are not computed, where that would take lines of its own. False where memory is exhausted. */
bool formula_print(struct program *p, const struct program *function, const struct formula_target *targets,
                   size_t count, enum formula_format format, struct formula_names *names, struct text *out);

#endif
