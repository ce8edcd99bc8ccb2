#include "sparse/ball.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sparse/eigen.h"

bool ball_open(struct ball_model *b, double *matrix, const double *gradient, size_t n) {
    *b = (struct ball_model){.n = n, .vectors = matrix};
    b->values = calloc(n + 1, sizeof *b->values);
    b->slopes = calloc(n + 1, sizeof *b->slopes);
    if (!matrix || !b->values || !b->slopes || !eigen_dense(matrix, b->values, n)) return false;
    for (size_t k = 0; k < n; k++)
        for (size_t i = 0; i < n; i++) b->slopes[k] += matrix[k * n + i] * gradient[i];
    return true;
}

void ball_release(struct ball_model *b) {
    free(b->values);
    free(b->vectors);
    free(b->slopes);
    *b = (struct ball_model){0};
}

/* Eigenvalues up to here are rounding. */
static double rounding(const struct ball_model *b) {
    if (b->n == 0) return 0;
    double largest = fmax(fabs(b->values[0]), fabs(b->values[b->n - 1]));
    return 4 * (double)b->n * DBL_EPSILON * largest;
}

double ball_promise(const struct ball_model *b) {
    double sum = 0, least = rounding(b);
    for (size_t k = 0; k < b->n; k++) {
        if (b->values[k] < -least) return INFINITY;
        if (fabs(b->slopes[k]) > 0) sum += b->slopes[k] * b->slopes[k] / (2 * fmax(b->values[k], least));
    }
    return sum;
}

/* The norm of the damped solution; *decline: half the derivative of its square by the damping, negated. */
static double damped_norm(const struct ball_model *b, double damping, double *decline) {
    double squares = 0;
    *decline = 0;
    for (size_t k = 0; k < b->n; k++) {
        double sum = b->values[k] + damping;
        if (b->slopes[k] == 0) continue;
        double part = b->slopes[k] / sum;
        squares += part * part;
        *decline += part * part / sum;
    }
    return sqrt(squares);
}

/* y = -V'*(slopes/(values + damping)). */
static void solve(const struct ball_model *b, double damping, double *y) {
    memset(y, 0, b->n * sizeof *y);
    for (size_t k = 0; k < b->n; k++) {
        if (b->slopes[k] == 0) continue;
        double factor = -b->slopes[k] / (b->values[k] + damping);
        for (size_t i = 0; i < b->n; i++) y[i] += factor * b->vectors[k * b->n + i];
    }
}

/* The hard case: goes on along the first eigenvector to the rim. */
static void add_first(const struct ball_model *b, double norm, double radius, double *y) {
    double length = sqrt(fmax(0, radius * radius - norm * norm));
    double inner = 0;
    for (size_t i = 0; i < b->n; i++) inner += b->vectors[i] * y[i];
    double factor = inner < 0 || (inner == 0 && b->slopes[0] > 0) ? -length : length;
    for (size_t i = 0; i < b->n; i++) y[i] += factor * b->vectors[i];
}

static double find_damping(const struct ball_model *b, double low, double radius) {
    double decline, slope = 0;
    for (size_t k = 0; k < b->n; k++) slope += b->slopes[k] * b->slopes[k];
    double high = low + sqrt(slope) / radius, damping = low, norm;
    /* The lower end may be a pole: begin beside it. */
    damping = low + 1e-3 * (high - low);
    norm = damped_norm(b, damping, &decline);
    for (int tries = 0; tries < 200 && fabs(norm - radius) > 0.1 * radius; tries++) {
        if (norm > radius)
            low = damping;
        else
            high = damping;
        damping += (norm / radius - 1) * norm * norm / decline;
        if (!(damping > low && damping < high)) damping = low + 0.1 * (high - low);
        norm = damped_norm(b, damping, &decline);
    }
    return damping;
}

double ball_minimise(const struct ball_model *b, double radius, double *y) {
    double decline, least = rounding(b);
    if (b->n == 0) return 0;
    if (b->values[0] > least) {
        if (damped_norm(b, 0, &decline) <= 1.1 * radius) {
            solve(b, 0, y);
            return 0;
        }
    }
    double low = fmax(0, -b->values[0]), beside = low + fmax(least, DBL_MIN);
    double norm = damped_norm(b, beside, &decline);
    if (norm <= radius) {
        solve(b, beside, y);
        if (b->values[0] < -least) add_first(b, norm, radius, y);
        return b->values[0] < -least ? beside : 0;
    }
    double damping = find_damping(b, low, radius);
    solve(b, damping, y);
    return damping;
}
