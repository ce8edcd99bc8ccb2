#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "descend/lm.h"

static bool is_held(const struct lm *l, size_t j) {
    const struct objective *o = l->d.objective;
    return o->lower && o->upper && o->lower[j] >= o->upper[j];
}

/* Elements that may move at first: not held, not pushed against a bound by the gradient. */
static void find_free(struct lm *l) {
    descent_projected_norm(&l->d, &l->d.current);
    for (size_t j = 0; j < l->n; j++) {
        bool pushed =
            l->d.direction[j] == 0 && (l->d.current.gradient[j] > 0 || l->d.current.gradient[j] < 0);
        l->fixed[j] = is_held(l, j) || pushed;
        l->step[j] = 0;
    }
}

/* r + J*step, over the fixed elements only or over all. */
static void add_steps(const struct lm *l, double *sum, bool all) {
    for (size_t j = 0; j < l->n; j++) {
        double p = l->step[j];
        const double *column = l->jacobian + j * l->m;
        if ((!all && !l->fixed[j]) || p == 0) continue;
        for (size_t i = 0; i < l->m; i++) sum[i] += p * column[i];
    }
}

/* The scaled columns of the free elements, with the residuals behind them, decomposed. */
static bool decompose(struct lm *l, struct least_squares *parts) {
    size_t count = 0;
    for (size_t j = 0; j < l->n; j++) {
        if (l->fixed[j]) continue;
        double *to = l->augmented + count++ * l->m;
        for (size_t i = 0; i < l->m; i++) to[i] = l->jacobian[j * l->m + i] / l->scale[j];
    }
    double *last = l->augmented + count * l->m;
    memcpy(last, l->residuals, l->m * sizeof *last);
    add_steps(l, last, false);
    return least_squares_decompose(parts, l->augmented, l->m, count);
}

static void spread(const struct lm *l, const double *solved, double *step) {
    size_t count = 0;
    for (size_t j = 0; j < l->n; j++)
        if (!l->fixed[j]) step[j] = solved[count++] / l->scale[j];
}

bool lm_decompose(struct lm *l) {
    find_free(l);
    least_squares_release(&l->parts);
    if (!decompose(l, &l->parts)) return false;
    l->rank = least_squares_rank(&l->parts, (double)l->m);
    l->promise = 0;
    for (size_t k = 0; k < l->rank; k++) l->promise += l->parts.image[k] * l->parts.image[k];
    memset(l->full, 0, l->n * sizeof *l->full);
    least_squares_solve(&l->parts, l->rank, 0, l->solved);
    spread(l, l->solved, l->full);
    return true;
}

static void solve(struct lm *l, const struct least_squares *parts) {
    size_t rank = least_squares_rank(parts, (double)l->m);
    l->damping = least_squares_damping(parts, rank, l->radius);
    least_squares_solve(parts, rank, l->damping, l->solved);
    spread(l, l->solved, l->step);
}

/* Sets elements that would leave their bounds on them; whether there were any. */
static bool fix_outside(struct lm *l) {
    bool any = false;
    for (size_t j = 0; j < l->n; j++) {
        if (l->fixed[j]) continue;
        double x = l->d.current.x[j], next = x + l->step[j], allowed = descent_project(&l->d, j, next);
        if (!(allowed < next) && !(allowed > next)) continue;
        l->step[j] = allowed - x;
        l->fixed[j] = true;
        any = true;
    }
    return any;
}

/* What the step takes from the sum of squares: -J*p*(2*r + J*p). */
static void predict(struct lm *l) {
    memset(l->image, 0, l->m * sizeof *l->image);
    add_steps(l, l->image, true);
    l->predicted = 0;
    for (size_t i = 0; i < l->m; i++) l->predicted -= l->image[i] * (2 * l->residuals[i] + l->image[i]);
}

bool lm_find_step(struct lm *l) {
    find_free(l);
    solve(l, &l->parts);
    while (fix_outside(l)) {
        struct least_squares parts;
        bool good = decompose(l, &parts);
        if (good) solve(l, &parts);
        least_squares_release(&parts);
        if (!good) return false;
    }
    predict(l);
    return true;
}
