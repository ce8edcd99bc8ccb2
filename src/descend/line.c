#include <float.h>
#include <math.h>

#include "descend/search.h"
#include "sparse/vector.h"

static const double decrease = 1e-4;
enum { TRIES = 60 };

/* A place on the line: its length, value and slope. */
struct place {
    double t, value, slope;
};

/* ---- The line ---- */

/* Where the line meets its first bound. */
static double first_bound(const struct search *s) {
    const struct objective *o = s->d.objective;
    double nearest = INFINITY;
    for (size_t i = 0; i < s->n; i++) {
        double x = s->d.current.x[i], p = s->direction[i] * s->d.units[i];
        if (p < 0 && o->lower && isfinite(o->lower[i])) nearest = fmin(nearest, (o->lower[i] - x) / p);
        if (p > 0 && o->upper && isfinite(o->upper[i])) nearest = fmin(nearest, (o->upper[i] - x) / p);
    }
    return nearest;
}

static bool place_trial(struct search *s, double t) {
    const struct objective *o = s->d.objective;
    const double *from = s->d.current.x;
    double *to = s->d.trial.x;
    bool moved = false;
    for (size_t i = 0; i < s->n; i++) to[i] = from[i] + t * s->direction[i] * s->d.units[i];
    for (size_t i = 0; o->lower && i < s->n; i++) to[i] = to[i] < o->lower[i] ? o->lower[i] : to[i];
    for (size_t i = 0; o->upper && i < s->n; i++) to[i] = to[i] > o->upper[i] ? o->upper[i] : to[i];
    for (size_t i = 0; i < s->n; i++) moved |= (to[i] < from[i]) | (to[i] > from[i]);
    return moved;
}

/* Evaluates the place; false where the descent has ended. *finite: value and gradient are. */
static bool visit(struct search *s, struct place *at, bool *finite) {
    if (!descent_evaluate(&s->d, &s->d.trial) || descent_is_unbounded(&s->d)) return false;
    *finite = point_is_finite(&s->d, &s->d.trial);
    at->value = s->d.trial.value;
    at->slope = vector_dot3(s->d.trial.gradient, s->d.units, s->direction, s->n);
    return true;
}

/* ---- Wolfe ---- */

static double noise(const struct search *s) {
    return 4 * DBL_EPSILON * fabs(s->d.current.value);
}

static bool is_acceptable(const struct search *s, const struct place *at) {
    double slope = s->slope, limit = s->d.current.value + decrease * at->t * slope;
    if (at->value <= limit && fabs(at->slope) <= -s->curvature * slope) return true;
    return at->value <= s->d.current.value + noise(s) && (2 * decrease - 1) * slope >= at->slope &&
           at->slope >= s->curvature * slope;
}

static bool is_too_far(const struct search *s, const struct place *at, const struct place *low) {
    if (fabs(at->value - s->d.current.value) <= noise(s)) return at->slope >= 0;
    return at->value > s->d.current.value + decrease * at->t * s->slope || at->value >= low->value;
}

/* The minimum of the cubic through two places (Nocedal and Wright, equation 3.59), kept off their ends. */
static double between(const struct place *a, const struct place *b) {
    double d1 = a->slope + b->slope - 3 * (a->value - b->value) / (a->t - b->t);
    double root = sqrt(fmax(0, d1 * d1 - a->slope * b->slope));
    double d2 = b->t > a->t ? root : -root;
    double t = b->t - (b->t - a->t) * (b->slope + d2 - d1) / (b->slope - a->slope + 2 * d2);
    double low = fmin(a->t, b->t), width = fabs(b->t - a->t);
    if (!isfinite(t)) return low + 0.5 * width;
    return descent_clamp(t, low + 0.1 * width, low + 0.9 * width);
}

struct bracket {
    struct place low, high; /* the best place so far; the other end */
    bool closed, high_is_finite;
    double most;
};

static double next_length(const struct bracket *b, double t) {
    if (!b->closed) return fmin(b->most, 4 * t);
    if (b->high_is_finite) return between(&b->low, &b->high);
    return b->low.t + 0.2 * (b->high.t - b->low.t);
}

/* Narrows the bracket by a visited place. */
static void narrow(struct bracket *b, const struct search *s, const struct place *at, bool finite) {
    if (!finite || is_too_far(s, at, &b->low)) {
        b->high = *at;
        b->high_is_finite = finite;
        b->closed = true;
        return;
    }
    if (b->closed ? at->slope * (b->high.t - b->low.t) >= 0 : at->slope >= 0) {
        b->high = b->low;
        b->high_is_finite = true;
        b->closed = true;
    }
    b->low = *at;
}

/* Takes the best place that was seen, though it does not meet the conditions. */
static enum search_outcome settle(struct search *s, const struct bracket *b, bool left_domain) {
    struct place at = b->low;
    bool finite;
    if (!(at.t > 0) || !place_trial(s, at.t)) return left_domain ? SEARCH_LEFT_DOMAIN : SEARCH_NOTHING;
    if (!visit(s, &at, &finite)) return SEARCH_ENDED;
    s->length = at.t;
    return at.value < s->d.current.value ? SEARCH_FOUND : SEARCH_NOTHING;
}

static enum search_outcome search_wolfe(struct search *s, double first, double most) {
    struct bracket b = {.low = {0, s->d.current.value, s->slope}, .most = most};
    double t = fmin(first, most);
    bool finite = true;
    for (int tries = 0; tries < TRIES && place_trial(s, t); tries++) {
        struct place at = {.t = t};
        if (!visit(s, &at, &finite)) return SEARCH_ENDED;
        bool at_rim = t >= most && at.slope <= 0 && at.value <= s->d.current.value + decrease * t * s->slope;
        if (finite && (is_acceptable(s, &at) || at_rim)) {
            s->length = t;
            return SEARCH_FOUND;
        }
        narrow(&b, s, &at, finite);
        if (b.closed && fabs(b.high.t - b.low.t) <= DBL_EPSILON * b.low.t) break;
        t = next_length(&b, t);
    }
    return settle(s, &b, !finite);
}

/* ---- Along the projected path ---- */

static enum search_outcome search_path(struct search *s, double first) {
    bool finite = true;
    double t = first;
    for (int tries = 0; tries < TRIES && place_trial(s, t); tries++, t *= finite ? 0.5 : 0.1) {
        struct place at = {.t = t};
        if (!visit(s, &at, &finite)) return SEARCH_ENDED;
        double slope = 0;
        for (size_t i = 0; i < s->n; i++)
            slope += s->d.current.gradient[i] * (s->d.trial.x[i] - s->d.current.x[i]);
        if (!finite || slope >= 0 || at.value > s->d.current.value + decrease * slope) continue;
        s->length = t;
        return SEARCH_FOUND;
    }
    return finite ? SEARCH_NOTHING : SEARCH_LEFT_DOMAIN;
}

enum search_outcome search_line(struct search *s, double first) {
    double most = first_bound(s);
    return most < first ? search_path(s, first) : search_wolfe(s, first, most);
}
