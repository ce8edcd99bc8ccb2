/* The checked model: what a file means, ready to be differentiated, evaluated and run.
 *
 * model_load reads the file and its imports, checks names, shapes and ranges, reads the tables whose columns
 * are used, evaluates params, starts and bounds (doubles, rounded once) or, where they are many, leaves them
 * ready to be evaluated, and builds one program that computes everything the file defines: the objective, the
 * outputs, the residuals and the constraints. Integer params and sizes stay symbols in the program; their
 * values stand in the binding. Everything is owned by the model. */
#ifndef GRADC_SEMA_MODEL_H
#define GRADC_SEMA_MODEL_H

#include "eval/binding.h"
#include "ir/program.h"
#include "support/diag.h"
#include "support/intern.h"
#include "support/mapping.h"

struct ast_declaration;

/* A value given from outside: -D n=50, -D 'w=[1,2,3]'. */
struct given_param {
    const char *name;
    const double *values;
    size_t count;
};
/* Another file for a data statement: --data obs=other.csv. */
struct given_table {
    const char *name, *path;
};

/* Numbers in memory for a data statement, row by row; they outlive the model. */
struct given_numbers {
    const char *name;
    size_t rows, columns;
    const char *const *column_names; /* NULL: those of the statement */
    const double *values;
};

struct model_options {
    const struct given_param *params;
    size_t param_count;
    const struct given_table *tables;
    size_t table_count;
    const struct given_numbers *numbers;
    size_t number_count;
};

/* A named array of the file with known bounds. */
struct model_array {
    const char *name;
    array_id array;
    uint32_t rank;
    const int64_t *lower, *extent; /* per dimension */
    size_t count;                  /* elements */
    struct span span;
    uint32_t uses; /* how often the file writes its name, beside the declaration */
};

struct model_unknown {
    struct model_array shape;
    size_t offset;                 /* of its first element in the point (start, lower, upper) */
    double *start, *lower, *upper; /* of its elements; bounds are NULL where there are none */
    bool *outside;                 /* whose starts have been moved into the bounds; NULL: none */
    /* Where some of them wait among the inputs of the model: what is to be checked then, else NULL. */
    const struct ast_declaration *unchecked;
};

/* A formula of many elements (a start, a bound, a param) that is evaluated only when the model is used: the
 * time of loading does not depend on how many there are. What it may read is known by then, and all its
 * accesses have been checked. */
struct model_input {
    double *values; /* where the elements belong: owned by what they are elements of */
    size_t count;
    struct span span;       /* of the formula */
    struct program program; /* computes `result`; without steps where all elements are `uniform` */
    array_id result;        /* 0: uniform */
    double uniform;
};

struct model_residual {
    struct model_array shape; /* array of weighted residuals sqrt(w)*r; name NULL: no label */
    bool is_fit;
    /* fit only: observed and fitted values and weights, arrays of the table's rows (for --residuals) */
    array_id observed, fitted;
};

struct model_constraint {
    struct model_array shape; /* array of the constrained expression; name NULL: no label */
    array_id lower, upper;    /* arrays of its bounds, 0: none; both the same where it is an equality */
    array_id members;         /* 1 for each element that the ranges have, else 0; 0: they have all */
};

/* A data statement; names belong to the arena. */
struct model_table {
    const char *name, *path; /* path NULL: numbers in memory */
    const char *const *column_names;
    size_t rows, columns;
    array_id matrix;               /* all columns, row by row, as one input; 0: there is none */
    const char *const *full_names; /* of its columns, as they are written in formulas: "obs.x", "obs.2" */
};

struct model_setting {
    const char *name, *value;
    struct span span;
};

struct model {
    struct arena arena;
    struct arena trees; /* of the statements; released where nothing needs them any more */
    struct intern names;
    struct source_set sources;
    struct diag_list diags;
    struct graph graph;
    struct program program;
    struct binding binding; /* inputs of the program: params, columns, sizes; unknowns at their start */
    VEC(struct model_unknown) unknowns;
    VEC(struct model_array) params; /* real and integer ones, in order */
    VEC(struct model_array) outputs;
    VEC(struct model_residual) residuals;
    VEC(struct model_constraint) constraints;
    VEC(struct model_setting) settings;
    VEC(struct model_table) tables;
    VEC(struct model_input) inputs; /* that wait, in the order in which they may read each other */
    size_t dimension;               /* of the point */
    /* Per element of the point; infinite where there is no bound. Made by model_point. */
    double *start, *lower, *upper;
    bool *outside;             /* likewise, whether the start has been moved into its bounds */
    VEC(double *) owned;       /* contents of inputs */
    VEC(struct mapping) files; /* in which other contents are */
    VEC(node_id) comparisons;  /* of real values, as written in the file */
    array_id objective;        /* 0: none */
    bool maximize, least_squares;
};

/* Loads a file by path ("-" is not special here: read it yourself and use model_load_text). Never NULL unless
 * memory is exhausted; whether there were errors is in model->diags, and then only diags and sources are
 * valid. */
struct model *model_load(const char *path, const struct model_options *options);
/* The same from a text shown under that name; relative paths count from `directory`. */
struct model *model_load_text(const char *name, const char *directory, const char *text, size_t length,
                              const struct model_options *options);
/* A single expression to minimise; its free names become unknowns in the order of their first appearance. */
struct model *model_load_expression(const char *text, const struct model_options *options);
/* Once all waiting inputs have been evaluated: whether they are good as starts and bounds; moves starts into
 * their bounds. False after an error. */
bool model_check_point(struct model *model);
/* Whether the elements of a waiting input are numbers, after it was evaluated; an error says where not. */
bool model_input_is_defined(struct model *model, const struct model_input *input);
/* Makes the start and the bounds of the point, where that has not been done. False where memory is exhausted.
 */
bool model_point(struct model *model);
void model_free(struct model *model);

#endif
