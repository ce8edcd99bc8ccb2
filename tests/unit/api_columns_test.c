#include <criterion/criterion.h>
#include <gradc/gradc.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Two regressors, a weight, a column that is whole, and one that only a param reads. */
static const char table[] = "x,y,z,s,group,q\n1,2,3,1,1,7\n2,3,5,0.5,2,8\n4,9,9,2,1,9\n5,8,8,1,2,7\n";
static const char text[] = "data obs from \"obs.csv\"\n"
                           "param top = sum(obs.q[i] for i in 1..obs.rows)\n"
                           "var a[2] = [1, 1], b = 2\n"
                           "fit y ~ a[group]*x + b*z^2 + top*0 over obs weight 1/s^2\n"
                           "residual b - 1\n"
                           "fit y ~ a[1]*exp(x/10) over obs\n";

static struct gradc_model *load(void) {
    char path[] = "/tmp/gradc-columns-XXXXXX";
    int file = mkstemp(path);
    cr_assert(file >= 0 && write(file, table, strlen(table)) == (ssize_t)strlen(table));
    close(file);
    struct gradc_table_path given = {"obs", path};
    struct gradc_load_options options = {.tables = &given, .table_count = 1};
    struct gradc_model *model = gradc_load_text("test.grad", ".", text, strlen(text), &options);
    remove(path);
    cr_assert(model && !gradc_has_errors(model), "%s", gradc_diagnostic_text(model, 0, false));
    return model;
}

Test(columns, of_a_fit_are_those_its_rows_read) {
    struct gradc_model *model = load();
    struct gradc_column columns[8];
    cr_expect(gradc_is_fit(model, 0) && !gradc_is_fit(model, 1) && gradc_is_fit(model, 2));
    cr_assert_eq(gradc_fit_columns(model, 0, GRADC_OBSERVED, columns, 8), 1);
    cr_expect_str_eq(columns[0].name, "obs.y");
    cr_expect(columns[0].values[2] == 9 && columns[0].rows == 4 && !columns[0].whole);
    cr_assert_eq(gradc_fit_columns(model, 0, GRADC_FITTED, columns, 8), 3);
    cr_expect_str_eq(columns[0].name, "obs.group");
    cr_expect(columns[0].whole[1] == 2 && !columns[0].values);
    cr_expect_str_eq(columns[1].name, "obs.x");
    cr_expect_str_eq(columns[2].name, "obs.z");
    cr_expect_eq(gradc_fit_columns(model, 1, GRADC_FITTED, columns, 8), 0);
    columns[1].name = "untouched";
    cr_expect_eq(gradc_fit_columns(model, 0, GRADC_FITTED, columns, 1), 3);
    cr_expect_str_eq(columns[1].name, "untouched");
    cr_assert_eq(gradc_fit_columns(model, 2, GRADC_FITTED, columns, 8), 1);
    cr_expect_str_eq(columns[0].name, "obs.x");
    gradc_free(model);
}

/* The fitted values and derivatives of the last fit, a[1]*exp(x/10), for what stands in x. */
static void expect_fit(struct gradc_evaluator *evaluator, const double *x) {
    const double point[] = {1.5, 1, 2}, *observed, *fitted;
    struct gradc_matrix jacobian;
    cr_assert_eq(gradc_evaluate_arrays(evaluator, GRADC_RESIDUALS, point), GRADC_DONE);
    cr_assert(gradc_fit_values(evaluator, 2, &observed, &fitted));
    cr_assert_eq(gradc_jacobian(evaluator, GRADC_RESIDUALS, point, &jacobian), GRADC_DONE);
    for (size_t i = 0; i < 4; i++) {
        cr_expect_float_eq(fitted[i], 1.5 * exp(x[i] / 10), 1e-14);
        size_t row = 4 + 1 + i;
        cr_assert_eq(jacobian.starts[row + 1] - jacobian.starts[row], 1);
        cr_expect_float_eq(jacobian.values[jacobian.starts[row]], -exp(x[i] / 10), 1e-14);
    }
}

Test(columns, may_be_replaced_for_later_evaluators) {
    static const struct gradc_evaluator_options ways[] = {{.interpret = true}, {.native = true}};
    for (size_t k = 0; k < 2; k++) {
        struct gradc_model *model = load();
        double x[] = {10, 20, -30, 0.25};
        cr_expect(!gradc_column_replace(model, "obs.nothing", x));
        cr_expect(!gradc_column_replace(model, "obs.group", x), "whole ones stay");
        cr_assert(gradc_column_replace(model, "obs.x", x));
        struct gradc_evaluator *evaluator = gradc_evaluator_new(model, &ways[k]);
        expect_fit(evaluator, x);
        x[0] = -1;
        x[3] = 7;
        expect_fit(evaluator, x);
        gradc_evaluator_free(evaluator);
        gradc_free(model);
    }
}

