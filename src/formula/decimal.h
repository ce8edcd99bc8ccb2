/* Fractions as decimals: 6993/5000 is 1.3986. */
#ifndef GRADC_FORMULA_DECIMAL_H
#define GRADC_FORMULA_DECIMAL_H

#include <gmp.h>
#include <stdbool.h>
#include <stddef.h>

enum { DECIMAL_ROOM = 64 };

/* The size of a fraction as a decimal that is exactly it: "0.3", "2e-6". False where it is none, or a long
 * one.
 */
bool decimal_text(mpq_srcptr value, char text[DECIMAL_ROOM]);
/* Whether a decimal is better than the fraction, each with what stands around it. */
bool decimal_is_better(mpq_srcptr value, size_t decimal_length, size_t fraction_length);

#endif
