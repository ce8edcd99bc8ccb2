#include "descend/interior.h"

#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "descend/ipopt.h"

/* ---- Values ---- */

static double excess(const struct objective *o, size_t k, double value) {
    double below = o->constraint_lower[k] - value, above = value - o->constraint_upper[k];
    if (isnan(value)) return INFINITY;
    return fmax(0, fmax(below, above));
}

double interior_violation(const struct interior *s, const double *values, size_t *worst) {
    double largest = 0;
    for (size_t k = 0; k < s->m; k++) {
        double e = excess(s->o, k, values[k]);
        if (!(e > largest)) continue;
        largest = e;
        *worst = k;
    }
    return largest;
}

static bool fail(struct interior *s, const char *what) {
    descent_finish(&s->d, DESCENT_FAILED, "%s could not be evaluated", what);
    return false;
}

/* Takes up a point; what is known of the last one is forgotten where it is another. */
static void look_at(struct interior *s, const double *x) {
    if (memcmp(s->d.trial.x, x, s->n * sizeof *x) == 0) return;
    memcpy(s->d.trial.x, x, s->n * sizeof *x);
    s->has_objective = s->has_constraints = false;
}

static bool find_objective(struct interior *s) {
    if (s->has_objective) return true;
    if (!descent_evaluate(&s->d, &s->d.trial)) return false;
    s->is_finite = point_is_finite(&s->d, &s->d.trial);
    s->has_objective = true;
    return true;
}

static bool find_constraints(struct interior *s) {
    if (s->has_constraints || s->m == 0) return true;
    s->d.result->evaluations.constraint++;
    if (!s->o->constraints(s->o->context, s->d.trial.x, s->values)) return fail(s, "the constraints");
    s->has_constraints = true;
    return true;
}

bool interior_measure(struct interior *s, const double *x, double *violation) {
    look_at(s, x);
    if (!find_constraints(s)) return false;
    *violation = interior_violation(s, s->values, &s->worst);
    return true;
}

bool interior_slopes(struct interior *s, const double *x, const double *gradient) {
    struct descent_matrix jacobian = {.rows = 0};
    memcpy(s->slopes, gradient, s->n * sizeof *gradient);
    for (size_t j = 0; j < s->n; j++) s->parts[j] = fabs(gradient[j]);
    if (s->m == 0) return true;
    if (!s->o->constraint_jacobian(s->o->context, x, &jacobian)) return fail(s, "the constraints");
    for (size_t i = 0; i < jacobian.rows; i++)
        for (size_t k = jacobian.starts[i]; k < jacobian.starts[i + 1]; k++) {
            double part = s->multipliers[i] * jacobian.values[k];
            s->slopes[jacobian.column[k]] += part;
            s->parts[jacobian.column[k]] = fmax(s->parts[jacobian.column[k]], fabs(part));
        }
    return true;
}

bool interior_is_held(const struct interior *s, size_t j) {
    const struct objective *o = s->o;
    double x = s->d.current.x[j];
    if (o->lower && o->upper && o->lower[j] >= o->upper[j]) return true;
    return (o->lower && x <= o->lower[j] && s->slopes[j] > 0) ||
           (o->upper && x >= o->upper[j] && s->slopes[j] < 0);
}

/* ---- What Ipopt asks for ---- */

static bool all_finite(const double *values, size_t count) {
    for (size_t k = 0; k < count; k++)
        if (!isfinite(values[k])) return false;
    return true;
}

static Bool give_value(Index n, Number *x, Bool is_new, Number *value, UserDataPtr context) {
    struct interior *s = context;
    (void)n, (void)is_new;
    look_at(s, x);
    if (!find_objective(s)) return FALSE;
    *value = s->d.trial.value;
    return s->is_finite;
}

/* Gradients are asked for where the descent stands. */
static Bool give_gradient(Index n, Number *x, Bool is_new, Number *gradient, UserDataPtr context) {
    struct interior *s = context;
    (void)n, (void)is_new;
    look_at(s, x);
    if (!find_objective(s)) return FALSE;
    memcpy(gradient, s->d.trial.gradient, s->n * sizeof *gradient);
    if (s->is_finite) {
        memcpy(s->d.current.x, s->d.trial.x, s->n * sizeof *x);
        memcpy(s->d.current.gradient, s->d.trial.gradient, s->n * sizeof *x);
        s->d.current.value = s->d.trial.value;
    }
    return s->is_finite;
}

