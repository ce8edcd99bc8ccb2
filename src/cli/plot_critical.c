#include "cli/plot_critical.h"

#include <math.h>

bool curve_sample(const struct curve *curve, double low, double high, struct sample *samples, size_t count) {
    for (size_t k = 0; k < count; k++) {
        double share = count > 1 ? (double)k / (double)(count - 1) : 0.5;
        struct sample *s = &samples[k];
        s->at = low + share * (high - low);
        if (!curve->evaluate(curve->context, s->at, &s->value, &s->slope)) return false;
    }
    return true;
}

static bool evaluate(const struct curve *curve, double at, struct sample *s) {
    s->at = at;
    return curve->evaluate(curve->context, at, &s->value, &s->slope);
}

/* Halves an interval on which the slope changes its sign until it is as short as can be. */
static bool bisect(const struct curve *curve, struct sample *a, struct sample *b) {
    for (int k = 0; k < 200; k++) {
        struct sample middle;
        double at = a->at + (b->at - a->at) / 2;
        if (at <= a->at || at >= b->at) break;
        if (!evaluate(curve, at, &middle)) return false;
        if (middle.slope * a->slope > 0)
            *a = middle;
        else
            *b = middle;
        if (middle.slope == 0) {
            *a = middle;
            break;
        }
    }
    return true;
}

/* Golden section for the least size of a slope that keeps its sign. */
static bool shrink(const struct curve *curve, double low, double high, struct sample *least) {
    const double ratio = (sqrt(5) - 1) / 2;
    struct sample a, b;
    if (!evaluate(curve, high - ratio * (high - low), &a) || !evaluate(curve, low + ratio * (high - low), &b))
        return false;
    for (int k = 0; k < 100; k++) {
        if (fabs(a.slope) < fabs(b.slope)) {
            high = b.at;
            b = a;
            if (!evaluate(curve, high - ratio * (high - low), &a)) return false;
        } else {
            low = a.at;
            a = b;
            if (!evaluate(curve, low + ratio * (high - low), &b)) return false;
        }
    }
    *least = fabs(a.slope) < fabs(b.slope) ? a : b;
    return true;
}

static enum gradc_critical_kind kind_between(double before, double after) {
    return before < 0 && after > 0 ? GRADC_MINIMUM : before > 0 && after < 0 ? GRADC_MAXIMUM : GRADC_SADDLE;
}

/* At a pole the slopes on both sides grow as the interval shrinks, at a kink they do not. */
static bool is_pole(const struct sample *before, const struct sample *after, const struct sample *a,
                    const struct sample *b) {
    double usual = fmax(fabs(before->slope), fabs(after->slope));
    return !isfinite(a->value) || !isfinite(b->value) ||
           !(fmin(fabs(a->slope), fabs(b->slope)) <= 1e3 * usual);
}

static bool cross(const struct curve *curve, const struct sample *s, struct critical *found, bool *good) {
    struct sample a = s[0], b = s[1];
    *good = bisect(curve, &a, &b);
    if (!*good || is_pole(&s[0], &s[1], &a, &b)) return false;
    const struct sample *best = fabs(a.slope) <= fabs(b.slope) ? &a : &b;
    *found = (struct critical){best->at, best->value, kind_between(s[0].slope, s[1].slope)};
    return true;
}

static bool touch(const struct curve *curve, const struct sample *s, struct critical *found, bool *good) {
    struct sample least;
    *good = shrink(curve, s[0].at, s[2].at, &least);
    double usual = fmax(fabs(s[0].slope), fabs(s[2].slope));
    if (!*good || !(fabs(least.slope) <= 1e-9 * usual) || !isfinite(least.value)) return false;
    *found = (struct critical){least.at, least.value, GRADC_SADDLE};
    return true;
}

/* What lies between a sample and the next two. */
static bool look(const struct curve *curve, const struct sample *s, size_t left, struct critical *found,
                 bool *good) {
    if (s[0].slope * s[1].slope < 0) return cross(curve, s, found, good);
    if (left < 3) return false;
    bool level = s[1].slope == 0 && s[0].slope * s[2].slope != 0;
    if (level && isfinite(s[1].value)) {
        *found = (struct critical){s[1].at, s[1].value, kind_between(s[0].slope, s[2].slope)};
        return true;
    }
    bool dips = s[0].slope * s[1].slope > 0 && s[1].slope * s[2].slope > 0 &&
                fabs(s[1].slope) <= fabs(s[0].slope) && fabs(s[1].slope) < fabs(s[2].slope);
    return dips && touch(curve, s, found, good);
}

/* Whether values close by are no better: where the function jumps, slopes tell nothing. */
static bool is_extremum(const struct curve *curve, double width, const struct critical *c, bool *good) {
    static const double close = 1e-7, noise = 0x1p-40;
    if (c->kind == GRADC_SADDLE) return true;
    bool extremum = true;
    for (int side = -1; side <= 1 && *good; side += 2) {
        struct sample beside;
        *good = evaluate(curve, c->at + side * close * width, &beside);
        double worse = c->kind == GRADC_MINIMUM ? beside.value - c->value : c->value - beside.value;
        extremum &= !(worse < -noise * fmax(fabs(c->value), fabs(beside.value)));
    }
    return extremum;
}

size_t find_critical(const struct curve *curve, const struct sample *samples, size_t count,
                     struct critical *found, size_t room, bool *good) {
    size_t number = 0;
    *good = true;
    for (size_t k = 0; k + 1 < count && number < room && *good; k++)
        number += look(curve, samples + k, count - k, &found[number], good) &&
                  is_extremum(curve, samples[k + 1].at - samples[k].at, &found[number], good);
    return number;
}
