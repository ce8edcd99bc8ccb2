/* NLopt's C interface. Where it is loaded late, its functions, those named in nlopt.list, are called through
 * pointers. */
#ifndef GRADC_DESCEND_NLOPT_H
#define GRADC_DESCEND_NLOPT_H

#include <nlopt.h>
#include <stdbool.h>

#ifdef GRADC_LAZY
#include "descend/nlopt_functions.h"
#endif

/* To be asked before anything of it is called; false where it cannot be loaded. */
bool nlopt_load(void);

#endif
