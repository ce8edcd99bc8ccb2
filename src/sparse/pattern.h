/* Where a matrix may have entries, row by row. */
#ifndef GRADC_SPARSE_PATTERN_H
#define GRADC_SPARSE_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pattern {
    size_t rows, columns;
    size_t *starts;  /* rows + 1: where the entries of each row begin */
    uint32_t *entry; /* their columns, ascending in each row */
};

static inline size_t pattern_count(const struct pattern *p) {
    return p->starts ? p->starts[p->rows] : 0;
}
void pattern_release(struct pattern *p);
/* The same entries with rows and columns exchanged. False where memory is exhausted. */
bool pattern_transpose(struct pattern *out, const struct pattern *p);
/* A square pattern and its mirror image together. */
bool pattern_symmetric(struct pattern *out, const struct pattern *p);
/* Where an entry stands; SIZE_MAX: there is none. */
size_t pattern_find(const struct pattern *p, size_t row, uint32_t column);

#endif
