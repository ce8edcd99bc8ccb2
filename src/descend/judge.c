#include <float.h>
#include <math.h>

#include "descend/interior.h"

double interior_slope_norm(struct interior *s) {
    for (size_t j = 0; j < s->n; j++) {
        double slope = s->slopes[j];
        if (!s->is_refined) slope += s->upper_forces[j] - s->lower_forces[j];
        s->d.direction[j] = interior_is_held(s, j) ? 0 : slope;
    }
    return descent_norm(s->d.direction, s->n);
}

static double gradient_unit(const struct interior *s) {
    return fmax(1, descent_norm(s->d.current.gradient, s->n));
}

double interior_least_slope(const struct interior *s) {
    return fmax(s->d.stop->tolerance, 1e-12);
}

/* Each slope beside the parts it is the sum of; those far above the gradient excuse no more. */
static double relative_slope(const struct interior *s) {
    static const double most_excused = 1e3;
    double largest = 0, unit = gradient_unit(s);
    for (size_t j = 0; j < s->n; j++)
        largest = fmax(largest, fabs(s->d.direction[j]) / fmax(unit, fmin(s->parts[j], most_excused * unit)));
    return largest;
}

/* Whether the rounding of the parts reaches what a slope is compared with: their sum says nothing then. */
static bool drowns_in_rounding(const struct interior *s) {
    return DBL_EPSILON * descent_norm(s->parts, s->n) > 100 * interior_least_slope(s) * gradient_unit(s);
}

/* A force times its distance from the bound that it presses, on either side; bounds far away count as much as
 * the value. That is what the objective gains or loses until the bound is reached. */
static double idle_force(double force, double distance, double value) {
    return force > 0 ? force * fmin(fabs(distance), fmax(1, fabs(value))) : 0;
}

/* The largest such force of constraints and bounds. */
static double largest_idle_force(const struct interior *s) {
    const struct objective *o = s->o;
    double largest = 0;
    for (size_t k = 0; k < s->m; k++) {
        double value = s->values[k], lower = o->constraint_lower[k], upper = o->constraint_upper[k];
        largest = fmax(largest, idle_force(s->multipliers[k], upper - value, value));
        largest = fmax(largest, idle_force(-s->multipliers[k], value - lower, value));
    }
    for (size_t j = 0; j < s->n && !s->is_refined; j++) {
        double x = s->d.current.x[j];
        if (interior_is_held(s, j)) continue;
        if (o->upper) largest = fmax(largest, idle_force(s->upper_forces[j], o->upper[j] - x, x));
        if (o->lower) largest = fmax(largest, idle_force(s->lower_forces[j], x - o->lower[j], x));
    }
    return largest;
}

/* Whether only what is touched presses. Ipopt scales the objective by its first gradient, and what it is sure
 * of it holds to 1e-4 unscaled. */
static bool is_complementary(const struct interior *s, bool sure) {
    double unit = fmax(gradient_unit(s), fabs(s->d.current.value));
    return largest_idle_force(s) <= fmax(sure ? 1e-4 : 1e-6, 100 * interior_least_slope(s)) * unit;
}

enum judgement interior_judge(struct interior *s, bool sure) {
    interior_slope_norm(s);
    if (drowns_in_rounding(s)) return DROWNS_IN_ROUNDING;
    if (!(relative_slope(s) <= (sure ? 100 : 1) * interior_least_slope(s))) return HAS_SLOPE;
    return is_complementary(s, sure) ? IS_CRITICAL : IS_PRESSED_FROM_AFAR;
}
