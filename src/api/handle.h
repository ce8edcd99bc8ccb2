/* What stands behind the handles of the public header. */
#ifndef GRADC_API_HANDLE_H
#define GRADC_API_HANDLE_H

#include <gradc/gradc.h>
#include <time.h>

#include "api/runner.h"
#include "api/team.h"
#include "sema/model.h"
#include "support/vec.h"

enum { KINDS = GRADC_CONSTRAINTS + 1 };

/* What changes while a model is used, though it stays the same for the caller. */
struct progress {
    VEC(struct gradc_phase) phases;
    struct pools pools;            /* of threads for its evaluators */
    bool knows_locality, is_local; /* of the Hessian (hessian_is_local) */
    bool has_inputs;               /* evaluation of the waiting inputs was tried */
    bool inputs_failed;
};

/* How a model was loaded: enough to load it again with other values. */
struct loading {
    struct arena arena;
    bool is_expression;
    const char *directory;
    VEC(struct given_param) params;
    VEC(struct given_table) tables;
    VEC(struct given_numbers) numbers;
};

struct gradc_model {
    struct model *model;
    struct progress *progress;
    struct loading loading;
};

/* Loads the same text again, with the options that are noted now. NULL where memory is exhausted. */
struct gradc_model *model_load_again(const struct gradc_model *model);

struct ahead;
struct batch;
struct elements;
struct products;
struct curvature;

struct gradc_evaluator {
    struct gradc_model *owner;
    struct gradc_evaluator_options options;
    double *point; /* behind the unknowns of all runners */
    struct runner value, gradient;
    struct runner arrays[KINDS];             /* outputs, residuals, constraints */
    struct runner *element_gradients[KINDS]; /* per declaration, seeded where it is an array */
    struct products *hessian, *jacobians;    /* one, and one per kind */
    struct elements *elements;               /* the Hessian, where it comes from elements */
    struct elements *jacobian_elements;      /* likewise, one per kind */
    struct ahead *ahead;                     /* many steps at once */
    struct batch *batch;                     /* many points at once */
    struct curvature *curvature;             /* of the Lagrangian; NULL: not yet asked for */
};

/* Measures a phase of the work. */
struct stopwatch {
    struct timespec began;
};
struct stopwatch stopwatch_start(void);
/* Adds the time since the start to a phase; returns it for further facts, NULL where memory is exhausted. */
struct gradc_phase *phase_add(const struct gradc_model *model, const char *name, struct stopwatch watch);
struct gradc_phase *phase_add_seconds(const struct gradc_model *model, const char *name, double seconds);

/* The shape of a declaration. */
const struct model_array *model_shape(const struct model *model, enum gradc_kind kind, size_t k);
size_t model_count(const struct model *model, enum gradc_kind kind);
/* The unknowns as arrays of the program; NULL where memory is exhausted. */
array_id *model_unknown_ids(const struct model *model);
/* Evaluates the inputs that wait, and makes the start and the bounds of the point, where that has not been
 * done (api/inputs.c). False after an error. */
bool model_inputs(const struct gradc_model *model);
/* Copies a text for the caller of the library. */
char *text_copy(const char *text);

/* gradc_descend without a word about it among the diagnostics. */
void descend_quietly(struct gradc_evaluator *e, const struct gradc_descent_options *options,
                     struct gradc_descent *result);
/* What a method sees of the objective may be changed: other derivatives, for instance. */
struct objective;
struct descent_change {
    void (*apply)(void *context, struct objective *objective);
    void *context;
};
/* The same with a change. */
void descend_changed(struct gradc_evaluator *e, const struct gradc_descent_options *options,
                     const struct descent_change *change, struct gradc_descent *result);
/* The program of the objective, or of the objective with its gradient, for the caller to release. */
enum gradc_outcome evaluator_derive(struct gradc_evaluator *e, bool gradient, struct program *p);
/* Makes the runners ready that were not yet needed. */
enum gradc_outcome evaluator_prepare_value(struct gradc_evaluator *e);
enum gradc_outcome evaluator_prepare_gradient(struct gradc_evaluator *e);
enum gradc_outcome evaluator_prepare_arrays(struct gradc_evaluator *e, enum gradc_kind kind);
/* The Hessian of a function with that gradient: made ready once, by elements or else by products. */
enum gradc_outcome hessian_prepare(struct products *p, struct elements *h, struct gradc_evaluator *e,
                                   const struct program *gradient);
/* All that gradc_hessian, gradc_hessian_times and gradc_jacobian need beforehand. */
enum gradc_outcome evaluator_prepare_hessian(struct gradc_evaluator *e);
enum gradc_outcome evaluator_prepare_product(struct gradc_evaluator *e);
enum gradc_outcome evaluator_prepare_jacobian(struct gradc_evaluator *e, enum gradc_kind kind);
/* The Jacobian or Hessian at a point, when it has been prepared. */
enum gradc_outcome jacobian_give(struct gradc_evaluator *e, enum gradc_kind kind, const double *point,
                                 struct gradc_matrix *jacobian);
enum gradc_outcome hessian_give(struct products *p, struct elements *h, struct gradc_evaluator *e,
                                const double *point, struct gradc_matrix *hessian);
/* Whether the Hessian has few entries in a row, by its form: each term of the gradient reads unknowns of its
 * own, in loops that are no deeper than the unknowns have dimensions. Costs a derivation, once. */
bool hessian_is_local(const struct gradc_model *model);
/* Releases what gradc_lagrangian has made; NULL is allowed. */
void curvature_free(struct curvature *curvature);
void evaluator_set_point(struct gradc_evaluator *e, const double *point);
/* Runs what has been made ready at a point, which is copied only where there is no native code. */
enum gradc_outcome evaluator_run_at(struct gradc_evaluator *e, struct runner *r, const double *point);
/* Whether a NaN or an infinity at a point is a number that grew beyond the doubles. */
bool evaluator_overflows(struct gradc_evaluator *e, const double *point);

#endif
