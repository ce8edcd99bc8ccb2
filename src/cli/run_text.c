#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/print.h"
#include "cli/run.h"

enum { SHOWN_ELEMENTS = 10, NUMBER_WIDTH = 24, ERROR_WIDTH = 14, T_WIDTH = 10, INTERVAL_WIDTH = 28 };

static void print_number_padded(double value) {
    char digits[GRADC_NUMBER_CHARS];
    gradc_number_format(value, digits);
    print_padded(stdout, digits, NUMBER_WIDTH);
}

/* The width of the longest name that is shown. */
static size_t name_width(const struct gradc_model *model, enum gradc_kind kind) {
    size_t widest = strlen("|gradient|");
    for (size_t k = 0; k < gradc_count(model, kind); k++) {
        struct gradc_array array = gradc_array_at(model, kind, k);
        for (size_t i = 0; i < array.count && i < SHOWN_ELEMENTS; i++) {
            char *name = require_text(gradc_element_name(&array, i));
            if (display_width(name) > widest) widest = display_width(name);
            free(name);
        }
    }
    return widest + 2;
}

static void print_name(const struct gradc_array *array, size_t element, size_t width) {
    char *name = require_text(gradc_element_name(array, element));
    print_padded(stdout, name, width);
    free(name);
}

static void print_rest(const struct gradc_array *array) {
    if (array->count > SHOWN_ELEMENTS)
        printf("... %zu more of %s (--json shows all)\n", array->count - SHOWN_ELEMENTS, array->name);
}

/* Standard error, t and interval; nothing for what is held. */
static void print_error(const struct run *run, size_t place) {
    double x = run->result.point[place], error = run->fit.standard_errors[place];
    char text[80] = "";
    if (error > 0) snprintf(text, sizeof text, "%.5g", error);
    print_padded(stdout, text, ERROR_WIDTH);
    if (error > 0) snprintf(text, sizeof text, "%.4g", x / error);
    print_padded(stdout, text, T_WIDTH);
    double reach = run->fit.t95 * error;
    if (error > 0) snprintf(text, sizeof text, "%.6g .. %.6g", x - reach, x + reach);
    print_padded(stdout, text, INTERVAL_WIDTH);
}

static void print_unknown(const struct run *run, const struct gradc_array *unknown, size_t width) {
    bool upper;
    for (size_t i = 0; i < unknown->count && i < SHOWN_ELEMENTS; i++) {
        size_t place = unknown->offset + i;
        print_name(unknown, i, width);
        print_number_padded(run->result.point[place]);
        if (run->has_fit && run->fit.standard_errors) {
            print_error(run, place);
        }
        print_number(stdout, run->result.gradient[place]);
        bool is_fixed = run->lower[place] >= run->upper[place];
        if (is_fixed)
            fputs("  (fixed)", stdout);
        else if (bound_is_active(run, place, &upper))
            printf("  (at its %s bound)", upper ? "upper" : "lower");
        putchar('\n');
    }
    print_rest(unknown);
}

static void print_unknowns(const struct run *run, size_t width) {
    putchar('\n');
    print_padded(stdout, "", width);
    print_padded(stdout, "value", NUMBER_WIDTH);
    if (run->has_fit && run->fit.standard_errors) {
        print_padded(stdout, "std. error", ERROR_WIDTH);
        print_padded(stdout, "t", T_WIDTH);
        print_padded(stdout, "95% interval", INTERVAL_WIDTH);
    }
    puts("gradient");
    for (size_t k = 0; k < gradc_count(run->model, GRADC_UNKNOWNS); k++) {
        struct gradc_array unknown = gradc_array_at(run->model, GRADC_UNKNOWNS, k);
        print_unknown(run, &unknown, width);
    }
}

/* The names of all elements of the point, in its order. */
static char *name_at(const struct run *run, size_t place) {
    for (size_t k = 0; k < gradc_count(run->model, GRADC_UNKNOWNS); k++) {
        struct gradc_array unknown = gradc_array_at(run->model, GRADC_UNKNOWNS, k);
        if (place - unknown.offset < unknown.count)
            return require_text(gradc_element_name(&unknown, place - unknown.offset));
    }
    return NULL;
}

