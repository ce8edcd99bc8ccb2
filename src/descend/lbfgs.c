#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "descend/search.h"
#include "sparse/vector.h"

/* Limited-memory BFGS (Nocedal and Wright, Numerical Optimization, 2nd ed., algorithms 7.4 and 7.5). */
enum { PAIRS = 10 };

struct pairs {
    size_t most, count, next; /* pairs are written in turn */
    double *changes, *turns;  /* most rows of n */
    double *inverse, *factor; /* 1/(change'*turn), and what the first loop keeps */
};

/* The place of the k-th newest pair. */
static size_t place_of(const struct pairs *p, size_t k) {
    return (p->next + p->most - 1 - k) % p->most;
}

static void add_multiple(const struct search *s, double *to, double factor, const double *from) {
    if (!s->any_fixed) {
        vector_add(to, factor, from, s->n);
        return;
    }
    for (size_t i = 0; i < s->n; i++)
        if (!s->fixed[i]) to[i] += factor * from[i];
}

/* direction = -H*gradient by the two-loop recursion. */
static void aim(struct search *s) {
    struct pairs *p = s->memory;
    for (size_t i = 0; i < s->n; i++) s->direction[i] = -s->gradient[i];
    for (size_t k = 0; k < p->count; k++) {
        size_t at = place_of(p, k);
        p->factor[at] = p->inverse[at] * search_dot(s, p->changes + at * s->n, s->direction);
        add_multiple(s, s->direction, -p->factor[at], p->turns + at * s->n);
    }
    if (p->count > 0) {
        size_t at = place_of(p, 0);
        const double *turn = p->turns + at * s->n;
        double scale = 1 / (p->inverse[at] * search_dot(s, turn, turn));
        for (size_t i = 0; i < s->n; i++) s->direction[i] *= scale;
    }
    for (size_t k = p->count; k-- > 0;) {
        size_t at = place_of(p, k);
        double back = p->inverse[at] * search_dot(s, p->turns + at * s->n, s->direction);
        add_multiple(s, s->direction, p->factor[at] - back, p->changes + at * s->n);
    }
}

static void learn(struct search *s) {
    struct pairs *p = s->memory;
    double product = search_dot(s, s->change, s->turn), square = search_dot(s, s->turn, s->turn);
    if (!(product > DBL_EPSILON * square) || !isfinite(square)) return;
    memcpy(p->changes + p->next * s->n, s->change, s->n * sizeof *s->change);
    memcpy(p->turns + p->next * s->n, s->turn, s->n * sizeof *s->turn);
    p->inverse[p->next] = 1 / product;
    p->next = (p->next + 1) % p->most;
    if (p->count < p->most) p->count++;
}

static void forget(struct search *s) {
    struct pairs *p = s->memory;
    p->count = 0;
}

static double first_length(struct search *s) {
    const struct pairs *p = s->memory;
    return p->count > 0 ? 1 : 0.1 / descent_norm(s->gradient, s->n);
}

static void fail(struct descent_result *result) {
    *result = (struct descent_result){.status = DESCENT_FAILED};
    text_add(&result->reason, "memory is exhausted");
}

void descend_lbfgs(const struct objective *objective, const double *start,
                   const struct descent_options *options, struct descent_result *result) {
    struct pairs p = {.most = options->memory ? options->memory : PAIRS};
    size_t n = objective->dimension;
    p.changes = calloc(p.most * n + 1, sizeof(double));
    p.turns = calloc(p.most * n + 1, sizeof(double));
    p.inverse = calloc(2 * p.most + 1, sizeof(double));
    p.factor = p.inverse ? p.inverse + p.most : NULL;
    struct search s = {.curvature = 0.9,
                       .aim = aim,
                       .learn = learn,
                       .forget = forget,
                       .first_length = first_length,
                       .memory = &p};
    if (p.changes && p.turns && p.inverse)
        search_run(&s, objective, start, &options->stop, result);
    else
        fail(result);
    free(p.changes);
    free(p.turns);
    free(p.inverse);
}
