/* Ipopt minimises a model under a constraint, with sparse Jacobian and Hessian of the Lagrangian.
 *
 *     gradc emit --what value,gradient,jacobian,lagrangian --freeze examples/emitted/chain.grad -o model.c
 *     gcc -O2 -o solver solver_ipopt.c model.c -lipopt -lm && ./solver
 *
 * Ipopt asks for places (values is NULL), then for values. */
#include <coin/IpStdCInterface.h>
#include <stdio.h>

#include "model.h"

enum { N = MODEL_DIMENSION, MOST = 64 };

static struct matrix {
    int64_t row[MOST], column[MOST], order[MOST];
    size_t count;
} H, J;
static double workspace[MODEL_WORKSPACE];
static void give_places(const struct matrix *m, Index *rows, Index *columns) {
    for (size_t k = 0; k < m->count; k++) rows[k] = (Index)m->row[k], columns[k] = (Index)m->column[k];
}
static Bool value(Index n, Number *x, Bool fresh, Number *result, UserDataPtr data) {
    return *result = model_value(x, workspace), (void)n, (void)fresh, (void)data, TRUE;
}
static Bool gradient(Index n, Number *x, Bool fresh, Number *result, UserDataPtr data) {
    return (void)model_gradient(x, result, workspace), (void)n, (void)fresh, (void)data, TRUE;
}
static Bool constraint(Index n, Number *x, Bool fresh, Index m, Number *g, UserDataPtr data) {
    return model_constraints(x, g, workspace), (void)n, (void)fresh, (void)m, (void)data, TRUE;
}
static Bool jacobian(Index n, Number *x, Bool fresh, Index m, Index count, Index *rows, Index *columns,
                     Number *values, UserDataPtr data) {
    if (!values) give_places(&J, rows, columns);
    if (values) model_constraints_jacobian(x, J.order, values, workspace);
    return (void)n, (void)fresh, (void)m, (void)count, (void)data, TRUE;
}
static Bool hessian(Index n, Number *x, Bool fresh, Number factor, Index m, Number *multipliers,
                    Bool fresh_too, Index count, Index *rows, Index *columns, Number *values,
                    UserDataPtr data) {
    if (!values) give_places(&H, rows, columns);
    if (values) model_lagrangian(x, factor, multipliers, H.order, values, workspace);
    return (void)n, (void)fresh, (void)m, (void)fresh_too, (void)count, (void)data, TRUE;
}

int main(void) {
    int64_t scratch[2 * MOST];
    double x[N], low[N], high[N], least = -1e20, most = 5, result = 0, total = 0;
    for (int k = 0; k < N; k++) x[k] = -0.5, low[k] = -1e20, high[k] = 1e20;
    H.count = model_lagrangian_pattern(H.row, H.column, H.order, scratch, workspace);
    J.count = model_constraints_jacobian_pattern(J.row, J.column, J.order, scratch, workspace);
    IpoptProblem problem = CreateIpoptProblem(N, low, high, 1, &least, &most, (Index)J.count, (Index)H.count,
                                              0, value, constraint, gradient, jacobian, hessian);
    AddIpoptIntOption(problem, "print_level", 0);
    enum ApplicationReturnStatus status = IpoptSolve(problem, x, NULL, &result, NULL, NULL, NULL, NULL);
    for (int k = 0; k < N; k++) total += x[k] * x[k];
    FreeIpoptProblem(problem);
    return printf("Ipopt: status %d, value %.4f, total %.4f\n", (int)status, result, total) < 0;
}
