#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "api/critical.h"
#include "support/text.h"

/* Marks the free elements without slope and curvature here, beside others or alone. */
static size_t mark_flat(const struct examination *x, const struct gradc_matrix *h, bool *idle) {
    size_t count = 0;
    for (size_t k = 0; k < x->count; k++) idle[x->free[k]] = x->gradient[x->free[k]] == 0;
    for (size_t row = 0; row < h->rows; row++)
        for (size_t k = h->starts[row]; k < h->starts[row + 1]; k++)
            if (h->values[k] != 0) idle[row] = idle[h->column[k]] = false;
    for (size_t k = 0; k < x->count; k++) count += idle[x->free[k]];
    return count;
}

/* How far an element is moved: each by an amount of its own, for what depends on differences alone does not
 * notice a common one. */
static double share_of(size_t element, double share) {
    uint64_t mixed = (element + 1) * 0x9E3779B97F4A7C15u;
    double part = (double)((mixed ^ mixed >> 29) * 0xBF58476D1CE4E5B9u >> 11) * 0x1p-53;
    return part < 0.5 ? share * (1.5 - part) : -share * part;
}

/* Moves all of them; those that get a slope are marked no more. Whether neither value nor slope has changed.
 */
static bool may_move(struct examination *x, bool *idle, double share, double *point, double *gradient) {
    double value;
    for (size_t k = 0; k < x->dimension; k++)
        point[k] = x->point[k] + (idle[k] ? share_of(k, share) * fmax(1, fabs(x->point[k])) : 0);
    if (gradc_evaluate(x->e, point, &value, gradient) != GRADC_DONE) return false;
    bool same = value == x->value;
    for (size_t k = 0; k < x->dimension; k++) {
        if (!idle[k] || gradient[k] == 0) continue;
        idle[k] = same = false;
    }
    return same;
}

/* Two places, and again where some had to be left alone. */
static bool may_all_move(struct examination *x, bool *idle, double *point, double *gradient) {
    bool moved = false;
    for (unsigned k = 0; k < 3 && !moved; k++)
        moved = may_move(x, idle, 0.01, point, gradient) && may_move(x, idle, -0.003, point, gradient);
    return moved;
}

static void leave_out(struct examination *x, const bool *idle) {
    size_t kept = 0;
    for (size_t k = 0; k < x->count; k++) {
        size_t element = x->free[k];
        if (idle[element] && x->idle++ == 0) x->first_idle = element;
        if (!idle[element]) x->free[kept++] = element;
    }
    x->count = kept;
}

bool examination_leave_idle(struct examination *x) {
    struct gradc_matrix h;
    double *numbers = calloc(2 * x->dimension + 1, sizeof *numbers);
    bool *idle = calloc(x->dimension + 1, sizeof *idle), good = numbers && idle;
    if (good && gradc_hessian(x->e, x->point, &h) == GRADC_DONE && mark_flat(x, &h, idle) > 0 &&
        may_all_move(x, idle, numbers, numbers + x->dimension))
        leave_out(x, idle);
    free(numbers);
    free(idle);
    return good;
}

void examination_tell_idle(struct examination *x) {
    struct text text = {0};
    text_addf(&text, "%s; near here the objective does not depend on %s", x->found->detail,
              examination_name(x, x->first_idle));
    if (x->idle > 1) text_addf(&text, " and %zu more", x->idle - 1);
    examination_conclude(x, x->found->kind, text_string(&text));
    text_free(&text);
}
