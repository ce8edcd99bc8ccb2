/* Progress of long work on a terminal's standard error, in place; nothing where that is no terminal. */
#ifndef GRADC_CLI_PROGRESS_H
#define GRADC_CLI_PROGRESS_H

#include <stdbool.h>

#include "cli/options.h"

struct progress {
    bool shows, has_shown;
    double last;
};

/* `-q` asks for silence. */
struct progress progress_begin(const struct request *request);
/* Whether it is time to say something again; the caller then writes a line behind "\r" without its end. */
bool progress_is_due(struct progress *progress);
/* Clears the line. */
void progress_end(struct progress *progress);

#endif
