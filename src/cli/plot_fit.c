#include "cli/plot_fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- The confidence band ---- */

/* g' C g for a row of the Jacobian, times its weight. */
static double variance(const struct gradc_fit *fit, size_t dimension, const struct gradc_matrix *jacobian,
                       size_t row) {
    double sum = 0;
    for (size_t i = jacobian->starts[row]; i < jacobian->starts[row + 1]; i++)
        for (size_t j = jacobian->starts[row]; j < jacobian->starts[row + 1]; j++) {
            size_t a = jacobian->column[i], b = jacobian->column[j];
            sum += jacobian->values[i] * jacobian->values[j] * fit->correlation[a * dimension + b] *
                   fit->standard_errors[a] * fit->standard_errors[b];
        }
    return fmax(0, sum);
}

void fit_reach(const struct gradc_fit *fit, size_t dimension, const struct gradc_matrix *jacobian,
               size_t first_row, size_t rows, const double *residuals, const double *observed,
               const double *fitted, double *reach) {
    for (size_t i = 0; i < rows; i++) {
        double difference = observed[i] - fitted[i];
        double root_of_weight = difference != 0 ? residuals[i] / difference : 1;
        reach[i] = fit->standard_errors ? fit->t95 * sqrt(variance(fit, dimension, jacobian, first_row + i)) /
                                              fabs(root_of_weight)
                                        : NAN;
    }
}

/* ---- The axis ---- */

/* The part behind the table's name. */
static const char *column_part(const char *name) {
    const char *point = strchr(name, '.');
    return point ? point + 1 : name;
}

bool plot_is_column(const struct gradc_column *column, const char *name) {
    return strcmp(column->name, name) == 0 || strcmp(column_part(column->name), name) == 0;
}

static double cell(const struct gradc_column *column, size_t row) {
    size_t at = row * column->stride;
    return column->values ? column->values[at] : (double)column->whole[at];
}

static char *copy_name(const char *name) {
    return copy_text(name, strlen(name));
}

static void use_column(struct fit_series *s, const struct gradc_column *column) {
    s->x_name = copy_name(column_part(column->name));
    for (size_t i = 0; i < s->rows; i++) s->x[i] = cell(column, i);
}

static void use_rows(struct fit_series *s) {
    s->x_name = copy_name("row");
    for (size_t i = 0; i < s->rows; i++) s->x[i] = (double)(i + 1);
}

static void use_fitted(struct fit_series *s) {
    s->by_fitted = true;
    s->x_name = copy_name("fitted");
    memcpy(s->x, s->fitted, s->rows * sizeof *s->x);
}

/* The column that was asked for; or the only one; or none: then the row, or where there are many what was
 * fitted. */
static void choose_x(const struct plot *plot, struct fit_series *s) {
    size_t count = gradc_fit_columns(plot->model, s->residual, GRADC_FITTED, NULL, 0), chosen = SIZE_MAX;
    struct gradc_column *columns = allocate(count, sizeof *columns);
    gradc_fit_columns(plot->model, s->residual, GRADC_FITTED, columns, count);
    for (size_t k = 0; k < count && plot->column; k++)
        if (plot_is_column(&columns[k], plot->column)) chosen = k;
    if (chosen != SIZE_MAX || count == 1)
        use_column(s, &columns[chosen != SIZE_MAX ? chosen : 0]);
    else if (count == 0)
        use_rows(s);
    else
        use_fitted(s);
    s->scattered = count > 1 && !s->by_fitted;
    if (count == 1 && columns[0].values && !columns[0].shared) {
        s->replace = columns[0].name;
        s->stride = columns[0].stride;
        s->offset = columns[0].offset;
    }
    free(columns);
}

/* The observed side's column where it is nothing else. */
static void name_y(const struct plot *plot, struct fit_series *s) {
    struct gradc_column column;
    size_t count = gradc_fit_columns(plot->model, s->residual, GRADC_OBSERVED, &column, 1);
    bool same = count == 1 && column.rows == s->rows;
    for (size_t i = 0; same && i < s->rows; i++) same = cell(&column, i) == s->observed[i];
    s->y_name = copy_name(same ? column_part(column.name) : "observed");
}

/* ---- A fit ---- */

static double *copy_values(const double *values, size_t count) {
    double *copy = allocate(count, sizeof *copy);
    if (count) memcpy(copy, values, count * sizeof *copy);
    return copy;
}