static Bool give_constraints(Index n, Number *x, Bool is_new, Index m, Number *values, UserDataPtr context) {
    struct interior *s = context;
    (void)n, (void)is_new, (void)m;
    look_at(s, x);
    if (!find_constraints(s)) return FALSE;
    for (size_t row = 0; row < s->rows; row++) values[row] = s->values[s->constraint[row]];
    return all_finite(values, s->rows);
}

static void name_entries(const struct descent_matrix *matrix, Index *rows, Index *columns) {
    size_t count = 0;
    Index row = 0;
    for (size_t i = 0; i < matrix->rows; i++) {
        if (matrix->starts[i] == matrix->starts[i + 1]) continue;
        for (size_t k = matrix->starts[i]; k < matrix->starts[i + 1]; k++) {
            rows[count] = row;
            columns[count++] = (Index)matrix->column[k];
        }
        row++;
    }
}

static Bool give_jacobian(Index n, Number *x, Bool is_new, Index m, Index count, Index *rows, Index *columns,
                          Number *values, UserDataPtr context) {
    struct interior *s = context;
    struct descent_matrix jacobian;
    (void)n, (void)is_new, (void)m, (void)count;
    const double *at = values ? x : s->d.current.x;
    if (s->rows == 0) return TRUE;
    if (values) s->d.result->evaluations.jacobian++;
    if (!s->o->constraint_jacobian(s->o->context, at, &jacobian)) return fail(s, "the constraints");
    if (!values) {
        name_entries(&jacobian, rows, columns);
        return TRUE;
    }
    memcpy(values, jacobian.values, s->jacobian_entries * sizeof *values);
    return all_finite(values, s->jacobian_entries);
}

static void name_lower_entries(const struct descent_matrix *matrix, Index *rows, Index *columns) {
    for (size_t i = 0; i < matrix->rows; i++)
        for (size_t k = matrix->starts[i]; k < matrix->starts[i + 1]; k++) {
            rows[k] = (Index)i;
            columns[k] = (Index)matrix->column[k];
        }
}

static Bool give_hessian(Index n, Number *x, Bool is_new, Number factor, Index m, Number *multipliers,
                         Bool are_new, Index count, Index *rows, Index *columns, Number *values,
                         UserDataPtr context) {
    struct interior *s = context;
    const struct objective *o = s->o;
    struct descent_matrix lower;
    (void)n, (void)is_new, (void)m, (void)are_new, (void)count;
    for (size_t row = 0; values && row < s->rows; row++)
        s->multipliers[s->constraint[row]] = multipliers[row];
    if (values) s->d.result->evaluations.hessian++;
    const double *at = values ? x : s->d.current.x;
    if (!o->lagrangian(o->context, at, o->maximize ? -factor : factor, s->multipliers, &lower))
        return fail(s, "the Hessian of the Lagrangian");
    if (!values) {
        name_lower_entries(&lower, rows, columns);
        return TRUE;
    }
    memcpy(values, lower.values, s->hessian_entries * sizeof *values);
    return all_finite(values, s->hessian_entries);
}

/* ---- Between iterations ---- */

static void take_as_best(struct interior *s) {
    s->best_violation = s->violation;
    s->d.best.value = s->d.current.value;
    memcpy(s->d.best.x, s->d.current.x, s->n * sizeof(double));
    memcpy(s->d.best.gradient, s->d.current.gradient, s->n * sizeof(double));
}

/* Better: less violated, or not violated and lower. A second attempt has to end in a critical point. */
static void keep_best(struct interior *s) {
    if (s->is_second) return;
    bool first = s->d.result->iterations == 0, holds = s->violation <= s->d.stop->tolerance;
    bool held = s->best_violation <= s->d.stop->tolerance;
    bool better = holds && held ? s->d.current.value < s->d.best.value : s->violation < s->best_violation;
    if (better || first) take_as_best(s);
}

static void return_to_best(struct interior *s) {
    s->d.current.value = s->d.best.value;
    memcpy(s->d.current.x, s->d.best.x, s->n * sizeof(double));
    memcpy(s->d.current.gradient, s->d.best.gradient, s->n * sizeof(double));
}

