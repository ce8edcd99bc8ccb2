/* Emitted C as a library that is loaded: written into a folder, compiled by gcc. */
#ifndef GRADC_BENCH_COMPILED_H
#define GRADC_BENCH_COMPILED_H

#include <gradc/gradc.h>
#include <stdbool.h>

/* Emits into FOLDER/NAME.c and NAME.h, compiles that with gcc -std=c99 -fPIC -shared and the flags, and loads
 * it; the caller closes it with dlclose. NULL, with a message on standard error, where something of it fails.
 */
void *compiled_load(struct gradc_model *model, struct gradc_emit_options options, const char *folder,
                    const char *name, const char *flags);
/* Sets a pointer to a function of it, at `function`; false where there is none of that name. */
bool compiled_find(void *library, const char *name, void *function);
/* Seconds that programs have taken which this one has started and waited for. */
double compiled_seconds(void);

#endif
