#include "cli/eval.h"

#include <stdlib.h>
#include <string.h>

#include "cli/arithmetic.h"
#include "cli/assign.h"

static bool read_order(struct evaluation *e) {
    const char *text = option_value(e->request, OPTION_ORDER);
    e->order = 1;
    if (!text) return true;
    if (strlen(text) == 1 && strchr("012", text[0])) {
        e->order = (size_t)(text[0] - '0');
        return true;
    }
    complain("bad-value", NULL, "`--order`: expected 0, 1 or 2, found `%s`", text);
    return false;
}

static bool read_point(struct evaluation *e) {
    struct assignments list = {0};
    const struct option_values *values = &e->request->values[OPTION_AT];
    e->point = copy_point(e->model, gradc_start(e->model));
    bool good = !gradc_has_errors(e->model);
    e->gradient = allocate(gradc_dimension(e->model), sizeof *e->gradient);
    for (size_t k = 0; k < values->count && good; k++)
        good = assignments_read(&list, values->at[k], "--at", false);
    good = good && assign_point(e->model, &list, "--at", e->point, NULL);
    assignments_free(&list);
    return good;
}

static enum gradc_outcome worse(enum gradc_outcome a, enum gradc_outcome b) {
    return a > b ? a : b;
}

static enum gradc_outcome evaluate_arrays(struct evaluation *e, enum gradc_kind kind) {
    if (gradc_count(e->model, kind) == 0) return GRADC_DONE;
    enum gradc_outcome outcome = gradc_evaluate_arrays(e->evaluator, kind, e->point);
    if (outcome == GRADC_UNDEFINED) gradc_explain_arrays(e->evaluator, kind, e->point);
    return outcome;
}

static enum gradc_outcome evaluate_hessian(struct evaluation *e, enum gradc_outcome before) {
    enum gradc_outcome outcome = gradc_hessian(e->evaluator, e->point, &e->hessian);
    if (before == GRADC_DONE && outcome == GRADC_UNDEFINED) gradc_explain_hessian(e->evaluator, e->point);
    return worse(before, outcome);
}

static enum gradc_outcome evaluate(struct evaluation *e) {
    static const enum gradc_kind kinds[] = {GRADC_OUTPUTS, GRADC_RESIDUALS, GRADC_CONSTRAINTS};
    enum gradc_outcome outcome = GRADC_DONE;
    if (gradc_has_objective(e->model))
        outcome = gradc_evaluate(e->evaluator, e->point, &e->value, e->order ? e->gradient : NULL);
    if (outcome == GRADC_UNDEFINED) gradc_explain(e->evaluator, e->point);
    if (outcome <= GRADC_UNDEFINED && e->order == 2 && gradc_has_objective(e->model))
        outcome = evaluate_hessian(e, outcome);
    for (size_t k = 0; k < 3 && outcome <= GRADC_UNDEFINED; k++)
        outcome = worse(outcome, evaluate_arrays(e, kinds[k]));
    if (outcome == GRADC_DONE) gradc_explain_comparisons(e->evaluator, e->point);
    return outcome;
}

static enum exit_status exit_of(enum gradc_outcome outcome) {
    switch (outcome) {
    case GRADC_DONE: return EXIT_FINE;
    case GRADC_UNDEFINED: return EXIT_DOMAIN;
    case GRADC_REFUSED: return EXIT_WRONG;
    case GRADC_EXHAUSTED: break;
    }
    complain("out-of-memory", NULL, "memory is exhausted");
    return EXIT_MACHINE;
}

static enum exit_status eval_point(struct evaluation *e) {
    double began = clock_seconds() - phases_total(e->model);
    enum gradc_outcome outcome = evaluate(e);
    e->seconds = clock_seconds() - phases_total(e->model) - began;
    if (outcome <= GRADC_UNDEFINED)
        (option_given(e->request, OPTION_JSON) ? eval_print_json : eval_print_text)(e);
    print_diagnostics(e->model, e->told);
    return exit_of(outcome);
}

static bool has_something(const struct evaluation *e) {
    if (gradc_has_objective(e->model) || gradc_count(e->model, GRADC_OUTPUTS) > 0) return true;
    complain("nothing-to-evaluate", "add `minimize`, `maximize`, `fit`, `residual` or `output`",
             "%s has neither an objective nor an output",
             e->request->file ? e->request->file : "the expression");
    return false;
}

static enum exit_status eval_model(struct evaluation *e) {
    bool is_batch = option_given(e->request, OPTION_BATCH);
    e->told = gradc_diagnostic_count(e->model);
    if (!has_something(e) || !read_order(e)) return EXIT_WRONG;
    if (!read_point(e)) {
        print_diagnostics(e->model, e->told);
        return EXIT_WRONG;
    }
    /* Whoever asks for phases wants to see code, also where it would not pay. */
    struct gradc_evaluator_options options = {.evaluations = is_batch ? 1000 : 1,
                                              .native = option_given(e->request, OPTION_VERBOSE)};
    if (!read_arithmetic(e->request, &options)) return EXIT_WRONG;
    e->evaluator = gradc_evaluator_new(e->model, &options);
    if (!e->evaluator) return EXIT_MACHINE;
    return is_batch ? eval_batch(e) : eval_point(e);
}

enum exit_status eval_command(struct request *request) {
    struct evaluation e = {.request = request};
    enum exit_status status;
    e.model = load_model(request, &status);
    if (!e.model) return status;
    status = eval_model(&e);
    print_phases(request, e.model, e.seconds > 0 ? "evaluating" : NULL, e.seconds);
    gradc_evaluator_free(e.evaluator);
    free(e.point);
    free(e.gradient);
    gradc_free(e.model);
    return status;
}
