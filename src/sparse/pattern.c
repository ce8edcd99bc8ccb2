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
    for (size_t e = 0; e < pattern_count(p); e++) out->starts[(size_t)p->entry[e] + 2]++;
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

/* Merges two ascending rows; counts only where there is no room to write. */
static size_t merge_rows(const struct pattern *a, const struct pattern *b, size_t row, uint32_t *out) {
    size_t i = a->starts[row], j = b->starts[row], count = 0;
    while (i < a->starts[row + 1] || j < b->starts[row + 1]) {
        bool from_a = j == b->starts[row + 1] || (i < a->starts[row + 1] && a->entry[i] <= b->entry[j]);
        uint32_t entry = from_a ? a->entry[i++] : b->entry[j++];
        if (from_a && j < b->starts[row + 1] && b->entry[j] == entry) j++;
        if (out) out[count] = entry;
        count++;
    }
    return count;
}

bool pattern_symmetric(struct pattern *out, const struct pattern *p) {
    struct pattern mirror;
    *out = (struct pattern){.rows = p->rows, .columns = p->columns};
    if (!pattern_transpose(&mirror, p)) return false;
    out->starts = calloc(p->rows + 1, sizeof *out->starts);
    for (size_t row = 0; out->starts && row < p->rows; row++)
        out->starts[row + 1] = out->starts[row] + merge_rows(p, &mirror, row, NULL);
    out->entry = out->starts ? malloc((pattern_count(out) + 1) * sizeof *out->entry) : NULL;
    for (size_t row = 0; out->entry && row < p->rows; row++)
        merge_rows(p, &mirror, row, out->entry + out->starts[row]);
    pattern_release(&mirror);
    if (out->entry) return true;
    pattern_release(out);
    return false;
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