/* The lower triangle, without the unknowns that are held. */
static void print_correlation(const struct run *run, size_t width) {
    size_t n = gradc_dimension(run->model);
    puts("\ncorrelation");
    for (size_t i = 0; i < n; i++) {
        if (run->lower[i] >= run->upper[i]) continue;
        char *name = name_at(run, i);
        print_padded(stdout, name, width);
        free(name);
        for (size_t j = 0; j <= i; j++)
            if (run->lower[j] < run->upper[j]) printf("%8.4f", run->fit.correlation[i * n + j]);
        putchar('\n');
    }
}

static void print_fit_details(const struct run *run, size_t width) {
    if (!run->has_fit) return;
    if (option_given(run->request, OPTION_CORRELATION) && run->fit.correlation) print_correlation(run, width);
    if (run->fit.undetermined) printf("\n%s\n", run->fit.undetermined);
}

/* "at its upper bound 3": what holds a constrained expression, or what it violates, or nothing. */
static void print_hold(double value, double lower, double upper, double multiplier) {
    static const double touching = 1e-3;
    bool above = fabs(upper - value) < fabs(value - lower);
    double bound = above ? upper : lower, excess = above ? value - upper : lower - value;
    if (excess > 1e-8 * fmax(1, fabs(bound)))
        fputs("  (violated: the bound is ", stdout);
    else if (lower < upper && fabs(excess) <= touching * fmax(1, fabs(bound)) && fabs(multiplier) > 0)
        printf("  (at its %s bound ", above ? "upper" : "lower");
    else
        return;
    print_number(stdout, bound);
    putchar(')');
}

/* Whether the ranges of a constraint have that row: their arrays may be larger. */
static bool has_row(const struct run *run, size_t row) {
    return isfinite(run->constraint_lower[row]) || isfinite(run->constraint_upper[row]);
}

static void print_row(const struct run *run, size_t row, double value, size_t width) {
    char *name = require_text(gradc_constraint_name(run->model, row));
    print_padded(stdout, name, width);
    free(name);
    print_number_padded(value);
    print_number(stdout, run->result.multipliers[row]);
    print_hold(value, run->constraint_lower[row], run->constraint_upper[row], run->result.multipliers[row]);
    putchar('\n');
}

/* Rows of one constraint: value, multiplier, and what holds it. */
static void print_constraint(const struct run *run, size_t k, size_t row, size_t width) {
    struct gradc_array array = gradc_array_at(run->model, GRADC_CONSTRAINTS, k);
    const double *values = gradc_values(run->evaluator, GRADC_CONSTRAINTS, k);
    size_t count = 0;
    for (size_t i = 0; i < array.count; i++) {
        if (!has_row(run, row + i)) continue;
        if (count++ < SHOWN_ELEMENTS) print_row(run, row + i, values[i], width);
    }
    if (count <= SHOWN_ELEMENTS) return;
    char *name = array.name ? copy_text(array.name, strlen(array.name))
                            : require_text(gradc_constraint_name(run->model, row));
    name[strcspn(name, "[")] = '\0';
    printf("... %zu more of %s (--json shows all)\n", count - SHOWN_ELEMENTS, name);
    free(name);
}

static size_t constraint_width(const struct run *run) {
    size_t widest = strlen("constraint"), row = 0;
    for (size_t k = 0; k < gradc_count(run->model, GRADC_CONSTRAINTS); k++) {
        size_t end = row + gradc_array_at(run->model, GRADC_CONSTRAINTS, k).count;
        for (size_t shown = 0; row < end && shown < SHOWN_ELEMENTS; row++) {
            if (!has_row(run, row)) continue;
            char *name = require_text(gradc_constraint_name(run->model, row));
            if (display_width(name) > widest) widest = display_width(name);
            free(name);
            shown++;
        }
        row = end;
    }
    return widest + 2;
}

static void print_constraints(const struct run *run) {
    if (!run->has_constraints) return;
    size_t width = constraint_width(run), row = 0;
    putchar('\n');
    print_padded(stdout, "constraint", width);
    print_padded(stdout, "value", NUMBER_WIDTH);
    puts("multiplier");
    for (size_t k = 0; k < gradc_count(run->model, GRADC_CONSTRAINTS); k++) {
        print_constraint(run, k, row, width);
        row += gradc_array_at(run->model, GRADC_CONSTRAINTS, k).count;
    }
}

