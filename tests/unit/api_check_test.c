#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "api/check.h"

struct falsified {
    unsigned order;
    size_t row, column;
    double factor, shift;
};

static void falsify(void *context, unsigned order, size_t row, size_t column, double *value) {
    const struct falsified *f = context;
    if (f->order == order && f->row == row && f->column == column) *value = *value * f->factor + f->shift;
}

struct found {
    size_t agree, doubtful, wrong;
    char first_wrong[60];
};

static struct found check(const char *text, const struct falsified *falsified) {
    struct found found = {0};
    struct gradc_check check;
    struct check_hooks hooks = {falsify, (void *)falsified};
    struct gradc_check_options options = {.points = 2, .seed = 7};
    struct gradc_model *model = gradc_load_text("test", ".", text, strlen(text), NULL);
    cr_assert(model && !gradc_has_errors(model), "%s", text);
    struct gradc_evaluator *e = gradc_evaluator_new(model, NULL);
    cr_assert_eq(check_with(e, &options, falsified ? &hooks : NULL, &check), GRADC_DONE, "%s", text);
    for (size_t k = 0; k < check.derivative_count; k++) {
        const struct gradc_checked *d = &check.derivatives[k];
        found.agree += d->verdict == GRADC_AGREES;
        found.doubtful += d->verdict == GRADC_CANNOT_TELL;
        if (d->verdict == GRADC_DISAGREES && found.wrong++ == 0)
            snprintf(found.first_wrong, sizeof found.first_wrong, "%s", d->name);
    }
    gradc_check_free(&check);
    gradc_evaluator_free(e);
    gradc_free(model);
    return found;
}

static void expect_good(const char *text, size_t derivatives) {
    struct found found = check(text, NULL);
    cr_expect(found.wrong == 0 && found.doubtful == 0 && found.agree == derivatives,
              "%s: %zu agree, %zu are in doubt, %zu are wrong", text, found.agree, found.doubtful,
              found.wrong);
}

static void expect_wrong(const char *text, struct falsified falsified, const char *name) {
    struct found found = check(text, &falsified);
    cr_expect(found.wrong > 0 && strcmp(found.first_wrong, name) == 0, "%s: %zu wrong, the first %s", text,
              found.wrong, found.first_wrong);
}

static const char rosenbrock[] = "param n = 300\n"
                                 "var x[i in 1..n] = if i % 2 == 1 then -1.2 else 1\n"
                                 "minimize sum(100*(x[i] - x[i - 1]^2)^2 + (1 - x[i - 1])^2 for i in 2..n)";
static const char scaled[] = "var tiny = 3e-12, huge = 2e12, one = 0.7\n"
                             "minimize (1e12*tiny - 2)^2 + exp(huge/1e13)*tiny + (huge*tiny - one)^2"
                             " + 1e-20*sin(huge*1e-12)";
static const char outputs[] = "var x[3] = [1, 2, 3]\noutput g[i in 1..3] = x[i]*exp(x[1])\n"
                              "residual x[2]*sin(x[1])";

Test(api_check, right_derivatives_are_never_called_wrong) {
    expect_good(scaled, 9);
    expect_good(outputs, 9 + 3 + 3 + 6);
    expect_good("var x = 0; minimize x^4 + sin(x)^2", 2);
    expect_good("var x = 1e-300; minimize x*x + x", 2);
    expect_good("var x = 1; minimize 1e-200*(x - 1)^2", 2);
    expect_good("var x = 1, y = 1; minimize (if x + y > 2.5 then x*y else x^2*y^3)", 5);
}

Test(api_check, many_unknowns) {
    struct found found = check(rosenbrock, NULL);
    cr_expect(found.wrong == 0 && found.doubtful == 0 && found.agree > 400, "%zu %zu %zu", found.agree,
              found.doubtful, found.wrong);
}

Test(api_check, wrong_derivatives_are_found) {
    expect_wrong(scaled, (struct falsified){1, 0, 0, 1 + 1e-9, 0}, "df/dtiny");
    expect_wrong(scaled, (struct falsified){1, 0, 1, 1 - 1e-10, 0}, "df/dhuge");
    expect_wrong(scaled, (struct falsified){1, 0, 1, 0, 0}, "df/dhuge");
    expect_wrong(scaled, (struct falsified){2, 1, 1, 0, 0}, "d2f/dhuge^2");
    expect_wrong(outputs, (struct falsified){1, 0, 2, 1, 1e-30}, "df/dx[3]");
    expect_wrong(outputs, (struct falsified){1, 1, 0, 1, 1e-8}, "dg[2]/dx[1]");
    expect_wrong(outputs, (struct falsified){2, 2, 1, 1, 1e-8}, "d2f/dx[2] dx[3]");
}

Test(api_check, wrong_derivatives_between_those_sampled_are_found) {
    expect_wrong(rosenbrock, (struct falsified){1, 0, 151, 1 + 1e-8, 0}, "df/dx[152]");
    expect_wrong(rosenbrock, (struct falsified){1, 0, 298, 0, 0}, "df/dx[299]");
    expect_wrong(rosenbrock, (struct falsified){1, 0, 0, -1, 0}, "df/dx[1]");
}
