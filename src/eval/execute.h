/* Execution of a program's steps, one after the other as written, over a walk. Integer elements are stored by
 * execute itself, real ones by the walk's client. */
#ifndef GRADC_EVAL_EXECUTE_H
#define GRADC_EVAL_EXECUTE_H

#include "eval/walk.h"

enum evaluation {
    EVALUATED,
    EVALUATION_ERROR, /* an integer error; described in the diagnostics */
    EVALUATION_MEMORY /* memory is exhausted */
};

/* Runs all steps of w->program into w->binding's arrays. Errors: those of integer.h, "zero-step". */
enum evaluation execute(struct walk *w);

#endif
