/* Points in JSON files: an object of names, or the result of a run, whose "x" is taken. */
#ifndef GRADC_CLI_POINT_FILE_H
#define GRADC_CLI_POINT_FILE_H

#include "cli/assign.h"

/* Appends what the file assigns. False after an error, which is printed. */
bool point_file_read(struct assignments *list, const char *path);

#endif
