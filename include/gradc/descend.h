/** @file
 * Descent, and what it found; part of gradc.h. */
#ifndef GRADC_DESCEND_H
#define GRADC_DESCEND_H

#include "gradc/evaluate.h"

#ifdef __cplusplus
extern "C" {
#endif
#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif

/* ---- Descent ---- */

/** Why a descent ended. */
enum gradc_status {
    GRADC_CONVERGED,
    GRADC_STALLED,
    GRADC_MAX_ITERATIONS,
    GRADC_TIMEOUT,
    GRADC_INTERRUPTED,
    GRADC_DIVERGED,
    GRADC_INFEASIBLE,   /**< the constraints are not met, and no step makes them nearer to it */
    GRADC_DOMAIN_ERROR, /**< gradc_explain has been called: the reason stands in the diagnostics */
    GRADC_FAILED        /**< the machine failed, or an error stands in the diagnostics */
};
/** "converged", "stalled", ... */
const char *gradc_status_name(enum gradc_status status);

/** A step of a descent, as it is shown to an observer. */
struct gradc_iteration {
    size_t iteration;     /**< 0: the start */
    double objective;     /**< the objective, as it is written */
    double gradient_norm; /**< the norm that the method compares with its tolerance */
    double step;          /**< the Euclidean length of the last step */
    const double *point;  /**< as many numbers as gradc_dimension says; valid during the call */
};

/** A method of descent; docs/methods.md describes each. */
struct gradc_method {
    const char *name;       /**< "lm" */
    const char *title;      /**< "Levenberg-Marquardt" */
    const char *doc;        /**< one line */
    bool needs_rate;        /**< it does not run without a rate */
    bool takes_rate;        /**< it has use for a rate */
    bool needs_residuals;   /**< it minimises sums of squares only */
    bool knows_constraints; /**< it heeds `subject to` */
    bool needs_bounds;      /**< of every unknown, finite */
    size_t most_unknowns;   /**< 0: any number */
    double tolerance;       /**< the one to choose where the user gives none */
    const char *why;        /**< it was chosen for "auto": "there are few unknowns"; NULL: it was asked for */
};
/** How many methods there are. */
size_t gradc_method_count(void);
/** Method k, from 0; its texts are constants. */
struct gradc_method gradc_method_at(size_t k);
/** The method behind a name: "auto" (or NULL) is resolved by what the model is, and by the rate, which may be
 * 0. False: there is none of that name. */
bool gradc_method_find(struct gradc_model *model, const char *name, double rate, struct gradc_method *method);

/** How to descend. All zeros, but for max_iterations, is allowed. */
struct gradc_descent_options {
    const char *method;  /**< NULL: "auto" */
    const double *start; /**< the first point; NULL: the model's */
    /** Of each element of that point, whether it says nothing of where between the bounds to begin, as it lay
     * outside of them; NULL: the model's where `start` is NULL, else none. */
    const bool *outside;
    const double *lower; /**< of each element of the point; NULL: the model's */
    const double *upper; /**< likewise */
    double rate;  /**< 0: none. gd with a rate takes plain steps of rate*gradient, without one it searches for
                     the length of each */
    double beta;  /**< of momentum, nesterov and adam; 0: their own */
    double beta2; /**< of adam; 0: its own */
    double epsilon; /**< of adam; 0: its own */
    size_t memory;  /**< of lbfgs: how many steps it remembers; 0: its own number */
    /** With gd and a rate: of the step's Euclidean norm. Of lm: of a cosine and of relative changes. Else: of
     * the projected gradient's norm, each unknown in units of its start (1 where it starts at 0), times
     * max(1, |objective|), the smaller of those at the start and the end. */
    double tolerance;
    size_t max_iterations; /**< where it stops at the latest */
    double timeout;        /**< seconds; 0: none */
    /** Called after the start and every iteration; false interrupts the descent. NULL: none. */
    bool (*observe)(void *context, const struct gradc_iteration *iteration);
    void *context; /**< handed to observe */
};

/** How a descent went. */
struct gradc_descent {
    enum gradc_status status;      /**< why it ended */
    char *reason;                  /**< a sentence without its full stop */
    const char *method;            /**< the name of the one that ran */
    size_t iterations;             /**< how many there were */
    size_t value_evaluations;      /**< of the objective alone */
    size_t gradient_evaluations;   /**< of the objective with its gradient */
    size_t hessian_evaluations;    /**< of the Hessian */
    size_t product_evaluations;    /**< of the Hessian times a direction */
    size_t residual_evaluations;   /**< of the residuals */
    size_t jacobian_evaluations;   /**< of the Jacobian of residuals or constraints */
    size_t constraint_evaluations; /**< of the constrained expressions */
    double objective;              /**< at the point, as it is written */
    double step;                   /**< the length of the last one */
    double gradient_norm;          /**< of the projected gradient; with constraints, of the Lagrangian's */
    /** By row of the constraints: how much the optimal objective changes per unit of the bound that holds it;
     * 0 where none does. NULL: there are no constraints. */
    double *multipliers;
    double violation;        /**< the largest, and of which row; 0: all constraints hold */
    size_t worst_constraint; /**< the row of that constraint */
    double *point;    /**< the last point where it converged, else the best seen; NULL where it failed */
    double *gradient; /**< there; NULL likewise */
    double seconds;   /**< that it took */
};

/** Descends from the start along the derivatives, by one of the methods whose formulas and sources
 * docs/methods.md has. The result is always filled in; release it with gradc_descent_free. */
void gradc_descend(struct gradc_evaluator *evaluator, const struct gradc_descent_options *options,
                   struct gradc_descent *result);
/** Releases what gradc_descend has filled in. */
void gradc_descent_free(struct gradc_descent *result);

/* ---- What was found ---- */

/** What kind of point the second-derivative test found. */
enum gradc_critical_kind {
    GRADC_UNKNOWN,
    GRADC_MINIMUM,
    GRADC_MAXIMUM,
    GRADC_SADDLE,
    GRADC_DEGENERATE, /**< an eigenvalue of the Hessian is 0 */
    GRADC_NOT_CRITICAL
};
/** "minimum", "not_critical", ... */
const char *gradc_critical_name(enum gradc_critical_kind kind);

/** The result of the second-derivative test. */
struct gradc_critical_point {
    enum gradc_critical_kind kind; /**< of the objective as it is written */
    char *detail;                  /**< why: a sentence without its full stop */
    double *eigenvalues;           /**< of the Hessian, ascending; NULL: not computed */
    size_t eigenvalue_count;       /**< how many */
    bool complete;                 /**< all of them; else the smallest and the largest that were found */
};
/** The second-derivative test at a point: the eigenvalues of the exact Hessian over the unknowns that may
 * move (not held, not pushed against a bound). Where there are constraints and their multipliers are given,
 * it is the Hessian of the Lagrangian, along the constraints that are active. Bounds NULL: the model's.
 * At a kink or a jump (gradc_find_kinks) the kind is GRADC_UNKNOWN, as derivatives on one side do not tell;
 * but where they are 0, values on both sides have told. What counts as small is judged beside the size of the
 * unknowns at the point and at the model's start, 1 for one that starts at 0. Release with
 * gradc_critical_point_free. */
enum gradc_outcome gradc_examine(struct gradc_evaluator *evaluator, const double *point, const double *lower,
                                 const double *upper, const double *multipliers,
                                 struct gradc_critical_point *found);
/** Releases what gradc_examine has filled in. */
void gradc_critical_point_free(struct gradc_critical_point *found);

/* ---- Several starts ---- */

/** How several descents go. */
struct gradc_multistart_options {
    /** How each descent goes; its start is the first of all. It is not observed. */
    const struct gradc_descent_options *descent;
    size_t starts; /**< with that one */
    uint64_t seed; /**< of the starts */
    /** Asked often, by several threads at once; false ends the search. NULL: it goes on. */
    bool (*proceed)(void *context);
    /** Called after each descent, by one thread at a time. NULL: nobody wants to know. */
    void (*progress)(void *context, size_t done, size_t starts);
    void *context; /**< handed to both functions */
};

/** Descents that have ended at the same point: within 1e-4 of each unknown, or of its value where that is
 * above 1. */
struct gradc_basin {
    double *start;                 /**< from where the best of them came */
    double *point;                 /**< that end */
    double *multipliers;           /**< of the constraints there; NULL: there are none */
    double objective;              /**< there, as it is written */
    enum gradc_critical_kind kind; /**< of that point */
    size_t count;                  /**< how many descents have ended there */
    size_t number;                 /**< of the start, from 0 */
};

/** What several descents have found. */
struct gradc_multistart {
    struct gradc_basin *basins; /**< best first */
    size_t basin_count;         /**< how many */
    size_t starts;              /**< that were descended from */
    size_t unfinished;          /**< of the starts: did not converge */
    size_t undefined;           /**< of the starts: had no value */
};

/** Descends from the start and from points of a Sobol sequence: half of them between the bounds, or where
 * there are none around the start by five times its size; the others in ever smaller boxes around the best
 * end so far. Each evaluator is of a model of its own, all loaded from the same file, and is used by a thread
 * of its own. What is found depends on the seed and not on how many there are.
 */
enum gradc_outcome gradc_multistart(struct gradc_evaluator *const *evaluators, size_t count,
                                    const struct gradc_multistart_options *options,
                                    struct gradc_multistart *found);
/** Releases what gradc_multistart has filled in. */
void gradc_multistart_free(struct gradc_multistart *found);

#ifdef __GNUC__
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif

#endif
