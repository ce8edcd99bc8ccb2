/* Forms as LaTeX with amsmath. */
#ifndef GRADC_FORMULA_LATEX_H
#define GRADC_FORMULA_LATEX_H

#include "formula/form.h"
#include "formula/latex_name.h"

/* Adds a form; where it is `alone`, a long sum goes on in further lines of `align`. False where memory is
 * exhausted. */
bool latex_write(struct latex_names *names, const struct form *form, bool alone, struct text *out);

#endif
