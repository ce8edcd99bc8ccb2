#include "check/points.h"

#include <math.h>

double chance_unit(struct chance *chance) {
    uint64_t z = chance->state += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    z ^= z >> 31;
    return (double)(z >> 11) * 0x1p-53;
}

void point_draw(struct chance *chance, const double *start, const double *lower, const double *upper,
                size_t n, double *point) {
    for (size_t k = 0; k < n; k++) {
        double spread = fmax(1, fabs(start[k])) / 2;
        double low = fmax(lower[k], start[k] - spread), high = fmin(upper[k], start[k] + spread);
        if (isfinite(lower[k]) && isfinite(upper[k])) {
            low = lower[k];
            high = upper[k];
        }
        double unit = chance_unit(chance);
        point[k] = fmin(fmax(low * (1 - unit) + high * unit, lower[k]), upper[k]);
    }
}

void point_approach(double *point, const double *other, size_t n) {
    for (size_t k = 0; k < n; k++) point[k] = point[k] / 2 + other[k] / 2;
}
