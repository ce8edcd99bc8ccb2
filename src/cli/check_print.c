#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/check.h"
#include "cli/print.h"

enum { SHOWN = 20, FEW_DIGITS = 10, SHOWN_UNKNOWNS = 3 };

struct count {
    size_t derivatives, wrong, comparisons, agree, points;
    unsigned digits; /* the fewest that agree */
};

static struct count count_derivatives(const struct gradc_check *check) {
    struct count count = {.derivatives = check->derivative_count, .digits = 16};
    for (size_t k = 0; k < check->derivative_count; k++) {
        const struct gradc_checked *d = &check->derivatives[k];
        count.comparisons += d->points;
        if (d->points > count.points) count.points = d->points;
        count.agree += d->agreed;
        count.wrong += d->verdict == GRADC_DISAGREES;
        if (d->agreed && d->digits < count.digits) count.digits = d->digits;
    }
    return count;
}

static const char *plural(size_t count) {
    return count == 1 ? "" : "s";
}

static void print_summary(const struct gradc_check *check) {
    struct count c = count_derivatives(check);
    size_t points = c.points;
    if (check->too_large) {
        puts("no derivatives were compared: one evaluation at high precision would take too long");
        return;
    }
    if (c.derivatives == 0) {
        puts("no derivatives were compared");
        return;
    }
    if (c.wrong)
        printf("%zu of %zu partials DISAGREE%s with differences\n", c.wrong, c.derivatives,
               c.wrong == 1 ? "S" : "");
    if (c.agree == 0)
        printf("none of %zu comparisons (%zu partial%s at %zu point%s) could be made\n", c.comparisons,
               c.derivatives, plural(c.derivatives), points, plural(points));
    else if (c.agree == c.comparisons)
        printf("%zu partial%s at %zu point%s agree%s to %u digits or more\n", c.derivatives,
               plural(c.derivatives), points, plural(points), c.derivatives == 1 ? "s" : "", c.digits);
    else
        printf("%zu of %zu comparisons (%zu partial%s at %zu point%s) agree to %u digits or more\n", c.agree,
               c.comparisons, c.derivatives, plural(c.derivatives), points, plural(points), c.digits);
}

static void print_point(size_t point) {
    if (point == 0)
        fputs(" at the start", stdout);
    else
        printf(" at point %zu", point);
}

static void print_agreed(const struct gradc_checked *d) {
    print_point(d->point);
    if (d->agreed) printf(" (agrees at %zu of %zu points)", d->agreed, d->points);
}

static void print_derivative(const struct gradc_checked *d) {
    printf("  %s ", d->name);
    if (d->verdict == GRADC_AGREES) {
        printf("agrees to %u digits", d->digits);
        if (d->digits < FEW_DIGITS) printf(": the condition number is %.1e", d->condition);
        putchar('\n');
        return;
    }
    fputs(d->verdict == GRADC_DISAGREES ? "DISAGREES" : "cannot tell", stdout);
    print_agreed(d);
    printf(": %s\n", d->detail);
}

static void print_derivatives(const struct check_run *run) {
    bool all = option_given(run->request, OPTION_VERBOSE);
    size_t shown = 0;
    for (size_t k = 0; k < run->check.derivative_count; k++) {
        const struct gradc_checked *d = &run->check.derivatives[k];
        if (!all && d->verdict == GRADC_AGREES && d->digits >= FEW_DIGITS) continue;
        if (all || shown++ < SHOWN) print_derivative(d);
    }
    if (shown > SHOWN) printf("  ... %zu more (-v shows all)\n", shown - SHOWN);
}

/* What was left out. */
static void print_scope(const struct gradc_check_scope *s) {
    if (s->columns == s->all_columns && s->rows == s->all_rows) return;
    printf("  of the %s", s->what);
    if (s->rows < s->all_rows) printf(" %zu of %zu rows", s->rows, s->all_rows);
    if (s->rows < s->all_rows && s->columns < s->all_columns) putchar(',');
    if (s->columns < s->all_columns) printf(" %zu of %zu columns", s->columns, s->all_columns);
    fputs(", spread evenly", stdout);
    puts(s->together ? "; all columns together along a random direction" : "");
}

static void print_undefined(const struct gradc_check *check) {
    size_t undefined = 0;
    for (size_t k = 1; k < check->point_count; k++) undefined += !check->point_defined[k];
    if (!check->point_defined[0])
        puts("  the start is left out: the function is not defined there (`gradc eval` says why)");
    if (undefined)
        printf("  %zu of %zu random points are left out: the function is not defined there\n", undefined,
               check->point_count - 1);
}

