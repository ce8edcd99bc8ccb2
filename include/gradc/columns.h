/** @file
 * The columns that fits read; part of gradc.h. */
#ifndef GRADC_COLUMNS_H
#define GRADC_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif

/** A model (model.h). */
struct gradc_model;

/** A column of a table: as real numbers, or where it serves as a subscript as whole ones. */
struct gradc_column {
    const char *name;     /**< "obs.x", or "obs.2" where it has none */
    const double *values; /**< NULL: it is whole */
    const int64_t *whole; /**< NULL: it is real */
    size_t rows;          /**< how many */
    size_t stride;        /**< from row to row: row i has values[i*stride], or whole[i*stride] */
    size_t offset;        /**< where it stands in its row, below stride: 0 where it is an array of its own */
    bool shared;          /**< other rows depend on a row of it too: a fit on a mean of the column, say */
};
/** Sides of `fit`. */
enum gradc_fit_side { GRADC_OBSERVED, GRADC_FITTED };
/** Whether residual k comes from `fit`. */
bool gradc_is_fit(const struct gradc_model *model, size_t k);
/** The columns that the observed or the fitted value of a row of residual k reads in that row, in the order
 * in which the file uses them. Returns how many there are, of which the first `room` are written; 0 where
 * there is no fit. */
size_t gradc_fit_columns(const struct gradc_model *model, size_t k, enum gradc_fit_side side,
                         struct gradc_column *columns, size_t room);
/** Lets evaluators that are made from now on read other numbers for a column of real numbers, "obs.x": row i
 * has values[i*stride + offset], so there are rows*stride of them. Numbers of other columns that stand
 * between are copied there. They stay the caller's, must outlive the evaluators and may change between
 * evaluations; params that are computed from the column stay as they are. False where there is no such
 * column, or its model has an error. */
bool gradc_column_replace(struct gradc_model *model, const char *name, double *values);

#ifdef __GNUC__
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif

#endif
