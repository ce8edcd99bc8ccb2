/* gradc as a contestant: MODEL.grad KIND MODE [NAME=VALUE...], where KIND is gradient, jacobian, hessian or
 * descent and MODE is default, strict or fast; the rest are sizes of the model. Before them may stand --cache
 * FOLDER, where compiled code is kept. */
#include <gradc/gradc.h>
#include <stdlib.h>
#include <string.h>

#include "contest/contest.h"
#include "contest/model.h"

struct side {
    struct gradc_model *model;
    struct gradc_evaluator *evaluator;
    const double *point;
    double *result; /* value and gradient; a Jacobian's or Hessian's values; where a descent ended */
    size_t count;
    struct gradc_descent_options descent;
};

static void demand(enum gradc_outcome outcome) {
    if (outcome != GRADC_DONE) contest_skip("gradc could not evaluate it");
}

static void run_value(void *state) {
    struct side *s = state;
    demand(gradc_evaluate(s->evaluator, s->point, s->result, NULL));
}

static void run_gradient(void *state) {
    struct side *s = state;
    demand(gradc_evaluate(s->evaluator, s->point, s->result, s->result + 1));
}

static void run_outputs(void *state) {
    struct side *s = state;
    demand(gradc_evaluate_arrays(s->evaluator, GRADC_OUTPUTS, s->point));
}

static void take(struct side *s, const struct gradc_matrix *m) {
    s->result = (double *)m->values;
    s->count = m->count;
}

static void run_jacobian(void *state) {
    struct side *s = state;
    struct gradc_matrix jacobian;
    demand(gradc_jacobian(s->evaluator, GRADC_OUTPUTS, s->point, &jacobian));
    take(s, &jacobian);
}

static void run_hessian(void *state) {
    struct side *s = state;
    struct gradc_matrix hessian;
    demand(gradc_hessian(s->evaluator, s->point, &hessian));
    take(s, &hessian);
}

static void run_descent(void *state) {
    struct side *s = state;
    struct gradc_descent found;
    gradc_descend(s->evaluator, &s->descent, &found);
    if (found.point) memcpy(s->result, found.point, s->count * sizeof(double));
    gradc_descent_free(&found);
}

static const struct {
    const char *name;
    void (*value)(void *), (*derivative)(void *);
} kinds[] = {{"gradient", run_value, run_gradient},
             {"jacobian", run_outputs, run_jacobian},
             {"hessian", run_gradient, run_hessian},
             {"descent", NULL, run_descent}};

/* The start in memory of the same kind as that of the hand-written C. How far apart what is read and what is
 * written stand, modulo 4096 bytes, decides whether a processor takes them for the same: that must not differ
 * between sides. */
static const double *take_point(const struct gradc_model *model) {
    size_t count = gradc_dimension(model);
    double *point = contest_memory(count);
    if (count) memcpy(point, gradc_start(model), count * sizeof *point);
    return point;
}

static void open_side(struct side *s, int argc, char **argv, const char *cache) {
    struct gradc_evaluator_options options = {.native = true, .evaluations = 1000000, .cache = cache};
    if (strcmp(argv[3], "strict") == 0) options.arithmetic = GRADC_STRICT;
    if (strcmp(argv[3], "fast") == 0) options.arithmetic = GRADC_FAST;
    s->model = contest_model(argv[1], argc, argv);
    s->evaluator = gradc_evaluator_new(s->model, &options);
    if (!s->evaluator) contest_skip("out of memory");
    s->point = take_point(s->model);
    s->count = gradc_dimension(s->model) + 1;
    s->result = contest_memory(s->count);
    s->descent = (struct gradc_descent_options){
        .method = "gd", .rate = 0.001, .tolerance = 1e-6, .max_iterations = 100000};
}

int main(int argc, char **argv) {
    struct side s;
    size_t k = 0;
    const char *cache = argc > 2 && strcmp(argv[1], "--cache") == 0 ? argv[2] : NULL;
    argc -= cache ? 2 : 0;
    argv += cache ? 2 : 0;
    if (argc < 4) return 2;
    while (k < 4 && strcmp(kinds[k].name, argv[2]) != 0) k++;
    if (k == 4) return 2;
    double start = contest_seconds();
    open_side(&s, argc, argv, cache);
    if (k == 3) s.count--;
    kinds[k].derivative(&s);
    double preparation = contest_seconds() - start;
    if (kinds[k].value) kinds[k].value(&s);
    struct contest c = {&s, kinds[k].value, kinds[k].derivative, s.result, s.count};
    int status = contest_serve(&c, preparation);
    gradc_evaluator_free(s.evaluator);
    gradc_free(s.model);
    return status;
}
