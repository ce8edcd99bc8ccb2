#include "sparse/pattern.h"

#include <stdlib.h>

void pattern_release(struct pattern *p) {
    free(p->starts);
    free(p->entry);
    *p = (struct pattern){.rows = 0};
}

/* starts[k + 2] counts the entries of column k, and becomes where they begin one place further left. */
static void place_columns(struct pattern *out, const struct pattern *p) {
    size_t *next = out->starts + 1;
    for (size_t e = 0; e < pattern_count(p); e++)
        if (p->entry[e] + 2 <= out->rows) out->starts[p->entry[e] + 2]++;
    for (size_t k = 2; k <= out->rows; k++) out->starts[k] += out->starts[k - 1];
    for (size_t row = 0; row < p->rows; row++)
        for (size_t e = p->starts[row]; e < p->starts[row + 1]; e++)
            out->entry[next[p->entry[e]]++] = (uint32_t)row;
}

bool pattern_transpose(struct pattern *out, const struct pattern *p) {
    size_t count = pattern_count(p);
    *out = (struct pattern){.rows = p->columns, .columns = p->rows};
    out->starts = calloc(out->rows + 2, sizeof *out->starts);
    out->entry = malloc((count + 1) * sizeof *out->entry);
    if (!out->starts || !out->entry) {
        pattern_release(out);
        return false;
    }
    place_columns(out, p);
    return true;
}

size_t pattern_find(const struct pattern *p, size_t row, uint32_t column) {
    size_t low = p->starts[row], high = p->starts[row + 1];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (p->entry[middle] == column) return middle;
        if (p->entry[middle] < column)
            low = middle + 1;
        else
            high = middle;
    }
    return SIZE_MAX;
}
