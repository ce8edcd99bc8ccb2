/* Points to try a function at: the start, and others at random within the bounds. */
#ifndef GRADC_CHECK_POINTS_H
#define GRADC_CHECK_POINTS_H

#include <stddef.h>
#include <stdint.h>

/* The state of a generator of random numbers (splitmix64); the seed begins it. */
struct chance {
    uint64_t state;
};
/* The next number, in 0..1 without 1. */
double chance_unit(struct chance *chance);

/* A random point: evenly between two bounds, else around the start with a spread of max(1, |start|)/2. */
void point_draw(struct chance *chance, const double *start, const double *lower, const double *upper,
                size_t n, double *point);
/* Goes half the way to another point. */
void point_approach(double *point, const double *other, size_t n);

#endif
