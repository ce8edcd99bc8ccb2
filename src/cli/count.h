/* Whole numbers among the options. */
#ifndef GRADC_CLI_COUNT_H
#define GRADC_CLI_COUNT_H

#include "cli/options.h"

/* The value of an option, from 0 to `most`; where it is not given *value stays. False after an error, which
 * is printed. */
bool read_count(const struct request *request, enum option_id id, double most, double *value);

#endif
