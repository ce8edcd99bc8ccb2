#include <math.h>
#include <stdlib.h>

#include "cli/kinks.h"
#include "cli/print.h"
#include "cli/run.h"

static void print_number_at(const char *key, double value) {
    print_key(key);
    print_json_number(stdout, value);
}

static void print_active_bounds(const struct run *run) {
    bool upper, first = true;
    print_key("active_bounds");
    putchar('[');
    for (size_t k = 0; k < gradc_count(run->model, GRADC_UNKNOWNS); k++) {
        struct gradc_array unknown = gradc_array_at(run->model, GRADC_UNKNOWNS, k);
        for (size_t i = 0; i < unknown.count; i++) {
            if (!bound_is_active(run, unknown.offset + i, &upper)) continue;
            char *name = require_text(gradc_element_name(&unknown, i));
            printf("%s\"%s %s\"", first ? "" : ", ", name, upper ? "upper" : "lower");
            free(name);
            first = false;
        }
    }
    putchar(']');
}

static void print_correlation(const struct run *run) {
    size_t n = gradc_dimension(run->model);
    putchar('[');
    for (size_t k = 0; run->fit.correlation && k < n; k++) {
        if (k) fputs(", ", stdout);
        print_json_list(stdout, run->fit.correlation + k * n, n);
    }
    putchar(']');
}

/* What follows from the standard errors: t, and the ends of the 95% confidence intervals. */
static void print_intervals(const struct run *run) {
    static const char *const keys[] = {"t", "lower95", "upper95"};
    size_t n = gradc_dimension(run->model);
    double *values = allocate(n, sizeof *values);
    for (int k = 0; k < 3; k++) {
        for (size_t i = 0; i < n; i++) {
            double x = run->result.point[i], error = run->fit.standard_errors[i];
            values[i] = k > 0 ? x + (k == 1 ? -1 : 1) * run->fit.t95 * error : error > 0 ? x / error : NAN;
        }
        print_key(keys[k]);
        print_json_point(stdout, run->model, values);
    }
    free(values);
}

static void print_fit(const struct run *run) {
    if (!run->has_fit) return;
    print_key("fit");
    fputs("{\"rss\": ", stdout);
    print_json_number(stdout, run->fit.rss);
    printf(", \"dof\": %.0f", run->fit.freedom);
    print_number_at("residual_std", run->fit.residual_std);
    print_key("stderr");
    if (run->fit.standard_errors)
        print_json_point(stdout, run->model, run->fit.standard_errors);
    else
        fputs("{}", stdout);
    if (run->fit.standard_errors) print_intervals(run);
    print_key("undetermined");
    if (run->fit.undetermined)
        print_json_text(stdout, run->fit.undetermined);
    else
        fputs("null", stdout);
    print_key("correlation");
    print_correlation(run);
    putchar('}');
}

static void print_outputs(const struct run *run) {
    print_key("outputs");
    putchar('{');
    for (size_t k = 0; run->has_outputs && k < gradc_count(run->model, GRADC_OUTPUTS); k++) {
        struct gradc_array output = gradc_array_at(run->model, GRADC_OUTPUTS, k);
        if (k) fputs(", ", stdout);
        print_json_text(stdout, output.name);
        fputs(": ", stdout);
        print_json_array(stdout, &output, gradc_values(run->evaluator, GRADC_OUTPUTS, k));
    }
    putchar('}');
}

static void print_constraint_name(const struct run *run, size_t k, size_t row) {
    struct gradc_array array = gradc_array_at(run->model, GRADC_CONSTRAINTS, k);
    char unnamed[40];
    snprintf(unnamed, sizeof unnamed, "constraint %zu", k + 1);
    print_json_text(stdout, array.name ? array.name : unnamed);
    fputs(": ", stdout);
    print_json_array(stdout, &array, run->result.multipliers + row);
}

