#include "numeric/ridders.h"

#include <math.h>

/* How many steps at most, by what each is smaller, and by how much worse the table may become before it ends.
 */
enum { STEPS = 10 };
static const double shrink = 1.4, patience = 2;

double ridders_first_step(double x) {
    return 0.1 * fmax(fabs(x), 1);
}

static double central(const struct line *f, double h) {
    double above = f->at + h, below = f->at - h;
    return (f->value(f->context, above) - f->value(f->context, below)) / (above - below);
}

/* A row of the table: each entry takes one more power of the step out of the error. The row before is
 * replaced. Returns how far the last entry is from that of the row before. */
static double extrapolate(double *row, size_t count, double first, double *best, double *error) {
    double factor = shrink * shrink, power = factor, entry = first, last = row[count - 1];
    for (size_t k = 0; k < count; k++) {
        double next = (entry * power - row[k]) / (power - 1);
        double distance = fmax(fabs(next - entry), fabs(next - row[k]));
        if (distance <= *error) {
            *error = distance;
            *best = next;
        }
        row[k] = entry;
        entry = next;
        power *= factor;
    }
    row[count] = entry;
    return fabs(entry - last);
}

double ridders_derivative(const struct line *f, double first_step, double *error) {
    double row[STEPS], h = first_step, best = NAN;
    size_t count = 0;
    *error = HUGE_VAL;
    for (size_t k = 0; k < STEPS; k++, h /= shrink) {
        double entry = central(f, h);
        if (!isfinite(entry)) {
            count = 0; /* a step that leaves the domain: begin again with a smaller one */
        } else if (count == 0) {
            row[count++] = entry;
            if (isnan(best)) best = entry;
        } else {
            double change = extrapolate(row, count++, entry, &best, error);
            if (change >= patience * *error) break;
        }
    }
    return best;
}
