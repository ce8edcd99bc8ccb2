/* Whether LAPACK is there: where the build says so (GRADC_LAZY) it is loaded when it is first needed. */
#ifndef GRADC_SPARSE_LAPACK_LOAD_H
#define GRADC_SPARSE_LAPACK_LOAD_H

#include <stdbool.h>

/* To be asked before anything of it is called; false where it cannot be loaded. */
bool lapack_load(void);

#endif
