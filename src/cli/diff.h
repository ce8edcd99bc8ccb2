/* gradc diff: derivatives as formulas; and the table of functions. */
#ifndef GRADC_CLI_DIFF_H
#define GRADC_CLI_DIFF_H

#include "cli/load.h"

enum exit_status diff_command(struct request *request);
enum exit_status functions_command(struct request *request);

#endif
