/** @file
 * Exact against numeric gradients: how accurate each is, what it costs, and what that buys a descent.
 * docs/bench.md says how everything is measured. */
#ifndef GRADC_LABORATORY_H
#define GRADC_LABORATORY_H

#include "gradc/gradc.h"

#ifdef __cplusplus
extern "C" {
#endif
#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif

/** A further way to a gradient, to be measured beside the others: code of somebody else. */
struct gradc_bench_other {
    const char *name; /**< as results call it */
    /** The derivatives of the objective at a point; false where they could not be had. NULL: there is none,
     */
    bool (*gradient)(void *context, const double *point, double *gradient);
    void *context;        /**< handed to gradient */
    const char *obstacle; /**< for this reason: a phrase */
};

/** What gradc_bench measures, and how. */
struct gradc_bench_options {
    size_t points;    /**< random ones, beside the start */
    uint64_t seed;    /**< of these, and of the partials where not all are compared */
    bool no_times;    /**< measures no times: they are 0 then, and results are the same in every run */
    bool no_sweep;    /**< does not measure errors against steps */
    bool no_descents; /**< does not descend */
    const struct gradc_bench_other *others; /**< further ways to the gradient */
    size_t other_count;                     /**< how many */
    /** Called now and then: what is being done, and how much of it is, from 0 to 1. NULL: none. */
    void (*progress)(void *context, const char *what, double share);
    void *context; /**< handed to progress */
};

/** Where derivatives come from. */
enum gradc_bench_kind {
    GRADC_BENCH_EXACT,   /**< the derivative of the formula */
    GRADC_BENCH_CARRIED, /**< derivatives carried along with values: dual numbers, the complex step */
    GRADC_BENCH_NUMERIC  /**< from values alone */
};

/** How a way to the gradient did. Errors are those of partials against the reference, over all points: in
 * relation to the true partial, and in its units in the last place. A partial that is no number has an error
 * of NaN, one that should be 0 and is not an infinite one; neither has a right digit. */
struct gradc_bench_way {
    const char *name;           /**< "exact, JIT strict", "central, best step", ... */
    enum gradc_bench_kind kind; /**< where its derivatives come from */
    const char *obstacle;       /**< why nothing was measured: a phrase; NULL: it was */
    double worst_error;         /**< in relation to the true partial */
    double median_error;        /**< likewise, the median */
    double worst_ulps;          /**< in units in the last place of the true partial */
    double median_ulps;         /**< likewise, the median */
    double worst_bits;          /**< right ones, of 53 */
    double median_bits;         /**< likewise, the median */
    size_t undefined;           /**< partials that are no number, of those compared */
    double evaluations;         /**< of the objective for a gradient; 0: it takes none */
    double seconds;             /**< of a gradient: the median of runs */
    double spread;              /**< half of what the middle half of the runs spans */
    size_t timed;               /**< of so many partials; all others are taken to cost as much */
    double ratio;               /**< to a value computed in the same manner */
    bool interpreted;           /**< that manner is the interpreter, not machine code */
};

/** How many difference formulas there are: forward, central, five-point. */
enum { GRADC_BENCH_FORMULAS = 3 };
/** The errors of the difference formulas for one step: medians over the partials that were compared at the
 * first point, in relation to the true partial. */
struct gradc_bench_step {
    double h;                                /**< in relation to max(|x|, 1) */
    double error[GRADC_BENCH_FORMULAS];      /**< that was found */
    double truncation[GRADC_BENCH_FORMULAS]; /**< what the error of the formula itself is predicted to be */
    double rounding[GRADC_BENCH_FORMULAS];   /**< and that of rounding */
};

/** A descent with exact or with numeric derivatives. */
struct gradc_bench_descent {
    const char *name;     /**< "exact", "forward", "central" */
    const char *status;   /**< as in gradc_status_name */
    size_t iterations;    /**< how many there were */
    double evaluations;   /**< of the objective, or of all residuals, differences included */
    size_t gradients;     /**< exact ones, or Jacobians of residuals */
    double seconds;       /**< that it took */
    double objective;     /**< at the end */
    double gradient_norm; /**< of the exact gradient at the end */
    double digits;        /**< decimal ones in which its point and the best known one agree; NaN: not known */
};

/** The memory behind a gradc_bench. */
struct gradc_bench_memory;

/** What gradc_bench has measured. */
struct gradc_bench {
    size_t dimension;       /**< of a point */
    size_t partial_count;   /**< how many partials were compared */
    const size_t *partials; /**< the elements of a point whose partials were compared */
    bool too_large;         /**< to be evaluated at high precision: only times were measured */
    size_t
        point_count; /**< with the start, which is the first; others may have been left out for their time */
    size_t points_asked;       /**< how many there should have been */
    const double *points;      /**< one after the other */
    const bool *point_defined; /**< by point: the objective is a number there */
    size_t compared;           /**< partials over all points */
    size_t kinked;             /**< partials with a kink at the point, which have no true value: left out */
    size_t zeros;              /**< of those compared, partials that are 0 */
    double
        kink; /**< how near a kink is that usual steps reach across, in relation; infinite: there is none */
    size_t kink_point;    /**< at this point */
    double noise;         /**< the median error of values of the objective, in units in the last place */
    double value_seconds; /**< a value of the objective, in machine code */
    double value_spread;  /**< of these times */
    double interpreted_seconds;           /**< and in the interpreter */
    struct gradc_bench_way *ways;         /**< to the gradient */
    size_t way_count;                     /**< how many */
    struct gradc_bench_step *steps;       /**< by ascending size */
    size_t step_count;                    /**< how many */
    size_t step_partials;                 /**< over so many partials each */
    double exact_floor;                   /**< the median error of the exact gradient there */
    const char *method;                   /**< of the descents; NULL: none were made, */
    const char *no_descents;              /**< for this reason */
    struct gradc_bench_descent *descents; /**< with each kind of derivatives */
    size_t descent_count;                 /**< how many */
    struct gradc_bench_memory *memory;    /**< everything above belongs to it */
};

/** Measures at the start and at random points within the bounds. The evaluator computes the objective for
 * numeric gradients and the descents: it should use native code. The result is released with
 * gradc_bench_free, whatever the outcome. */
enum gradc_outcome gradc_bench(struct gradc_evaluator *evaluator, const struct gradc_bench_options *options,
                               struct gradc_bench *bench);
/** Releases what gradc_bench has filled in. */
void gradc_bench_free(struct gradc_bench *bench);

#ifdef __GNUC__
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif

#endif
