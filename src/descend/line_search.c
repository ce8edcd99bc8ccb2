#include <float.h>
#include <math.h>

#include "descend/state.h"

/* Spectral projected gradients (Birgin, Martinez, Raydan 2000). */
static const double sufficient_decrease = 1e-4;
static const double shortest = 1e-30, longest = 1e30;
enum { BACKTRACKS = 100, SHORTER = 5 };

struct lengths {
    double current, shorter[SHORTER];
    size_t count; /* of the shorter ones that were stored */
};

static double history_maximum(const struct descent *d) {
    double largest = d->history[0];
    for (size_t k = 1; k < HISTORY; k++)
        if (d->history[k] > largest) largest = d->history[k];
    return largest;
}

/* direction = project(x - length*gradient) - x; returns its slope. */
static double aim(struct descent *d, double length) {
    double slope = 0;
    for (size_t i = 0; i < d->objective->dimension; i++) {
        double x = d->current.x[i], gradient = d->current.gradient[i], unit = d->units[i];
        d->direction[i] = descent_project(d, i, x - length * gradient * unit * unit) - x;
        slope += gradient * d->direction[i];
    }
    return slope;
}

/* Where a trial lies outside the domain its value says nothing: shrink plainly. */
static double shrink(const struct descent *d, double fraction, double slope) {
    if (!isfinite(d->trial.value)) return 0.1 * fraction;
    double excess = d->trial.value - d->current.value - fraction * slope;
    double best = excess > 0 ? -0.5 * slope * fraction * fraction / excess : 0.5 * fraction;
    return descent_clamp(best, 0.1 * fraction, 0.5 * fraction);
}

/* Writes current + fraction*direction into the trial; false where that is the current point. */
static bool place_trial(struct descent *d, double fraction) {
    bool moved = false;
    for (size_t i = 0; i < d->objective->dimension; i++) {
        double x = d->current.x[i];
        double next = fraction < 1 ? x + fraction * d->direction[i] : x + d->direction[i];
        d->trial.x[i] = descent_project(d, i, next);
        moved |= d->trial.x[i] < x || d->trial.x[i] > x;
    }
    return moved;
}

/* Backtracks until the trial is good enough; false where the descent has ended. */
static bool search(struct descent *d, double slope) {
    double reference = history_maximum(d), fraction = 1;
    reference += 4 * DBL_EPSILON * fabs(reference); /* differences below that are rounding */
    bool left_domain = false;
    for (int tries = 0; tries < BACKTRACKS && place_trial(d, fraction); tries++) {
        if (!descent_evaluate(d, &d->trial) || descent_is_unbounded(d)) return false;
        bool finite = point_is_finite(d, &d->trial);
        left_domain = !finite;
        if (finite && d->trial.value <= reference + sufficient_decrease * fraction * slope) {
            d->step = fraction * descent_norm(d->direction, d->objective->dimension);
            return true;
        }
        fraction = shrink(d, fraction, slope);
    }
    descent_finish(d, DESCENT_STALLED, "no step along the gradient %s",
                   left_domain ? "stays in the domain of the objective" : "improves the objective any more");
    return false;
}

/* The next length after a step, by the adaptive rule of Frassoldati, Zanni and Zanghirati (2008): the longer
 * Barzilai-Borwein length, but where both disagree the shortest of the last shorter ones. The former point is
 * in the trial's place. */
static double next_length(const struct descent *d, struct lengths *lengths) {
    double ss = 0, sy = 0, yy = 0;
    for (size_t i = 0; i < d->objective->dimension; i++) {
        double s = (d->current.x[i] - d->trial.x[i]) / d->units[i];
        double y = (d->current.gradient[i] - d->trial.gradient[i]) * d->units[i];
        ss += s * s;
        sy += s * y;
        yy += y * y;
    }
    double longer = ss / sy, shorter = sy / yy;
    if (!(sy > 0) || !isfinite(longer) || !(shorter > 0))
        return descent_clamp(10 * lengths->current, shortest, longest);
    lengths->shorter[lengths->count++ % SHORTER] = shorter;
    if (shorter >= 0.8 * longer) return descent_clamp(longer, shortest, longest);
    for (size_t k = 0; k < SHORTER && k < lengths->count; k++) shorter = fmin(shorter, lengths->shorter[k]);
    return descent_clamp(shorter, shortest, longest);
}

static double first_length(struct descent *d) {
    double norm = descent_scaled_norm(d);
    return descent_clamp(0.1 / norm, shortest, longest);
}

void descend_line_search(const struct objective *objective, const double *start,
                         const struct stop_criteria *stop, struct descent_result *result) {
    struct descent d;
    bool begun = descent_begin(&d, objective, start, stop, result);
    if (begun) descent_choose_units(&d);
    if (begun && !descent_is_critical(&d)) {
        struct lengths lengths = {.current = first_length(&d)};
        descent_check_limits(&d);
        while (!d.finished) {
            double slope = aim(&d, lengths.current);
            if (!search(&d, slope)) break;
            bool goes_on = descent_accept(&d);
            if (descent_is_critical(&d) || !goes_on) break;
            lengths.current = next_length(&d, &lengths);
            descent_check_limits(&d);
        }
    }
    descent_end(&d);
}
