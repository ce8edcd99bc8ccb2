/* gradc report: what was generated and what it costs. */
#ifndef GRADC_CLI_REPORT_H
#define GRADC_CLI_REPORT_H

#include "cli/message.h"
#include "cli/options.h"

enum exit_status report_command(const struct request *request);

#endif
