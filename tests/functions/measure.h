/* A function of the table, its value and its partials, in doubles and in MPFR at any point. */
#ifndef GRADC_TESTS_FUNCTIONS_MEASURE_H
#define GRADC_TESTS_FUNCTIONS_MEASURE_H

#include "eval/doubles.h"
#include "eval/reference.h"
#include "ir/ops.h"

enum { MOST_OPERANDS = 3, LEVELS = 3 };

struct subject {
    enum op op;
    uint32_t count; /* operands */
    struct arena arena;
    struct source_set sources;
    struct diag_list diags;
    struct graph graph;
    struct program program;
    struct binding binding;
    struct doubles doubles;
    struct reference references[LEVELS]; /* of rising precision */
    array_id x[MOST_OPERANDS], results[1 + MOST_OPERANDS];
    uint32_t result_count;
    uint32_t
        operand_of[1 + MOST_OPERANDS]; /* by which operand a result is the partial; [0]: it is the value */
    double operands[MOST_OPERANDS];
};

/* False where memory is exhausted. */
bool subject_open(struct subject *s, enum op op);
void subject_close(struct subject *s);
/* Evaluates at s->operands: errors[0] is that of the value, the others are of partials; in units in the last
 * place of the result or of its scale. Infinite: a result is not a number, or finite, where the other is not.
 * Results below the smallest normal number count as that. Partials are measured where the value is a normal
 * number or exactly 0. */
bool subject_measure(struct subject *s, double errors[1 + MOST_OPERANDS]);

#endif
