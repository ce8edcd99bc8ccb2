/* Bundle adjustment, one observation after the other. Formulas: Hartley and Zisserman, Multiple View
 * Geometry, 2nd ed., appendix 4 (Rodrigues' rotation). */
#include <math.h>

#include "hand/limits.h"

struct view {
    double x[3], y[3], p, q, r2, lens, inverse;
};

/* The rotated offset, without derivatives. */
static void rotate(const double *w, const double *x, double *y) {
    double t2 = w[0] * w[0] + w[1] * w[1] + w[2] * w[2];
    double cross[3] = {w[1] * x[2] - w[2] * x[1], w[2] * x[0] - w[0] * x[2], w[0] * x[1] - w[1] * x[0]};
    if (t2 > 0) {
        double t = sqrt(t2), cosine = cos(t), sine = sin(t) / t;
        double along = (w[0] * x[0] + w[1] * x[1] + w[2] * x[2]) * (1 - cosine) / t2;
        for (int i = 0; i < 3; i++) y[i] = x[i] * cosine + cross[i] * sine + w[i] * along;
    } else {
        for (int i = 0; i < 3; i++) y[i] = x[i] + cross[i];
    }
}

static void project(const double *camera, struct view *v) {
    v->inverse = 1 / v->y[2];
    v->p = v->y[0] * v->inverse;
    v->q = v->y[1] * v->inverse;
    v->r2 = v->p * v->p + v->q * v->q;
    v->lens = 1 + camera[9] * v->r2 + camera[10] * v->r2 * v->r2;
}

void hand_bundle_residuals(const struct hand_bundle *s, double *restrict e) {
    for (size_t o = 0; o < s->m; o++) {
        const double *camera = s->cameras + 11 * s->camera[o], *point = s->points + 3 * s->place[o];
        struct view v;
        for (int i = 0; i < 3; i++) v.x[i] = point[i] - camera[3 + i];
        rotate(camera, v.x, v.y);
        project(camera, &v);
        e[o] = s->weight[o] * (camera[6] * v.lens * v.p + camera[7] - s->u[o]);
        e[s->m + o] = s->weight[o] * (camera[6] * v.lens * v.q + camera[8] - s->v[o]);
    }
}

/* The rotation y of x with its derivatives by x (turn) and by the rotation vector (by_w). */
static void rotate_further(const double *w, const double *x, double *y, double turn[3][3],
                           double by_w[3][3]) {
    double t2 = w[0] * w[0] + w[1] * w[1] + w[2] * w[2], a = 1, b = 1, c = 0, da = 0, db = 0, dc = 0;
    double dot = w[0] * x[0] + w[1] * x[1] + w[2] * x[2];
    double cross[3] = {w[1] * x[2] - w[2] * x[1], w[2] * x[0] - w[0] * x[2], w[0] * x[1] - w[1] * x[0]};
    if (t2 > 0) { /* cos t, sin t/t, (1 - cos t)/t^2 and their derivatives by t, over t */
        double t = sqrt(t2), inverse = 1 / t2;
        a = cos(t);
        b = sin(t) / t;
        c = (1 - a) * inverse;
        da = -b;
        db = (a - b) * inverse;
        dc = (b - 2 * c) * inverse;
    }
    const double skew[3][3] = {{0, -w[2], w[1]}, {w[2], 0, -w[0]}, {-w[1], w[0], 0}};
    const double by_cross[3][3] = {{0, x[2], -x[1]}, {-x[2], 0, x[0]}, {x[1], -x[0], 0}};
    for (int i = 0; i < 3; i++) {
        double radial = x[i] * da + cross[i] * db + w[i] * dot * dc;
        y[i] = x[i] * a + cross[i] * b + w[i] * dot * c;
        for (int j = 0; j < 3; j++) {
            turn[i][j] = skew[i][j] * b + w[i] * w[j] * c + (i == j ? a : 0);
            by_w[i][j] = radial * w[j] + by_cross[i][j] * b + w[i] * x[j] * c + (i == j ? dot * c : 0);
        }
    }
}

static void row(const double *camera, const struct view *v, const double turn[3][3], const double by_w[3][3],
                double weight, int down, double *restrict j) {
    double at = down ? v->q : v->p, f = camera[6] * weight;
    double slope = 2 * (camera[9] + 2 * camera[10] * v->r2) * at;
    double by_p = f * (slope * v->p + (down ? 0 : v->lens)), by_q = f * (slope * v->q + (down ? v->lens : 0));
    double by_y[3] = {by_p * v->inverse, by_q * v->inverse, -(by_p * v->p + by_q * v->q) * v->inverse};
    for (int k = 0; k < 3; k++) {
        double by_point = by_y[0] * turn[0][k] + by_y[1] * turn[1][k] + by_y[2] * turn[2][k];
        j[k] = by_y[0] * by_w[0][k] + by_y[1] * by_w[1][k] + by_y[2] * by_w[2][k];
        j[3 + k] = -by_point;
        j[10 + k] = by_point;
    }
    j[6] = weight * at * v->lens;
    j[7] = weight;
    j[8] = f * at * v->r2;
    j[9] = f * at * v->r2 * v->r2;
}

void hand_bundle_jacobian(const struct hand_bundle *s, double *restrict e, double *restrict j) {
    for (size_t o = 0; o < s->m; o++) {
        const double *camera = s->cameras + 11 * s->camera[o], *point = s->points + 3 * s->place[o];
        double turn[3][3], by_w[3][3], weight = s->weight[o];
        double *across = j + HAND_BUNDLE_ROW * o, *down = j + HAND_BUNDLE_ROW * (s->m + o);
        struct view v;
        for (int i = 0; i < 3; i++) v.x[i] = point[i] - camera[3 + i];
        rotate_further(camera, v.x, v.y, turn, by_w);
        project(camera, &v);
        row(camera, &v, (const double(*)[3])turn, (const double(*)[3])by_w, weight, 0, across);
        row(camera, &v, (const double(*)[3])turn, (const double(*)[3])by_w, weight, 1, down);
        across[13] = camera[6] * v.lens * v.p + camera[7] - s->u[o];
        down[13] = camera[6] * v.lens * v.q + camera[8] - s->v[o];
        e[o] = weight * across[13];
        e[s->m + o] = weight * down[13];
    }
}
