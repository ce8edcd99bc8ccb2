#include "descend/state.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "sparse/vector.h"
#include "support/number.h"

static const char *const status_names[] = {
    [DESCENT_CONVERGED] = "converged",
    [DESCENT_STALLED] = "stalled",
    [DESCENT_MAX_ITERATIONS] = "max_iterations",
    [DESCENT_TIMEOUT] = "timeout",
    [DESCENT_INTERRUPTED] = "interrupted",
    [DESCENT_DIVERGED] = "diverged",
    [DESCENT_INFEASIBLE] = "infeasible",
    [DESCENT_DOMAIN_ERROR] = "domain_error",
    [DESCENT_FAILED] = "failed",
};

const char *descent_status_name(enum descent_status status) {
    return status_names[status];
}

struct number_text descent_number(double value) {
    struct number_text number;
    _Static_assert(sizeof number.digits >= NUMBER_CHARS, "room for any double");
    number_format(value, number.digits);
    return number;
}

/* Adds a sentence in which %s and %zu stand for arguments. */
static void add_formatted(struct text *to, const char *format, va_list args) {
    for (const char *mark; (mark = strchr(format, '%')) != NULL;) {
        text_add_bytes(to, format, (size_t)(mark - format));
        bool word = mark[1] == 's';
        if (word)
            text_add(to, va_arg(args, const char *));
        else
            text_addf(to, "%zu", va_arg(args, size_t));
        format = mark + (word ? 2 : 3);
    }
    text_add(to, format);
}

void descent_finish(struct descent *d, enum descent_status status, const char *format, ...) {
    va_list args;
    va_start(args, format);
    d->result->status = status;
    d->result->reason.length = 0;
    add_formatted(&d->result->reason, format, args);
    va_end(args);
    d->finished = true;
}

double descent_norm(const double *values, size_t count) {
    return vector_norm(values, count);
}

double descent_project(const struct descent *d, size_t i, double value) {
    const struct objective *o = d->objective;
    if (o->lower && value < o->lower[i]) return o->lower[i];
    if (o->upper && value > o->upper[i]) return o->upper[i];
    return value;
}

/* Whether moving against the gradient would leave the bounds at once. */
static bool points_outward(const struct objective *o, size_t i, double x, double gradient) {
    return (gradient > 0 && o->lower && x <= o->lower[i]) || (gradient < 0 && o->upper && x >= o->upper[i]);
}

/* Branches cost more here than comparisons. */
double descent_projected_norm(const struct descent *d, const struct evaluated_point *point) {
    const struct objective *o = d->objective;
    size_t n = o->dimension;
    if (!o->lower || !o->upper) {
        for (size_t i = 0; i < n; i++) {
            bool outward = points_outward(o, i, point->x[i], point->gradient[i]);
            d->direction[i] = outward ? 0 : point->gradient[i];
        }
        return descent_norm(d->direction, n);
    }
    for (size_t i = 0; i < n; i++) {
        double x = point->x[i], gradient = point->gradient[i];
        bool outward = ((gradient > 0) & (x <= o->lower[i])) | ((gradient < 0) & (x >= o->upper[i]));
        d->direction[i] = outward ? 0 : gradient;
    }
    return descent_norm(d->direction, n);
}

double descent_clamp(double value, double low, double high) {
    return value < low ? low : value > high ? high : value;
}

void descent_choose_units(struct descent *d) {
    for (size_t i = 0; i < d->objective->dimension; i++) {
        double size = d->objective->sizes ? d->objective->sizes[i] : fabs(d->current.x[i]);
        d->units[i] = size > 0 ? descent_clamp(size, 1e-12, 1e12) : 1;
    }
}

double descent_scaled_norm(struct descent *d) {
    descent_projected_norm(d, &d->current);
    for (size_t i = 0; i < d->objective->dimension; i++) d->direction[i] *= d->units[i];
    return descent_norm(d->direction, d->objective->dimension);
}

bool descent_is_critical(struct descent *d) {
    double norm = descent_scaled_norm(d);
    double scale = fmax(1, fmin(fabs(d->current.value), fabs(d->start_value)));
    if (!(norm <= d->stop->tolerance * scale)) return false;
    descent_finish(d, DESCENT_CONVERGED, "the scaled gradient norm %s is at most the tolerance %s%s",
                   descent_number(norm).digits, descent_number(d->stop->tolerance).digits,
                   norm > d->stop->tolerance ? " times the objective" : "");
    return true;
}

bool descent_is_unbounded(struct descent *d) {
    if (!(d->trial.value < -1e100 * (1 + fabs(d->start_value)))) return false;
    descent_finish(
        d, DESCENT_DIVERGED,
        "the objective goes beyond 1e100 times its start at iteration %zu; it seems to have no %s here",
        d->result->iterations + 1, d->objective->maximize ? "maximum" : "minimum");
    return true;
}

bool descent_evaluate(struct descent *d, struct evaluated_point *point) {
    const struct objective *o = d->objective;
    d->result->evaluations.value++;
    d->result->evaluations.gradient++;
    if (!o->evaluate(o->context, point->x, &point->value, point->gradient)) {
        descent_finish(d, DESCENT_FAILED, "the objective could not be evaluated");
        return false;
    }
    if (!o->maximize) return true;
    point->value = -point->value;
    for (size_t i = 0; i < o->dimension; i++) point->gradient[i] = -point->gradient[i];
    return true;
}

bool point_is_finite(const struct descent *d, const struct evaluated_point *point) {
    if (!isfinite(point->value)) return false;
    for (size_t i = 0; i < d->objective->dimension; i++)
        if (!isfinite(point->gradient[i])) return false;
    return true;
}

static double seconds_since(const struct timespec *began) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - began->tv_sec) + 1e-9 * (double)(now.tv_nsec - began->tv_nsec);
}

