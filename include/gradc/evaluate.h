/** @file
 * Values and derivatives at points; part of gradc.h. */
#ifndef GRADC_EVALUATE_H
#define GRADC_EVALUATE_H

#include "gradc/model.h"

#ifdef __cplusplus
extern "C" {
#endif
#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif

/* ---- Evaluation ---- */

/** Evaluates a model at points; used by one thread at a time, which may not use the model elsewhere. */
struct gradc_evaluator;

/** How native code computes. */
enum gradc_arithmetic {
    GRADC_LANES,  /**< parallel loops in vector lanes with functions of at most 1 ulp; for a given number of
                     lanes, sums have one order and results the same bits every time */
    GRADC_STRICT, /**< in program order, with the functions of the C library: the bits of the interpreter */
    GRADC_FAST    /**< as with lanes, but products and sums may be contracted and regrouped, and functions may
                     be off by a few ulp where that is faster; NaN and infinities stay what they are, but which
                     intermediate    results overflow depends on how they are grouped */
};

/** How a model is evaluated. All zeros is allowed. */
struct gradc_evaluator_options {
    /** How often it will be used, roughly: few and small evaluations are interpreted, others are compiled. */
    size_t evaluations;
    bool native;    /**< always native code */
    bool interpret; /**< never native code; with GRADC_STRICT the bits of the results are the same */
    enum gradc_arithmetic arithmetic; /**< how native code computes */
    /** The number of lanes: 1, 2, 4 or 8; 0: as suits the processor. */
    unsigned lanes;
    /** How many threads share long loops, the caller among them; 0 and 1: there is only the caller. Which
     * loops are cut into parts for that, and so the bits of the results, do not depend on it: not on one
     * thread either. The others wait for work as long as the model exists; where they serve another caller
     * just then, this one does it all alone. Strict arithmetic keeps the order of the program, which threads
     * cannot share. */
    unsigned threads;
    /** A folder in which compiled code is kept for later processes, made where it is missing; NULL: none. It
     * is used only where it is the user's own and nobody else may write to it: code is run from it. The text
     * must outlive the evaluator. */
    const char *cache;
};

/** How a call ended. */
enum gradc_outcome {
    GRADC_DONE,      /**< all is well */
    GRADC_UNDEFINED, /**< a result is NaN or infinite; all results are filled in; see gradc_explain */
    GRADC_REFUSED,   /**< an error, in the model's diagnostics */
    GRADC_EXHAUSTED  /**< memory or another resource of the machine */
};

/** Prepares evaluation of a model without errors; derivatives and code are made when they are first needed.
 * NULL where memory is exhausted. Options NULL: it will be used some hundred times. Release with
 * gradc_evaluator_free. */
struct gradc_evaluator *gradc_evaluator_new(struct gradc_model *model,
                                            const struct gradc_evaluator_options *options);
/** Releases an evaluator and what was borrowed from it. NULL is allowed. */
void gradc_evaluator_free(struct gradc_evaluator *evaluator);
/** The objective at a point, and its gradient unless that is NULL, both in the units of the file; point and
 * gradient have gradc_dimension numbers. GRADC_REFUSED, without a diagnostic, where the model has none
 * (gradc_has_objective); the same holds for its Hessian and for batches. */
enum gradc_outcome gradc_evaluate(struct gradc_evaluator *evaluator, const double *point, double *value,
                                  double *gradient);
/** The objective at many points, and its gradients unless that is NULL. Point k has the gradc_dimension
 * numbers behind those of point k - 1, and so have gradients; `values` has a number for each point. Gradients
 * may be written over the points, but not over a part of them.
 *
 * Programs of up to about a thousand operations and eight thousand elements are compiled with vector lanes
 * across points, at the first call, which takes some tens of milliseconds; then that is several times as fast
 * as calls one by one. Everything else, and whatever is to be interpreted, is evaluated as gradc_evaluate
 * does it. What comes out for a point depends neither on the other points nor on how many there are. With
 * GRADC_STRICT it has the bits of gradc_evaluate; otherwise functions and sums may differ from those of a
 * single evaluation by their last bits. GRADC_UNDEFINED: at one point at least, something is NaN or infinite;
 * all results are filled in. */
enum gradc_outcome gradc_evaluate_batch(struct gradc_evaluator *evaluator, size_t count, const double *points,
                                        double *values, double *gradients);
/** All outputs, all residuals (times the root of their weight) or all constrained expressions at a point. */
enum gradc_outcome gradc_evaluate_arrays(struct gradc_evaluator *evaluator, enum gradc_kind kind,
                                         const double *point);
/** The elements of output, residual or constraint k, as the last such call has left them; NULL before it. */
const double *gradc_values(const struct gradc_evaluator *evaluator, enum gradc_kind kind, size_t k);
/** Observed and fitted values of residual k where it comes from `fit`; false where it does not. */
bool gradc_fit_values(const struct gradc_evaluator *evaluator, size_t k, const double **observed,
                      const double **fitted);
/** The derivatives of one element of output, residual or constraint k by all elements of the point. Each call
 * costs about as much as the gradient of a sum over all elements. */
enum gradc_outcome gradc_element_gradient(struct gradc_evaluator *evaluator, enum gradc_kind kind, size_t k,
                                          size_t element, const double *point, double *gradient);

/** A sparse matrix by rows: the entries of row i are those from starts[i] to starts[i + 1] - 1, by ascending
 * column. Entries stand where the matrix may differ from 0 at some point; they may be 0 here. Borrowed from
 * the evaluator until the same matrix is asked for again. */
struct gradc_matrix {
    size_t rows;            /**< how many rows */
    size_t columns;         /**< how many columns */
    size_t count;           /**< how many entries */
    const size_t *starts;   /**< rows + 1 */
    const uint32_t *column; /**< from 0 */
    const double *values;   /**< of the entries */
    size_t products;        /**< how many products with vectors gave the values */
};
/** The Hessian of the objective: the lower triangle, by elements of the point. The pattern is found at the
 * first call. "too-dense" where there are too many entries: use gradc_hessian_times. */
enum gradc_outcome gradc_hessian(struct gradc_evaluator *evaluator, const double *point,
                                 struct gradc_matrix *hessian);
/** The Hessian times a direction; both vectors have the dimension of the point. Costs a few gradients. */
enum gradc_outcome gradc_hessian_times(struct gradc_evaluator *evaluator, const double *point,
                                       const double *direction, double *result);
/** The derivatives of all outputs, residuals or constraints, one below the other, by the elements of the
 * point. */
enum gradc_outcome gradc_jacobian(struct gradc_evaluator *evaluator, enum gradc_kind kind,
                                  const double *point, struct gradc_matrix *jacobian);
/** The same times a direction; the result has an element for each row. */
enum gradc_outcome gradc_jacobian_times(struct gradc_evaluator *evaluator, enum gradc_kind kind,
                                        const double *point, const double *direction, double *result);

/** Weights, one for each row, times the same derivatives: the gradient of the weighted sum of all elements.
 */
enum gradc_outcome gradc_times_jacobian(struct gradc_evaluator *evaluator, enum gradc_kind kind,
                                        const double *point, const double *weights, double *result);

/** The bounds between which the constrained expressions have to stay, by row; infinite where there is none,
 * and where the ranges of a constraint leave an element out. */
enum gradc_outcome gradc_constraint_bounds(struct gradc_evaluator *evaluator, double *lower, double *upper);
/** The Hessian of factor*objective + the sum of multipliers times constrained expressions, as gradc_hessian
 * gives that of the objective. The pattern is that of all of them, whatever factor and multipliers are. */
enum gradc_outcome gradc_lagrangian(struct gradc_evaluator *evaluator, const double *point, double factor,
                                    const double *multipliers, struct gradc_matrix *hessian);

/** What a least-squares fit says of its unknowns, from the derivatives of the residuals at the solution. */
struct gradc_fit {
    double rss;          /**< sum of squared weighted residuals */
    double freedom;      /**< residuals minus unknowns that are not held */
    double residual_std; /**< sqrt(rss/freedom); NaN where freedom is not above 0 */
    double t95;          /**< a value +- t95 standard errors is its 95% confidence interval (Student's t) */
    /** By element of the point, 0 for held ones; NULL where there is no freedom, where the residuals do not
     * determine the unknowns, or where there are more than GRADC_FIT_UNKNOWNS or too many residuals. */
    double *standard_errors;
    double *correlation; /**< dimension*dimension, row by row; NULL likewise */
    char *
        undetermined; /**< a sentence that names unknowns which the residuals hardly tell apart; NULL: none */
};
enum { GRADC_FIT_UNKNOWNS = 200 };
/** `held` says which elements of the point are no unknowns of the fit; NULL: all are. The result's arrays are
 * released with gradc_fit_free. */
enum gradc_outcome gradc_fit_statistics(struct gradc_evaluator *evaluator, const double *point,
                                        const bool *held, struct gradc_fit *fit);
/** Releases what gradc_fit_statistics has filled in. */
void gradc_fit_free(struct gradc_fit *fit);
/** Looks for the operation that first leaves its domain at a point, in the objective or its gradient, and
 * adds an error about it. False where there is none. */
bool gradc_explain(struct gradc_evaluator *evaluator, const double *point);
/** The same in the Hessian, where value and gradient are finite; after gradc_hessian at that point. */
bool gradc_explain_hessian(struct gradc_evaluator *evaluator, const double *point);
/** The same for outputs, residuals or constraints. */
bool gradc_explain_arrays(struct gradc_evaluator *evaluator, enum gradc_kind kind, const double *point);
/** Looks for a NaN that is compared at a point: results may be finite in spite of it. Adds a warning about
 * the first one; false where there is none. Comparisons are those of real values in the file. Nothing is run
 * where it has none, nor where the search would take seconds. */
bool gradc_explain_comparisons(struct gradc_evaluator *evaluator, const double *point);

/* ---- What evaluation costs ---- */

/** How a program is run. */
enum gradc_way {
    GRADC_INTERPRETED, /**< operation by operation, on demand */
    GRADC_TAPE,        /**< from a list of operations: programs without loops */
    GRADC_COMPILED,    /**< natively, compiled fast */
    GRADC_OPTIMISED    /**< natively, with everything that LLVM does */
};
const char *gradc_way_name(enum gradc_way way); /**< "interpreted", "tape", "compiled", "optimised" */

/** How often a function is called. */
struct gradc_call_count {
    const char *function; /**< its name */
    double count;         /**< in a run */
};

/** A loop of the code, and how often it runs. */
struct gradc_loop_count {
    const char *index; /**< its name in the file */
    unsigned depth;    /**< of the loops around it */
    double times;      /**< its iterations, in all runs of it; NAN where they depend on what is computed */
    bool ordered;      /**< each iteration needs the one before */
    unsigned lanes;    /**< iterations side by side; 1: one by one */
    unsigned threads; /**< that share its iterations; 1: there is only the caller; 0: they cannot be shared */
};

/** Counts are of one run. A loop whose range depends on the index of an outer one counts as in the middle of
 * that, and both sides of a condition count. */
struct gradc_report {
    size_t operations;              /**< of the formulas: what the program computes, written down once */
    double unshared;                /**< how many there would be if equal parts were computed each time */
    double additions;               /**< and subtractions, in a run */
    double multiplications;         /**< in a run */
    double divisions;               /**< in a run */
    double others;                  /**< others: comparisons, choices, whole numbers */
    struct gradc_call_count *calls; /**< of functions */
    size_t call_count;              /**< how many functions */
    struct gradc_loop_count *loops; /**< of the code, in its order */
    size_t loop_count;              /**< how many loops */
    double bytes;                   /**< read and written in arrays */
    enum gradc_way way;             /**< how it is run */
    double predicted;               /**< seconds of a run, by the counts */
    double measured;                /**< seconds of a run, the least of some */
};
/** On the objective, or the objective with its gradient, at a point. Release it whatever the outcome. */
enum gradc_outcome gradc_report(struct gradc_evaluator *evaluator, bool gradient, const double *point,
                                struct gradc_report *report);
/** Releases what gradc_report has filled in. */
void gradc_report_free(struct gradc_report *report);

/* ---- The cache of compiled code ---- */

/** What is in a cache of compiled code. */
struct gradc_cache {
    size_t files;   /**< how many */
    uint64_t bytes; /**< how large they are together */
    uint64_t limit; /**< what has not been used for the longest time goes when there are more bytes */
};
/** What is kept in a folder; false, and nothing, where there is none that would be used. */
bool gradc_cache_look(const char *folder, struct gradc_cache *cache);
/** Removes it, and says how much that was. */
bool gradc_cache_clear(const char *folder, struct gradc_cache *removed);

#ifdef __GNUC__
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif

#endif
