/** @file
 * gradc: exact derivatives of expression files, evaluated by native code, and descent along them.
 *
 * The way through this header: load a file into a model; ask the model what it declares; make an evaluator of
 * it; evaluate at points, or descend. A model owns what it was asked for, down to its diagnostics; an
 * evaluator borrows its model, which must outlive it.
 *
 * Nothing here prints, ends the process, reads the environment or depends on the locale. Functions that can
 * fail say so by their value; why stands in the model's diagnostics. Pointers are borrowed from the object
 * they were asked of and live as long, but for texts (char *), which the caller releases with free().
 *
 * Threads: different models may be used by different threads at the same time; one model, together with its
 * evaluators, by one thread at a time.
 *
 * LLVM has one handler of fatal errors for the whole process. Where code is first made the library installs
 * its own, which stays: it ends the work with an error of the model in place of the process, and leaves fatal
 * errors of other work with LLVM to LLVM, which then exits. A program that uses the same LLVM with a handler
 * of its own installs that after code was first made, and does without the errors of the model. */
#ifndef GRADC_GRADC_H
#define GRADC_GRADC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gradc/build.h"
#include "gradc/check.h"
#include "gradc/columns.h"
#include "gradc/compile.h"
#include "gradc/descend.h"
#include "gradc/emit.h"
#include "gradc/evaluate.h"
#include "gradc/formulas.h"
#include "gradc/model.h"

#ifdef __cplusplus
extern "C" {
#endif
#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif

/* ---- Version ---- */

/** "0.1.0". */
const char *gradc_version(void);
/** How many processors this process may use: what `threads` is by default in the command. Thread-safe. */
unsigned gradc_processors(void);
/** The version of LLVM that makes native code, such as "19.1.7". */
const char *gradc_llvm_version(void);
/** The processor, by the name it gives itself or LLVM gives it; the caller frees it. NULL where memory is
 * exhausted. */
char *gradc_cpu_name(void);

/* ---- Numbers as text ---- */

enum { GRADC_NUMBER_CHARS = 40 };
/** Writes the shortest decimal that reads back to the same double; NaN and infinities as nan, inf, -inf. */
void gradc_number_format(double value, char digits[GRADC_NUMBER_CHARS]);
/** Reads a decimal number, correctly rounded: the whole of text[0..length) must be one; inf and nan are
 * accepted. False, leaving *value alone, where it is not a number. */
bool gradc_number_parse(const char *text, size_t length, double *value);
/** The candidate nearest to a mistyped name, or NULL where none is near. */
const char *gradc_nearest_name(const char *name, const char *const *candidates, size_t count);

#ifdef __GNUC__
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif

#endif
