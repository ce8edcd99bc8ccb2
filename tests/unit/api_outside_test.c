#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include <gradc/gradc.h>

/* Hock and Schittkowski's problem 20: from the nearest bound the method ends at 40.1987, from between the
 * bounds at 38.1987. */
static const char problem[] =
    "var x1 in [-0.5, 0.5] = -2\nvar x2 = 1\n"
    "minimize 100*(x2 - x1^2)^2 + (1 - x1)^2\n"
    "subject to x1 + x2^2 >= 0\nsubject to x1^2 + x2 >= 0\nsubject to x1^2 + x2^2 >= 1\n";

static double lowest(const char *text, const double *start, const bool *outside) {
    struct gradc_model *model = gradc_load_text("text", ".", text, strlen(text), NULL);
    struct gradc_evaluator *e = gradc_evaluator_new(model, NULL);
    struct gradc_descent_options how = {
        .method = "ipopt", .start = start, .outside = outside, .tolerance = 1e-9, .max_iterations = 200};
    struct gradc_descent result;
    gradc_descend(e, &how, &result);
    cr_expect_eq(result.status, GRADC_CONVERGED, "%s", result.reason);
    double objective = result.objective;
    gradc_descent_free(&result);
    gradc_evaluator_free(e);
    gradc_free(model);
    return objective;
}

static bool is(double value, double expected) {
    return fabs(value - expected) <= 1e-9 * fabs(expected);
}

Test(outside, interior_points_begin_between_the_bounds) {
    const double moved[] = {-0.5, 1};
    const bool first[] = {true, false};
    cr_expect(is(lowest(problem, NULL, NULL), 81.5 - 25 * sqrt(3)));
    cr_expect(is(lowest(problem, moved, first), 81.5 - 25 * sqrt(3)));
}

Test(outside, a_start_on_a_bound_stays_near_it) {
    const double stated[] = {-0.5, 1};
    cr_expect(is(lowest(problem, stated, NULL), 83.5 - 25 * sqrt(3)));
}

Test(outside, the_middle_is_left_where_something_is_not_finite_there) {
    const char *text = "var x in [-1, 1] = -2\nminimize x^2 + 1/(100*x)^2\nsubject to x <= 5\n";
    cr_expect(is(lowest(text, NULL, NULL), 0.02));
}

Test(outside, the_nearest_bound_need_not_be_finite) {
    const char *text = "var x in [0, 2] = -1\nminimize x + 1/x\nsubject to x <= 5\n";
    cr_expect(is(lowest(text, NULL, NULL), 2));
}

Test(outside, several_starts_begin_as_one_does) {
    struct gradc_model *model = gradc_load_text("text", ".", problem, strlen(problem), NULL);
    struct gradc_evaluator *e = gradc_evaluator_new(model, NULL);
    struct gradc_descent_options how = {.tolerance = 1e-9, .max_iterations = 200};
    struct gradc_multistart_options options = {.descent = &how, .starts = 1};
    struct gradc_multistart found;
    cr_assert_eq(gradc_multistart(&e, 1, &options, &found), GRADC_DONE);
    cr_assert_eq(found.basin_count, 1);
    cr_expect(is(found.basins[0].objective, 81.5 - 25 * sqrt(3)));
    gradc_multistart_free(&found);
    gradc_evaluator_free(e);
    gradc_free(model);
}

Test(outside, marks_follow_the_params) {
    const char *text =
        "param a = 2\nvar x in [0, a] = 1\nvar y[2] in [0, 4] = [a, 5]\nminimize x^2 + sum(y)\n";
    struct gradc_model *model = gradc_load_text("text", ".", text, strlen(text), NULL);
    const bool *marks = gradc_start_outside(model);
    const double half = 0.5, ten = 10;
    cr_assert(marks && !marks[0] && !marks[1] && marks[2]);
    cr_assert(gradc_set_param(model, "a", &half, 1)); /* what was asked for follows */
    cr_assert(marks[0] && !marks[1] && marks[2]);
    cr_assert(gradc_set_param(model, "a", &ten, 1));
    cr_assert(!marks[0] && marks[1] && marks[2]);
    cr_assert_eq(gradc_start_outside(model), marks);
    gradc_free(model);
    model = gradc_load_text("text", ".", "var x = 1\nminimize x", 20, NULL);
    cr_assert_not(*gradc_start_outside(model));
    gradc_free(model);
}
