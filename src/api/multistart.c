#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "api/handle.h"
#include "eval/precise.h"
#include "descend/sobol.h"

/* Ends and starts are kept: so many numbers are as many as there may be. */
static const size_t most_numbers = (size_t)1 << 27;
/* Ends of one basin agree so far. */
static const double same_place = 1e-4, same_value = 1e-6;

/* Where one descent has ended. */
struct end {
    double *start;
    double *point; /* NULL: it has not been run, or had no value */
    double *multipliers;
    double objective;
    enum gradc_status status;
};

/* What the threads share; `next` and `done` under the lock. */
struct search {
    const struct gradc_multistart_options *options;
    const double *start, *lower, *upper;
    const bool *outside;
    const double *best; /* around which starts are taken; NULL: all over the box */
    size_t dimension, next, last, done;
    struct end *ends; /* by start */
    struct timespec began;
    pthread_mutex_t lock;
    bool stopped; /* likewise */
};

struct worker {
    struct search *search;
    struct gradc_evaluator *evaluator;
    pthread_t thread;
    bool runs;
};

/* ---- Starts ---- */

/* Half of the starts fill the whole box. The others come in rounds, in turn in boxes of 1/4, 1/16, ... of the
 * width around the best end of the rounds before: where basins lie in one wide valley, they go down that. */
enum { ROUNDS = 20, WIDTHS = 5 };

static size_t first_of_round(size_t starts, size_t round) {
    size_t half = (starts + 1) / 2;
    return round == 0 ? 0 : half + (starts - half) * (round - 1) / (ROUNDS - 1);
}

static double clamp(double x, double low, double high) {
    return fmin(fmax(x, low), high);
}

/* The box lies between the bounds; where there are none, it reaches five times the size of the start. */
static double place(const struct search *s, size_t k, size_t j) {
    double share = sobol_coordinate((uint32_t)k, j, s->options->seed);
    double x = s->start[j], low = s->lower[j], high = s->upper[j], reach = 5 * (fabs(x) > 0 ? fabs(x) : 1);
    if (isinf(low) || isinf(high)) {
        low = fmax(low, x - reach);
        high = fmin(high, x + reach);
    }
    if (!s->best) return clamp(low + share * (high - low), low, high);
    double width = (high - low) * pow(0.25, 1 + (double)(k % WIDTHS));
    return clamp(s->best[j] + (share - 0.5) * width, s->lower[j], s->upper[j]);
}

static void find_start(const struct search *s, size_t k, double *point) {
    for (size_t j = 0; j < s->dimension; j++) point[j] = k == 0 ? s->start[j] : place(s, k, j);
}

/* ---- Descents ---- */

static bool goes_on(void *context, const struct gradc_iteration *seen) {
    const struct gradc_multistart_options *options = context;
    (void)seen;
    return !options->proceed || options->proceed(options->context);
}

static double seconds_left(const struct search *s) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    double passed = (double)(now.tv_sec - s->began.tv_sec) + 1e-9 * (double)(now.tv_nsec - s->began.tv_nsec);
    return s->options->descent->timeout - passed;
}

/* Takes the next start; false where there is none, or no time for it. */
static bool take(struct search *s, size_t *k) {
    bool has_time = !(s->options->descent->timeout > 0) || seconds_left(s) > 0;
    bool wanted = !s->options->proceed || s->options->proceed(s->options->context);
    pthread_mutex_lock(&s->lock);
    s->stopped |= !has_time || !wanted;
    bool found = s->next < s->last && !s->stopped;
    if (found) *k = s->next++;
    pthread_mutex_unlock(&s->lock);
    return found;
}

static void finish(struct search *s) {
    pthread_mutex_lock(&s->lock);
    s->done++;
    if (s->options->progress) s->options->progress(s->options->context, s->done, s->options->starts);
    pthread_mutex_unlock(&s->lock);
}