static bool observe(const struct interior *s, double slope, double step, const struct stop_criteria *stop) {
    if (!stop->observe) return true;
    struct descent_iteration seen = {.iteration = s->d.result->iterations,
                                     .value = s->o->maximize ? -s->d.current.value : s->d.current.value,
                                     .gradient_norm = slope,
                                     .step = step,
                                     .x = s->d.current.x};
    return stop->observe(stop->observer, &seen);
}

static Bool look_around(Index mode, Index iteration, Number value, Number infeasibility, Number slope,
                        Number barrier, Number step, Number shift, Number dual, Number primal, Index trials,
                        UserDataPtr context) {
    struct interior *s = context;
    (void)mode, (void)value, (void)infeasibility, (void)barrier, (void)shift, (void)dual, (void)primal;
    (void)trials;
    s->d.result->iterations = s->former_iterations + (size_t)iteration;
    s->d.step = step;
    if (s->d.finished || !interior_measure(s, s->d.current.x, &s->violation)) return FALSE;
    keep_best(s);
    bool was_seen = s->is_second && iteration == 0;
    if (!was_seen && !observe(s, slope, step, s->d.stop))
        descent_finish(&s->d, DESCENT_INTERRUPTED, "it was interrupted");
    if (s->d.result->iterations > 0 || s->d.stop->max_iterations == 0) descent_check_limits(&s->d);
    return !s->d.finished;
}

/* ---- The problem ---- */

static void set_text(IpoptProblem problem, const char *name, const char *value) {
    char key[40], text[40];
    snprintf(key, sizeof key, "%s", name);
    snprintf(text, sizeof text, "%s", value);
    AddIpoptStrOption(problem, key, text);
}

static void set_number(IpoptProblem problem, const char *name, double value) {
    char key[40];
    snprintf(key, sizeof key, "%s", name);
    AddIpoptNumOption(problem, key, value);
}

static void set_whole(IpoptProblem problem, const char *name, int value) {
    char key[40];
    snprintf(key, sizeof key, "%s", name);
    AddIpoptIntOption(problem, key, value);
}

static void set_options(const struct interior *s, IpoptProblem problem) {
    double tolerance = fmax(s->d.stop->tolerance, 1e-15);
    set_text(problem, "sb", "yes");
    set_whole(problem, "print_level", 0);
    set_text(problem, "option_file_name", "");
    set_whole(problem, "max_iter", INT_MAX); /* limits are our own */
    set_number(problem, "tol", tolerance);
    set_number(problem, "constr_viol_tol", fmax(tolerance, 1e-12));
    set_number(problem, "bound_relax_factor", 1e-10);
    set_text(problem, "honor_original_bounds", "yes");
    set_text(problem, "mu_strategy", "monotone");
    if (s->is_second) set_text(problem, "perturb_always_cd", "yes"); /* what is said twice is bearable then */
}

/* Equalities that outnumber the unknowns leave it no room: `slack` widens them. */
static IpoptProblem make_problem(const struct interior *s, double slack) {
    const struct objective *o = s->o;
    double *bounds = malloc((2 * s->n + 2 * s->rows + 1) * sizeof *bounds);
    if (!bounds) return NULL;
    double *lower = bounds, *upper = lower + s->n, *least = upper + s->n, *most = least + s->rows;
    for (size_t j = 0; j < s->n; j++) {
        lower[j] = o->lower ? o->lower[j] : -INFINITY;
        upper[j] = o->upper ? o->upper[j] : INFINITY;
    }
    for (size_t row = 0; row < s->rows; row++) {
        least[row] = o->constraint_lower[s->constraint[row]];
        most[row] = o->constraint_upper[s->constraint[row]];
        double room = slack * fmax(1, fabs(least[row]));
        if (least[row] < most[row]) continue;
        least[row] -= room;
        most[row] += room;
    }
    IpoptProblem problem =
        CreateIpoptProblem((Index)s->n, lower, upper, (Index)s->rows, least, most, (Index)s->jacobian_entries,
                           (Index)s->hessian_entries, 0, give_value, give_constraints, give_gradient,
                           give_jacobian, give_hessian);
    free(bounds);
    return problem;
}

