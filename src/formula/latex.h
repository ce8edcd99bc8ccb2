/* Forms as LaTeX with amsmath. */
#ifndef GRADC_FORMULA_LATEX_H
#define GRADC_FORMULA_LATEX_H

#include "formula/form.h"
#include "formula/latex_name.h"

/* Adds a form that fits where it stands. False where memory is exhausted. */
bool latex_write(struct latex_names *names, const struct form *form, struct text *out);
/* Adds a form that goes on in further lines of `align` where it is wider than a limit in letters. `end`: how
 * far the last line then reaches. */
bool latex_write_lines(struct latex_names *names, const struct form *form, size_t limit, size_t *end,
                       struct text *out);

#endif
