/* What the benchmarks share: clocks, random numbers that are the same each time, medians. */
#ifndef GRADC_BENCH_MEASURE_H
#define GRADC_BENCH_MEASURE_H

#include <stdint.h>
#include <stdlib.h>
#include <time.h>

/* In seconds. CLOCK_PROCESS_CPUTIME_ID: of the processor, for others may use the machine. */
static inline double read_clock(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* Between 0 and 1 (splitmix64: G. Steele, D. Lea and C. Flood, Fast splittable pseudorandom number
 * generators, 2014). */
static inline double draw_number(uint64_t *state) {
    *state += 0x9e3779b97f4a7c15u;
    uint64_t z = *state;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (double)((z ^ z >> 31) >> 11) * 0x1p-53;
}

static inline int compare_numbers(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Sorts them. */
static inline double median_of(double *numbers, size_t count) {
    qsort(numbers, count, sizeof *numbers, compare_numbers);
    return numbers[count / 2];
}

#endif
