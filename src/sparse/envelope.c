#include "sparse/envelope.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sparse/vector.h"

void envelope_release(struct envelope *e) {
    free(e->place);
    free(e->first);
    free(e->start);
    free(e->values);
    free(e->spread);
    *e = (struct envelope){.n = 0};
}

/* ---- The order ---- */

struct search {
    const struct pattern *whole;
    size_t *queue; /* rows in the order in which they are reached */
    bool *seen;
};

static size_t degree(const struct search *s, size_t row) {
    return s->whole->starts[row + 1] - s->whole->starts[row];
}

/* Rows that were reached together, by ascending degree; there are few at a time. */
static void sort_by_degree(const struct search *s, size_t from, size_t to) {
    for (size_t k = from + 1; k < to; k++) {
        size_t row = s->queue[k], at = k;
        for (; at > from && degree(s, s->queue[at - 1]) > degree(s, row); at--)
            s->queue[at] = s->queue[at - 1];
        s->queue[at] = row;
    }
}

/* Rows that can be reached from a root stand in the queue from `from` on; returns where they end. */
static size_t walk(struct search *s, size_t root, size_t from) {
    size_t end = from;
    s->queue[end++] = root;
    s->seen[root] = true;
    for (size_t k = from; k < end; k++) {
        size_t before = end, row = s->queue[k];
        for (size_t e = s->whole->starts[row]; e < s->whole->starts[row + 1]; e++) {
            size_t next = s->whole->entry[e];
            if (s->seen[next]) continue;
            s->seen[next] = true;
            s->queue[end++] = next;
        }
        if (end - before <= 1000) sort_by_degree(s, before, end);
    }
    return end;
}

/* Each part of the graph from the row that a first walk reaches last. */
static void find_order(struct search *s, size_t n) {
    size_t from = 0;
    for (size_t row = 0; row < n; row++) {
        if (s->seen[row]) continue;
        size_t end = walk(s, row, from), last = s->queue[end - 1];
        for (size_t k = from; k < end; k++) s->seen[s->queue[k]] = false;
        from = walk(s, last, from);
    }
}

static bool choose_order(struct envelope *e, const struct pattern *lower) {
    struct pattern whole;
    if (!pattern_symmetric(&whole, lower)) return false;
    struct search s = {&whole, malloc((e->n + 1) * sizeof(size_t)), calloc(e->n + 1, sizeof(bool))};
    bool good = s.queue && s.seen;
    if (good) find_order(&s, e->n);
    for (size_t k = 0; good && k < e->n; k++) e->place[s.queue[k]] = e->n - 1 - k;
    free(s.queue);
    free(s.seen);
    pattern_release(&whole);
    return good;
}

/* ---- The envelope ---- */

/* The row and column of an entry here, in the lower triangle. */
static void place_entry(const struct envelope *e, size_t i, size_t j, size_t *row, size_t *column) {
    size_t a = e->place[i], b = e->place[j];
    *row = a > b ? a : b;
    *column = a > b ? b : a;
}

static bool measure(struct envelope *e, const struct pattern *lower, double most, double work) {
    double operations = 0;
    size_t row, column;
    for (size_t i = 0; i < e->n; i++) e->first[i] = i;
    for (size_t i = 0; i < e->n; i++)
        for (size_t k = lower->starts[i]; k < lower->starts[i + 1]; k++) {
            place_entry(e, i, lower->entry[k], &row, &column);
            if (column < e->first[row]) e->first[row] = column;
        }
    for (size_t i = 0; i < e->n; i++) {
        double width = (double)(i - e->first[i] + 1);
        e->start[i + 1] = e->start[i] + (i - e->first[i] + 1);
        operations += width * width;
    }
    return (double)e->start[e->n] <= most * (double)e->n && operations <= work * (double)e->n;
}

const double envelope_entries = 200, envelope_operations = 4e4;

