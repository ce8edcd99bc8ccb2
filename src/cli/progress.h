/* Progress of long work on a terminal's standard error, in place; nothing where that is no terminal. */
#ifndef GRADC_CLI_PROGRESS_H
#define GRADC_CLI_PROGRESS_H

#include <gradc/gradc.h>
#include <stdbool.h>

#include "cli/options.h"

struct progress {
    bool shows, has_shown;
    double began, last;
    double timeout; /* of a descent, in seconds; 0: none */
    struct {
        size_t iteration;
        double objective;
        bool is_set;
    } shown; /* of a descent, the last time */
};

/* `-q` asks for silence. */
struct progress progress_begin(const struct request *request);
/* Whether it is time to say something again; the caller then writes a line behind "\r" without its end. */
bool progress_is_due(struct progress *progress);
/* Shows where a descent is, by how much the objective has fallen in each iteration since the last time, and
 * what is left of the timeout. */
void progress_of_descent(struct progress *progress, const struct gradc_iteration *seen);
/* Clears the line. */
void progress_end(struct progress *progress);

#endif