/* ---- Places ---- */

static void print_place(const struct gradc_place *place) {
    if (place->file) printf("  %s:%u:%u: %s: ", place->file, place->line, place->column, place->text);
}

static void print_kinks(const struct gradc_check *check) {
    for (size_t k = 0; k < check->kink_count; k++) {
        const struct gradc_kink *kink = &check->kinks[k];
        print_place(&kink->place);
        printf("kink");
        print_point(kink->point);
        printf(": %s\n", kink->detail);
    }
}

static void print_element(const struct check_run *run, const double *point, size_t element) {
    char *name = element_name(run->model, element);
    printf("%s = ", name);
    print_number(stdout, point[element]);
    free(name);
}

/* A place on a switch; of many unknowns only one that moved is told. */
static void print_at(const struct check_run *run, const struct gradc_switch *s) {
    size_t n = gradc_dimension(run->model);
    bool few = n <= SHOWN_UNKNOWNS;
    if (!few && s->moved == SIZE_MAX) return;
    fputs(", at ", stdout);
    for (size_t k = 0; few && k < n; k++) {
        if (k) fputs(", ", stdout);
        print_element(run, s->at, k);
    }
    if (!few) print_element(run, s->at, s->moved);
}

static void print_switches(const struct check_run *run) {
    bool all = option_given(run->request, OPTION_VERBOSE);
    for (size_t k = 0; k < run->check.switch_count; k++) {
        const struct gradc_switch *s = &run->check.switches[k];
        if (!all && s->smoothness == GRADC_IS_SMOOTH) continue;
        print_place(&s->place);
        fputs(s->detail, stdout);
        print_at(run, s);
        putchar('\n');
    }
}

/* ---- Domains ---- */

static void print_point_at(const struct check_run *run, const double *at) {
    size_t n = gradc_dimension(run->model);
    const double *start = gradc_start(run->model);
    size_t shown = 0;
    for (size_t k = 0; k < n; k++) {
        bool moved = at[k] < start[k] || at[k] > start[k];
        if (n > SHOWN_UNKNOWNS && !moved) continue;
        if (++shown > SHOWN_UNKNOWNS) continue;
        fputs(shown == 1 ? ", at " : ", ", stdout);
        print_element(run, at, k);
    }
    if (shown > SHOWN_UNKNOWNS) fputs(", ...", stdout);
    if (shown == 0) fputs(", at the start", stdout);
}

static void print_domain_summary(const struct gradc_check *check) {
    size_t counts[3] = {0};
    for (size_t k = 0; k < check->domain_count; k++) counts[check->domains[k].safety]++;
    if (check->domain_count == 0) return;
    printf("%zu operation%s with a domain: %zu proved safe", check->domain_count, plural(check->domain_count),
           counts[GRADC_SAFE]);
    if (counts[GRADC_UNSAFE]) printf(", %zu not safe", counts[GRADC_UNSAFE]);
    if (counts[GRADC_NOT_PROVED]) printf(", %zu not proved", counts[GRADC_NOT_PROVED]);
    putchar('\n');
}

static void print_domains(const struct check_run *run) {
    static const char *const words[] = {"safe", "not safe", "not proved safe"};
    bool all = option_given(run->request, OPTION_VERBOSE);
    for (size_t k = 0; k < run->check.domain_count; k++) {
        const struct gradc_domain *d = &run->check.domains[k];
        if (!all && d->safety == GRADC_SAFE) continue;
        print_place(&d->place);
        printf("%s%s: %s", words[d->safety], d->in_gradient ? " in the gradient" : "", d->detail);
        if (d->at) print_point_at(run, d->at);
        putchar('\n');
    }
}

/* Moved starts have been told of when the file was loaded. */
static void print_warnings(const struct gradc_check *check) {
    for (size_t k = 0; k < check->warning_count; k++) {
        const struct gradc_check_warning *w = &check->warnings[k];
        if (strcmp(w->code, "start-moved") == 0) continue;
        print_place(&w->place);
        puts(w->message);
    }
}

void check_print_text(const struct check_run *run) {
    print_summary(&run->check);
    print_undefined(&run->check);
    for (size_t k = 0; k < run->check.scope_count; k++) print_scope(&run->check.scopes[k]);
    print_derivatives(run);
    print_kinks(&run->check);
    print_switches(run);
    print_warnings(&run->check);
    print_domain_summary(&run->check);
    print_domains(run);
}