static void run_one(struct worker *w, size_t k) {
    struct search *s = w->search;
    struct gradc_descent_options options = *s->options->descent;
    struct gradc_descent result;
    double *start = malloc((s->dimension + 1) * sizeof *start);
    s->ends[k].start = start;
    if (!start) return;
    find_start(s, k, start);
    options.outside = k > 0 ? NULL : s->outside;
    options.start = start;
    options.observe = goes_on;
    options.context = (void *)s->options;
    if (options.timeout > 0) options.timeout = fmax(seconds_left(s), 1e-9);
    descend_quietly(w->evaluator, &options, &result);
    s->ends[k] = (struct end){.start = start,
                              .point = result.status == GRADC_DOMAIN_ERROR ? NULL : result.point,
                              .multipliers = result.multipliers,
                              .objective = result.objective,
                              .status = result.status};
    if (s->ends[k].point) result.point = NULL;
    result.multipliers = NULL;
    gradc_descent_free(&result);
}

static void *work(void *context) {
    struct worker *w = context;
    size_t k;
    while (take(w->search, &k)) {
        run_one(w, k);
        finish(w->search);
    }
    precise_forget();
    return NULL;
}

/* The starts up to s->last. The calling thread works too. */
static void run_round(struct search *s, struct gradc_evaluator *const *evaluators, size_t count) {
    struct worker *workers = calloc(count, sizeof *workers);
    if (!workers) return;
    for (size_t t = 0; t < count; t++) {
        workers[t] = (struct worker){.search = s, .evaluator = evaluators[t]};
        if (t > 0) workers[t].runs = pthread_create(&workers[t].thread, NULL, work, &workers[t]) == 0;
    }
    work(&workers[0]);
    for (size_t t = 1; t < count; t++)
        if (workers[t].runs) pthread_join(workers[t].thread, NULL);
    free(workers);
}

static const double *best_end(const struct search *s, double sign) {
    const struct end *best = NULL;
    for (size_t k = 0; k < s->last; k++) {
        const struct end *end = &s->ends[k];
        if (!end->point || end->status != GRADC_CONVERGED) continue;
        if (!best || sign * end->objective < sign * best->objective) best = end;
    }
    return best ? best->point : NULL;
}

static void run_all(struct search *s, struct gradc_evaluator *const *evaluators, size_t count, double sign) {
    for (size_t round = 0; round < ROUNDS; round++) {
        s->last = first_of_round(s->options->starts, round + 1);
        if (s->next < s->last) run_round(s, evaluators, count);
        s->best = best_end(s, sign);
    }
}

/* ---- Basins ---- */

static bool is_same(const struct search *s, const struct gradc_basin *basin, const struct end *end) {
    double scale = fmax(1, fmax(fabs(basin->objective), fabs(end->objective)));
    if (!(fabs(basin->objective - end->objective) <= same_value * scale)) return false;
    for (size_t j = 0; j < s->dimension; j++) {
        double a = basin->point[j], b = end->point[j];
        if (!(fabs(a - b) <= same_place * fmax(1, fmax(fabs(a), fabs(b))))) return false;
    }
    return true;
}

/* Puts an end into its basin, or makes one of it. A basin is shown by its best end. */
static bool sort_in(const struct search *s, struct gradc_multistart *found, size_t k, double sign) {
    struct end *end = &s->ends[k];
    for (size_t b = 0; b < found->basin_count; b++) {
        struct gradc_basin *basin = &found->basins[b];
        if (!is_same(s, basin, end)) continue;
        basin->count++;
        if (!(sign * end->objective < sign * basin->objective)) return true;
        struct gradc_basin former = *basin;
        *basin = (struct gradc_basin){end->start,   end->point, end->multipliers, end->objective, former.kind,
                                      former.count, k};
        end->start = former.start;
        end->point = former.point;
        end->multipliers = former.multipliers;
        return true;
    }
    struct gradc_basin *more = realloc(found->basins, (found->basin_count + 1) * sizeof *more);
    if (!more) return false;
    found->basins = more;
    more[found->basin_count++] = (struct gradc_basin){.start = end->start,
                                                      .point = end->point,
                                                      .multipliers = end->multipliers,
                                                      .objective = end->objective,
                                                      .count = 1,
                                                      .number = k};
    end->start = end->point = end->multipliers = NULL;
    return true;
}

