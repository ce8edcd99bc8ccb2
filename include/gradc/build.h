/** @file
 * Models that are built by calls instead of being read from a file; part of gradc.h.
 *
 * A builder takes declarations and formulas, in the order in which a file would have them, and makes a model
 * of them, which is as any other. A formula is a tree of terms; sums over an index stay loops, whatever the
 * length of their range. Errors need not be asked for at every step: a call that cannot succeed gives the
 * term 0, and what went wrong stands in the diagnostics of the model, in the end. The places in messages are
 * those of the text that gradc_builder_text shows. */
#ifndef GRADC_BUILD_H
#define GRADC_BUILD_H

#include "gradc/model.h"

#ifdef __cplusplus
extern "C" {
#endif
#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif

/** Declarations and formulas while they are put together; used by one thread at a time. */
struct gradc_builder;

/** A part of a formula; it belongs to its builder and may be used several times. */
struct gradc_term {
    uint32_t number; /**< 0: none */
};

/** An index and where it runs, both ends included. As a dimension of an array, `index` may be none; with
 * `from` none too the array goes from 1 to `to`. `by` and `filter` are for loops and recurrences (`by`) only.
 */
struct gradc_range {
    struct gradc_term index;  /**< made by gradc_build_index */
    struct gradc_term from;   /**< its first value; none: 1 */
    struct gradc_term to;     /**< its last value */
    struct gradc_term by;     /**< the step; none: 1 */
    struct gradc_term filter; /**< a condition on the index; none: all are taken */
};

/** Starts a builder; messages call its model `name`. Release it with gradc_builder_free. NULL where memory is
 * exhausted. */
struct gradc_builder *gradc_builder_new(const char *name);
/** Releases a builder; models that it made stay. NULL is allowed. */
void gradc_builder_free(struct gradc_builder *builder);

/* ---- Declarations ---- */

/* Names are those of the language: letters, digits and underscores; they do not begin with `part_`. They are
 * copied. */

/** Declares a param of `rank` dimensions, 0 for a single number, with `count` values row by row, which are
 * copied. What stands in sizes, ranges or subscripts has to be whole. Data go in as params: a table is one of
 * two dimensions, or several. */
struct gradc_term gradc_build_param(struct gradc_builder *builder, const char *name,
                                    const struct gradc_range *dimensions, size_t rank, const double *values,
                                    size_t count);
/** Declares an unknown. `start` (none: 0), `lower` and `upper` (none: no bound) are made of params and the
 * indices of the dimensions. */
struct gradc_term gradc_build_unknown(struct gradc_builder *builder, const char *name,
                                      const struct gradc_range *dimensions, size_t rank,
                                      struct gradc_term start, struct gradc_term lower,
                                      struct gradc_term upper);
/** Announces a named formula, or an array of them, which gradc_build_define defines: it may be used in its
 * own definition, as recurrences are. */
struct gradc_term gradc_build_let(struct gradc_builder *builder, const char *name,
                                  const struct gradc_range *dimensions, size_t rank);
/** Defines `count` formulas that gradc_build_let has announced. Several at once advance together along the
 * range of their first dimension: each may use the elements of all at earlier steps. */
void gradc_build_define(struct gradc_builder *builder, const struct gradc_term *lets,
                        const struct gradc_term *values, size_t count);

/* ---- Formulas ---- */

/** A number. The shortest decimal that reads back to `value` is taken as exact, as in a file: 0.1 is one
 * tenth. Infinities are allowed, NaN is not. */
struct gradc_term gradc_build_number(struct gradc_builder *builder, double value);
/** The index of that name; asked for twice, it is the same one. It is no name of something else. */
struct gradc_term gradc_build_index(struct gradc_builder *builder, const char *name);
/** An element of an array: one subscript for each dimension. */
struct gradc_term gradc_build_element(struct gradc_builder *builder, struct gradc_term array,
                                      const struct gradc_term *subscripts, size_t count);
/** An operation by its name: + - * / % ^ == != < <= > >= and or not, "-" of one operand, "if" of three
 * (condition, then, else), or a function of the language (docs/functions.md): "exp", "hypot", "max"; some
 * take whole arrays: "sum", "dot". */
struct gradc_term gradc_build_call(struct gradc_builder *builder, const char *operation,
                                   const struct gradc_term *operands, size_t count);
/** A reduction over ranges: "sum", "prod", "min", "max", "logsumexp" or "norm" of `value`, as a loop. Later
 * ranges may use the indices of earlier ones. */
struct gradc_term gradc_build_reduce(struct gradc_builder *builder, const char *reduction,
                                     struct gradc_term value, const struct gradc_range *ranges, size_t count);

/* ---- What is asked for ---- */

/** States the objective, to be minimised. */
void gradc_build_minimize(struct gradc_builder *builder, struct gradc_term value);
/** States the objective, to be maximised. */
void gradc_build_maximize(struct gradc_builder *builder, struct gradc_term value);
/** Adds a residual, or one for each index of the ranges, to a sum of squares that is to be minimised. `label`
 * may be NULL. */
void gradc_build_residual(struct gradc_builder *builder, const char *label, struct gradc_term value,
                          const struct gradc_range *ranges, size_t count);
/** Demands lower <= value <= upper, of which one bound may be none, for all indices of the ranges; twice the
 * same term as a bound demands equality. `label` may be NULL. */
void gradc_build_constraint(struct gradc_builder *builder, const char *label, struct gradc_term lower,
                            struct gradc_term value, struct gradc_term upper,
                            const struct gradc_range *ranges, size_t count);
/** Names a further function of the unknowns, or an array of them. */
void gradc_build_output(struct gradc_builder *builder, const char *name, const struct gradc_range *dimensions,
                        size_t rank, struct gradc_term value);

/** Sets a default for `gradc run`, as `solve with` does in a file: `value` is a number or a name, as in
 * "rate", "0.1" or "method", "lbfgs". gradc_setting_at tells them; gradc_descend does not heed them. */
void gradc_build_setting(struct gradc_builder *builder, const char *name, const char *value);

/* ---- The end ---- */

/** Makes the model, as gradc_load_text would of the text; it does not need the builder any more, which may go
 * on. NULL only where memory is exhausted. Release with gradc_free. */
struct gradc_model *gradc_build(struct gradc_builder *builder);
/** The model as a file of the language, but for values of params that are arrays. The caller frees it; NULL
 * where memory is exhausted, or where the text would be longer than 256 MiB: name the parts of formulas that
 * are used often, and have reductions and free indices in them, by gradc_build_let. */
char *gradc_builder_text(struct gradc_builder *builder);

#ifdef __GNUC__
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif

#endif
