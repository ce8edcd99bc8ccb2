/* Names of the model as C identifiers. */
#ifndef GRADC_EMIT_NAMES_H
#define GRADC_EMIT_NAMES_H

#include "ir/program.h"

/* One identifier per array of a program, none twice and none reserved in C: Greek letters are spelled out,
 * other signs become `_`. From the arena; NULL where memory is exhausted. */
const char **names_make(const struct program *p, struct arena *arena);
/* The same for one name by itself. */
const char *name_make(const char *name, struct arena *arena);

#endif