static void print_outputs(const struct run *run) {
    if (!run->has_outputs) return;
    size_t width = name_width(run->model, GRADC_OUTPUTS);
    puts("\noutputs");
    for (size_t k = 0; k < gradc_count(run->model, GRADC_OUTPUTS); k++) {
        struct gradc_array output = gradc_array_at(run->model, GRADC_OUTPUTS, k);
        for (size_t i = 0; i < output.count && i < SHOWN_ELEMENTS; i++) {
            print_name(&output, i, width);
            print_number(stdout, gradc_values(run->evaluator, GRADC_OUTPUTS, k)[i]);
            putchar('\n');
        }
        print_rest(&output);
    }
}

/* "minimum: all eigenvalues of the Hessian are positive (0.4 .. 1002)" */
static void print_critical_point(const struct run *run) {
    const struct gradc_critical_point *found = &run->critical;
    if (!found->detail || run->result.status == GRADC_DOMAIN_ERROR) return;
    putchar('\n');
    for (const char *c = gradc_critical_name(found->kind); *c; c++) putchar(*c == '_' ? ' ' : *c);
    printf(": %s", found->detail);
    if (found->eigenvalue_count > 0) {
        fputs(" (", stdout);
        print_number(stdout, found->eigenvalues[0]);
        if (found->eigenvalue_count > 1) {
            fputs(found->eigenvalue_count == 2 ? ", " : " .. ", stdout);
            print_number(stdout, found->eigenvalues[found->eigenvalue_count - 1]);
        }
        putchar(')');
    }
    putchar('\n');
}

/* "kink at edges.grad:2:10: abs(x - 1): the operand is 0 within 2.8e-9" */
static void print_kinks(const struct run *run) {
    size_t count = run->kinks.kink_count;
    if (count) putchar('\n');
    for (size_t k = 0; k < count && k < SHOWN_ELEMENTS; k++) {
        const struct gradc_kink *kink = &run->kinks.kinks[k];
        fputs("kink", stdout);
        if (kink->place.file)
            printf(" at %s:%u:%u: %s", kink->place.file, kink->place.line, kink->place.column,
                   kink->place.text);
        printf(": %s\n", kink->detail);
    }
    if (count > SHOWN_ELEMENTS) printf("and %zu kinks more\n", count - SHOWN_ELEMENTS);
}

static const char *plural(size_t count) {
    return count == 1 ? "" : "s";
}

static const char *advice_at_kink(const struct run *run) {
    bool minimax = false;
    for (size_t k = 0; k < run->kinks.kink_count; k++)
        minimax |= strcmp(run->kinks.kinks[k].operation, "max") == 0;
    if (minimax && !gradc_maximizes(run->model))
        return "The objective has a kink here, where gradients do not tell the way. The largest of many is "
               "smooth as a bound on them: `var t`, `minimize t`, `subject to .. <= t for ..`; or --method "
               "neldermead looks at values alone.";
    return "The objective has a kink here, where gradients do not tell the way: --method neldermead looks at "
           "values alone.";
}

/* What else may help where the method found no better point. */
static const char *advice_where_stalled(const struct run *run) {
    if (strcmp(run->method.name, "gd") == 0 && run->options.rate > 0)
        return "The rate is too small to change anything: try a larger --rate.";
    if (strcmp(run->method.name, "lm") == 0 || strcmp(run->method.name, "ipopt") == 0)
        return "Another start may lead further (--start).";
    if (run->kinks.kink_count) return advice_at_kink(run);
    if (strcmp(run->method.name, "newton") == 0)
        return "Rounding or a kink leaves no better point near: a larger --tolerance may be met here, or "
               "--method bb or cg "
               "goes further.";
    return "Rounding or a kink leaves no better point along the gradient: a larger --tolerance may be met "
           "here, or "
           "--method newton goes further.";
}