bool envelope_open(struct envelope *e, const struct pattern *lower, double most, double work) {
    size_t n = lower->rows;
    *e = (struct envelope){.n = n,
                           .place = malloc((n + 1) * sizeof(size_t)),
                           .first = malloc((n + 1) * sizeof(size_t)),
                           .start = calloc(n + 1, sizeof(size_t)),
                           .spread = malloc((n + 1) * sizeof(double))};
    if (!e->place || !e->first || !e->start || !e->spread || !choose_order(e, lower)) return false;
    if (!measure(e, lower, most, work)) return false;
    e->values = malloc((e->start[n] + 1) * sizeof(double));
    return e->values != NULL;
}

void envelope_fill(struct envelope *e, const struct pattern *lower, const double *values,
                   const double *widths, const bool *fixed, double shift) {
    size_t row, column;
    memset(e->values, 0, e->start[e->n] * sizeof *e->values);
    for (size_t i = 0; i < e->n; i++) {
        for (size_t k = lower->starts[i]; k < lower->starts[i + 1]; k++) {
            size_t j = lower->entry[k];
            if (fixed[i] || fixed[j]) continue;
            place_entry(e, i, j, &row, &column);
            e->values[e->start[row] + column - e->first[row]] = values[k] * widths[i] * widths[j];
        }
        row = e->place[i];
        e->values[e->start[row + 1] - 1] += fixed[i] ? 1 : shift;
    }
}

/* ---- The factor ---- */

/* Entry (i, j) before it is divided by the pivot of j: less what the columns before j take. */
static double reduced(const struct envelope *e, size_t i, size_t j) {
    const double *a = e->values + e->start[i], *b = e->values + e->start[j];
    size_t from = e->first[i] > e->first[j] ? e->first[i] : e->first[j];
    double taken = from < j ? vector_dot(a + (from - e->first[i]), b + (from - e->first[j]), j - from) : 0;
    return a[j - e->first[i]] - taken;
}

bool envelope_factor(struct envelope *e) {
    for (size_t i = 0; i < e->n; i++) {
        double *row = e->values + e->start[i], diagonal = row[i - e->first[i]];
        for (size_t j = e->first[i]; j < i; j++)
            row[j - e->first[i]] = reduced(e, i, j) / e->values[e->start[j + 1] - 1];
        double pivot = reduced(e, i, i);
        e->failed = i;
        if (!(pivot > 1e-14 * fabs(diagonal)) || !isfinite(pivot)) return false;
        row[i - e->first[i]] = sqrt(pivot);
    }
    return true;
}

static void gather(struct envelope *e, const double *vector) {
    for (size_t i = 0; i < e->n; i++) e->spread[e->place[i]] = vector[i];
}

static void scatter(const struct envelope *e, double *vector) {
    for (size_t i = 0; i < e->n; i++) vector[i] = e->spread[e->place[i]];
}

static void solve_forward(struct envelope *e) {
    for (size_t i = 0; i < e->n; i++) {
        const double *row = e->values + e->start[i];
        size_t width = i - e->first[i];
        e->spread[i] = (e->spread[i] - vector_dot(row, e->spread + e->first[i], width)) / row[width];
    }
}

/* The first `rows` rows of L' y = spread. */
static void solve_backward(struct envelope *e, size_t rows) {
    for (size_t i = rows; i-- > 0;) {
        const double *row = e->values + e->start[i];
        size_t width = i - e->first[i];
        e->spread[i] /= row[width];
        vector_add(e->spread + e->first[i], -e->spread[i], row, width);
    }
}

void envelope_solve(struct envelope *e, double *vector) {
    gather(e, vector);
    solve_forward(e);
    solve_backward(e, e->n);
    scatter(e, vector);
}

double envelope_inner(struct envelope *e, const double *vector) {
    gather(e, vector);
    solve_forward(e);
    return vector_dot(e->spread, e->spread, e->n);
}

/* With l the row that failed, z = (-L'^-1*l, 1, 0): z'*A*z is its pivot. */
void envelope_descent(struct envelope *e, double *vector) {
    size_t i = e->failed, width = i - e->first[i];
    const double *row = e->values + e->start[i];
    memset(e->spread, 0, e->n * sizeof *e->spread);
    for (size_t k = 0; k < width; k++) e->spread[e->first[i] + k] = -row[k];
    solve_backward(e, i);
    e->spread[i] = 1;
    scatter(e, vector);
}