bool fit_series_open(struct plot *plot, size_t residual, size_t first_row, struct fit_series *s) {
    const struct run *run = &plot->runs[0].run;
    const double *observed = NULL, *fitted = NULL;
    struct gradc_matrix jacobian;
    *s = (struct fit_series){.residual = residual, .first_row = first_row};
    s->rows = gradc_array_at(plot->model, GRADC_RESIDUALS, residual).count;
    if (gradc_evaluate_arrays(plot->evaluator, GRADC_RESIDUALS, plot->point) > GRADC_UNDEFINED ||
        !gradc_fit_values(plot->evaluator, residual, &observed, &fitted))
        return false;
    s->observed = copy_values(observed, s->rows);
    s->fitted = copy_values(fitted, s->rows);
    s->x = allocate(s->rows, sizeof *s->x);
    s->reach = allocate(s->rows, sizeof *s->reach);
    for (size_t i = 0; i < s->rows; i++) s->reach[i] = NAN;
    if (run->has_fit && run->fit.standard_errors &&
        gradc_jacobian(plot->evaluator, GRADC_RESIDUALS, plot->point, &jacobian) == GRADC_DONE)
        fit_reach(&run->fit, gradc_dimension(plot->model), &jacobian, first_row, s->rows,
                  gradc_values(plot->evaluator, GRADC_RESIDUALS, residual), s->observed, s->fitted, s->reach);
    name_y(plot, s);
    choose_x(plot, s);
    return true;
}

void fit_series_free(struct fit_series *s) {
    free(s->x);
    free(s->observed);
    free(s->fitted);
    free(s->reach);
    free(s->x_name);
    free(s->y_name);
    free(s->curve.x);
    free(s->curve.value);
    free(s->curve.reach);
    *s = (struct fit_series){0};
}

/* ---- Between the data ---- */

enum { CURVE_POINTS = 201 };

/* The model once more, with other numbers in the column of its regressor. */
struct other {
    struct gradc_model *model;
    struct gradc_evaluator *evaluator;
    double *cells; /* of the table, or the column */
};

static void put_cells(const struct fit_series *s, struct other *other, const double *x, size_t count) {
    for (size_t i = 0; i < count; i++) other->cells[i * s->stride + s->offset] = x[i];
}

static bool open_other(const struct plot *plot, const struct fit_series *s, struct other *other) {
    struct gradc_evaluator_options options = {.evaluations = 100, .interpret = s->rows < 1000};
    other->cells = allocate(s->rows, s->stride * sizeof *other->cells);
    put_cells(s, other, s->x, s->rows);
    other->model = load_model_again(plot->request);
    if (!other->model || !gradc_column_replace(other->model, s->replace, other->cells)) return false;
    other->evaluator = gradc_evaluator_new(other->model, &options);
    return other->evaluator != NULL;
}

static void close_other(struct other *other) {
    gradc_evaluator_free(other->evaluator);
    gradc_free(other->model);
    free(other->cells);
}

/* Evaluates as many points as there are rows; the rest of the rows stay what they are. */
static bool trace_some(struct plot *plot, struct fit_series *s, struct other *other, size_t from,
                       size_t count) {
    const struct run *run = &plot->runs[0].run;
    const double *observed, *fitted;
    struct gradc_matrix jacobian;
    struct fit_curve *curve = &s->curve;
    put_cells(s, other, curve->x + from, count);
    if (gradc_evaluate_arrays(other->evaluator, GRADC_RESIDUALS, plot->point) > GRADC_UNDEFINED ||
        !gradc_fit_values(other->evaluator, s->residual, &observed, &fitted))
        return false;
    memcpy(curve->value + from, fitted, count * sizeof *curve->value);
    for (size_t k = 0; k < count; k++) curve->reach[from + k] = NAN;
    if (!run->has_fit || !run->fit.standard_errors) return true;
    if (gradc_jacobian(other->evaluator, GRADC_RESIDUALS, plot->point, &jacobian) > GRADC_UNDEFINED)
        return false;
    fit_reach(&run->fit, gradc_dimension(plot->model), &jacobian, s->first_row, count,
              gradc_values(other->evaluator, GRADC_RESIDUALS, s->residual), observed, fitted,
              curve->reach + from);
    return true;
}

/* Even steps, or where all data are positive and span decades even ratios. */
static void place(struct fit_series *s, bool logarithmic) {
    struct extent extent = extent_empty();
    struct fit_curve *curve = &s->curve;
    for (size_t i = 0; i < s->rows; i++) extent_include(&extent, s->x[i]);
    curve->x = allocate(CURVE_POINTS, sizeof(double));
    curve->value = allocate(CURVE_POINTS, sizeof(double));
    curve->reach = allocate(CURVE_POINTS, sizeof(double));
    for (size_t k = 0; k < CURVE_POINTS; k++) {
        double share = (double)k / (CURVE_POINTS - 1);
        curve->x[k] = logarithmic ? extent.low * pow(extent.high / extent.low, share)
                                  : extent.low + share * extent_width(extent);
    }
}

void fit_series_trace(struct plot *plot, struct fit_series *s) {
    struct other other = {0};
    double *sorted = copy_values(s->x, s->rows);
    place(s, spans_decades(sorted, s->rows));
    free(sorted);
    bool good = s->replace && open_other(plot, s, &other);
    for (size_t k = 0; k < CURVE_POINTS && good; k += s->rows)
        good = trace_some(plot, s, &other, k, k + s->rows < CURVE_POINTS ? s->rows : CURVE_POINTS - k);
    s->curve.count = good ? CURVE_POINTS : 0;
    close_other(&other);
}