static void print_constraints(const struct run *run) {
    if (!run->has_constraints) return;
    print_key("constraints");
    fputs("{\"violation\": ", stdout);
    print_json_number(stdout, run->result.violation);
    print_key("multipliers");
    putchar('{');
    for (size_t k = 0, row = 0; k < gradc_count(run->model, GRADC_CONSTRAINTS); k++) {
        if (k) fputs(", ", stdout);
        print_constraint_name(run, k, row);
        row += gradc_array_at(run->model, GRADC_CONSTRAINTS, k).count;
    }
    fputs("}}", stdout);
}

static void print_warnings(const struct run *run) {
    bool first = true;
    print_key("warnings");
    putchar('[');
    for (size_t k = 0; k < gradc_diagnostic_count(run->model); k++) {
        struct gradc_diagnostic diagnostic = gradc_diagnostic_at(run->model, k);
        if (diagnostic.severity == GRADC_ERROR) continue;
        if (!first) fputs(", ", stdout);
        print_json_text(stdout, diagnostic.message);
        first = false;
    }
    putchar(']');
}

static void print_seconds_of_phases(const struct run *run) {
    print_key("seconds");
    putchar('{');
    fputs("\"frontend\": ", stdout);
    print_json_number(stdout, phase_seconds(run->model, "frontend") + phase_seconds(run->model, "inputs"));
    print_number_at("derive", phase_seconds(run->model, "derive"));
    print_number_at("compile", phase_seconds(run->model, "compile"));
    print_number_at("run", run->result.seconds);
    putchar('}');
}

static void print_points(const struct run *run) {
    print_key("x_start");
    print_json_point(stdout, run->model, run->start);
    print_key("x");
    print_json_point(stdout, run->model, run->result.point);
    print_key("gradient");
    print_json_point(stdout, run->model, run->result.gradient);
    print_number_at("gradient_norm", run->result.gradient_norm);
}

/* Those of a kind that few methods need are told where there are any. */
static void print_evaluations(const struct gradc_descent *r) {
    printf(", \"evaluations\": {\"value\": %zu, \"gradient\": %zu, \"hessian\": %zu", r->value_evaluations,
           r->gradient_evaluations, r->hessian_evaluations);
    if (r->product_evaluations) printf(", \"hessian_times\": %zu", r->product_evaluations);
    if (r->residual_evaluations)
        printf(", \"residuals\": %zu, \"jacobian\": %zu", r->residual_evaluations, r->jacobian_evaluations);
    if (r->constraint_evaluations)
        printf(", \"constraints\": %zu, \"constraint_jacobian\": %zu", r->constraint_evaluations,
               r->jacobian_evaluations);
    putchar('}');
}

static void print_kinks(const struct run *run) {
    print_key("kinks");
    putchar('[');
    for (size_t k = 0; k < run->kinks.kink_count; k++) {
        if (k) fputs(", ", stdout);
        print_json_kink(&run->kinks.kinks[k], false);
    }
    putchar(']');
}

void run_print_json(const struct run *run) {
    const struct gradc_descent *r = &run->result;
    printf("{\"gradc\": \"%s\", \"status\": \"%s\", \"reason\": ", gradc_version(),
           gradc_status_name(r->status));
    print_json_text(stdout, r->reason);
    printf(", \"method\": \"%s\", \"sense\": \"%s\"", run->method.name,
           gradc_maximizes(run->model) ? "maximize" : "minimize");
    print_key("method_choice");
    if (run->method.why)
        print_json_text(stdout, run->method.why);
    else
        fputs("null", stdout);
    print_number_at("objective", r->objective);
    printf(", \"iterations\": %zu", r->iterations);
    print_number_at("step", r->step);
    print_evaluations(r);
    print_points(run);
    print_active_bounds(run);
    printf(", \"critical_point\": {\"kind\": \"%s\", \"eigenvalues\": ",
           gradc_critical_name(run->critical.kind));
    print_json_list(stdout, run->critical.eigenvalues, run->critical.eigenvalue_count);
    putchar('}');
    print_constraints(run);
    print_fit(run);
    print_outputs(run);
    print_key("starts");
    run_print_starts(run);
    print_kinks(run);
    print_warnings(run);
    print_seconds_of_phases(run);
    puts("}");
}