/* Best first; of equals, the one whose start came first. */
static bool comes_before(const struct gradc_basin *a, const struct gradc_basin *b, double sign) {
    if (sign * a->objective < sign * b->objective) return true;
    return !(sign * a->objective > sign * b->objective) && a->number < b->number;
}

static void order(struct gradc_multistart *found, double sign) {
    for (size_t k = 1; k < found->basin_count; k++) {
        struct gradc_basin moved = found->basins[k];
        size_t to = k;
        for (; to > 0 && comes_before(&moved, &found->basins[to - 1], sign); to--)
            found->basins[to] = found->basins[to - 1];
        found->basins[to] = moved;
    }
}

static bool collect(struct search *s, struct gradc_multistart *found, double sign) {
    bool good = true;
    for (size_t k = 0; good && k < s->options->starts; k++) {
        found->undefined += s->ends[k].status == GRADC_DOMAIN_ERROR;
        if (!s->ends[k].point) continue;
        if (s->ends[k].status == GRADC_CONVERGED)
            good = sort_in(s, found, k, sign);
        else
            found->unfinished++;
    }
    order(found, sign);
    return good;
}

/* ---- The whole ---- */

static bool open_search(struct search *s, const struct gradc_model *owner,
                        const struct gradc_multistart_options *options) {
    const struct gradc_descent_options *d = options->descent;
    *s = (struct search){.options = options,
                         .start = d->start ? d->start : gradc_start(owner),
                         .outside = d->start || d->outside ? d->outside : gradc_start_outside(owner),
                         .lower = d->lower ? d->lower : gradc_lower(owner),
                         .upper = d->upper ? d->upper : gradc_upper(owner),
                         .dimension = gradc_dimension(owner)};
    clock_gettime(CLOCK_MONOTONIC, &s->began);
    if (!s->start || options->starts > most_numbers / (2 * s->dimension + gradc_constraint_count(owner) + 1))
        return false;
    s->ends = calloc(options->starts + 1, sizeof *s->ends);
    return s->ends && pthread_mutex_init(&s->lock, NULL) == 0;
}

/* The kinds of the basins, by the first evaluator. */
static void examine(const struct search *s, struct gradc_evaluator *e, struct gradc_multistart *found) {
    for (size_t b = 0; b < found->basin_count; b++) {
        struct gradc_basin *basin = &found->basins[b];
        struct gradc_critical_point kind;
        gradc_examine(e, basin->point, s->lower, s->upper, basin->multipliers, &kind);
        basin->kind = kind.kind;
        gradc_critical_point_free(&kind);
    }
}

enum gradc_outcome gradc_multistart(struct gradc_evaluator *const *evaluators, size_t count,
                                    const struct gradc_multistart_options *options,
                                    struct gradc_multistart *found) {
    struct search s;
    const struct gradc_model *owner = evaluators[0]->owner;
    *found = (struct gradc_multistart){.basins = NULL};
    if (!open_search(&s, owner, options)) {
        free(s.ends);
        return GRADC_EXHAUSTED;
    }
    double sign = gradc_maximizes(owner) ? -1 : 1;
    run_all(&s, evaluators, count, sign);
    found->starts = s.done;
    bool good = collect(&s, found, sign);
    examine(&s, evaluators[0], found);
    for (size_t k = 0; k < options->starts; k++) {
        free(s.ends[k].start);
        free(s.ends[k].point);
        free(s.ends[k].multipliers);
    }
    free(s.ends);
    pthread_mutex_destroy(&s.lock);
    return good ? GRADC_DONE : GRADC_EXHAUSTED;
}

void gradc_multistart_free(struct gradc_multistart *found) {
    for (size_t b = 0; b < found->basin_count; b++) {
        free(found->basins[b].start);
        free(found->basins[b].point);
        free(found->basins[b].multipliers);
    }
    free(found->basins);
    *found = (struct gradc_multistart){.basins = NULL};
}