static void print_next_step(const struct run *run) {
    bool has_rate = run->options.rate > 0 && run->method.takes_rate;
    switch (run->result.status) {
    case GRADC_MAX_ITERATIONS:
        printf("\nTo go on: a larger --max-iterations%s, or --start @FILE with the output of --json.\n",
               has_rate ? ", a larger --rate" : "");
        break;
    case GRADC_TIMEOUT:
    case GRADC_INTERRUPTED: puts("\nTo go on from here: --start @FILE with the output of --json."); break;
    case GRADC_DIVERGED:
        if (has_rate)
            puts(
                "\nMethods such as newton and lbfgs need no rate: they search for the length of every step.");
        break;
    case GRADC_INFEASIBLE:
        puts("\nAnother start may lead to where all constraints hold (--start), if there is such a place.");
        break;
    case GRADC_STALLED: printf("\n%s\n", advice_where_stalled(run)); break;
    case GRADC_DOMAIN_ERROR:
        if (run->result.iterations == 0)
            puts("\nAnother start may lie where the objective is finite: --start, or as in `var x = 1` (0 "
                 "where "
                 "none is given).");
        break;
    case GRADC_CONVERGED:
    case GRADC_FAILED: break;
    }
}

static void print_evaluations(const struct gradc_descent *r) {
    if (r->residual_evaluations) {
        printf("%zu evaluation%s of the residuals and %zu of their Jacobian\n", r->residual_evaluations,
               plural(r->residual_evaluations), r->jacobian_evaluations);
        return;
    }
    size_t values = r->value_evaluations;
    if (values > r->gradient_evaluations)
        printf("%zu evaluation%s of the value, %zu of the gradient", values, plural(values),
               r->gradient_evaluations);
    else
        printf("%zu evaluation%s", r->gradient_evaluations, plural(r->gradient_evaluations));
    if (r->hessian_evaluations)
        printf(", %zu Hessian%s", r->hessian_evaluations, plural(r->hessian_evaluations));
    if (r->constraint_evaluations) printf(", %zu of the constraints", r->constraint_evaluations);
    if (r->product_evaluations)
        printf(", %zu product%s with the Hessian", r->product_evaluations, plural(r->product_evaluations));
    putchar('\n');
}

static void print_status(const struct run *run) {
    const struct gradc_descent *r = &run->result;
    const char *status = gradc_status_name(r->status);
    for (const char *c = status; *c; c++) putchar(*c == '_' ? ' ' : *c);
    printf(": %s\n", r->reason);
    printf("%zu iteration%s of %s, ", r->iterations, plural(r->iterations), run->method.title);
    if (run->options.rate > 0 && run->method.takes_rate) {
        fputs("rate ", stdout);
        print_number(stdout, run->options.rate);
        fputs(", ", stdout);
    } else if (strcmp(run->method.name, "gd") == 0) {
        fputs("steps by line search, ", stdout);
    }
    print_evaluations(r);
}

/* Under constraints it is that of the Lagrangian, and what they are violated by belongs to it. */
static void print_number_norm(const struct run *run) {
    print_number(stdout, run->result.gradient_norm);
    if (run->has_constraints) {
        fputs("  (of the Lagrangian; constraints are violated by ", stdout);
        print_number(stdout, run->result.violation);
        putchar(')');
    }
    putchar('\n');
}

void run_print_text(const struct run *run) {
    size_t width = name_width(run->model, GRADC_UNKNOWNS);
    print_status(run);
    putchar('\n');
    print_padded(stdout, "objective", width);
    print_number_padded(run->result.objective);
    puts(gradc_maximizes(run->model) ? "(maximize)" : "(minimize)");
    print_padded(stdout, "|gradient|", width);
    print_number_norm(run);
    if (run->has_fit)
        printf("\nresidual standard deviation %.6g with %.0f degree%s of freedom\n", run->fit.residual_std,
               run->fit.freedom, run->fit.freedom == 1 ? "" : "s");
    if (gradc_dimension(run->model) > 0) print_unknowns(run, width);
    print_constraints(run);
    print_fit_details(run, width);
    print_critical_point(run);
    print_kinks(run);
    print_outputs(run);
    run_print_basins(run);
    print_next_step(run);
}