/* The linear solver that Ipopt uses here, MUMPS, is not made for threads. */
static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

/* Runs it from the current point; the final point and its forces are left in the trial and in `s`. */
static enum ApplicationReturnStatus solve(struct interior *s, double slack) {
    pthread_mutex_lock(&one_at_a_time);
    IpoptProblem problem = make_problem(s, slack);
    double *x = malloc((s->n + s->rows + 1) * sizeof *x), value;
    enum ApplicationReturnStatus status = Insufficient_Memory;
    if (problem && x) {
        double *multipliers = x + s->n;
        memcpy(x, s->d.current.x, s->n * sizeof *x);
        memset(multipliers, 0, s->rows * sizeof *x);
        set_options(s, problem);
        SetIntermediateCallback(problem, look_around);
        status = IpoptSolve(problem, x, NULL, &value, multipliers, s->lower_forces, s->upper_forces, s);
        if (all_finite(x, s->n)) look_at(s, x);
        for (size_t row = 0; row < s->rows; row++)
            s->multipliers[s->constraint[row]] = isfinite(multipliers[row]) ? multipliers[row] : 0;
    }
    if (problem) FreeIpoptProblem(problem);
    pthread_mutex_unlock(&one_at_a_time);
    free(x);
    return status;
}

/* ---- The end ---- */

struct name_text {
    char text[160];
};

static struct name_text name_of(const struct interior *s, size_t constraint) {
    struct name_text name;
    struct text full = {0};
    if (s->o->name_constraint) s->o->name_constraint(s->o->context, constraint, &full);
    if (full.length)
        snprintf(name.text, sizeof name.text, "`%.150s`", text_string(&full));
    else
        snprintf(name.text, sizeof name.text, "constraint %zu", constraint + 1);
    text_free(&full);
    return name;
}

static bool arrive(struct interior *s) {
    if (!find_objective(s) || !find_constraints(s)) return false;
    if (s->is_finite) {
        struct evaluated_point former = s->d.current;
        s->d.current = s->d.trial;
        s->d.trial = former;
        memcpy(s->d.trial.x, s->d.current.x, s->n * sizeof(double));
        s->has_objective = false;
    }
    return interior_measure(s, s->d.current.x, &s->violation);
}

/* The largest violation beside the numbers that the constraints compare. */
static bool is_feasible(const struct interior *s) {
    double limit = s->o->constraint_lower ? s->o->constraint_lower[s->worst] : 0;
    if (s->m > 0 && !isfinite(limit)) limit = s->o->constraint_upper[s->worst];
    return s->m == 0 || s->violation <= 10 * s->d.stop->tolerance * fmax(1, fabs(limit));
}

static void finish_infeasible(struct interior *s, const char *what) {
    descent_finish(&s->d, DESCENT_INFEASIBLE, "%s: %s is violated by %s", what, name_of(s, s->worst).text,
                   descent_number(s->violation).digits);
}

static bool is_sure(enum ApplicationReturnStatus status) {
    return status == Solve_Succeeded || status == Feasible_Point_Found;
}

static void finish_stalled(struct interior *s, enum judgement judgement) {
    double norm = interior_slope_norm(s), largest = descent_norm(s->multipliers, s->m);
    bool hangs = largest > 1e3 * fmax(1, descent_norm(s->d.current.gradient, s->n));
    if (judgement == DROWNS_IN_ROUNDING)
        descent_finish(&s->d, DESCENT_STALLED,
                       "multipliers reach %s, which is too large to tell whether the point is critical; "
                       "constraints may say the same twice",
                       descent_number(largest).digits);
    else if (judgement == IS_PRESSED_FROM_AFAR)
        descent_finish(
            &s->d, DESCENT_STALLED,
            "no step improves the point any more, though constraints press that are off their bounds");
    else
        descent_finish(&s->d, DESCENT_STALLED,
                       "no step improves the point any more, though the gradient of the Lagrangian is %s%s%s",
                       descent_number(norm).digits,
                       hangs ? "; the active constraints hardly differ from one another or have no slope "
                               "here, for multipliers reach "
                             : "",
                       hangs ? descent_number(largest).digits : "");
}

