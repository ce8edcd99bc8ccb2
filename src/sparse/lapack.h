/* LAPACK's C interface. Where it is loaded late (sparse/lapack_load.h), its functions, those named in
 * lapack.list, are called through pointers. */
#ifndef GRADC_SPARSE_LAPACK_H
#define GRADC_SPARSE_LAPACK_H

#include <lapacke.h>

#include "sparse/lapack_load.h"

#ifdef GRADC_LAZY
#include "sparse/lapack_functions.h"
#endif

#endif
