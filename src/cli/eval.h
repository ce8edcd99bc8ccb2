/* gradc eval: values and derivatives at a point, or at many. */
#ifndef GRADC_CLI_EVAL_H
#define GRADC_CLI_EVAL_H

#include "cli/load.h"

struct evaluation {
    const struct request *request;
    struct gradc_model *model;
    struct gradc_evaluator *evaluator;
    double *point, *gradient;
    double value;
    struct gradc_matrix hessian; /* of order 2 */
    size_t order;
    size_t told;    /* diagnostics printed */
    double seconds; /* of evaluations alone */
};

enum exit_status eval_command(struct request *request);
/* A row of results per row of points. */
enum exit_status eval_batch(struct evaluation *e);
void eval_print_text(struct evaluation *e);
void eval_print_json(struct evaluation *e);

#endif
