#include "numeric/difference.h"

#include <math.h>

static const struct difference differences[DIFFERENCES] = {
    [DIFFERENCE_FORWARD] = {"forward", 1, 2, {0, 1}, {-1, 1}, 1.0 / 2, 2},
    [DIFFERENCE_CENTRAL] = {"central", 2, 2, {-1, 1}, {-1.0 / 2, 1.0 / 2}, 1.0 / 6, 1},
    [DIFFERENCE_FIVE_POINT] =
        {"five-point", 4, 4, {-2, -1, 1, 2}, {1.0 / 12, -2.0 / 3, 2.0 / 3, -1.0 / 12}, 1.0 / 30, 3.0 / 2},
};

static const double unit = 0x1p-53, widest = 1.0 / 8;

const struct difference *difference_at(enum difference_id id) {
    return &differences[id];
}

double difference_step(double x, double h) {
    volatile double moved = x + h; /* as it is stored */
    return moved - x;
}

double difference_derivative(const struct difference *d, const struct line *f, double h) {
    double step = difference_step(f->at, h), sum = 0;
    if (step == 0) return 0;
    for (size_t k = 0; k < d->count; k++) {
        double node = d->nodes[k];
        sum += d->weights[k] * (node == 0 ? f->centre : f->value(f->context, f->at + node * step));
    }
    return sum / step;
}

static double scale_of(double x) {
    return fmax(fabs(x), 1);
}

double difference_usual_step(const struct difference *d, double x) {
    return pow(unit, 1 / (double)(d->order + 1)) * scale_of(x);
}

double difference_best_step(const struct difference *d, double x, double noise, double higher) {
    double p = d->order, limit = widest * scale_of(x);
    double h = pow(d->noise * noise / (p * d->truncation * fabs(higher)), 1 / (p + 1));
    return h < limit ? h : limit;
}

double difference_truncation(const struct difference *d, double h, double higher) {
    return d->truncation * pow(h, d->order) * fabs(higher);
}

double difference_rounding(const struct difference *d, double h, double noise) {
    return d->noise * noise / h;
}
