/** @file
 * Functions of a model as native code that many threads call at the same time; part of gradc.h. */
#ifndef GRADC_COMPILE_H
#define GRADC_COMPILE_H

#include "gradc/evaluate.h"

#ifdef __cplusplus
extern "C" {
#endif
#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif

/** Compiled functions of a model. They never change; any number of threads may call them at the same time,
 * each with a workspace of its own, while another one uses the model. */
struct gradc_compiled;
/** What one call at a time needs besides the code: memory for intermediate and last results. */
struct gradc_workspace;

/** Which functions are compiled, and how. */
struct gradc_compile_options {
    bool value;                       /**< the objective */
    bool gradient;                    /**< the objective with its gradient */
    bool hessian;                     /**< the Hessian of the objective */
    bool hessian_times;               /**< the Hessian times a direction */
    bool jacobian;                    /**< outputs, residuals and constraints with their Jacobians */
    bool batch;                       /**< value and gradient, those asked for, at many points at once too */
    enum gradc_arithmetic arithmetic; /**< how the code computes */
    unsigned lanes;    /**< the number of vector lanes: 1, 2, 4 or 8; 0: as suits the processor */
    unsigned threads;  /**< how many threads share long loops, as in gradc_evaluator_options */
    const char *cache; /**< a folder in which code is kept, as in gradc_evaluator_options; NULL: none */
};

/** Derives and compiles functions of a model without errors, as its params and tables are now.
 *
 * Options NULL: the objective, and with its gradient. The model must outlive what is returned. NULL after an
 * error, which stands in the model's diagnostics: one is that there is no LLVM to make code. Release with
 * gradc_compiled_free. While it runs, no other thread may use the model. */
struct gradc_compiled *gradc_compile(struct gradc_model *model, const struct gradc_compile_options *options);
/** Releases compiled functions, whose workspaces must have been released. NULL is allowed. */
void gradc_compiled_free(struct gradc_compiled *compiled);

/** Makes a workspace, which may be used by one thread at a time and must be released before the functions it
 * is for. NULL where memory is exhausted. Any thread may make one at any time. */
struct gradc_workspace *gradc_workspace_new(const struct gradc_compiled *compiled);
/** Releases a workspace and what was borrowed from it. NULL is allowed. */
void gradc_workspace_free(struct gradc_workspace *workspace);

/** The objective at a point, in the units of the file, and its gradient unless that is NULL; point and
 * gradient have gradc_dimension numbers. GRADC_UNDEFINED: a result is NaN or infinite. GRADC_REFUSED: the
 * function was not compiled. */
enum gradc_outcome gradc_call(struct gradc_workspace *workspace, const double *point, double *value,
                              double *gradient);
/** The objective at many points, and its gradients unless that is NULL, as gradc_evaluate_batch gives them.
 * Outcomes as those of gradc_call. */
enum gradc_outcome gradc_call_batch(struct gradc_workspace *workspace, size_t count, const double *points,
                                    double *values, double *gradients);
/** The Hessian of the objective at a point, as gradc_hessian gives it; borrowed from the workspace until it
 * is asked for again. Outcomes as those of gradc_call. */
enum gradc_outcome gradc_call_hessian(struct gradc_workspace *workspace, const double *point,
                                      struct gradc_matrix *hessian);
/** The Hessian at a point times a direction; all three vectors have gradc_dimension numbers. Outcomes as
 * those of gradc_call. */
enum gradc_outcome gradc_call_hessian_times(struct gradc_workspace *workspace, const double *point,
                                            const double *direction, double *result);
/** All outputs, all residuals (times the root of their weight) or all constrained expressions at a point,
 * their elements one below the other in `values`, which has as many numbers as the Jacobian has rows.
 * Outcomes as those of gradc_call. */
enum gradc_outcome gradc_call_arrays(struct gradc_workspace *workspace, enum gradc_kind kind,
                                     const double *point, double *values);
/** The Jacobian of the same, as gradc_jacobian gives it; borrowed from the workspace until it is asked for
 * again. Outcomes as those of gradc_call. */
enum gradc_outcome gradc_call_jacobian(struct gradc_workspace *workspace, enum gradc_kind kind,
                                       const double *point, struct gradc_matrix *jacobian);

#ifdef __GNUC__
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif

#endif
