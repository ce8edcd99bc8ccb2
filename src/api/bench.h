/* What the parts of gradc_bench share. */
#ifndef GRADC_API_BENCH_H
#define GRADC_API_BENCH_H

#include <gradc/laboratory.h>

#include "api/handle.h"
#include "check/points.h"
#include "check/subject.h"
#include "eval/carried.h"
#include "numeric/difference.h"
#include "support/arena.h"

/* A partial that is compared. */
struct bench_partial {
    size_t place;   /* of its unknown in the point */
    array_id array; /* the same in the program */
    size_t element;
};

/* What is true of a partial at a point. */
struct bench_truth {
    bool known;                 /* the point is defined, and no kink lies there */
    double value, rest;         /* the partial: a double, and what it lacks */
    double resolution;          /* what lies closer to it is as good as equal */
    double noise;               /* how far values in doubles are off nearby */
    double size;                /* of the value */
    double higher[DIFFERENCES]; /* the derivatives that the formulas' own errors hold */
};

struct gradc_bench_memory {
    struct arena arena;
    VEC(struct gradc_bench_way) ways;
    VEC(struct gradc_bench_step) steps;
    VEC(struct gradc_bench_descent) descents;
};

struct laboratory {
    struct gradc_evaluator *e;
    const struct gradc_bench_options *options;
    struct gradc_bench *bench;
    struct arena *arena;
    double *points;
    bool *defined;
    struct bench_partial *partials;
    size_t partial_count;
    struct bench_truth *truths; /* by point, then partial */
    /* Where the ways are: numeric ones move it and put it back. */
    double *point, *gradient;
    size_t first;           /* point at which the objective is a number */
    struct subject subject; /* the model at that place */
    size_t at;              /* which point that is */
    double centre;          /* the objective there */
    double effort;          /* of the objective, in additions */
    double evaluations;     /* of the objective so far, by numeric ways */
    size_t moved;           /* which place the line moves */
};

/* A way to the gradient at the laboratory's point. */
struct bench_method {
    const char *name;
    enum gradc_bench_kind kind;
    /* Gives the first `count` partials (NULL: nobody asks for them; an exact way computes all the same).
     * False where the machine failed. */
    bool (*run)(struct bench_method *m, size_t count, double *partials);
    struct laboratory *lab;
    const struct difference *formula;
    bool best; /* with the best step */
    struct gradc_evaluator *evaluator;
    const struct gradc_bench_other *other;
    struct carried *carried;
};

/* Tells how far a part of the work has come. */
void bench_progress(const struct laboratory *lab, const char *what, double share);
bool bench_stand(struct laboratory *lab, size_t point);
/* The true partial and what surrounds it, by point (api/bench_truth.c). */
enum gradc_outcome bench_find_truth(struct laboratory *lab);

/* Runs a way at all points and times it; adds it to the result (api/bench_method.c). */
enum gradc_outcome bench_measure(struct bench_method *m);
/* How far a value is from a true partial, in relation to it and in units in its last place. */
void bench_error(const struct bench_truth *truth, double value, double *error, double *ulps);
/* The number in the middle; NaN counts as largest. Sorts. */
double bench_median(double *values, size_t count);

/* The ways from values alone (api/bench_numeric.c). */
enum gradc_outcome bench_numeric(struct laboratory *lab);
/* One partial by a formula with a step. */
double bench_difference(struct laboratory *lab, const struct difference *formula, size_t partial, double h);

/* Dual numbers and the complex step (api/bench_carried.c). */
enum gradc_outcome bench_carried(struct laboratory *lab);

/* Errors against the step (api/bench_sweep.c). */
enum gradc_outcome bench_sweep(struct laboratory *lab);

/* The same method with exact and with numeric derivatives (api/bench_descent.c). */
enum gradc_outcome bench_descents(struct laboratory *lab);

/* The time of this thread, in seconds. */
double bench_clock(void);
/* The middle of the times of runs, in seconds of this thread, and half of what the middle half of them spans
 * (api/bench_time.c). */
struct bench_time {
    double median, spread;
};
bool bench_time(bool (*run)(void *context), void *context, struct bench_time *time);

#endif
