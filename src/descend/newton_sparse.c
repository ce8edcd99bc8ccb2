#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "descend/newton.h"
#include "sparse/vector.h"

/* Steps in a trust region by factoring the sparse Hessian, shifted until the step is as long as the radius
 * (J. J. More and D. C. Sorensen 1983, algorithm 3.2, without its hard case: there a direction of negative
 * curvature is added). All in the widths of the region. */

enum { SHIFTS = 40 };
/* What rounding may take from the eigenvalues of a matrix whose diagonal is 1. */
static const double rounding = 1e-13;

static struct pattern pattern_of(const struct descent_matrix *h) {
    return (struct pattern){h->rows, h->columns, (size_t *)h->starts, (uint32_t *)h->column};
}

bool newton_open_sparse(struct newton *s) {
    const struct objective *o = s->d.objective;
    struct descent_matrix h;
    if (!o->hessian || !o->hessian_is_sparse || !o->hessian_is_sparse(o->context)) return false;
    if (!o->hessian(o->context, s->d.current.x, &h)) return false;
    struct pattern lower = pattern_of(&h);
    s->is_sparse = envelope_open(&s->envelope, &lower, envelope_entries, envelope_operations);
    if (!s->is_sparse) envelope_release(&s->envelope);
    return s->is_sparse;
}

bool newton_take_sparse(struct newton *s) {
    const struct objective *o = s->d.objective;
    s->d.result->evaluations.hessian++;
    if (!o->hessian(o->context, s->d.current.x, &s->lower)) {
        descent_finish(&s->d, DESCENT_FAILED, "the Hessian could not be evaluated");
        return false;
    }
    size_t count = s->lower.starts[s->n];
    double *values = realloc(s->entries, (count + 1) * sizeof *values);
    if (!values) {
        descent_finish(&s->d, DESCENT_FAILED, "memory is exhausted");
        return false;
    }
    s->entries = values;
    for (size_t k = 0; k < count; k++) {
        values[k] = o->maximize ? -s->lower.values[k] : s->lower.values[k];
        s->is_linear |= !isfinite(values[k]);
    }
    for (size_t i = 0; i < s->n; i++)
        for (size_t k = s->lower.starts[i]; k < s->lower.starts[i + 1]; k++)
            if (s->lower.column[k] == i) s->diagonal[i] = values[k];
    return true;
}

void newton_multiply_sparse(const struct newton *s, const double *vector, double *result) {
    for (size_t i = 0; i < s->n; i++)
        for (size_t k = s->lower.starts[i]; k < s->lower.starts[i + 1]; k++) {
            size_t j = s->lower.column[k];
            result[i] += s->entries[k] * vector[j];
            if (j != i) result[j] += s->entries[k] * vector[i];
        }
}

static bool factor(struct newton *s, double shift) {
    struct pattern lower = pattern_of(&s->lower);
    envelope_fill(&s->envelope, &lower, s->entries, s->widths, s->fixed, shift);
    return envelope_factor(&s->envelope);
}

/* solved = -(H + shift)^-1*gradient over the free elements; returns its length. */
static double solve(struct newton *s) {
    for (size_t j = 0; j < s->n; j++) s->solved[j] = s->fixed[j] ? 0 : -s->model_gradient[j] * s->widths[j];
    envelope_solve(&s->envelope, s->solved);
    return vector_norm(s->solved, s->n);
}

double newton_promise_sparse(struct newton *s) {
    if (s->is_linear || (!factor(s, 0) && !factor(s, rounding))) return INFINITY;
    solve(s);
    double promise = 0;
    for (size_t j = 0; j < s->n; j++)
        if (!s->fixed[j]) promise -= 0.5 * s->solved[j] * s->model_gradient[j] * s->widths[j];
    return promise;
}

/* A step as long as the radius against the gradient. */
static void go_straight(struct newton *s) {
    for (size_t j = 0; j < s->n; j++) s->solved[j] = s->fixed[j] ? 0 : -s->model_gradient[j] * s->widths[j];
    double norm = vector_norm(s->solved, s->n);
    for (size_t j = 0; j < s->n && norm > 0; j++) s->solved[j] *= s->radius / norm;
}

/* Goes on along the direction kept from the factorisation that failed, to the rim. */
static void add_negative_curvature(struct newton *s) {
    double slope = 0;
    for (size_t j = 0; j < s->n; j++) {
        if (s->fixed[j]) s->direction[j] = 0;
        slope += s->direction[j] * s->model_gradient[j] * s->widths[j];
    }
    double size = vector_norm(s->direction, s->n), sign = slope > 0 ? -1 : 1;
    if (!(size > 0) || !isfinite(size)) return;
    for (size_t j = 0; j < s->n; j++) s->direction[j] *= sign / size;
    double along = vector_dot(s->solved, s->direction, s->n);
    double missing = fmax(0, s->radius * s->radius - vector_dot(s->solved, s->solved, s->n));
    vector_add(s->solved, -along + sqrt(along * along + missing), s->direction, s->n);
}

/* Where the shift is looked for. */
struct interval {
    double low, high;
};

/* A larger shift than `shift`, which is too small. */
static double enlarge(const struct newton *s, const struct interval *in, double shift) {
    if (isfinite(in->high)) return sqrt(fmax(in->low, 1e-3 * in->high) * in->high);
    return shift > 0 ? fmax(8 * shift, s->shift / 8) : rounding;
}

/* The next shift by Newton's rule for lengths, where it lies inside. */
static double improve(struct newton *s, const struct interval *in, double shift, double length) {
    double inner = envelope_inner(&s->envelope, s->solved);
    double next = shift + length * length / inner * (length - s->radius) / s->radius;
    return next > in->low && next < in->high ? next : enlarge(s, in, shift);
}

/* The shift at which the step is about as long as the radius, within a fifth. Returns whether none was needed
 * but for rounding. */
static bool shift_to_radius(struct newton *s) {
    struct interval in = {0, INFINITY};
    double shift = 0, length = INFINITY;
    bool was_indefinite = false;
    for (int k = 0; k < SHIFTS; k++) {
        if (!factor(s, shift)) {
            if (!was_indefinite) envelope_descent(&s->envelope, s->direction);
            was_indefinite = true;
            in.low = shift;
            shift = enlarge(s, &in, shift);
            continue;
        }
        length = solve(s);
        if (shift <= rounding && length <= s->radius) return true;
        if (fabs(length - s->radius) <= 0.2 * s->radius) break;
        *(length < s->radius ? &in.high : &in.low) = shift;
        if (isfinite(in.high) && in.high - in.low <= 1e-3 * in.high) break;
        shift = improve(s, &in, shift, length);
    }
    s->shift = shift;
    if (isinf(length)) go_straight(s);
    if (was_indefinite && length < 0.8 * s->radius) add_negative_curvature(s);
    return false;
}

bool newton_solve_sparse(struct newton *s) {
    s->is_full = false;
    if (s->is_linear)
        go_straight(s);
    else
        s->is_full = shift_to_radius(s);
    for (size_t j = 0; j < s->n; j++)
        if (!s->fixed[j]) s->step[j] = s->solved[j] * s->widths[j];
    return true;
}
