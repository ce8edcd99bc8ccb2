#include "check/kinks.h"

#include <math.h>
#include <stdlib.h>

#include "check/watch.h"

enum { KINK_BITS = 200 };

struct finder {
    struct kinks *kinks;
    double near;
    double **gaps;      /* by array: of an extremum, how far behind the second one is, by element */
    struct span *spans; /* by array: of the step that accumulates it */
    bool failed;
};

static void add(struct finder *f, struct span span, enum op op, double distance) {
    if (distance > f->near) return;
    for (size_t k = 0; k < f->kinks->all.count; k++) {
        struct kink *known = &f->kinks->all.at[k];
        if (known->op != op || known->span.source != span.source || known->span.begin != span.begin ||
            known->span.end != span.end)
            continue;
        known->distance = fmin(known->distance, distance);
        return;
    }
    struct kink kink = {span, op, distance};
    if (!VEC_PUSH(&f->kinks->all, kink)) f->failed = true;
}

/* An accumulated extremum has a kink only where the last two that were ahead tie. */
static void note_extremum(struct finder *f, const struct watched *w, const struct watch_event *event) {
    const struct reference *r = &w->reference;
    array_id array = event->step->array;
    size_t element = (size_t)(event->a - r->stored[array]);
    if (!f->gaps[array]) {
        size_t count = r->walk.binding->arrays[array].count;
        f->gaps[array] = malloc((count + 1) * sizeof **f->gaps);
        for (size_t k = 0; f->gaps[array] && k < count; k++) f->gaps[array][k] = HUGE_VAL;
    }
    if (!f->gaps[array]) {
        f->failed = true;
        return;
    }
    int sign = mpfr_cmp(event->b->value, event->a->value);
    bool ahead = event->op == OP_MAX ? sign > 0 : sign < 0;
    double *gap = &f->gaps[array][element];
    *gap = ahead ? event->distance : fmin(*gap, event->distance);
    f->spans[array] = event->step->span;
}

static void met(void *context, struct watched *w, const struct watch_event *event) {
    struct finder *f = context;
    if (event->step)
        note_extremum(f, w, event);
    else
        add(f, node_span(w->reference.walk.graph, event->node), event->op, event->distance);
}

static void add_extrema(struct finder *f, const struct program *p, const struct binding *b) {
    for (array_id a = 1; a < p->arrays.count; a++) {
        double least = HUGE_VAL;
        for (size_t k = 0; f->gaps[a] && k < b->arrays[a].count; k++) least = fmin(least, f->gaps[a][k]);
        if (f->gaps[a]) add(f, f->spans[a], OP_MAX, least);
        free(f->gaps[a]);
    }
}

enum evaluation kinks_find(struct kinks *kinks, const struct subject *s, const struct program *p,
                           const struct reach *reach, double near) {
    struct finder f = {.kinks = kinks, .near = near};
    struct watched w = {.reach = reach, .met = met, .context = &f};
    struct binding b;
    f.gaps = calloc(p->arrays.count, sizeof *f.gaps);
    f.spans = calloc(p->arrays.count, sizeof *f.spans);
    enum evaluation done = EVALUATION_MEMORY;
    if (subject_bind(s, &b, p) && f.gaps && f.spans && watched_init(&w, p, &b, KINK_BITS, s->diags)) {
        done = reference_run(&w.reference);
        watched_release(&w);
    }
    if (f.gaps && f.spans) add_extrema(&f, p, &b);
    binding_release(&b);
    free(f.gaps);
    free(f.spans);
    return done == EVALUATED && f.failed ? EVALUATION_MEMORY : done;
}