static void conclude_critical(struct interior *s, bool sure) {
    enum judgement judgement = interior_judge(s, sure);
    if (!is_feasible(s))
        finish_infeasible(s, "no step brings the constraints nearer to holding");
    else if (judgement == IS_CRITICAL)
        descent_finish(&s->d, DESCENT_CONVERGED,
                       "the gradient of the Lagrangian is %s, and the constraints are violated by at most %s",
                       descent_number(interior_slope_norm(s)).digits, descent_number(s->violation).digits);
    else
        finish_stalled(s, judgement);
}

static void conclude(struct interior *s, enum ApplicationReturnStatus status) {
    bool sure = is_sure(status);
    if (s->d.finished) return;
    switch (status) {
    case Solve_Succeeded:
    case Feasible_Point_Found:
    case Solved_To_Acceptable_Level:
    case Search_Direction_Becomes_Too_Small:
    case Restoration_Failed:
    case Error_In_Step_Computation: conclude_critical(s, sure); return;
    case Infeasible_Problem_Detected:
        if (is_feasible(s))
            conclude_critical(s, false);
        else
            finish_infeasible(s, "the constraints cannot all be met, as far as this descent can see");
        return;
    case Diverging_Iterates:
        descent_finish(&s->d, DESCENT_DIVERGED, "an unknown goes beyond 1e20; there seems to be no %s here",
                       s->o->maximize ? "maximum" : "minimum");
        return;
    case Not_Enough_Degrees_Of_Freedom:
        descent_finish(&s->d, DESCENT_STALLED, "there are more equalities than unknowns that may move");
        return;
    case Invalid_Number_Detected:
        descent_finish(&s->d, DESCENT_STALLED, "a derivative is not finite where the descent stands");
        return;
    case User_Requested_Stop:
    case Maximum_Iterations_Exceeded:
    case Maximum_CpuTime_Exceeded:
    case Invalid_Problem_Definition:
    case Invalid_Option:
    case Unrecoverable_Exception:
    case NonIpopt_Exception_Thrown:
    case Insufficient_Memory:
    case Internal_Error: break;
    }
    descent_finish(&s->d, DESCENT_FAILED, "Ipopt gave up (its status is %s)",
                   descent_number((double)status).digits);
}

/* ---- The beginning ---- */

static bool open_room(struct interior *s) {
    s->constraint = calloc(s->m + 1, sizeof *s->constraint);
    s->values = calloc(2 * s->m + 4 * s->n + 1, sizeof *s->values);
    if (!s->constraint || !s->values) {
        descent_finish(&s->d, DESCENT_FAILED, "memory is exhausted");
        return false;
    }
    s->multipliers = s->values + s->m;
    s->slopes = s->multipliers + s->m;
    s->parts = s->slopes + s->n;
    s->lower_forces = s->parts + s->n;
    s->upper_forces = s->lower_forces + s->n;
    return true;
}

/* Values at the start. */
static bool enter(struct interior *s) {
    memcpy(s->d.trial.x, s->d.current.x, s->n * sizeof(double));
    if (!interior_measure(s, s->d.current.x, &s->violation)) return false;
    s->best_violation = s->violation;
    if (all_finite(s->values, s->m)) return true;
    descent_finish(&s->d, DESCENT_DOMAIN_ERROR, "%s has no finite value at the start",
                   name_of(s, s->worst).text);
    return false;
}

/* Constraints without entries in the Jacobian are constants: they hold or do not. */
static bool choose_rows(struct interior *s, const struct descent_matrix *jacobian) {
    const struct objective *o = s->o;
    for (size_t k = 0; k < s->m; k++) {
        bool constant = jacobian->starts[k] == jacobian->starts[k + 1];
        double e = excess(o, k, s->values[k]);
        if (!constant) s->constraint[s->rows++] = k;
        if (o->constraint_lower[k] > o->constraint_upper[k])
            descent_finish(&s->d, DESCENT_INFEASIBLE, "the bounds of %s cross: no value is between them",
                           name_of(s, k).text);
        else if (constant && e > 0)
            descent_finish(&s->d, DESCENT_INFEASIBLE, "%s depends on no unknown and is violated by %s",
                           name_of(s, k).text, descent_number(e).digits);
        if (!s->d.finished) continue;
        s->worst = k;
        return false;
    }
    return true;
}

