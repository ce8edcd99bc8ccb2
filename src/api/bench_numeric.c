#include <math.h>

#include "api/bench.h"
#include "numeric/ridders.h"

static double value_on_line(void *context, double x) {
    struct laboratory *lab = context;
    double value = NAN;
    lab->point[lab->moved] = x;
    lab->evaluations++;
    gradc_evaluate(lab->e, lab->point, &value, NULL);
    return value;
}

static struct line line_of(struct laboratory *lab, size_t partial) {
    lab->moved = lab->partials[partial].place;
    return (struct line){value_on_line, lab, lab->point[lab->moved], lab->centre};
}

double bench_difference(struct laboratory *lab, const struct difference *formula, size_t partial, double h) {
    struct line line = line_of(lab, partial);
    double derivative = difference_derivative(formula, &line, h);
    lab->point[lab->moved] = line.at;
    return derivative;
}

static bool run_difference(struct bench_method *m, size_t count, double *partials) {
    struct laboratory *lab = m->lab;
    const struct bench_truth *truths = &lab->truths[lab->at * lab->partial_count];
    size_t formula = (size_t)(m->formula - difference_at(DIFFERENCE_FORWARD));
    for (size_t k = 0; k < count; k++) {
        double x = lab->point[lab->partials[k].place];
        double h = m->best ? difference_best_step(m->formula, x, truths[k].noise, truths[k].higher[formula])
                           : difference_usual_step(m->formula, x);
        partials[k] = bench_difference(lab, m->formula, k, h);
    }
    return true;
}

static bool run_ridders(struct bench_method *m, size_t count, double *partials) {
    struct laboratory *lab = m->lab;
    double error;
    for (size_t k = 0; k < count; k++) {
        struct line line = line_of(lab, k);
        partials[k] = ridders_derivative(&line, ridders_first_step(line.at), &error);
        lab->point[lab->moved] = line.at;
    }
    return true;
}

enum gradc_outcome bench_numeric(struct laboratory *lab) {
    static const char *const names[DIFFERENCES][2] = {{"forward, usual step", "forward, best step"},
                                                      {"central, usual step", "central, best step"},
                                                      {"five-point, usual step", "five-point, best step"}};
    enum gradc_outcome outcome = GRADC_DONE;
    for (int k = 0; k < DIFFERENCES; k++) {
        for (int best = 0; outcome == GRADC_DONE && best < (lab->bench->too_large ? 1 : 2); best++) {
            struct bench_method method = {.name = names[k][best],
                                          .kind = GRADC_BENCH_NUMERIC,
                                          .run = run_difference,
                                          .lab = lab,
                                          .formula = difference_at((enum difference_id)k),
                                          .best = best > 0};
            outcome = bench_measure(&method);
        }
    }
    struct bench_method ridders = {
        .name = "Ridders", .kind = GRADC_BENCH_NUMERIC, .run = run_ridders, .lab = lab};
    return outcome == GRADC_DONE ? bench_measure(&ridders) : outcome;
}
