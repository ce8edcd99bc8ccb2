/* gradc: exact derivatives of expression files, evaluated by native code, and descent along them.
 *
 * The way through this header: load a file into a model; ask the model what it declares; make an evaluator of
 * it; evaluate at points, or descend. A model owns what it was asked for, down to its diagnostics; an
 * evaluator borrows its model, which must outlive it.
 *
 * Nothing here prints, ends the process, reads the environment or depends on the locale. Functions that can
 * fail say so by their value; why stands in the model's diagnostics. Pointers are borrowed from the object
 * they were asked of and live as long, but for texts (char *), which the caller releases with free().
 *
 * Threads: different models may be used by different threads at the same time; one model, together with its
 * evaluators, by one thread at a time. */
#ifndef GRADC_GRADC_H
#define GRADC_GRADC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gradc/columns.h"
#include "gradc/emit.h"

#ifdef __cplusplus
extern "C" {
#endif
#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif

/* ---- Version ---- */

/* "0.1.0". */
const char *gradc_version(void);
/* The version of LLVM that makes native code, such as "19.1.7". */
const char *gradc_llvm_version(void);
/* The processor, by the name it gives itself or LLVM gives it; the caller frees it. NULL where memory is
 * exhausted. */
char *gradc_cpu_name(void);

/* ---- Numbers as text ---- */

enum { GRADC_NUMBER_CHARS = 40 };
/* Writes the shortest decimal that reads back to the same double; NaN and infinities as nan, inf, -inf. */
void gradc_number_format(double value, char digits[GRADC_NUMBER_CHARS]);
/* Reads a decimal number, correctly rounded: the whole of text[0..length) must be one; inf and nan are
 * accepted. False, leaving *value alone, where it is not a number. */
bool gradc_number_parse(const char *text, size_t length, double *value);
/* The candidate nearest to a mistyped name, or NULL where none is near. */
const char *gradc_nearest_name(const char *name, const char *const *candidates, size_t count);

/* ---- Loading ---- */

struct gradc_model;

/* A value for a param of the file: one number, or all elements row by row. */
struct gradc_param_value {
    const char *name;
    const double *values;
    size_t count;
};

/* Another file for a data statement; a relative path counts from the working directory. */
struct gradc_table_path {
    const char *name, *path;
};

struct gradc_load_options {
    const struct gradc_param_value *params;
    size_t param_count;
    const struct gradc_table_path *tables;
    size_t table_count;
};

/* Load a file; a text shown under `name` in messages, with paths relative to `directory`; or one expression
 * to minimise, whose free names become unknowns in the order of their first appearance. Options may be NULL
 * and need not outlive the call. The model is never NULL unless memory is exhausted; where gradc_has_errors
 * says true, only its diagnostics may be asked for. Release with gradc_free. */
struct gradc_model *gradc_load_file(const char *path, const struct gradc_load_options *options);
struct gradc_model *gradc_load_text(const char *name, const char *directory, const char *text, size_t length,
                                    const struct gradc_load_options *options);
struct gradc_model *gradc_load_expression(const char *text, const struct gradc_load_options *options);
/* Whether a text is meant as a file of statements rather than as an expression. */
bool gradc_looks_like_file(const char *text);
/* NULL is allowed. Evaluators of the model must have been released. */
void gradc_free(struct gradc_model *model);

/* ---- Diagnostics ---- */

enum gradc_severity { GRADC_ERROR, GRADC_WARNING, GRADC_NOTE };

struct gradc_note {
    const char *file; /* NULL: no place */
    uint32_t line, column;
    const char *message;
};

struct gradc_diagnostic {
    enum gradc_severity severity;
    const char *code; /* stable, such as "unknown-name" */
    const char *file; /* NULL: no place; the numbers below are 0 then */
    /* From 1; columns count code points; the end is exclusive. */
    uint32_t line, column, end_line, end_column;
    const char *message;
    const char *hint; /* NULL: none */
    size_t note_count;
    /* A value that left its domain; operation is NULL for all other messages. */
    const char *operation;
    const double *operands;
    size_t operand_count;
    const char *const *indices; /* names of the loop indices there */
    const long long *index_values;
    size_t index_count;
    const char *in; /* "objective", or the derivative: "d/dx[3]" */
};

/* Whether there are errors among the diagnostics. */
bool gradc_has_errors(const struct gradc_model *model);
/* Diagnostics in the order in which they arose; later calls may add some. */
size_t gradc_diagnostic_count(const struct gradc_model *model);
/* k < gradc_diagnostic_count; the contents are borrowed from the model. */
struct gradc_diagnostic gradc_diagnostic_at(const struct gradc_model *model, size_t k);
struct gradc_note gradc_note_at(const struct gradc_model *model, size_t diagnostic, size_t note);
/* For people: place and message, the line with a caret, hint and notes. NULL where memory is exhausted. */
char *gradc_diagnostic_text(const struct gradc_model *model, size_t k, bool colour);
/* For programs: one JSON object and a newline. */
char *gradc_diagnostic_json(const struct gradc_model *model, size_t k);

/* ---- What a model declares ---- */

/* A named array; rank 0 is a single number. */
struct gradc_array {
    const char *name; /* NULL: an unlabelled residual or constraint */
    size_t rank;
    const int64_t *lower, *extent; /* per dimension: the first subscript, and how many */
    size_t count;                  /* elements, row by row */
    size_t offset;                 /* of unknowns: the first element's place in a point */
};

enum gradc_kind { GRADC_UNKNOWNS, GRADC_PARAMS, GRADC_OUTPUTS, GRADC_RESIDUALS, GRADC_CONSTRAINTS };

/* The declarations of one kind, in the order of the file. */
size_t gradc_count(const struct gradc_model *model, enum gradc_kind kind);
struct gradc_array gradc_array_at(const struct gradc_model *model, enum gradc_kind kind, size_t k);
/* The place of a name among its kind, or SIZE_MAX. */
size_t gradc_find(const struct gradc_model *model, enum gradc_kind kind, const char *name);
/* The name of an element of an array, from 0: "b[2]", "m[1,2]", or "x" for a single number. */
char *gradc_element_name(const struct gradc_array *array, size_t element);
/* The elements of all constraints, one below the other, are the rows of their Jacobian: how many there are,
 * and the name of one: "budget", "c[2]", or "constraint 3[2]" where there is no label. */
size_t gradc_constraint_count(const struct gradc_model *model);
char *gradc_constraint_name(const struct gradc_model *model, size_t row);

/* A point is an array of this many doubles: all unknowns, in the order of their declaration, row by row. */
size_t gradc_dimension(const struct gradc_model *model);
/* The start and the bounds of every element of a point; infinite where there is no bound. The first call of
 * one of them evaluates what they are computed from, which takes its time and may add errors to the
 * diagnostics: ask gradc_has_errors before the numbers are used. NULL only where memory is exhausted. */
const double *gradc_start(const struct gradc_model *model);
const double *gradc_lower(const struct gradc_model *model);
const double *gradc_upper(const struct gradc_model *model);
bool gradc_has_objective(const struct gradc_model *model);
bool gradc_maximizes(const struct gradc_model *model);
/* Whether the objective is a sum of squared residuals. */
bool gradc_is_least_squares(const struct gradc_model *model);

/* The settings of `solve with`. */
struct gradc_setting {
    const char *name, *value;
};
size_t gradc_setting_count(const struct gradc_model *model);
struct gradc_setting gradc_setting_at(const struct gradc_model *model, size_t k);
/* Adds an error at the place of a setting; hint may be NULL. */
void gradc_setting_error(struct gradc_model *model, size_t k, const char *code, const char *message,
                         const char *hint);

/* ---- Evaluation ---- */

struct gradc_evaluator;

/* How native code computes. */
enum gradc_arithmetic {
    GRADC_LANES,  /* parallel loops in vector lanes with functions of at most 1 ulp; for a given number of
                     lanes, sums have one order and results the same bits every time */
    GRADC_STRICT, /* in program order, with the functions of the C library: the bits of the interpreter */
    GRADC_FAST    /* as with lanes, but products and sums may be contracted and regrouped, and functions may
                     be off by a few ulp where that is faster; NaN and infinities stay what they are */
};

struct gradc_evaluator_options {
    /* How often it will be used, roughly: few and small evaluations are interpreted, others are compiled. */
    size_t evaluations;
    /* Always native code, or never. With GRADC_STRICT the bits of the results are the same. */
    bool native, interpret;
    enum gradc_arithmetic arithmetic;
    /* The number of lanes: 1, 2, 4 or 8; 0: as suits the processor. */
    unsigned lanes;
    /* A folder in which compiled code is kept for later processes, made where it is missing; NULL: none. It
     * is used only where it is the user's own and nobody else may write to it: code is run from it. The text
     * must outlive the evaluator. */
    const char *cache;
};

enum gradc_outcome {
    GRADC_DONE,
    GRADC_UNDEFINED, /* a result is NaN or infinite; all results are filled in; see gradc_explain */
    GRADC_REFUSED,   /* an error, in the model's diagnostics */
    GRADC_EXHAUSTED  /* memory or another resource of the machine */
};

/* Prepares evaluation of a model without errors; derivatives and code are made when they are first needed.
 * NULL where memory is exhausted. Options may be NULL. Release with gradc_evaluator_free. */
struct gradc_evaluator *gradc_evaluator_new(struct gradc_model *model,
                                            const struct gradc_evaluator_options *options);
void gradc_evaluator_free(struct gradc_evaluator *evaluator);
/* The objective at a point, and its gradient unless that is NULL; both in the units of the file. */
enum gradc_outcome gradc_evaluate(struct gradc_evaluator *evaluator, const double *point, double *value,
                                  double *gradient);
/* All outputs, all residuals (times the root of their weight) or all constrained expressions at a point. */
enum gradc_outcome gradc_evaluate_arrays(struct gradc_evaluator *evaluator, enum gradc_kind kind,
                                         const double *point);
/* The elements of output, residual or constraint k, as the last such call has left them; NULL before it. */
const double *gradc_values(const struct gradc_evaluator *evaluator, enum gradc_kind kind, size_t k);
/* Observed and fitted values of residual k where it comes from `fit`; false where it does not. */
bool gradc_fit_values(const struct gradc_evaluator *evaluator, size_t k, const double **observed,
                      const double **fitted);

/* The derivatives of one element of output, residual or constraint k by all elements of the point. Each call
 * costs about as much as the gradient of a sum over all elements. */
enum gradc_outcome gradc_element_gradient(struct gradc_evaluator *evaluator, enum gradc_kind kind, size_t k,
                                          size_t element, const double *point, double *gradient);

/* A sparse matrix by rows: the entries of row i are those from starts[i] to starts[i + 1] - 1, by ascending
 * column. Entries stand where the matrix may differ from 0 at some point; they may be 0 here. Borrowed from
 * the evaluator until the same matrix is asked for again. */
struct gradc_matrix {
    size_t rows, columns, count;
    const size_t *starts;   /* rows + 1 */
    const uint32_t *column; /* from 0 */
    const double *values;
    size_t products; /* how many products with vectors gave the values */
};
/* The Hessian of the objective: the lower triangle, by elements of the point. The pattern is found at the
 * first call. "too-dense" where there are too many entries: use gradc_hessian_times. */
enum gradc_outcome gradc_hessian(struct gradc_evaluator *evaluator, const double *point,
                                 struct gradc_matrix *hessian);
/* The Hessian times a direction; both vectors have the dimension of the point. Costs a few gradients. */
enum gradc_outcome gradc_hessian_times(struct gradc_evaluator *evaluator, const double *point,
                                       const double *direction, double *result);
/* The derivatives of all outputs, residuals or constraints, one below the other, by the elements of the
 * point. */
enum gradc_outcome gradc_jacobian(struct gradc_evaluator *evaluator, enum gradc_kind kind,
                                  const double *point, struct gradc_matrix *jacobian);
/* The same times a direction; the result has an element for each row. */
enum gradc_outcome gradc_jacobian_times(struct gradc_evaluator *evaluator, enum gradc_kind kind,
                                        const double *point, const double *direction, double *result);

/* Weights, one for each row, times the same derivatives: the gradient of the weighted sum of all elements. */
enum gradc_outcome gradc_times_jacobian(struct gradc_evaluator *evaluator, enum gradc_kind kind,
                                        const double *point, const double *weights, double *result);

/* The bounds between which the constrained expressions have to stay, by row; infinite where there is none. */
enum gradc_outcome gradc_constraint_bounds(struct gradc_evaluator *evaluator, double *lower, double *upper);
/* The Hessian of factor*objective + the sum of multipliers times constrained expressions, as gradc_hessian
 * gives that of the objective. The pattern is that of all of them, whatever factor and multipliers are. */
enum gradc_outcome gradc_lagrangian(struct gradc_evaluator *evaluator, const double *point, double factor,
                                    const double *multipliers, struct gradc_matrix *hessian);

/* What a least-squares fit says of its unknowns, from the derivatives of the residuals at the solution. */
struct gradc_fit {
    double rss;          /* sum of squared weighted residuals */
    double freedom;      /* residuals minus unknowns that are not held */
    double residual_std; /* sqrt(rss/freedom); NaN where freedom is not above 0 */
    double t95;          /* a value +- t95 standard errors is its 95% confidence interval (Student's t) */
    /* By element of the point, 0 for held ones; NULL where there is no freedom, where the residuals do not
     * determine the unknowns, or where there are more than GRADC_FIT_UNKNOWNS or too many residuals. */
    double *standard_errors;
    double *correlation; /* dimension*dimension, row by row; NULL likewise */
    char *undetermined; /* a sentence that names unknowns which the residuals hardly tell apart; NULL: none */
};
enum { GRADC_FIT_UNKNOWNS = 200 };
/* `held` says which elements of the point are no unknowns of the fit; NULL: all are. The result's arrays are
 * released with gradc_fit_free. */
enum gradc_outcome gradc_fit_statistics(struct gradc_evaluator *evaluator, const double *point,
                                        const bool *held, struct gradc_fit *fit);
void gradc_fit_free(struct gradc_fit *fit);
/* Looks for the operation that first leaves its domain at a point, in the objective or its gradient, and adds
 * an error about it. False where there is none. */
bool gradc_explain(struct gradc_evaluator *evaluator, const double *point);
/* The same in the Hessian, where value and gradient are finite; after gradc_hessian at that point. */
bool gradc_explain_hessian(struct gradc_evaluator *evaluator, const double *point);
/* The same for outputs, residuals or constraints. */
bool gradc_explain_arrays(struct gradc_evaluator *evaluator, enum gradc_kind kind, const double *point);
/* Looks for a NaN that is compared at a point: results may be finite in spite of it. Adds a warning about the
 * first one; false where there is none. Comparisons are those of real values in the file. Nothing is run
 * where it has none, nor where the search would take seconds. */
bool gradc_explain_comparisons(struct gradc_evaluator *evaluator, const double *point);

/* ---- Derivatives as text ---- */

enum gradc_formula_format {
    GRADC_FORMULA_TEXT,
    GRADC_FORMULA_GRAD, /* statements of the language, which parse */
    GRADC_FORMULA_JSON,
    GRADC_FORMULA_LATEX, /* an environment `align*` of amsmath */
    GRADC_FORMULA_DOT    /* a graph for Graphviz */
};

/* The exact derivatives of the objective (without one: of the outputs) by the named unknowns or real params;
 * none named: by all unknowns. Of order 2 and more, each choice of variables is told once; order 0 is the
 * function itself. NULL after an error. */
char *gradc_formulas(struct gradc_model *model, const char *const *wrt, size_t wrt_count, unsigned order,
                     enum gradc_formula_format format);

/* ---- Descent ---- */

enum gradc_status {
    GRADC_CONVERGED,
    GRADC_STALLED,
    GRADC_MAX_ITERATIONS,
    GRADC_TIMEOUT,
    GRADC_INTERRUPTED,
    GRADC_DIVERGED,
    GRADC_INFEASIBLE,   /* the constraints are not met, and no step makes them nearer to it */
    GRADC_DOMAIN_ERROR, /* gradc_explain has been called: the reason stands in the diagnostics */
    GRADC_FAILED        /* the machine failed, or an error stands in the diagnostics */
};
/* "converged", "stalled", ... */
const char *gradc_status_name(enum gradc_status status);

struct gradc_iteration {
    size_t iteration; /* 0: the start */
    double objective, gradient_norm, step;
    const double *point;
};

/* A method of descent; docs/methods.md describes each. */
struct gradc_method {
    const char *name, *title, *doc; /* "lm", "Levenberg-Marquardt", one line */
    bool needs_rate, takes_rate, needs_residuals, knows_constraints;
    bool needs_bounds;    /* of every unknown, finite */
    size_t most_unknowns; /* 0: any number */
    double tolerance;     /* the one to choose where the user gives none */
    const char *why;      /* it was chosen for "auto": "there are few unknowns"; NULL: it was asked for */
};
size_t gradc_method_count(void);
struct gradc_method gradc_method_at(size_t k);
/* The method behind a name: "auto" (or NULL) is resolved by what the model is, and by the rate, which may be
 * 0. False: there is none of that name. */
bool gradc_method_find(struct gradc_model *model, const char *name, double rate, struct gradc_method *method);

struct gradc_descent_options {
    const char *method; /* NULL: "auto" */
    /* Points and bounds in the place of the model's; NULL: the model's. */
    const double *start, *lower, *upper;
    /* What single methods are asked for; 0: their own choice. gd with a rate takes plain steps of
     * rate*gradient, without one it searches for the length of each. */
    double rate, beta, beta2, epsilon;
    size_t memory;
    /* With gd and a rate: of the step's Euclidean norm. Of lm: of a cosine and of relative changes. Else: of
     * the projected gradient's norm, each unknown in units of its start (1 where it starts at 0), times
     * max(1, |objective|), the smaller of those at the start and the end. */
    double tolerance;
    size_t max_iterations;
    double timeout; /* seconds; 0: none */
    /* Called after the start and every iteration; false interrupts the descent. NULL: none. */
    bool (*observe)(void *context, const struct gradc_iteration *iteration);
    void *context;
};

struct gradc_descent {
    enum gradc_status status;
    char *reason;       /* a sentence without its full stop */
    const char *method; /* the name of the one that ran */
    size_t iterations, value_evaluations, gradient_evaluations, hessian_evaluations, product_evaluations,
        residual_evaluations, jacobian_evaluations,
        constraint_evaluations; /* product: the Hessian times a direction */
    double objective, step;
    double gradient_norm; /* of the projected gradient; with constraints, of the Lagrangian's */
    /* By row of the constraints: how much the optimal objective changes per unit of the bound that holds it;
     * 0 where none does. NULL: there are no constraints. */
    double *multipliers;
    double violation; /* the largest, and of which row; 0: all constraints hold */
    size_t worst_constraint;
    double *point,
        *gradient; /* the last point where it converged, else the best seen; NULL where it failed */
    double seconds;
};

/* Descends from the start. The result is always filled in; release it with gradc_descent_free. */
void gradc_descend(struct gradc_evaluator *evaluator, const struct gradc_descent_options *options,
                   struct gradc_descent *result);
void gradc_descent_free(struct gradc_descent *result);

/* ---- What was found ---- */

enum gradc_critical_kind {
    GRADC_UNKNOWN,
    GRADC_MINIMUM,
    GRADC_MAXIMUM,
    GRADC_SADDLE,
    GRADC_DEGENERATE, /* an eigenvalue of the Hessian is 0 */
    GRADC_NOT_CRITICAL
};
/* "minimum", "not_critical", ... */
const char *gradc_critical_name(enum gradc_critical_kind kind);

struct gradc_critical_point {
    enum gradc_critical_kind kind; /* of the objective as it is written */
    char *detail;                  /* why: a sentence without its full stop */
    double *eigenvalues;           /* of the Hessian, ascending; NULL: not computed */
    size_t eigenvalue_count;
    bool complete; /* all of them; else the smallest and the largest that were found */
};
/* The second-derivative test at a point: the eigenvalues of the exact Hessian over the unknowns that may move
 * (not held, not pushed against a bound). Where there are constraints and their multipliers are given, it is
 * the Hessian of the Lagrangian, along the constraints that are active. Bounds NULL: the model's. Release
 * with gradc_critical_point_free. */
enum gradc_outcome gradc_examine(struct gradc_evaluator *evaluator, const double *point, const double *lower,
                                 const double *upper, const double *multipliers,
                                 struct gradc_critical_point *found);
void gradc_critical_point_free(struct gradc_critical_point *found);

/* ---- Several starts ---- */

struct gradc_multistart_options {
    /* How each descent goes; its start is the first of all. It is not observed. */
    const struct gradc_descent_options *descent;
    size_t starts; /* with that one */
    uint64_t seed;
    /* Asked often, by several threads at once; false ends the search. NULL: it goes on. */
    bool (*proceed)(void *context);
    /* Called after each descent, by one thread at a time. NULL: nobody wants to know. */
    void (*progress)(void *context, size_t done, size_t starts);
    void *context;
};

/* Descents that have ended at the same point: within 1e-4 of each unknown, or of its value where that is
 * above 1. */
struct gradc_basin {
    double *start;       /* from where the best of them came */
    double *point;       /* that end */
    double *multipliers; /* of the constraints there; NULL: there are none */
    double objective;
    enum gradc_critical_kind kind;
    size_t count;
    size_t number; /* of the start, from 0 */
};

struct gradc_multistart {
    struct gradc_basin *basins; /* best first */
    size_t basin_count;
    size_t starts;                /* that were descended from */
    size_t unfinished, undefined; /* of them: did not converge; had no value */
};

/* Descends from the start and from points of a Sobol sequence: half of them between the bounds, or where
 * there are none around the start by five times its size; the others in ever smaller boxes around the best
 * end so far. Each evaluator is of a model of its own, all loaded from the same file, and is used by a thread
 * of its own. What is found depends on the seed and not on how many there are.
 */
enum gradc_outcome gradc_multistart(struct gradc_evaluator *const *evaluators, size_t count,
                                    const struct gradc_multistart_options *options,
                                    struct gradc_multistart *found);
void gradc_multistart_free(struct gradc_multistart *found);

/* ---- Checks ---- */

enum gradc_verdict { GRADC_AGREES, GRADC_CANNOT_TELL, GRADC_DISAGREES };

/* A derivative in doubles that was compared with central differences at 400 bits and more: what was found at
 * the point where it was worst. */
struct gradc_checked {
    const char *name; /* "df/dx[3]", "dg[2]/dx", "d2f/dx dy" */
    unsigned order;   /* 1 or 2 */
    enum gradc_verdict verdict;
    size_t agreed, points; /* at so many of so many points it agrees */
    unsigned digits;       /* decimal ones in which both are the same there, at most 16; 0: nowhere */
    size_t point;          /* where it is worst, from 0: */
    double value, expected;
    double condition;   /* how much the calculation amplifies a rounding; 0: not needed */
    const char *reason; /* "kink", "cancels", ...; NULL where it agrees */
    const char *detail; /* the same as a sentence without its full stop; NULL likewise */
};

/* What was compared of a matrix of derivatives. */
struct gradc_check_scope {
    const char *what;             /* "gradient", "outputs", "residuals", "constraints", "hessian" */
    size_t rows, columns;         /* compared; a gradient has one row */
    size_t all_rows, all_columns; /* that there are */
    bool together;                /* all columns at once were compared as well, along a direction */
};

struct gradc_check_options {
    size_t points; /* random ones, beside the start */
    uint64_t seed;
    /* Called now and then: what is being done, and how much of it is, from 0 to 1. NULL: none. */
    void (*progress)(void *context, const char *what, double share);
    void *context;
};

/* A place in a file; the end is exclusive. */
struct gradc_place {
    const char *file; /* NULL: no place */
    uint32_t line, column, end_line, end_column;
    const char *text; /* what stands there, cut where it is long */
};

/* Where a function is not smooth, at a point or within 1e-6 of it. */
struct gradc_kink {
    struct gradc_place place;
    const char *operation; /* "abs", "max", "floor", ..., "<" */
    size_t point;
    double distance;    /* in relation to the larger operand or 1 */
    const char *detail; /* a sentence without its full stop */
};

enum gradc_smoothness {
    GRADC_JUMPS,    /* the value does */
    GRADC_KINKS,    /* the value is continuous, the gradient jumps */
    GRADC_BENDS,    /* value and gradient are continuous, the Hessian jumps */
    GRADC_IS_SMOOTH /* all of them match */
};

/* Where a comparison of real numbers changes, and whether results match across. */
struct gradc_switch {
    struct gradc_place place; /* of the condition */
    enum gradc_smoothness smoothness;
    const char *name;     /* of what jumps: "f", "df/dx[2]"; NULL: nothing */
    double before, after; /* its one-sided limits, by ascending unknown where only one moves */
    const double *at;     /* a point on the switch */
    size_t moved;         /* the only unknown in which it differs from the start; SIZE_MAX: there are more */
    bool together;        /* another condition switches there too */
    const char *detail;   /* a sentence without its full stop */
};

enum gradc_safety {
    GRADC_SAFE,      /* its operands lie in its domain, whatever the unknowns are within their bounds */
    GRADC_UNSAFE,    /* there is a point where they do not */
    GRADC_NOT_PROVED /* neither is known */
};

/* An operation that is not defined everywhere: log, sqrt, a division, ... */
struct gradc_domain {
    struct gradc_place place;
    const char *operation; /* "log", "/", "^" */
    bool in_gradient;      /* it belongs to the derivatives of what stands at the place */
    enum gradc_safety safety;
    double low, high;   /* the operand that matters lies between, by interval arithmetic */
    const double *at;   /* a point where it is unsafe; NULL: none */
    const char *detail; /* a sentence without its full stop */
};

/* What is allowed, but hardly meant. */
struct gradc_check_warning {
    struct gradc_place place;
    const char *code;    /* stable: "unused-unknown", "unused-param", "constant-not-finite", "real-equality",
                            "start-moved", "no-influence", "zero-derivative", "too-few-residuals" */
    const char *message; /* a sentence without its full stop */
};

struct gradc_check_memory;

struct gradc_check {
    bool too_large;       /* to be evaluated at high precision: only domains and warnings were looked at */
    size_t point_count;   /* with the start, which is the first */
    const double *points; /* one after the other */
    const bool *point_defined; /* by point: the objective is a number there; else nothing was compared */
    struct gradc_checked *derivatives;
    size_t derivative_count;
    struct gradc_check_scope *scopes;
    size_t scope_count;
    struct gradc_kink *kinks;
    size_t kink_count;
    struct gradc_switch *switches; /* the worst place of each comparison that was found to change */
    size_t switch_count;
    struct gradc_domain *domains;
    size_t domain_count;
    struct gradc_check_warning *warnings;
    size_t warning_count;
    struct gradc_check_memory *memory; /* everything above belongs to it */
};

/* Compares derivatives with differences at the start and at random points within the bounds. The result is
 * released with gradc_check_free, whatever the outcome. */
enum gradc_outcome gradc_check(struct gradc_evaluator *evaluator, const struct gradc_check_options *options,
                               struct gradc_check *check);
/* The kinks of the objective and of the constraints at a point; nothing else of the result is filled in but
 * its one point, and too_large where high precision would take more than about a tenth of a second. Released
 * in the same way. */
enum gradc_outcome gradc_find_kinks(struct gradc_evaluator *evaluator, const double *point,
                                    struct gradc_check *check);
void gradc_check_free(struct gradc_check *check);

/* ---- What was done ---- */

/* A phase of the work on a model, in the order of their first start; what is done several times is one phase.
 * "frontend": reading and checking; "inputs": starts, bounds and params that are computed; "derive";
 * "compile"; "pattern": where matrices have entries; "run": descent; "check"; "emit". Single evaluations are
 * no phase. */
struct gradc_phase {
    const char *name;
    double seconds;
    /* Of what the phase has made; 0 where it does not apply. */
    size_t steps, nodes, instructions;
};
size_t gradc_phase_count(const struct gradc_model *model);
struct gradc_phase gradc_phase_at(const struct gradc_model *model, size_t k);

/* ---- What evaluation costs ---- */

/* How a program is run. */
enum gradc_way {
    GRADC_INTERPRETED, /* operation by operation, on demand */
    GRADC_TAPE,        /* from a list of operations: programs without loops */
    GRADC_COMPILED,    /* natively, compiled fast */
    GRADC_OPTIMISED    /* natively, with everything that LLVM does */
};
const char *gradc_way_name(enum gradc_way way); /* "interpreted", "tape", "compiled", "optimised" */

struct gradc_call_count {
    const char *function;
    double count;
};

struct gradc_loop_count {
    const char *index;
    unsigned depth; /* of the loops around it */
    double times;   /* its iterations, in all runs of it; NAN where they depend on what is computed */
    bool ordered;   /* each iteration needs the one before */
    unsigned lanes; /* iterations side by side; 1: one by one */
};

/* Counts are of one run. A loop whose range depends on the index of an outer one counts as in the middle of
 * that, and both sides of a condition count. */
struct gradc_report {
    size_t operations; /* of the formulas: what the program computes, written down once */
    double unshared;   /* how many there would be if equal parts were computed each time */
    double additions, multiplications, divisions, others; /* others: comparisons, choices, whole numbers */
    struct gradc_call_count *calls;                       /* of functions */
    size_t call_count;
    struct gradc_loop_count *loops; /* of the code, in its order */
    size_t loop_count;
    double bytes; /* read and written in arrays */
    enum gradc_way way;
    double predicted, measured; /* seconds of a run: by the counts, and the best of some */
};
/* On the objective, or the objective with its gradient, at a point. Release it whatever the outcome. */
enum gradc_outcome gradc_report(struct gradc_evaluator *evaluator, bool gradient, const double *point,
                                struct gradc_report *report);
void gradc_report_free(struct gradc_report *report);

/* ---- The cache of compiled code ---- */

struct gradc_cache {
    size_t files;
    uint64_t bytes, limit; /* what has not been used for the longest time goes when there are more */
};
/* What is kept in a folder; false, and nothing, where there is none that would be used. */
bool gradc_cache_look(const char *folder, struct gradc_cache *cache);
/* Removes it, and says how much that was. */
bool gradc_cache_clear(const char *folder, struct gradc_cache *removed);

/* ---- The elementary functions ---- */

struct gradc_function {
    const char *name;
    size_t arity;      /* SIZE_MAX: one or more operands */
    char operands[64]; /* their names: "x", "y, x", "x, y, ..." */
    const char *domain, *doc;
    /* The largest errors of the value and of the derivatives over the domain, in units in the last place:
     * what tests find, rounded up. */
    double value_error, derivative_error;
    const char *error_note; /* why they are large, or in relation to what they count; NULL: nothing to say */
};
size_t gradc_function_count(void);
struct gradc_function gradc_function_at(size_t k);
/* Its derivatives as text, one by each operand, separated by newlines; NULL where memory is
 * exhausted. */
char *gradc_function_derivatives(size_t k);

#ifdef __GNUC__
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif

#endif