/* A table in memory is one array, row by row. */
Test(columns, may_stand_row_by_row) {
    static const double numbers[] = {1, 2, 3, 2, 3, 5, 4, 9, 9};
    struct gradc_table_values given = {.name = "obs", .rows = 3, .columns = 3, .values = numbers};
    struct gradc_load_options options = {.numbers = &given, .number_count = 1};
    const char *fit = "data obs from \"obs.csv\" columns (y, t, z)\nvar a = 1\n"
                      "fit y ~ a*exp(t) + sum(obs[1, j] for j in 1..3) over obs\n";
    struct gradc_model *model = gradc_load_text("test.grad", ".", fit, strlen(fit), &options);
    cr_assert(model && !gradc_has_errors(model), "%s", gradc_diagnostic_text(model, 0, false));
    struct gradc_column columns[4];
    double others[9] = {0};
    cr_assert_eq(gradc_fit_columns(model, 0, GRADC_OBSERVED, columns, 4), 1);
    cr_expect_str_eq(columns[0].name, "obs.y");
    cr_assert_eq(gradc_fit_columns(model, 0, GRADC_FITTED, columns, 4), 1);
    cr_expect_str_eq(columns[0].name, "obs.t");
    cr_assert(columns[0].rows == 3 && columns[0].stride == 3 && columns[0].values);
    for (size_t i = 0; i < 3; i++) cr_expect_eq(columns[0].values[3 * i], numbers[3 * i + 1]);
    cr_expect_eq(columns[0].offset, 1);
    cr_expect(columns[0].shared, "the first row is read in all of them");
    for (size_t i = 0; i < 3; i++) others[3 * i + 1] = 10 * (double)i;
    cr_assert(gradc_column_replace(model, "obs.t", others));
    for (size_t i = 0; i < 3; i++) {
        cr_expect(others[3 * i] == numbers[3 * i] && others[3 * i + 2] == numbers[3 * i + 2]);
        cr_expect_eq(others[3 * i + 1], 10 * (double)i);
    }
    struct gradc_evaluator *evaluator = gradc_evaluator_new(model, NULL);
    const double point[] = {2}, *observed, *fitted;
    cr_assert_eq(gradc_evaluate_arrays(evaluator, GRADC_RESIDUALS, point), GRADC_DONE);
    cr_assert(gradc_fit_values(evaluator, 0, &observed, &fitted));
    for (size_t i = 0; i < 3; i++) cr_expect_float_eq(fitted[i], 2 * exp(10 * (double)i) + 1 + 0 + 3, 1e-5);
    gradc_evaluator_free(evaluator);
    gradc_free(model);
}

/* Through sums in the row's body; what other rows read too, by a let over the table, is told. */
Test(columns, are_found_behind_sums_and_lets) {
    static const char *const fits[] = {"fit y ~ sum(b[k]*x^k for k in 1..2) over obs\n",
                                       "let mean = sum(obs.x[i] for i in 1..obs.rows)/obs.rows\n"
                                       "fit y ~ sum(b[k]*(x - mean)^k for k in 1..2) over obs\n",
                                       "fit y ~ b[1]*x + obs.x[2] + b[2] over obs\n",
                                       "let mean = sum(obs.z[i] for i in 1..obs.rows)/obs.rows\n"
                                       "fit y ~ b[1]*x + mean + b[2] over obs\n"};
    static const bool shared[] = {false, true, true, false};
    const double numbers[] = {1, 2, 3, 2, 3, 5, 4, 9, 9};
    for (size_t k = 0; k < 4; k++) {
        char file[400];
        struct gradc_table_values given = {.name = "obs", .rows = 3, .columns = 3, .values = numbers};
        struct gradc_load_options options = {.numbers = &given, .number_count = 1};
        struct gradc_column column = {0};
        snprintf(file, sizeof file, "data obs from \"obs.csv\" columns (y, x, z)\nvar b[2]\n%s", fits[k]);
        struct gradc_model *model = gradc_load_text("test.grad", ".", file, strlen(file), &options);
        cr_assert(model && !gradc_has_errors(model), "%s", gradc_diagnostic_text(model, 0, false));
        cr_expect_eq(gradc_fit_columns(model, 0, GRADC_FITTED, &column, 1), 1, "%zu", k);
        cr_expect_str_eq(column.name, "obs.x");
        cr_expect_eq(column.shared, shared[k], "%zu", k);
        gradc_free(model);
    }
}
