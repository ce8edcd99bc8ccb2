/* gradc emit: functions and derivatives as C. */
#ifndef GRADC_CLI_EMIT_H
#define GRADC_CLI_EMIT_H

#include "cli/load.h"

enum exit_status emit_command(struct request *request);

#endif
