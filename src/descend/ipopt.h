/* Ipopt's C interface. Where it is loaded late, its functions, those named in ipopt.list, are called through
 * pointers. */
#ifndef GRADC_DESCEND_IPOPT_H
#define GRADC_DESCEND_IPOPT_H

#include <coin/IpStdCInterface.h>
#include <stdbool.h>

#ifdef GRADC_LAZY
#include "descend/ipopt_functions.h"
#endif

/* To be asked before anything of it is called; false where it cannot be loaded. */
bool ipopt_load(void);

#endif
