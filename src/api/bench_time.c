#include <stdlib.h>
#include <time.h>

#include "api/bench.h"

/* A sample is as many runs as take this long; there are MANY of them, or FEW where a run takes long. */
static const double least_sample = 2e-3, long_run = 0.05;
enum { MANY = 15, FEW = 5, MOST_RUNS = 1 << 24 };

double bench_clock(void) {
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static bool sample(bool (*run)(void *context), void *context, size_t runs, double *seconds) {
    bool good = true;
    double began = bench_clock();
    for (size_t k = 0; good && k < runs; k++) good = run(context);
    *seconds = (bench_clock() - began) / (double)runs;
    return good;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

bool bench_time(bool (*run)(void *context), void *context, struct bench_time *time) {
    double samples[MANY], once = 0;
    size_t runs = 1;
    bool good = sample(run, context, 1, &once); /* warms up */
    if (good) good = sample(run, context, 1, &once);
    while (good && runs < MOST_RUNS && once * (double)runs < least_sample) {
        runs *= 2;
        good = sample(run, context, runs, &once);
    }
    size_t count = once > long_run ? FEW : MANY;
    for (size_t k = 0; good && k < count; k++) good = sample(run, context, runs, &samples[k]);
    if (!good) return false;
    qsort(samples, count, sizeof *samples, by_size);
    *time =
        (struct bench_time){samples[count / 2], (samples[count - 1 - count / 4] - samples[count / 4]) / 2};
    return true;
}
