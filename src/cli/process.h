/* Other programs: the C compiler, gnuplot. */
#ifndef GRADC_CLI_PROCESS_H
#define GRADC_CLI_PROCESS_H

#include <stdbool.h>
#include <stdio.h>

/* What a program reads and writes; NULL: what this one does. */
struct process_files {
    FILE *input, *output, *errors;
};

/* Runs a program, which is looked for in PATH, to its end; words end with a NULL. 0 and whether it ended
 * well, or the reason, as in errno, why it could not be started. */
int process_run(char *const *words, const struct process_files *files, bool *good);

#endif