void descent_copy(const struct descent *d, struct evaluated_point *to, const struct evaluated_point *from) {
    size_t bytes = d->objective->dimension * sizeof(double);
    if (bytes) memcpy(to->x, from->x, bytes);
    if (bytes) memcpy(to->gradient, from->gradient, bytes);
    to->value = from->value;
}

static bool observe(struct descent *d) {
    const struct stop_criteria *stop = d->stop;
    if (!stop->observe) return true;
    struct descent_iteration seen = {
        .iteration = d->result->iterations,
        .value = d->objective->maximize ? -d->current.value : d->current.value,
        .gradient_norm = descent_projected_norm(d, &d->current),
        .step = d->step,
        .x = d->current.x,
    };
    return stop->observe(stop->observer, &seen);
}

void descent_check_limits(struct descent *d) {
    if (d->finished) return;
    double seconds = d->stop->timeout > 0 ? seconds_since(&d->began) : 0;
    if (d->result->iterations >= d->stop->max_iterations)
        descent_finish(d, DESCENT_MAX_ITERATIONS, "the limit of %zu iterations was reached",
                       d->stop->max_iterations);
    else if (d->stop->timeout > 0 && seconds >= d->stop->timeout)
        descent_finish(d, DESCENT_TIMEOUT, "the limit of %s seconds was reached",
                       descent_number(d->stop->timeout).digits);
}

bool descent_accept(struct descent *d) {
    struct evaluated_point former = d->current;
    d->current = d->trial;
    d->trial = former;
    d->result->iterations++;
    if (d->current.value < d->best.value) descent_copy(d, &d->best, &d->current);
    d->history[d->result->iterations % HISTORY] = d->current.value;
    if (!observe(d)) descent_finish(d, DESCENT_INTERRUPTED, "it was interrupted");
    return !d->finished;
}

static void finish_exhausted(struct descent *d) {
    descent_finish(d, DESCENT_FAILED, "memory is exhausted");
}

static bool allocate(struct descent *d) {
    size_t n = d->objective->dimension;
    double **const vectors[] = {&d->current.x, &d->current.gradient, &d->trial.x,   &d->trial.gradient,
                                &d->best.x,    &d->best.gradient,    &d->direction, &d->units};
    enum { VECTORS = sizeof vectors / sizeof *vectors };
    d->memory = n < SIZE_MAX / VECTORS ? calloc(VECTORS * n + 1, sizeof(double)) : NULL;
    for (size_t k = 0; d->memory && k < VECTORS; k++) *vectors[k] = d->memory + k * n;
    return d->memory != NULL;
}

/* Evaluates the start; false where the descent cannot leave it. */
static bool enter(struct descent *d) {
    if (!descent_evaluate(d, &d->current)) return false;
    descent_copy(d, &d->best, &d->current);
    d->start_value = d->current.value;
    for (size_t k = 0; k < HISTORY; k++) d->history[k] = d->current.value;
    if (!point_is_finite(d, &d->current)) {
        const char *what = isfinite(d->current.value) ? "derivative" : "value";
        descent_finish(d, DESCENT_DOMAIN_ERROR, "the objective has no finite %s at the start", what);
    } else if (!observe(d)) {
        descent_finish(d, DESCENT_INTERRUPTED, "it was interrupted");
    }
    return !d->finished;
}

bool descent_begin(struct descent *d, const struct objective *objective, const double *start,
                   const struct stop_criteria *stop, struct descent_result *result) {
    *d = (struct descent){.objective = objective, .stop = stop, .result = result};
    *result = (struct descent_result){0};
    clock_gettime(CLOCK_MONOTONIC, &d->began);
    if (!allocate(d)) {
        finish_exhausted(d);
        return false;
    }
    for (size_t i = 0; i < objective->dimension; i++) d->current.x[i] = descent_project(d, i, start[i]);
    return enter(d);
}

static double *copy_of(const struct descent *d, const double *vector) {
    size_t bytes = d->objective->dimension * sizeof *vector;
    double *copy = malloc(bytes + sizeof *vector);
    if (copy && bytes) memcpy(copy, vector, bytes);
    return copy;
}

/* Where the descent left the domain or overflowed: the start, or the trial that was not accepted. */
static void keep_failure(struct descent *d) {
    const struct evaluated_point *failed = point_is_finite(d, &d->current) ? &d->trial : &d->current;
    if (d->result->evaluations.value == 0 || point_is_finite(d, failed)) return;
    d->result->failed_at = copy_of(d, failed->x);
}

static void report_point(struct descent *d, struct evaluated_point *point) {
    struct descent_result *r = d->result;
    double sign = d->objective->maximize ? -1 : 1;
    r->gradient_norm = descent_projected_norm(d, point);
    for (size_t i = 0; i < d->objective->dimension; i++) point->gradient[i] *= sign;
    r->value = sign * point->value;
    r->x = copy_of(d, point->x);
    r->gradient = copy_of(d, point->gradient);
    if (r->x && r->gradient) return;
    free(r->x);
    free(r->gradient);
    r->x = r->gradient = NULL;
    finish_exhausted(d);
}

void descent_end(struct descent *d) {
    d->result->step = d->step;
    d->result->seconds = seconds_since(&d->began);
    enum descent_status status = d->result->status;
    if (!d->memory) return;
    if (status == DESCENT_DOMAIN_ERROR || status == DESCENT_DIVERGED) keep_failure(d);
    report_point(d, status == DESCENT_CONVERGED ? &d->current : &d->best);
    free(d->memory);
}

void descent_result_free(struct descent_result *result) {
    text_free(&result->reason);
    free(result->x);
    free(result->gradient);
    free(result->failed_at);
    free(result->multipliers);
    *result = (struct descent_result){0};
}
