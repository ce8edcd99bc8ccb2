/** @file
 * Reading a file, its diagnostics and what it declares; part of gradc.h. */
#ifndef GRADC_MODEL_H
#define GRADC_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif

/* ---- Loading ---- */

/** A model: what a file means, with its diagnostics. It owns whatever it was asked for. One thread at a time
 * may use it, together with its evaluators; different models share nothing. */
struct gradc_model;

/** A value for a param of the file: one number, or all elements row by row. */
struct gradc_param_value {
    const char *name;     /**< of the param */
    const double *values; /**< row by row */
    size_t count;         /**< how many */
};

/** Another file for a data statement; a relative path counts from the working directory. */
struct gradc_table_path {
    const char *name; /**< of the table */
    const char *path; /**< of the file */
};

/** Numbers in memory for a data statement, which are used where they stand: they must outlive the model and
 * not change. */
struct gradc_table_values {
    const char *name;                /**< of the table */
    size_t rows;                     /**< how many */
    size_t columns;                  /**< how many */
    const char *const *column_names; /**< one for each column; NULL: those of the data statement */
    const double *values;            /**< row by row, without gaps; NaN is an error where it is used */
};

/** What a file is read with beside its text. */
struct gradc_load_options {
    const struct gradc_param_value *params;   /**< values that take the place of those in the file */
    size_t param_count;                       /**< how many */
    const struct gradc_table_path *tables;    /**< files that take the place of those in the file */
    size_t table_count;                       /**< how many */
    const struct gradc_table_values *numbers; /**< tables in memory that do so */
    size_t number_count;                      /**< how many */
};

/** Reads a file. Options may be NULL and need not outlive the call. The result is NULL only where memory is
 * exhausted; where gradc_has_errors says true, only its diagnostics may be asked for. Release with
 * gradc_free. */
struct gradc_model *gradc_load_file(const char *path, const struct gradc_load_options *options);
/** Reads a text of `length` bytes as if it were a file, which messages call `name`; paths in it are relative
 * to `directory`. All else is as with gradc_load_file. */
struct gradc_model *gradc_load_text(const char *name, const char *directory, const char *text, size_t length,
                                    const struct gradc_load_options *options);
/** Reads one expression, to be minimised; its free names become unknowns in the order of their first
 * appearance. All else is as with gradc_load_file. */
struct gradc_model *gradc_load_expression(const char *text, const struct gradc_load_options *options);
/** Whether a text is meant as a file of statements rather than as an expression. */
bool gradc_looks_like_file(const char *text);
/** Releases a model, whose evaluators and compiled functions must have been released, and what MPFR keeps for
 * this thread. NULL is allowed. */
void gradc_free(struct gradc_model *model);

/* ---- Diagnostics ---- */

/** How grave a message is. */
enum gradc_severity { GRADC_ERROR, GRADC_WARNING, GRADC_NOTE };

/** A further place that a message is about. */
struct gradc_note {
    const char *file;    /**< NULL: no place */
    uint32_t line;       /**< from 1 */
    uint32_t column;     /**< from 1 */
    const char *message; /**< a sentence without its full stop */
};

/** A message, with the place it is about. */
struct gradc_diagnostic {
    enum gradc_severity severity;  /**< how grave it is */
    const char *code;              /**< stable, such as "unknown-name" */
    const char *file;              /**< NULL: no place; the numbers below are 0 then */
    uint32_t line;                 /**< from 1, as all of these */
    uint32_t column;               /**< counts code points */
    uint32_t end_line;             /**< the line of the end */
    uint32_t end_column;           /**< the column behind the end */
    const char *message;           /**< a sentence without its full stop */
    const char *hint;              /**< NULL: none */
    size_t note_count;             /**< for gradc_note_at */
    const char *operation;         /**< that left its domain; NULL for all other messages */
    const double *operands;        /**< of the operation */
    size_t operand_count;          /**< how many */
    const char *const *indices;    /**< names of the loop indices there */
    const long long *index_values; /**< of these indices */
    size_t index_count;            /**< how many */
    const char *in;                /**< "objective", or the derivative: "d/dx[3]" */
};

/** Whether there are errors among the diagnostics. */
bool gradc_has_errors(const struct gradc_model *model);
/** Diagnostics in the order in which they arose; later calls may add some. */
size_t gradc_diagnostic_count(const struct gradc_model *model);
/** Diagnostic k, from 0; its contents are borrowed from the model. */
struct gradc_diagnostic gradc_diagnostic_at(const struct gradc_model *model, size_t k);
/** Note `note` of diagnostic `diagnostic`, both from 0; its contents are borrowed from the model. */
struct gradc_note gradc_note_at(const struct gradc_model *model, size_t diagnostic, size_t note);
/** Diagnostic k for people: place and message, the line with a caret, hint and notes, with the escapes of
 * terminals where `colour` is set. The caller frees it; NULL where memory is exhausted. */
char *gradc_diagnostic_text(const struct gradc_model *model, size_t k, bool colour);
/** Diagnostic k for programs: one JSON object and a newline. The caller frees it; NULL where memory is
 * exhausted. */
char *gradc_diagnostic_json(const struct gradc_model *model, size_t k);

/* ---- What a model declares ---- */

/** A named array; rank 0 is a single number. */
struct gradc_array {
    const char *name;      /**< NULL: an unlabelled residual or constraint */
    size_t rank;           /**< the number of dimensions */
    const int64_t *lower;  /**< per dimension: the first subscript */
    const int64_t *extent; /**< per dimension: how many subscripts */
    size_t count;          /**< elements, row by row */
    size_t offset;         /**< of unknowns: the first element's place in a point */
};

