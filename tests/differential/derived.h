/* A program derived from the one that is compared, run by every reader. */
#ifndef GRADC_TESTS_DERIVED_H
#define GRADC_TESTS_DERIVED_H

#include "differential/comparison.h"

struct derived {
    struct program program;
    struct binding at_interpreter, at_native;
    struct kernel *kernel; /* NULL: the comparison makes no native code */
};

/* Binds the program for both readers, whose inputs may then be planted. */
bool derived_bind(struct derived *d, struct comparison *c);
/* Sets an element of an input of both; one that is not there is passed over. */
void derived_plant(struct derived *d, array_id array, size_t element, double value);
/* Plants a direction, as long as the point is, in a program that is differentiated along it. */
void derived_plant_direction(struct derived *d, const struct comparison *c, const double *direction);
bool derived_run(struct derived *d, struct comparison *c);
/* Native code against the interpreter, bit for bit; the array may be 0. */
void derived_compare_bits(const struct derived *d, struct comparison *c, array_id array);
/* The interpreter's doubles against the reference, within the errors that it measures. */
void derived_compare_reference(const struct derived *d, struct comparison *c, const struct reference *r,
                               array_id array);
void derived_release(struct derived *d);

#endif
