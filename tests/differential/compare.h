/* One file, all readers: does every way to evaluate value and gradient agree, and is the gradient right? */
#ifndef GRADC_TESTS_COMPARE_H
#define GRADC_TESTS_COMPARE_H

#include <stdbool.h>

#include "support/text.h"

enum verdict { VERDICT_AGREES, VERDICT_REDRAWN /* too near to a kink, or not finite */, VERDICT_DISAGREES };

/* What a comparison does beside values and gradient in the interpreter. */
struct thoroughness {
    int level;          /* of native code, as in kernel_options; -1: none is made */
    bool second_order;  /* a column of the Hessian too, and products with the Jacobian of the outputs */
    bool lanes;         /* kernels in vector lanes too, against the reference */
    bool matrices;      /* of a text: whole matrices too */
    bool through_kinks; /* where a point lies between two branches these meet smoothly: differences tell there
                           too */
};

/* Loads the text, differentiates, and compares
 *     native code with the interpreter in doubles, bit for bit,
 *     native code with the reference evaluator, within 64 eps times the amplification it measures,
 *     the derived gradient with central differences, both at high precision,
 * and as far as asked for the same of second derivatives and of the outputs.
 * What went wrong is appended to `report`. */
enum verdict compare_readers(const char *name, const char *source, struct thoroughness how,
                             struct text *report);
/* The same of a file, with its tables and imports. */
enum verdict compare_readers_on_file(const char *path, struct thoroughness how, struct text *report);

#endif
