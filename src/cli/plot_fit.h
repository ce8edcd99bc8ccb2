/* Fits as they are drawn: data, model, confidence band. */
#ifndef GRADC_CLI_PLOT_FIT_H
#define GRADC_CLI_PLOT_FIT_H

#include "cli/plot.h"

/* The model along its regressor. */
struct fit_curve {
    size_t count;
    double *x, *value, *reach; /* reach: how far the band is from the value; NaN where it is not known */
};

/* One `fit` of the model. */
struct fit_series {
    size_t residual, rows;
    size_t first_row; /* of the Jacobian of all residuals */
    double *x, *observed, *fitted, *reach;
    char *x_name, *y_name;
    bool scattered;         /* other regressors move too: the model is no line along this one */
    bool by_fitted;         /* x is what was fitted: there are several regressors */
    const char *replace;    /* the only regressor, along which the model is a curve; NULL: there is none */
    size_t stride, offset;  /* where the cells of that one stand in its table */
    struct fit_curve curve; /* of no points where the model cannot be asked between the data */
};

/* Half the width of the band that holds the model's true value with a probability of 95% at each place, for
 * rows of the Jacobian of the residuals: t*sqrt(g' C g), where g are the derivatives of the fitted value by
 * the unknowns and C is their covariance (Seber and Wild, Nonlinear Regression, 1989, section 5.1). NaN where
 * the covariance is not known. `observed` and `fitted` say by which weight the rows are scaled. */
void fit_reach(const struct gradc_fit *fit, size_t dimension, const struct gradc_matrix *jacobian,
               size_t first_row, size_t rows, const double *residuals, const double *observed,
               const double *fitted, double *reach);

/* Whether a column has that name: "x", or with its table "obs.x". */
bool plot_is_column(const struct gradc_column *column, const char *name);
/* What is drawn of a fit; false after an error, which is printed. */
bool fit_series_open(struct plot *plot, size_t residual, size_t first_row, struct fit_series *series);
/* Asks the model between the data: other numbers stand in the column of the regressor then. Nothing where
 * that cannot be done. */
void fit_series_trace(struct plot *plot, struct fit_series *series);
void fit_series_free(struct fit_series *series);

#endif