/** Kinds of declared arrays. */
enum gradc_kind { GRADC_UNKNOWNS, GRADC_PARAMS, GRADC_OUTPUTS, GRADC_RESIDUALS, GRADC_CONSTRAINTS };

/** How many declarations of a kind there are. */
size_t gradc_count(const struct gradc_model *model, enum gradc_kind kind);
/** Declaration k of a kind, from 0 in the order of the file; its contents are borrowed from the model. */
struct gradc_array gradc_array_at(const struct gradc_model *model, enum gradc_kind kind, size_t k);
/** The place of a name among its kind, or SIZE_MAX. */
size_t gradc_find(const struct gradc_model *model, enum gradc_kind kind, const char *name);
/** The name of an element of an array, from 0: "b[2]", "m[1,2]", or "x" for a single number. The caller
 * frees it; NULL where memory is exhausted. */
char *gradc_element_name(const struct gradc_array *array, size_t element);
/** How many elements all constraints have: they are the rows of their Jacobian, one below the other. */
size_t gradc_constraint_count(const struct gradc_model *model);
/** The name of such a row, from 0: "budget", "c[2]", or "constraint 3[2]" where there is no label. The caller
 * frees it; NULL where memory is exhausted. */
char *gradc_constraint_name(const struct gradc_model *model, size_t row);

/** A point is an array of this many doubles: all unknowns, in the order of their declaration, row by row. */
size_t gradc_dimension(const struct gradc_model *model);
/** The start of every element of a point, borrowed from the model. The first call of this function or one of
 * the next three evaluates what start and bounds are computed from, which takes its time and may add errors
 * to the diagnostics: ask gradc_has_errors before the numbers are used. NULL only where memory is exhausted.
 */
const double *gradc_start(const struct gradc_model *model);
/** Of every element of a point, whether its start lay outside of its bounds and has been moved to the nearest
 * one, likewise. */
const bool *gradc_start_outside(const struct gradc_model *model);
/** The lower bounds likewise; minus infinity where there is none. */
const double *gradc_lower(const struct gradc_model *model);
/** The upper bounds likewise; infinity where there is none. */
const double *gradc_upper(const struct gradc_model *model);
/** Whether the file states an objective. */
bool gradc_has_objective(const struct gradc_model *model);
/** Whether it is to be maximised. */
bool gradc_maximizes(const struct gradc_model *model);
/** Whether the objective is a sum of squared residuals. */
bool gradc_is_least_squares(const struct gradc_model *model);

/** Copies the elements of param k, from 0, row by row; `values` has room for as many as gradc_array_at says.
 * False, after an error, where they are computed by formulas that fail. */
bool gradc_param_values(struct gradc_model *model, size_t k, double *values);
/** Gives a real param, by name, other values: as many as it has elements, row by row. What the file computes
 * from it (other params, starts, bounds) follows, unless it was given a value of its own; evaluators and
 * compiled functions of the model have the new values from the next call on and need no new code. Not while a
 * thread calls a compiled function of the model. False, after an error, and nothing is changed: where there
 * is no such param, where it is a whole number (sizes may depend on it: load the file again), or where starts
 * and bounds are not good with it. Takes about as long as loading the file. */
bool gradc_set_param(struct gradc_model *model, const char *name, const double *values, size_t count);

/** A table of the file, as it was read. */
struct gradc_table {
    const char *name;                /**< of the table */
    const char *path;                /**< of its file; NULL: it is in memory */
    size_t rows;                     /**< how many */
    size_t columns;                  /**< how many */
    const char *const *column_names; /**< one for each column; NULL among them: it has none */
};
/** How many tables there are. */
size_t gradc_table_count(const struct gradc_model *model);
/** Table k, from 0 in the order of the file; its contents are borrowed from the model. */
struct gradc_table gradc_table_at(const struct gradc_model *model, size_t k);

/** The settings of `solve with`. */
struct gradc_setting {
    const char *name;  /**< of the setting */
    const char *value; /**< as text */
};
/** How many settings there are. */
size_t gradc_setting_count(const struct gradc_model *model);
/** Setting k, from 0; its texts are borrowed from the model. */
struct gradc_setting gradc_setting_at(const struct gradc_model *model, size_t k);
/** Adds an error at the place of a setting; hint may be NULL. */
void gradc_setting_error(struct gradc_model *model, size_t k, const char *code, const char *message,
                         const char *hint);

/* ---- What was done ---- */

/** A phase of the work on a model, in the order of their first start; what is done several times is one
 * phase. "frontend": reading and checking; "inputs": starts, bounds and params that are computed; "derive";
 * "compile"; "pattern": where matrices have entries; "run": descent; "check"; "bench"; "emit". Single
 * evaluations are no phase. */
struct gradc_phase {
    const char *name;    /**< of the phase */
    double seconds;      /**< that it took */
    size_t steps;        /**< of the program it has made; 0 where it does not apply */
    size_t nodes;        /**< of its formulas; 0 likewise */
    size_t instructions; /**< of its code; 0 likewise */
};
/** How many phases there were until now. */
size_t gradc_phase_count(const struct gradc_model *model);
/** Phase k, from 0. */
struct gradc_phase gradc_phase_at(const struct gradc_model *model, size_t k);

#ifdef __GNUC__
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif

#endif
