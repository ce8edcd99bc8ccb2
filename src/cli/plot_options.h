/* What the options of gradc plot say about the picture. */
#ifndef GRADC_CLI_PLOT_OPTIONS_H
#define GRADC_CLI_PLOT_OPTIONS_H

#include "cli/plot.h"

/* "curve", "contours", ... */
const char *plot_kind_name(enum plot_kind kind);
/* Reads the options that say what is shown. False after an error, which is printed. */
bool plot_read_options(struct plot *plot);

#endif
