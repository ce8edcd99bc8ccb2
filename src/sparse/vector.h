/* Sums over vectors in lanes: eight sums side by side, joined in one order. So compilers can vectorise them,
 * and the result is the same on every machine. */
#ifndef GRADC_SPARSE_VECTOR_H
#define GRADC_SPARSE_VECTOR_H

#include <stddef.h>

double vector_dot(const double *a, const double *b, size_t n);
/* The sum of the products of three elements. */
double vector_dot3(const double *a, const double *b, const double *c, size_t n);
/* to += factor*from; they do not overlap. */
void vector_add(double *restrict to, double factor, const double *restrict from, size_t n);
/* The Euclidean norm, without overflow or underflow of the squares; NaN where an element is. */
double vector_norm(const double *values, size_t n);

#endif
