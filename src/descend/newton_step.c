#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "descend/newton.h"
#include "sparse/lapack_load.h"

static bool is_held(const struct newton *s, size_t j) {
    const struct objective *o = s->d.objective;
    return o->lower && o->upper && o->lower[j] >= o->upper[j];
}

static void find_free(struct newton *s) {
    descent_projected_norm(&s->d, &s->d.current);
    for (size_t j = 0; j < s->n; j++) {
        double gradient = s->d.current.gradient[j];
        bool pushed = s->d.direction[j] == 0 && (gradient > 0 || gradient < 0);
        s->fixed[j] = is_held(s, j) || pushed;
        s->step[j] = 0;
    }
}

/* ---- The Hessian ---- */

static bool fail(struct newton *s, const char *what) {
    descent_finish(&s->d, DESCENT_FAILED, "%s", what);
    return false;
}

static bool copy_hessian(struct newton *s) {
    const struct objective *o = s->d.objective;
    double sign = o->maximize ? -1 : 1;
    struct descent_matrix h;
    s->d.result->evaluations.hessian++;
    if (!o->hessian(o->context, s->d.current.x, &h)) return fail(s, "the Hessian could not be evaluated");
    memset(s->hessian, 0, s->n * s->n * sizeof *s->hessian);
    for (size_t i = 0; i < h.rows; i++)
        for (size_t k = h.starts[i]; k < h.starts[i + 1]; k++) {
            size_t j = h.column[k];
            s->is_linear |= !isfinite(h.values[k]);
            s->hessian[i * s->n + j] = s->hessian[j * s->n + i] = sign * h.values[k];
        }
    return true;
}

bool newton_multiply(struct newton *s, const double *vector, double *result) {
    const struct objective *o = s->d.objective;
    memset(result, 0, s->n * sizeof *result);
    if (s->is_linear) return true;
    if (s->is_sparse) newton_multiply_sparse(s, vector, result);
    if (s->is_sparse) return true;
    if (s->hessian) {
        for (size_t i = 0; i < s->n; i++)
            for (size_t j = 0; j < s->n; j++) result[i] += s->hessian[i * s->n + j] * vector[j];
        return true;
    }
    s->d.result->evaluations.product++;
    if (!o->hessian_times(o->context, s->d.current.x, vector, result))
        return fail(s, "the product with the Hessian could not be evaluated");
    for (size_t i = 0; i < s->n; i++) {
        if (o->maximize) result[i] = -result[i];
        s->is_linear |= !isfinite(result[i]);
    }
    if (s->is_linear) memset(result, 0, s->n * sizeof *result);
    return true;
}

/* ---- Small ones ---- */

/* The scaled Hessian and gradient of the model over the free elements, decomposed. */
static bool decompose(struct newton *s, struct ball_model *ball) {
    size_t count = 0, n = s->n;
    for (size_t j = 0; j < n; j++) count += !s->fixed[j];
    double *matrix = calloc(count * count + 1, sizeof *matrix);
    size_t row = 0;
    for (size_t i = 0; matrix && i < n; i++) {
        if (s->fixed[i]) continue;
        size_t column = 0;
        s->solved[row] = s->model_gradient[i] * s->widths[i];
        for (size_t j = 0; j <= i && !s->is_linear; j++)
            if (!s->fixed[j])
                matrix[row * count + column++] = s->hessian[i * n + j] * s->widths[i] * s->widths[j];
        row++;
    }
    bool good = ball_open(ball, matrix, s->solved, count);
    return good || fail(s, lapack_load() ? "the Hessian could not be decomposed"
                                         : "the Hessian could not be decomposed: LAPACK could not be loaded");
}

static void minimise(struct newton *s, const struct ball_model *ball) {
    size_t count = 0;
    s->is_full = !(ball_minimise(ball, s->radius, s->solved) > 0) && !s->is_linear;
    for (size_t j = 0; j < s->n; j++)
        if (!s->fixed[j]) s->step[j] = s->solved[count++] * s->widths[j];
}

static bool solve(struct newton *s, bool first) {
    if (s->is_sparse) return newton_solve_sparse(s);
    if (!s->hessian) return newton_solve_products(s);
    struct ball_model ball;
    if (first) {
        minimise(s, &s->ball);
        return true;
    }
    bool good = decompose(s, &ball);
    if (good) minimise(s, &ball);
    ball_release(&ball);
    return good;
}

/* Curvature decides how far an element may go. */
static void measure(struct newton *s) {
    for (size_t j = 0; j < s->n && !s->is_linear; j++) {
        double curvature = fabs(s->is_sparse ? s->diagonal[j] : s->hessian[j * s->n + j]);
        if (curvature > 0) s->widths[j] = fmin(s->widths[j], 1 / sqrt(curvature));
    }
    for (size_t j = 0; j < s->n; j++)
        if (isinf(s->widths[j])) s->widths[j] = s->d.units[j];
}

bool newton_look(struct newton *s) {
    s->is_linear = false;
    s->promise = INFINITY;
    find_free(s);
    if (!newton_has_matrix(s)) return true;
    if (!(s->is_sparse ? newton_take_sparse(s) : copy_hessian(s))) return false;
    measure(s);
    if (s->is_sparse) {
        memcpy(s->model_gradient, s->d.current.gradient, s->n * sizeof *s->model_gradient);
        s->promise = newton_promise_sparse(s);
        return true;
    }
    ball_release(&s->ball);
    memcpy(s->model_gradient, s->d.current.gradient, s->n * sizeof *s->model_gradient);
    if (!decompose(s, &s->ball)) return false;
    if (!s->is_linear) s->promise = ball_promise(&s->ball);
    return true;
}

/* ---- Bounds ---- */

static bool fix_outside(struct newton *s) {
    bool any = false;
    for (size_t j = 0; j < s->n; j++) {
        if (s->fixed[j]) continue;
        double x = s->d.current.x[j], next = x + s->step[j], allowed = descent_project(&s->d, j, next);
        if (!(allowed < next) && !(allowed > next)) continue;
        s->step[j] = allowed - x;
        s->fixed[j] = true;
        any = true;
    }
    for (size_t j = 0; any && j < s->n; j++)
        if (!s->fixed[j]) s->step[j] = 0;
    return any;
}

/* -g'p - p'Hp/2, and the gradient of the model at the step. */
static bool predict(struct newton *s) {
    s->predicted = 0;
    if (!newton_multiply(s, s->step, s->product)) return false;
    for (size_t j = 0; j < s->n; j++) {
        double gradient = s->d.current.gradient[j];
        s->predicted -= s->step[j] * (gradient + 0.5 * s->product[j]);
        s->model_gradient[j] = gradient + s->product[j];
    }
    return true;
}

bool newton_find_step(struct newton *s) {
    find_free(s);
    memcpy(s->model_gradient, s->d.current.gradient, s->n * sizeof *s->model_gradient);
    if (!solve(s, true)) return false;
    bool bounded = false;
    while (fix_outside(s)) {
        bounded = true;
        if (!predict(s) || !solve(s, false)) return false;
    }
    if (!predict(s)) return false;
    if (!newton_has_matrix(s) && s->is_full && !bounded) s->promise = s->predicted;
    return true;
}
