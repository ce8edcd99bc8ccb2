#include <stdio.h>

#include "cli/check.h"
#include "cli/kinks.h"
#include "cli/print.h"

static const char *verdict_name(enum gradc_verdict verdict) {
    switch (verdict) {
    case GRADC_AGREES: return "agrees";
    case GRADC_CANNOT_TELL: return "cannot tell";
    case GRADC_DISAGREES: break;
    }
    return "disagrees";
}

static void print_verdict(const struct gradc_checked *d) {
    fputs("{\"name\": ", stdout);
    print_json_text(stdout, d->name);
    printf(", \"order\": %u, \"verdict\": \"%s\", \"points\": %zu, \"agreed\": %zu, \"digits\": %u", d->order,
           verdict_name(d->verdict), d->points, d->agreed, d->digits);
    printf(", \"worst\": {\"point\": %zu, \"value\": ", d->point);
    print_json_number(stdout, d->value);
    print_key("expected");
    print_json_number(stdout, d->expected);
    print_key("condition");
    print_json_number(stdout, d->condition);
    print_key("reason");
    print_json_text_or_null(d->reason);
    print_key("detail");
    print_json_text_or_null(d->detail);
    fputs("}}", stdout);
}

static void print_verdicts(const struct gradc_check *check) {
    print_key("verdicts");
    putchar('[');
    for (size_t k = 0; k < check->derivative_count; k++) {
        if (k) fputs(", ", stdout);
        print_verdict(&check->derivatives[k]);
    }
    putchar(']');
}

static void print_scopes(const struct gradc_check *check) {
    print_key("scopes");
    putchar('[');
    for (size_t k = 0; k < check->scope_count; k++) {
        const struct gradc_check_scope *s = &check->scopes[k];
        printf("%s{\"of\": \"%s\", \"rows\": %zu, \"columns\": %zu, \"all_rows\": %zu, \"all_columns\": %zu, "
               "\"together\": %s}",
               k ? ", " : "", s->what, s->rows, s->columns, s->all_rows, s->all_columns,
               s->together ? "true" : "false");
    }
    putchar(']');
}

static void print_switch(const struct check_run *run, const struct gradc_switch *s) {
    static const char *const names[] = {"jumps", "kinks", "bends", "smooth"};
    printf("{\"kind\": \"switch\", ");
    print_json_place(&s->place);
    printf(", \"smoothness\": \"%s\", \"of\": ", names[s->smoothness]);
    print_json_text_or_null(s->name);
    print_key("before");
    print_json_number(stdout, s->before);
    print_key("after");
    print_json_number(stdout, s->after);
    print_key("x");
    print_json_point(stdout, run->model, s->at);
    printf(", \"together\": %s, \"detail\": ", s->together ? "true" : "false");
    print_json_text(stdout, s->detail);
    putchar('}');
}

static void print_kinks(const struct check_run *run) {
    const struct gradc_check *check = &run->check;
    print_key("kinks");
    putchar('[');
    for (size_t k = 0; k < check->kink_count; k++) {
        if (k) fputs(", ", stdout);
        print_json_kink(&check->kinks[k], true);
    }
    for (size_t k = 0; k < check->switch_count; k++) {
        if (k || check->kink_count) fputs(", ", stdout);
        print_switch(run, &check->switches[k]);
    }
    putchar(']');
}

static void print_domain(const struct check_run *run, const struct gradc_domain *d) {
    static const char *const names[] = {"safe", "unsafe", "unknown"};
    putchar('{');
    print_json_place(&d->place);
    printf(", \"operation\": \"%s\", \"in\": \"%s\", \"safety\": \"%s\", \"range\": [", d->operation,
           d->in_gradient ? "gradient" : "value", names[d->safety]);
    print_json_number(stdout, d->low);
    fputs(", ", stdout);
    print_json_number(stdout, d->high);
    fputs("], \"x\": ", stdout);
    if (d->at)
        print_json_point(stdout, run->model, d->at);
    else
        fputs("null", stdout);
    print_key("detail");
    print_json_text(stdout, d->detail);
    putchar('}');
}

static void print_domains(const struct check_run *run) {
    print_key("domains");
    putchar('[');
    for (size_t k = 0; k < run->check.domain_count; k++) {
        if (k) fputs(", ", stdout);
        print_domain(run, &run->check.domains[k]);
    }
    putchar(']');
}

static void print_warnings(const struct gradc_check *check) {
    print_key("warnings");
    putchar('[');
    for (size_t k = 0; k < check->warning_count; k++) {
        const struct gradc_check_warning *w = &check->warnings[k];
        printf("%s{\"code\": \"%s\", ", k ? ", " : "", w->code);
        print_json_place(&w->place);
        print_key("message");
        print_json_text(stdout, w->message);
        putchar('}');
    }
    putchar(']');
}

static void print_points(const struct check_run *run) {
    size_t n = gradc_dimension(run->model);
    fputs(", \"points\": [", stdout);
    for (size_t k = 0; k < run->check.point_count; k++) {
        if (k) fputs(", ", stdout);
        printf("{\"defined\": %s, \"x\": ", run->check.point_defined[k] ? "true" : "false");
        print_json_point(stdout, run->model, run->check.points + k * n);
        putchar('}');
    }
    putchar(']');
}

void check_print_json(const struct check_run *run) {
    printf("{\"gradc\": \"%s\"", gradc_version());
    printf(", \"too_large\": %s", run->check.too_large ? "true" : "false");
    print_points(run);
    print_verdicts(&run->check);
    print_scopes(&run->check);
    print_kinks(run);
    print_domains(run);
    print_warnings(&run->check);
    puts("}");
}
