/* From the options to a model. */
#ifndef GRADC_CLI_LOAD_H
#define GRADC_CLI_LOAD_H

#include "cli/message.h"
#include "cli/options.h"

/* Loads what the request names and prints the diagnostics. NULL after an error; *status says of what kind. */
struct gradc_model *load_model(const struct request *request, enum exit_status *status);
/* The same once more, without a word; NULL where that cannot be done. */
struct gradc_model *load_model_again(const struct request *request);
/* A copy of a point of the model, or of its bounds. */
double *copy_point(const struct gradc_model *model, const double *point);
/* Prints phases with times and sizes where -v was given; `last` names what took further seconds, or is NULL.
 */
void print_phases(const struct request *request, const struct gradc_model *model, const char *last,
                  double seconds);
/* The seconds of all phases. */
double phases_total(const struct gradc_model *model);
/* Seconds of a clock that only goes forward. */
double clock_seconds(void);
/* The seconds of a phase, 0 where there was none. */
double phase_seconds(const struct gradc_model *model, const char *name);

#endif
