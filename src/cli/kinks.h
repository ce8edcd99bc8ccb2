/* Places in files, and kinks there, as JSON on standard output. */
#ifndef GRADC_CLI_KINKS_H
#define GRADC_CLI_KINKS_H

#include <gradc/gradc.h>

/* "file": .., "line": .., ... */
void print_json_place(const struct gradc_place *place);
/* With the number of the point where there are several. */
void print_json_kink(const struct gradc_kink *kink, bool with_point);

#endif
