#include "cli/plot_stationary.h"

#include <math.h>
#include <stdlib.h>

#include "cli/message.h"

enum { STEPS = 100 };

/* All in units of the picture: what is flat or near in it does not depend on those of the unknowns. */
struct search {
    const struct surface *surface;
    struct extent across, up;
    size_t nodes;      /* in each direction */
    double *steepness; /* by node */
    double steepest;
};

static void place(const struct search *s, double x, double y, double at[2]) {
    at[0] = s->across.low + x * extent_width(s->across);
    at[1] = s->up.low + y * extent_width(s->up);
}

static bool slope_at(const struct search *s, const double p[2], double slope[2]) {
    double at[2];
    place(s, p[0], p[1], at);
    if (!s->surface->slope(s->surface->context, at, slope)) return false;
    slope[0] *= extent_width(s->across);
    slope[1] *= extent_width(s->up);
    return true;
}

static bool curvature_at(const struct search *s, const double p[2], double curvature[3]) {
    double at[2];
    place(s, p[0], p[1], at);
    if (!s->surface->curvature(s->surface->context, at, curvature)) return false;
    curvature[0] *= extent_width(s->across) * extent_width(s->across);
    curvature[1] *= extent_width(s->across) * extent_width(s->up);
    curvature[2] *= extent_width(s->up) * extent_width(s->up);
    return true;
}

static void node_place(size_t nodes, size_t k, double p[2]) {
    p[0] = (double)(k % nodes) / (double)(nodes - 1);
    p[1] = (double)(k / nodes) / (double)(nodes - 1);
}

/* A node without a slope is steep. */
static bool survey(struct search *s) {
    for (size_t k = 0; k < s->nodes * s->nodes; k++) {
        double p[2], slope[2];
        node_place(s->nodes, k, p);
        if (!slope_at(s, p, slope)) return false;
        double steepness = hypot(slope[0], slope[1]);
        s->steepness[k] = isfinite(steepness) ? steepness : INFINITY;
        if (isfinite(steepness)) s->steepest = fmax(s->steepest, steepness);
    }
    return true;
}

/* Whether no neighbour is less steep. */
static bool is_flat(const struct search *s, size_t column, size_t row) {
    double here = s->steepness[row * s->nodes + column];
    for (size_t r = row > 0 ? row - 1 : 0; r <= row + 1 && r < s->nodes; r++)
        for (size_t c = column > 0 ? column - 1 : 0; c <= column + 1 && c < s->nodes; c++)
            if (s->steepness[r * s->nodes + c] < here) return false;
    return isfinite(here);
}

static bool solve(const double m[3], const double slope[2], double step[2]) {
    double determinant = m[0] * m[2] - m[1] * m[1];
    step[0] = (m[1] * slope[1] - m[2] * slope[0]) / determinant;
    step[1] = (m[1] * slope[0] - m[0] * slope[1]) / determinant;
    return isfinite(step[0]) && isfinite(step[1]);
}

/* By the eigenvalues; one is 0 where it hardly changes the slope over the whole picture. */
static enum gradc_critical_kind kind_of(const struct search *s, const double m[3]) {
    double middle = (m[0] + m[2]) / 2, reach = hypot((m[0] - m[2]) / 2, m[1]);
    double low = middle - reach, high = middle + reach;
    if (!(fmin(fabs(low), fabs(high)) > 1e-9 * s->steepest)) return GRADC_DEGENERATE;
    return low > 0 ? GRADC_MINIMUM : high < 0 ? GRADC_MAXIMUM : GRADC_SADDLE;
}

/* From a node to a critical point near to it. */
static bool descend(const struct search *s, double p[2], enum gradc_critical_kind *kind, bool *good) {
    double slope[2], m[3], step[2], start[2] = {p[0], p[1]}, moved = INFINITY;
    for (int k = 0; k < STEPS; k++) {
        *good = slope_at(s, p, slope) && curvature_at(s, p, m);
        if (!*good) return false;
        if ((slope[0] == 0 && slope[1] == 0) || moved < 1e-13) break;
        if (!solve(m, slope, step)) return false;
        moved = hypot(step[0], step[1]);
        double scale = moved > 0.05 ? 0.05 / moved : 1;
        p[0] += scale * step[0];
        p[1] += scale * step[1];
        if (hypot(p[0] - start[0], p[1] - start[1]) > 0.15) return false;
    }
    *kind = kind_of(s, m);
    return hypot(slope[0], slope[1]) <= 1e-9 * s->steepest && p[0] >= 0 && p[0] <= 1 && p[1] >= 0 &&
           p[1] <= 1;
}

static bool is_known(const struct search *s, const double at[2], const struct stationary *found,
                     size_t count) {
    for (size_t k = 0; k < count; k++)
        if (hypot((at[0] - found[k].at[0]) / extent_width(s->across),
                  (at[1] - found[k].at[1]) / extent_width(s->up)) < 1e-3)
            return true;
    return false;
}

size_t find_stationary(const struct surface *surface, struct extent across, struct extent up, size_t nodes,
                       struct stationary *found, size_t room, bool *good) {
    struct search s = {surface, across, up, nodes, allocate(nodes * nodes, sizeof(double)), 0};
    size_t count = 0;
    *good = survey(&s);
    for (size_t k = 0; k < nodes * nodes && count < room && *good && s.steepest > 0; k++) {
        double p[2];
        node_place(nodes, k, p);
        enum gradc_critical_kind kind;
        if (!is_flat(&s, k % nodes, k / nodes) || !descend(&s, p, &kind, good)) continue;
        struct stationary point = {.kind = kind};
        place(&s, p[0], p[1], point.at);
        if (!is_known(&s, point.at, found, count)) found[count++] = point;
    }
    free(s.steepness);
    return count;
}
