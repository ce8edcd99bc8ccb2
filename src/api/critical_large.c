#include <math.h>
#include <stdlib.h>

#include "api/critical.h"
#include "sparse/eigen.h"
#include "sparse/lapack_load.h"

/* Steps of Lanczos' iteration: at first, and where that is not enough; elements times steps. */
enum { FEW_STEPS = 64, MANY_STEPS = 4000 };
static const size_t most_work = 500000000;

static bool multiply(void *context, const double *vector, double *result) {
    struct examination *x = context;
    for (size_t k = 0; k < x->dimension; k++) x->direction[k] = 0;
    for (size_t k = 0; k < x->count; k++) x->direction[x->free[k]] = vector[k];
    if (gradc_hessian_times(x->e, x->point, x->direction, x->product) != GRADC_DONE) return false;
    for (size_t k = 0; k < x->count; k++) result[k] = x->product[x->free[k]];
    return true;
}

static double curvature(const struct eigen_extremes *found) {
    return fmin(fabs(found->smallest), fabs(found->largest));
}

/* Below it, an eigenvalue is 0 but for rounding. */
static double threshold(const struct eigen_extremes *found) {
    return 1e-12 * fmax(fabs(found->smallest), fabs(found->largest));
}

static bool is_sure(const struct eigen_extremes *found) {
    return found->error < 0.1 * curvature(found);
}

static bool has_two_signs(const struct eigen_extremes *found) {
    return found->smallest < -threshold(found) && found->largest > threshold(found);
}

/* Whether all eigenvalues lie beyond a shift, on the side of 0 on which the larger ones of two extremes are.
 */
static bool is_beyond(struct examination *x, const struct eigen_extremes *found, double shift) {
    return examination_is_above(x, found->largest > -found->smallest ? 1 : -1, shift);
}

/* Newton's step and what it promises, at most: along the least curvature. */
static bool has_small_slope(const struct examination *x, const struct eigen_extremes *found) {
    double squares = 0, least = curvature(found);
    for (size_t k = 0; k < x->count; k++) squares += x->gradient[x->free[k]] * x->gradient[x->free[k]];
    return squares == 0 || examination_is_short(x, sqrt(squares) / least, squares / (2 * least));
}

static void conclude_one_sign(struct examination *x, const struct eigen_extremes *found, const char *how) {
    examination_conclude_sign(x, found->smallest > 0, how);
}

/* What factors have told is told; else the extremes have to. */
static void conclude_from_extremes(struct examination *x, const struct eigen_extremes *found, bool factored) {
    if (!has_small_slope(x, found))
        examination_conclude(
            x, GRADC_UNKNOWN,
            "the least curvature that was found is too small to tell, beside the gradient that is left");
    else if (has_two_signs(found))
        examination_conclude(x, GRADC_SADDLE, "the Hessian has eigenvalues of both signs");
    else if (factored)
        conclude_one_sign(x, found, "all eigenvalues of the Hessian have one sign, by its factors");
    else if (curvature(found) <= threshold(found) && is_beyond(x, found, -threshold(found)))
        examination_conclude(x, GRADC_DEGENERATE,
                             "an eigenvalue of the Hessian is 0, by Lanczos' iteration and its factors");
    else if (is_sure(found))
        conclude_one_sign(x, found,
                          "the extreme eigenvalues of the Hessian, by Lanczos' iteration, have one sign");
    else if (is_beyond(x, found, threshold(found)))
        conclude_one_sign(x, found, "all eigenvalues of the Hessian have one sign, by its factors");
    else
        examination_conclude(x, GRADC_UNKNOWN,
                             "the least eigenvalue of the Hessian was not found within the steps allowed");
}

/* Factors are cheaper than many steps, where there are factors. */
static bool find_extremes(struct examination *x, struct eigen_extremes *found, bool *factored) {
    size_t most = most_work / (x->count + 1);
    *factored = false;
    if (!eigen_extremes(multiply, x, x->count, most < FEW_STEPS ? most : FEW_STEPS, found)) return false;
    if (is_sure(found) || has_two_signs(found)) return true;
    *factored = is_beyond(x, found, 0.5 * curvature(found));
    if (*factored || most <= FEW_STEPS) return true;
    return eigen_extremes(multiply, x, x->count, most < MANY_STEPS ? most : MANY_STEPS, found);
}

static bool keep_extremes(struct examination *x, const struct eigen_extremes *found) {
    x->found->eigenvalues = calloc(2, sizeof *x->found->eigenvalues);
    if (!x->found->eigenvalues) return false;
    x->found->eigenvalues[0] = found->smallest;
    x->found->eigenvalues[1] = found->largest;
    x->found->eigenvalue_count = 2;
    return true;
}

bool examination_large(struct examination *x) {
    struct eigen_extremes found;
    bool factored;
    if (x->multipliers) return examination_penalise(x);
    if (!lapack_load()) {
        examination_conclude(x, GRADC_UNKNOWN,
                             "LAPACK, which finds the eigenvalues of the Hessian, could not be loaded");
        return true;
    }
    if (most_work / (x->count + 1) < 8) {
        examination_conclude(x, GRADC_UNKNOWN, "there are too many unknowns to look at the Hessian");
        return true;
    }
    if (!find_extremes(x, &found, &factored)) {
        examination_conclude(x, GRADC_UNKNOWN, "the Hessian is not finite here");
        return true;
    }
    conclude_from_extremes(x, &found, factored);
    return keep_extremes(x, &found);
}
