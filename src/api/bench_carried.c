#include "api/bench.h"
#include "eval/doubles.h"

static bool run(struct bench_method *m, size_t count, double *partials) {
    const struct laboratory *lab = m->lab;
    array_id objective = lab->e->owner->model->objective;
    for (size_t k = 0; k < count; k++) {
        const struct bench_partial *p = &lab->partials[k];
        if (carried_run(m->carried, p->array, p->element) != EVALUATED) return false;
        partials[k] = carried_derivative(m->carried, objective, 0);
    }
    return true;
}

/* Says why there is no complex step, where a function has no complex form. */
static bool find_obstacle(struct laboratory *lab, struct carried *c, struct gradc_bench_other *obstacle) {
    const struct bench_partial *first = &lab->partials[0];
    if (!bench_stand(lab, lab->first) || carried_run(c, first->array, first->element) != EVALUATED)
        return false;
    if (c->missing == OP_NONE) return true;
    obstacle->obstacle = arena_format(lab->arena, "there is no complex %s", op_info(c->missing)->name);
    return obstacle->obstacle != NULL;
}

static enum gradc_outcome failure(const struct laboratory *lab) {
    return diag_has_errors(lab->subject.diags) ? GRADC_REFUSED : GRADC_EXHAUSTED;
}

static enum gradc_outcome measure(struct laboratory *lab, struct binding *b, enum carried_kind kind,
                                  const char *name) {
    struct carried c;
    struct gradc_bench_other none = {.obstacle = NULL};
    if (!carried_init(&c, kind, &lab->e->value.program, b, lab->subject.diags)) return failure(lab);
    struct bench_method method = {
        .name = name, .kind = GRADC_BENCH_CARRIED, .run = run, .lab = lab, .carried = &c};
    bool good = find_obstacle(lab, &c, &none);
    if (none.obstacle) method.other = &none;
    enum gradc_outcome outcome = good ? bench_measure(&method) : failure(lab);
    carried_release(&c);
    return outcome;
}

static bool run_doubles(void *context) {
    return doubles_evaluate(context) == EVALUATED;
}

/* What the same interpreter takes for values alone. */
static bool time_doubles(struct laboratory *lab, struct binding *b) {
    struct doubles d;
    struct bench_time time = {0, 0};
    if (lab->options->no_times) return true;
    if (!doubles_init(&d, &lab->e->value.program, b, lab->subject.diags)) return false;
    bool good = bench_stand(lab, lab->first) && bench_time(run_doubles, &d, &time);
    doubles_release(&d);
    lab->bench->interpreted_seconds = time.median;
    return good;
}

enum gradc_outcome bench_carried(struct laboratory *lab) {
    struct binding b;
    bool good = subject_bind(&lab->subject, &b, &lab->e->value.program) && time_doubles(lab, &b);
    enum gradc_outcome outcome = good ? measure(lab, &b, CARRIED_DUAL, "dual numbers") : failure(lab);
    if (outcome == GRADC_DONE) outcome = measure(lab, &b, CARRIED_COMPLEX, "complex step");
    binding_release(&b);
    return outcome;
}
