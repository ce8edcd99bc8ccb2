/* A self-test of an emitted file: a program that compares its functions with figures that come along. */
#ifndef GRADC_EMIT_SELF_TEST_H
#define GRADC_EMIT_SELF_TEST_H

#include "support/text.h"

struct unit;

/* What one function has to give at one point: a number, a vector, or a matrix times the direction. */
struct figure {
    const char *function; /* "value", "gradient", "hessian_times", "hessian", "lagrangian", "outputs",
                             "outputs_jacobian", .. */
    size_t count;
    const double *values, *tolerances;
};

struct test_point {
    const double *point;
    struct figure figures[11];
    size_t figure_count;
    bool near_kinks; /* another branch may be near */
};

struct self_test {
    const struct test_point *points; /* all with the same figures */
    size_t point_count, dimension;
    const double *direction;
    double factor; /* of the Lagrangian */
    const double *multipliers;
    size_t multiplier_count; /* 0: there is none */
};

/* Writes it. `workspace`: how many numbers the functions take with the inputs as they are; terms_of: how many
 * terms a matrix has with them, by the name of its function. */
void self_test_write(const struct unit *u, const struct self_test *test, size_t workspace,
                     size_t (*terms_of)(const void *context, const char *function), const void *context,
                     struct text *out);

#endif
