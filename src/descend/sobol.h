/* Points that fill a box evenly: Sobol's sequence with the direction numbers of S. Joe and F. Y. Kuo (SIAM J.
 * Sci. Comput. 30, 2008), shifted by a seed. Dimensions beyond SOBOL_DIMENSIONS are random numbers of index
 * and seed. */
#ifndef GRADC_DESCEND_SOBOL_H
#define GRADC_DESCEND_SOBOL_H

#include <stddef.h>
#include <stdint.h>

enum { SOBOL_DIMENSIONS = 31 };

/* A coordinate of a point, above 0 and below 1; each is a function of its arguments alone. */
double sobol_coordinate(uint32_t index, size_t dimension, uint64_t seed);

#endif
