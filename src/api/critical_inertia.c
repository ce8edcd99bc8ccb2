#include <stdlib.h>
#include <string.h>

#include "api/critical.h"
#include "sparse/envelope.h"

static bool factor(struct envelope *e, const struct gradc_matrix *h, const double *values,
                   const double *widths, const bool *fixed, double shift) {
    struct pattern lower = {.rows = h->rows,
                            .columns = h->columns,
                            .starts = (size_t *)h->starts,
                            .entry = (uint32_t *)h->column};
    if (!envelope_open(e, &lower, envelope_entries, envelope_operations)) return false;
    envelope_fill(e, &lower, values, widths, fixed, -shift);
    return envelope_factor(e);
}

bool examination_is_above(struct examination *x, double sign, double shift) {
    struct gradc_matrix h;
    size_t n = x->dimension;
    if (!hessian_is_local(x->e->owner) || gradc_hessian(x->e, x->point, &h) != GRADC_DONE) return false;
    struct envelope e = {0};
    double *values = malloc((h.count + 1) * sizeof *values), *widths = malloc((n + 1) * sizeof *widths);
    bool *fixed = malloc((n + 1) * sizeof *fixed), above = values && widths && fixed;
    for (size_t k = 0; above && k < h.count; k++) values[k] = sign * h.values[k];
    for (size_t i = 0; above && i < n; i++) widths[i] = 1;
    if (above) memset(fixed, 1, n * sizeof *fixed);
    for (size_t k = 0; above && k < x->count; k++) fixed[x->free[k]] = false;
    above = above && factor(&e, &h, values, widths, fixed, shift);
    envelope_release(&e);
    free(values);
    free(widths);
    free(fixed);
    return above;
}
