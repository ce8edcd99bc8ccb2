#include "cli/report.h"

#include <math.h>
#include <stdio.h>

#include "cli/arithmetic.h"
#include "cli/load.h"
#include "cli/print.h"

enum { PARTS = 2 };
static const char *const names[PARTS] = {"value", "value and gradient"}, *const keys[PARTS] = {"value",
                                                                                               "gradient"};

/* ---- Text ---- */

static void print_amount(const char *before, const char *what, double amount) {
    printf("%s%s ", before, what);
    print_number(stdout, amount);
}

static void print_arithmetic(const struct gradc_report *r) {
    print_amount("  ", "additions", r->additions);
    print_amount(", ", "multiplications", r->multiplications);
    print_amount(", ", "divisions", r->divisions);
    print_amount(", ", "others", r->others);
    putchar('\n');
    for (size_t k = 0; k < r->call_count; k++)
        print_amount(k ? ", " : "  calls  ", r->calls[k].function, r->calls[k].count);
    if (r->call_count) putchar('\n');
    print_amount("  ", "bytes read and written", r->bytes);
    putchar('\n');
}

static void print_loop(const struct gradc_loop_count *loop) {
    printf("  %*sloop %s", (int)(2 * loop->depth), "", loop->index);
    if (isnan(loop->times))
        fputs(", how often depends on what is computed", stdout);
    else
        print_amount("", ", iterations", loop->times);
    if (loop->lanes > 1) printf(", %u side by side", loop->lanes);
    if (loop->threads > 1) printf(", shared by %u threads", loop->threads);
    if (loop->threads == 1) fputs(", in one thread", stdout);
    puts(loop->ordered ? ", one after the other" : "");
}

static const char *way_text(enum gradc_way way) {
    switch (way) {
    case GRADC_INTERPRETED: return "interpreted";
    case GRADC_TAPE: return "interpreted, from a tape";
    case GRADC_COMPILED: return "native, compiled fast";
    case GRADC_OPTIMISED: break;
    }
    return "native, optimised";
}

static void write_time(double seconds, char text[24]) {
    static const char *const units[] = {"ns", "us", "ms", "s"};
    size_t unit = 0;
    double amount = 1e9 * seconds;
    for (; amount >= 999.5 && unit < 3; unit++) amount /= 1000;
    snprintf(text, 24, "%.3g %s", amount, units[unit]);
}

static void print_part(size_t part, const struct gradc_report *r) {
    printf("%s: %zu operation%s in the formulas, ", names[part], r->operations,
           r->operations == 1 ? "" : "s");
    print_number(stdout, r->unshared);
    puts(" if nothing were shared");
    print_arithmetic(r);
    for (size_t k = 0; k < r->loop_count; k++) print_loop(&r->loops[k]);
    char predicted[24], measured[24];
    write_time(r->predicted, predicted);
    write_time(r->measured, measured);
    printf("  %s: about %s by these counts, %s measured\n", way_text(r->way), predicted, measured);
}

/* ---- JSON ---- */

static void print_json_amount(const char *key, double amount) {
    printf(", \"%s\": ", key);
    print_json_number(stdout, amount);
}

static void print_json_loops(const struct gradc_report *r) {
    fputs(", \"loops\": [", stdout);
    for (size_t k = 0; k < r->loop_count; k++) {
        const struct gradc_loop_count *loop = &r->loops[k];
        fputs(k ? ", {\"index\": " : "{\"index\": ", stdout);
        print_json_text(stdout, loop->index);
        printf(", \"depth\": %u", loop->depth);
        if (isnan(loop->times))
            fputs(", \"iterations\": null", stdout);
        else
            print_json_amount("iterations", loop->times);
        printf(", \"lanes\": %u, \"threads\": %u, \"ordered\": %s}", loop->lanes, loop->threads,
               loop->ordered ? "true" : "false");
    }
    putchar(']');
}

static void print_json_part(size_t part, const struct gradc_report *r) {
    printf(", \"%s\": {\"operations\": %zu", keys[part], r->operations);
    print_json_amount("unshared", r->unshared);
    print_json_amount("additions", r->additions);
    print_json_amount("multiplications", r->multiplications);
    print_json_amount("divisions", r->divisions);
    print_json_amount("others", r->others);
    fputs(", \"calls\": {", stdout);
    for (size_t k = 0; k < r->call_count; k++) {
        printf("%s\"%s\": ", k ? ", " : "", r->calls[k].function);
        print_json_number(stdout, r->calls[k].count);
    }
    putchar('}');
    print_json_amount("bytes", r->bytes);
    print_json_loops(r);
    printf(", \"way\": \"%s\"", gradc_way_name(r->way));
    print_json_amount("predicted", r->predicted);
    print_json_amount("measured", r->measured);
    putchar('}');
}

/* ---- The command ---- */

static enum exit_status exit_of(enum gradc_outcome outcome) {
    if (outcome == GRADC_DONE) return EXIT_FINE;
    if (outcome == GRADC_REFUSED) return EXIT_WRONG;
    complain("out-of-memory", NULL, "memory is exhausted");
    return EXIT_MACHINE;
}

static enum exit_status report_parts(struct gradc_model *model, struct gradc_evaluator *e, bool json) {
    struct gradc_report parts[PARTS] = {{0}, {0}};
    enum gradc_outcome outcome = GRADC_DONE;
    const double *start = gradc_start(model);
    for (size_t k = 0; k < PARTS && outcome == GRADC_DONE; k++)
        outcome = gradc_report(e, k > 0, start, &parts[k]);
    if (outcome == GRADC_DONE && json) printf("{\"gradc\": \"%s\"", gradc_version());
    for (size_t k = 0; k < PARTS && outcome == GRADC_DONE; k++)
        (json ? print_json_part : print_part)(k, &parts[k]);
    if (outcome == GRADC_DONE && json) puts("}");
    for (size_t k = 0; k < PARTS; k++) gradc_report_free(&parts[k]);
    return exit_of(outcome);
}

static enum exit_status report_model(const struct request *request, struct gradc_model *model) {
    /* As for a descent. */
    struct gradc_evaluator_options options = {.evaluations = 1000};
    if (!gradc_has_objective(model)) {
        complain("no-objective", "add `minimize`, `maximize`, `fit` or `residual`", "there is no objective");
        return EXIT_WRONG;
    }
    if (!read_arithmetic(request, &options)) return EXIT_WRONG;
    size_t told = gradc_diagnostic_count(model);
    gradc_start(model);
    struct gradc_evaluator *e = gradc_has_errors(model) ? NULL : gradc_evaluator_new(model, &options);
    enum exit_status status = e ? report_parts(model, e, option_given(request, OPTION_JSON)) : EXIT_WRONG;
    gradc_evaluator_free(e);
    print_diagnostics(model, told);
    return status;
}

enum exit_status report_command(const struct request *request) {
    enum exit_status status;
    struct gradc_model *model = load_model(request, &status);
    if (!model) return status;
    status = report_model(request, model);
    gradc_free(model);
    return status;
}
