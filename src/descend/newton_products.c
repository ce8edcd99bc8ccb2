#include <math.h>
#include <string.h>

#include "descend/newton.h"
#include "sparse/vector.h"

/* Everything here is in the widths of the region: the residual is -D^-1*(g + H*p). */

/* How far along the direction the rim lies. */
static double to_rim(const struct newton *s, double square) {
    double dd = vector_dot(s->direction, s->direction, s->n), yd = vector_dot(s->solved, s->direction, s->n);
    double missing = fmax(0, s->radius * s->radius - square);
    return missing / (yd + sqrt(yd * yd + dd * missing));
}

static void begin(struct newton *s) {
    for (size_t j = 0; j < s->n; j++) {
        s->solved[j] = 0;
        s->residual[j] = s->fixed[j] ? 0 : -s->model_gradient[j] * s->widths[j];
        s->direction[j] = s->residual[j];
    }
}

/* product = D^-1*H*D^-1*direction over the free elements. */
static bool multiply(struct newton *s) {
    for (size_t j = 0; j < s->n; j++) s->scaled[j] = s->direction[j] * s->widths[j];
    if (!newton_multiply(s, s->scaled, s->product)) return false;
    for (size_t j = 0; j < s->n; j++) s->product[j] = s->fixed[j] ? 0 : s->product[j] * s->widths[j];
    return true;
}

static void advance(struct newton *s, double length) {
    for (size_t j = 0; j < s->n; j++) s->solved[j] += length * s->direction[j];
}

/* One step of conjugate gradients; false where the iteration is over. */
static bool improve(struct newton *s, double *square) {
    double rr = vector_dot(s->residual, s->residual, s->n);
    if (!multiply(s)) return false;
    double curvature = vector_dot(s->direction, s->product, s->n);
    double length = curvature > 0 ? rr / curvature : INFINITY, rim = to_rim(s, *square);
    if (!(length < rim)) {
        s->is_full = false;
        advance(s, rim);
        return false;
    }
    advance(s, length);
    *square = vector_dot(s->solved, s->solved, s->n);
    for (size_t j = 0; j < s->n; j++) s->residual[j] -= length * s->product[j];
    double next = vector_dot(s->residual, s->residual, s->n);
    for (size_t j = 0; j < s->n; j++) s->direction[j] = s->residual[j] + next / rr * s->direction[j];
    return true;
}

bool newton_solve_products(struct newton *s) {
    begin(s);
    double norm = descent_norm(s->residual, s->n), square = 0;
    /* The forcing term of Nocedal and Wright, algorithm 7.1: convergence is superlinear. */
    double enough = norm * fmin(0.1, sqrt(norm / fmax(1, fabs(s->d.current.value))));
    size_t most = s->n < 500 ? 2 * s->n : 1000;
    s->is_full = norm > 0;
    for (size_t k = 0; k < most && norm > 0; k++) {
        if (!improve(s, &square)) break;
        if (descent_norm(s->residual, s->n) <= enough) break;
    }
    if (s->d.finished) return false;
    for (size_t j = 0; j < s->n; j++)
        if (!s->fixed[j]) s->step[j] = s->solved[j] * s->widths[j];
    return true;
}
