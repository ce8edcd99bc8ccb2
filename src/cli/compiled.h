/* The C of a model, compiled by the compiler of the machine and loaded: what somebody gets who uses `gradc
 * emit`. */
#ifndef GRADC_CLI_COMPILED_H
#define GRADC_CLI_COMPILED_H

#include <gradc/gradc.h>

struct compiled {
    const char *obstacle; /* why there is none: a phrase; NULL: there is */
    void *library;
    double *workspace;
    double (*plain)(const double *point, double *gradient); /* one of the two: */
    double (*with_workspace)(const double *point, double *gradient, double *workspace);
};

/* Emits, compiles and loads value and gradient with frozen data. Release it in any case. */
void compiled_open(struct compiled *c, struct gradc_model *model);
void compiled_close(struct compiled *c);
/* The gradient at a point; the context is the struct. */
bool compiled_gradient(void *context, const double *point, double *gradient);

#endif
