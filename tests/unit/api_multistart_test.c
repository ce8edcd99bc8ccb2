#include <criterion/criterion.h>
#include <gradc/gradc.h>
#include <math.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

static const char himmelblau[] = "var x = 0, y = 0\nminimize (x^2 + y - 11)^2 + (x + y^2 - 7)^2\n";
static const char boxed[] = "var x in [1, 2] = 1.5, y in [0, inf] = 3, z in [4, 4] = 4\n"
                            "minimize (x - 5)^2 + (y + 1)^2 + z*x + sin(9*y)\nsubject to c: x + y >= 2\n";

enum { TEAM = 4 };

struct team {
    struct gradc_model *models[TEAM];
    struct gradc_evaluator *evaluators[TEAM];
};

static void open_team(struct team *team, const char *text) {
    struct gradc_evaluator_options options = {.evaluations = 1000};
    for (size_t t = 0; t < TEAM; t++) {
        team->models[t] = gradc_load_text("text", ".", text, strlen(text), NULL);
        cr_assert(team->models[t] && !gradc_has_errors(team->models[t]));
        team->evaluators[t] = gradc_evaluator_new(team->models[t], &options);
    }
}

static void close_team(struct team *team) {
    for (size_t t = 0; t < TEAM; t++) {
        gradc_evaluator_free(team->evaluators[t]);
        gradc_free(team->models[t]);
    }
}

static struct gradc_descent_options how(void) {
    return (struct gradc_descent_options){.tolerance = 1e-8, .max_iterations = 1000};
}

static void expect_same(const struct gradc_multistart *a, const struct gradc_multistart *b, size_t n) {
    cr_assert_eq(a->basin_count, b->basin_count);
    cr_expect_eq(a->unfinished, b->unfinished);
    for (size_t k = 0; k < a->basin_count; k++) {
        cr_expect_eq(a->basins[k].count, b->basins[k].count);
        cr_expect_eq(a->basins[k].number, b->basins[k].number);
        cr_expect_eq(a->basins[k].kind, b->basins[k].kind);
        cr_expect(memcmp(a->basins[k].point, b->basins[k].point, n * sizeof(double)) == 0);
    }
}

/* Threads that wait now and then take starts in another order every time. */
static bool after_a_moment(void *context) {
    struct timespec moment = {.tv_nsec = 20000};
    (void)context;
    nanosleep(&moment, NULL);
    return true;
}

static void compare_teams(const char *text) {
    struct team team;
    struct gradc_descent_options descent = how();
    struct gradc_multistart_options options = {
        .descent = &descent, .starts = 30, .seed = 5, .proceed = after_a_moment};
    struct gradc_multistart alone, together;
    open_team(&team, text);
    size_t n = gradc_dimension(team.models[0]);
    cr_assert_eq(gradc_multistart(team.evaluators, 1, &options, &alone), GRADC_DONE);
    cr_assert_eq(gradc_multistart(team.evaluators, TEAM, &options, &together), GRADC_DONE);
    cr_expect(alone.starts == 30 && together.starts == 30);
    expect_same(&alone, &together, n);
    gradc_multistart_free(&alone);
    gradc_multistart_free(&together);
    close_team(&team);
}

Test(multistart, what_is_found_does_not_depend_on_threads) {
    compare_teams(himmelblau);
    compare_teams(boxed);
}

Test(multistart, basins_are_told_apart_and_counted) {
    struct team team;
    struct gradc_descent_options descent = how();
    struct gradc_multistart_options options = {.descent = &descent, .starts = 40};
    struct gradc_multistart found;
    size_t count = 0;
    open_team(&team, himmelblau);
    cr_assert_eq(gradc_multistart(team.evaluators, 2, &options, &found), GRADC_DONE);
    cr_assert_eq(found.basin_count, 4);
    for (size_t k = 0; k < 4; k++) {
        cr_expect_eq(found.basins[k].kind, GRADC_MINIMUM);
        cr_expect(found.basins[k].objective < 1e-15);
        count += found.basins[k].count;
    }
    cr_expect_eq(count + found.unfinished + found.undefined, 40);
    gradc_multistart_free(&found);
    close_team(&team);
}

Test(multistart, starts_stay_within_bounds) {
    struct team team;
    struct gradc_descent_options descent = how();
    descent.max_iterations = 0;
    struct gradc_multistart_options options = {.descent = &descent, .starts = 50};
    struct gradc_multistart found;
    open_team(&team, "var x in [1, 2] = 1.5, y in [0, inf] = 3, z in [4, 4] = 4\nminimize 0*x*y*z\n");
    cr_assert_eq(gradc_multistart(team.evaluators, 1, &options, &found), GRADC_DONE);
    cr_assert(found.basin_count > 10, "%zu", found.basin_count);
    for (size_t k = 0; k < found.basin_count; k++) {
        const double *x = found.basins[k].start;
        cr_expect(x[0] >= 1 && x[0] <= 2 && x[1] >= 0 && x[1] <= 18 && x[2] == 4, "%g %g %g", x[0], x[1],
                  x[2]);
    }
    gradc_multistart_free(&found);
    close_team(&team);
}

struct limit {
    atomic_size_t asked;
    size_t told;
};

static bool some_time(void *context) {
    struct limit *limit = context;
    return atomic_fetch_add(&limit->asked, 1) < 50;
}

static void count_told(void *context, size_t done, size_t starts) {
    struct limit *limit = context;
    limit->told++;
    cr_expect(done == limit->told && starts == 1000);
}

Test(multistart, ends_when_it_is_told_to) {
    struct team team;
    struct limit limit = {.told = 0};
    struct gradc_descent_options descent = how();
    struct gradc_multistart_options options = {
        .descent = &descent, .starts = 1000, .proceed = some_time, .progress = count_told, .context = &limit};
    struct gradc_multistart found;
    open_team(&team, himmelblau);
    cr_assert_eq(gradc_multistart(team.evaluators, TEAM, &options, &found), GRADC_DONE);
    cr_expect(found.starts < 1000 && found.starts == limit.told, "%zu", found.starts);
    gradc_multistart_free(&found);
    close_team(&team);
}
