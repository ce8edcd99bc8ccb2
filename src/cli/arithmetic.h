/* How native code computes, from --strict, --fast, --lanes and --threads, and where it is kept. */
#ifndef GRADC_CLI_ARITHMETIC_H
#define GRADC_CLI_ARITHMETIC_H

#include <gradc/gradc.h>

#include "cli/options.h"

/* False after an error, which is printed. */
bool read_arithmetic(const struct request *request, struct gradc_evaluator_options *options);

#endif
