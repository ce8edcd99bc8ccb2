/* The cache of compiled code: where it is, and the command that shows and clears it. */
#ifndef GRADC_CLI_CACHE_H
#define GRADC_CLI_CACHE_H

#include "cli/message.h"
#include "cli/options.h"

enum exit_status cache_command(const struct request *request);

#endif
