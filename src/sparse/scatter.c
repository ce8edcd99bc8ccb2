#include "sparse/scatter.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "support/number.h"

/* Entries at a time, so that they stay in the nearest cache, and how long runs are on average where they take
 * less memory than a table. */
enum { BLOCK = 131072, WORTHWHILE = 8 };

bool scatter_init(struct scatter *s, size_t kind_count, size_t entry_count) {
    *s = (struct scatter){.kind_count = kind_count, .entry_count = entry_count, .ascends = true};
    s->kinds = calloc(kind_count + 1, sizeof *s->kinds);
    return s->kinds != NULL;
}

void scatter_release(struct scatter *s) {
    for (size_t k = 0; s->kinds && k < s->kind_count; k++) {
        free(s->kinds[k].runs);
        free(s->kinds[k].at);
    }
    free(s->kinds);
    *s = (struct scatter){0};
}

/* ---- Places ---- */

/* The run that begins at an element. */
static struct scatter_run run_at(const size_t *at, size_t count, size_t element) {
    struct scatter_run run = {.element = element, .count = 1, .first = at[element]};
    if (element + 1 < count && at[element + 1] != SIZE_MAX) run.stride = at[element + 1] - run.first;
    while (element + run.count < count && at[element + run.count] != SIZE_MAX &&
           at[element + run.count] == run.first + run.count * run.stride)
        run.count++;
    return run;
}

/* Writes the runs where there is room for them, and returns how many there are. */
static size_t find_runs(const size_t *at, size_t count, struct scatter_run *runs) {
    size_t found = 0;
    for (size_t element = 0; element < count;) {
        if (at[element] == SIZE_MAX) {
            element++;
            continue;
        }
        struct scatter_run run = run_at(at, count, element);
        if (runs) runs[found] = run;
        element += run.count;
        found++;
    }
    return found;
}

static bool goes_up(const struct scatter_kind *kind) {
    size_t reached = 0;
    for (size_t k = 0; k < kind->run_count; k++) {
        const struct scatter_run *run = &kind->runs[k];
        if (run->first < reached || run->stride > SIZE_MAX / 2) return false;
        reached = run->first + (run->count - 1) * run->stride;
    }
    return true;
}

bool scatter_set(struct scatter *s, size_t kind, size_t *at, size_t count) {
    struct scatter_kind *k = &s->kinds[kind];
    *k = (struct scatter_kind){.count = count, .at = at, .run_count = find_runs(at, count, NULL)};
    if (k->run_count > 1 && k->run_count > count / WORTHWHILE) {
        s->ascends = false;
        return true;
    }
    k->runs = malloc((k->run_count + 1) * sizeof *k->runs);
    if (!k->runs) return false;
    find_runs(at, count, k->runs);
    s->ascends &= goes_up(k);
    free(at);
    k->at = NULL;
    return true;
}

const struct scatter_run *scatter_only_run(const struct scatter *s, size_t kind) {
    const struct scatter_kind *k = &s->kinds[kind];
    return !k->at && k->run_count == 1 && k->runs[0].count == k->count ? &k->runs[0] : NULL;
}

/* ---- Sums ---- */

/* Adds elements of a run, from the one at `from`, which is number `begin` of the run. */
static void add_run(const struct scatter_run *run, size_t begin, size_t end, const double *restrict from,
                    double *restrict values) {
    size_t stride = run->stride, count = end - begin;
    values += run->first + begin * stride;
    for (size_t k = 0; k < count; k++) values[k * stride] += from[k];
}

static void add_by_table(const size_t *at, size_t count, const double *restrict from,
                         double *restrict values) {
    for (size_t k = 0; k < count; k++)
        if (at[k] != SIZE_MAX) values[at[k]] += from[k];
}

/* How many elements of a run upwards go to places below `limit`. */
static size_t below(const struct scatter_run *run, size_t limit) {
    if (run->first >= limit) return 0;
    if (run->stride == 0) return run->count;
    size_t fit = (limit - run->first - 1) / run->stride + 1;
    return fit < run->count ? fit : run->count;
}

/* Goes on to the next run where the current one is done. */
static bool finish_run(const struct scatter_kind *kind, struct scatter_cursor *c) {
    if (c->done < kind->runs[c->run].count) return false;
    c->run++;
    c->done = 0;
    return true;
}

/* Adds what goes to places below `limit` and has not been added. */
static void add_until(const struct scatter_kind *kind, struct scatter_cursor *c, size_t limit,
                      double *values) {
    while (c->run < kind->run_count) {
        const struct scatter_run *run = &kind->runs[c->run];
        size_t end = below(run, limit);
        add_run(run, c->done, end, c->from + run->element + c->done, values);
        c->done = end;
        if (!finish_run(kind, c)) return;
    }
}

static void start(const struct scatter *s, struct scatter_cursor *cursors) {
    for (size_t k = 0; k < s->kind_count; k++) cursors[k].run = cursors[k].done = 0;
}

static bool add_in_blocks(const struct scatter *s, struct scatter_cursor *cursors, double *values) {
    bool finite = true;
    start(s, cursors);
    for (size_t begin = 0; begin < s->entry_count; begin += BLOCK) {
        size_t rest = s->entry_count - begin, count = rest < BLOCK ? rest : BLOCK;
        memset(values + begin, 0, count * sizeof *values);
        for (size_t k = 0; k < s->kind_count; k++)
            add_until(&s->kinds[k], &cursors[k], begin + count, values);
        finite &= numbers_are_finite(values + begin, count);
    }
    return finite;
}

bool scatter_add(const struct scatter *s, struct scatter_cursor *cursors, double *values) {
    if (s->ascends) return add_in_blocks(s, cursors, values);
    scatter_start(s, cursors, values);
    for (size_t k = 0; k < s->kind_count; k++)
        scatter_add_some(s, k, &cursors[k], 0, s->kinds[k].count, values);
    return numbers_are_finite(values, s->entry_count);
}

void scatter_start(const struct scatter *s, struct scatter_cursor *cursors, double *values) {
    start(s, cursors);
    if (s->entry_count) memset(values, 0, s->entry_count * sizeof *values);
}

void scatter_add_some(const struct scatter *s, size_t kind, struct scatter_cursor *c, size_t begin,
                      size_t end, double *values) {
    const struct scatter_kind *k = &s->kinds[kind];
    if (end > k->count) end = k->count;
    if (k->at && begin < end) add_by_table(k->at + begin, end - begin, c->from, values);
    while (!k->at && c->run < k->run_count) {
        const struct scatter_run *run = &k->runs[c->run];
        size_t first = run->element + c->done, stop = run->element + run->count;
        if (first >= end) return;
        if (stop > end) stop = end;
        add_run(run, c->done, stop - run->element, c->from + (first - begin), values);
        c->done = stop - run->element;
        if (!finish_run(k, c)) return;
    }
}
