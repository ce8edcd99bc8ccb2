/* One side of a benchmark: a process that evaluates one workload and is told over standard input what to do.
 *
 *     check FILE         evaluates and writes what came out as doubles to FILE; answers "checked COUNT"
 *     time KIND COUNT    evaluates COUNT times, answers "took SECONDS"; KIND is value or derivative
 *     quit
 *
 * At its start it answers "ready SECONDS" (what its preparation took) or "skip REASON". */
#ifndef GRADC_BENCH_CONTEST_H
#define GRADC_BENCH_CONTEST_H

#include <stddef.h>

#ifdef __cplusplus
#define GRADC_BENCH_NORETURN [[noreturn]]
#else
#define GRADC_BENCH_NORETURN _Noreturn
#endif

struct contest {
    void *state;
    void (*value)(void *state); /* the smaller task: a value, residuals, a gradient; NULL: there is none */
    void (*derivative)(void *state); /* the whole: value with gradient, Jacobian, Hessian, or a descent */
    const double *result;            /* what the whole leaves */
    size_t count;
};

#ifdef __cplusplus
extern "C" {
#endif

/* Seconds that this process has computed: those of others do not count. */
double contest_seconds(void);
/* Says what is wrong, and ends the process: a contest has nothing to clean up. */
GRADC_BENCH_NORETURN void contest_skip(const char *reason);
/* Answers until told to quit; returns the exit status. */
int contest_serve(const struct contest *c, double preparation);

/* The value of "NAME=VALUE" among the arguments, or the other one. */
size_t contest_size(int argc, char *const *argv, const char *name, size_t otherwise);
/* Numbers in 0..1 that depend on their place, from 1: what the models' formulas give. */
double contest_lattice(size_t place, size_t factor);
/* Memory for that many doubles, zeroed and aligned for vectors. */
double *contest_memory(size_t count);

#ifdef __cplusplus
}
#endif

#endif