/* The patterns of both matrices. */
static bool find_patterns(struct interior *s) {
    const struct objective *o = s->o;
    struct descent_matrix jacobian = {.rows = 0}, lower = {.rows = 0};
    if (s->m > 0) {
        if (!o->constraint_jacobian(o->context, s->d.current.x, &jacobian)) return fail(s, "the constraints");
        s->jacobian_entries = jacobian.starts[jacobian.rows];
        if (!choose_rows(s, &jacobian)) return false;
    }
    if (!o->lagrangian || !o->lagrangian(o->context, s->d.current.x, 1, s->multipliers, &lower))
        return fail(s, "the Hessian of the Lagrangian");
    s->hessian_entries = lower.starts[lower.rows];
    if (s->n < INT_MAX && s->m < INT_MAX && s->jacobian_entries < INT_MAX && s->hessian_entries < INT_MAX)
        return true;
    descent_finish(&s->d, DESCENT_FAILED, "there are too many unknowns or entries for Ipopt");
    return false;
}

static bool can_move(const struct interior *s) {
    const struct objective *o = s->o;
    for (size_t j = 0; j < s->n; j++)
        if (!o->lower || !o->upper || o->lower[j] < o->upper[j]) return true;
    return false;
}

/* Leaves the slopes at the point it leads to. False where there is nothing more to say. */
static bool attempt(struct interior *s, double slack, enum ApplicationReturnStatus *status) {
    *status = solve(s, slack);
    if (*status == Not_Enough_Degrees_Of_Freedom && !s->d.finished)
        *status = solve(s, interior_least_slope(s));
    if (s->d.finished || !arrive(s)) return false;
    keep_best(s);
    if (is_sure(*status) || *status == Solved_To_Acceptable_Level)
        interior_refine(s);
    else
        return_to_best(s);
    if (s->d.finished || !interior_measure(s, s->d.current.x, &s->violation)) return false;
    return interior_slopes(s, s->d.current.x, s->d.current.gradient);
}

/* Whether it ended where the constraints hold but nothing says that the point is critical. */
static bool deserves_another(struct interior *s, enum ApplicationReturnStatus status) {
    bool ended = is_sure(status) || status == Solved_To_Acceptable_Level ||
                 status == Search_Direction_Becomes_Too_Small || status == Restoration_Failed ||
                 status == Error_In_Step_Computation || status == Infeasible_Problem_Detected;
    return ended && s->rows > 0 && is_feasible(s) && interior_judge(s, is_sure(status)) != IS_CRITICAL;
}

/* As many equalities as unknowns that may move are taken for a system of equations, without an objective:
 * where some say the same, something is left to choose, and the equalities are to be widened. */
static double room_needed(const struct interior *s) {
    const struct objective *o = s->o;
    size_t equalities = 0, moving = 0;
    for (size_t row = 0; row < s->rows; row++)
        equalities += !(o->constraint_lower[s->constraint[row]] < o->constraint_upper[s->constraint[row]]);
    for (size_t j = 0; j < s->n; j++) moving += !(o->lower && o->upper && o->lower[j] >= o->upper[j]);
    return equalities >= moving ? interior_least_slope(s) : 0;
}

/* Back to the start, for a second attempt; what the first has taken stays counted. */
static bool begin_anew(struct interior *s) {
    s->former = malloc((s->m + 4 * s->n + 1) * sizeof *s->former);
    if (!s->former) return false;
    memcpy(s->former, s->multipliers, (s->m + 4 * s->n) * sizeof *s->former);
    take_as_best(s);
    s->is_second = true;
    s->former_is_refined = s->is_refined;
    s->former_iterations = s->d.result->iterations;
    s->is_refined = false;
    memset(s->multipliers, 0, s->m * sizeof *s->multipliers);
    for (size_t j = 0; j < s->n; j++) s->d.current.x[j] = descent_project(&s->d, j, s->start[j]);
    return descent_evaluate(&s->d, &s->d.current) && interior_measure(s, s->d.current.x, &s->violation);
}

/* Where the first attempt ended. False where there is nothing more to say. */
static bool return_to_first(struct interior *s) {
    memcpy(s->multipliers, s->former, (s->m + 4 * s->n) * sizeof *s->former);
    s->is_refined = s->former_is_refined;
    return_to_best(s);
    return !s->d.finished && interior_measure(s, s->d.current.x, &s->violation);
}

