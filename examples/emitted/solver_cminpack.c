/* cminpack fits a model by its emitted residuals and their Jacobian: Levenberg and Marquardt's method of
 * MINPACK.
 *
 *     gradc emit --what jacobian --freeze examples/fit.grad -o model.c
 *     gcc -O2 -o solver solver_cminpack.c model.c -lcminpack -lm && ./solver
 *
 * The rows of the table are part of model.c (--freeze). The entries of the sparse Jacobian go where cminpack
 * has its dense one, column by column. */
#include <cminpack-1/cminpack.h>
#include <stdio.h>

#include "model.h"

enum { ROWS = 14, UNKNOWNS = 2, TERMS = ROWS * UNKNOWNS };

struct pattern {
    int64_t row[TERMS], column[TERMS], order[TERMS];
    size_t count;
    double workspace[MODEL_WORKSPACE];
};

static int evaluate(void *data, int m, int n, const double *x, double *residuals, double *matrix, int ld,
                    int flag) {
    struct pattern *p = data;
    double entries[TERMS];
    if (flag == 1) model_residuals(x, residuals, p->workspace);
    if (flag != 2) return 0;
    for (int k = 0; k < m * n; k++) matrix[k] = 0;
    model_residuals_jacobian(x, p->order, entries, p->workspace);
    for (size_t k = 0; k < p->count; k++) matrix[p->row[k] + ld * p->column[k]] = entries[k];
    return 0;
}

int main(void) {
    static struct pattern p;
    int64_t scratch[2 * TERMS];
    int pivots[UNKNOWNS];
    double x[UNKNOWNS] = {5, 0.1}, residuals[ROWS], matrix[ROWS * UNKNOWNS], work[5 * UNKNOWNS + ROWS];
    p.count = model_residuals_jacobian_pattern(p.row, p.column, p.order, scratch, p.workspace);
    int result = lmder1(evaluate, &p, ROWS, UNKNOWNS, x, residuals, matrix, ROWS, 1e-14, pivots, work,
                        5 * UNKNOWNS + ROWS);
    printf("cminpack: result %s, b1 = %.8f, b2 = %.8f\n", result >= 1 && result <= 4 ? "good" : "bad", x[0],
           x[1]);
    return result >= 1 && result <= 4 ? 0 : 1;
}