/* Likewise. */
static bool try_again(struct interior *s, enum ApplicationReturnStatus *status) {
    enum ApplicationReturnStatus second;
    if (begin_anew(s) && attempt(s, room_needed(s), &second) && is_feasible(s) &&
        interior_judge(s, is_sure(second)) == IS_CRITICAL) {
        *status = second;
        return true;
    }
    return !s->former || return_to_first(s);
}

static void run(struct interior *s) {
    if (!open_room(s) || !enter(s) || !find_patterns(s)) return;
    if (!can_move(s)) {
        if (interior_slopes(s, s->d.current.x, s->d.current.gradient)) conclude_critical(s, true);
        return;
    }
    if (!ipopt_load()) {
        descent_finish(&s->d, DESCENT_FAILED,
                       "Ipopt could not be loaded: Debian's package coinor-libipopt1v5 has it");
        return;
    }
    enum ApplicationReturnStatus status;
    if (!attempt(s, 0, &status)) return;
    if (deserves_another(s, status) && !try_again(s, &status)) return;
    conclude(s, status);
    take_as_best(s);
}

/* What is told of the constraints at the point that is reported. */
static void report(struct interior *s) {
    struct descent_result *r = s->d.result;
    if (!s->values || r->status == DESCENT_FAILED || r->status == DESCENT_DOMAIN_ERROR) return;
    if (r->status != DESCENT_CONVERGED) return_to_best(s);
    if (!interior_measure(s, s->d.current.x, &r->violation)) return;
    r->worst_constraint = s->worst;
    if (!interior_slopes(s, s->d.current.x, s->d.current.gradient)) return;
    r->multipliers = malloc((s->m + 1) * sizeof *r->multipliers);
    for (size_t k = 0; r->multipliers && k < s->m; k++)
        r->multipliers[k] = s->o->maximize ? s->multipliers[k] : 0 - s->multipliers[k];
}

static void leave(struct interior *s, struct descent_result *result) {
    double norm = s->slopes ? interior_slope_norm(s) : NAN;
    descent_end(&s->d);
    /* The start, where it is the constraints that have no value there. */
    if (result->status == DESCENT_DOMAIN_ERROR && !result->failed_at && result->x) {
        result->failed_at = malloc((s->n + 1) * sizeof *result->failed_at);
        if (result->failed_at) memcpy(result->failed_at, result->x, s->n * sizeof *result->x);
    }
    if (result->multipliers) result->gradient_norm = norm;
    free(s->constraint);
    free(s->values);
    free(s->former);
}

static void descend_from(const struct objective *objective, const double *start,
                         const struct descent_options *options, struct descent_result *result) {
    struct interior s = {
        .o = objective, .start = start, .n = objective->dimension, .m = objective->constraint_count};
    struct stop_criteria quiet = options->stop;
    quiet.observe = NULL;
    if (descent_begin(&s.d, objective, start, &quiet, result)) {
        s.d.stop = &options->stop;
        run(&s);
        report(&s);
    }
    leave(&s, result);
}

/* It cannot begin on a bound. Where a start lay outside of its bounds, the nearest one is no better than any
 * other place between them: their middle is taken. NULL where none did, or memory is exhausted: the nearest
 * ones serve then. */
static double *between_bounds(const struct objective *o, const double *start) {
    bool moves = false;
    double *from = o->outside && o->lower && o->upper ? malloc((o->dimension + 1) * sizeof *from) : NULL;
    for (size_t j = 0; from && j < o->dimension; j++) {
        bool anywhere = o->outside[j] && isfinite(o->lower[j]) && isfinite(o->upper[j]);
        from[j] = anywhere ? o->lower[j] / 2 + o->upper[j] / 2 : start[j];
        moves |= anywhere;
    }
    if (moves) return from;
    free(from);
    return NULL;
}

void descend_interior(const struct objective *objective, const double *start,
                      const struct descent_options *options, struct descent_result *result) {
    double *from = between_bounds(objective, start);
    descend_from(objective, from ? from : start, options, result);
    if (from && result->status == DESCENT_DOMAIN_ERROR) {
        descent_result_free(result);
        descend_from(objective, start, options, result);
    }
    free(from);
}
