#include <math.h>
#include <stdlib.h>

#include "api/handle.h"
#include "ir/expand.h"
#include "jit/vector_math.h"
#include "schedule/count.h"
#include "schedule/schedule.h"

/* What the interpreters take for a node, in seconds. */
static const double tape_time = 4e-9, walk_time = 20e-9;
static const double measured_seconds = 0.02;

struct reporting {
    struct gradc_evaluator *e;
    struct runner *r;
    struct gradc_report *report;
    struct program expanded;
    struct code code;
    struct plan plan;
    struct lanes lanes;
    struct code_counts counts;
    unsigned lane_count;
    bool has_plan, has_lanes;
};

/* What runs: the lowered program, where there is one. */
static const struct program *program_that_runs(const struct runner *r) {
    return r->has_lowered ? &r->lowered : &r->program;
}

static const struct binding *binding_that_runs(const struct runner *r) {
    return r->has_lowered ? &r->at_lowered : &r->binding;
}

/* ---- The formula ---- */

/* Leaves, whole numbers and signs are none. */
static bool is_operation(const struct graph *g, node_id n) {
    enum op op = node_op(g, n);
    if (op == OP_MUL && node_count(g, n) == 2 && node_is_number(g, node_operand(g, n, 0), -1)) return false;
    return node_type(g, n) == TYPE_REAL && op != OP_READ && op != OP_TO_REAL && node_count(g, n) > 0;
}

/* Operations as they are shared, and how many there would be if nothing were. */
static bool count_operations(struct reporting *x) {
    const struct program *p = &x->r->program;
    const struct graph *g = p->graph;
    size_t nodes = graph_count(g);
    bool *reached = calloc(nodes, sizeof *reached);
    double *size = calloc(nodes, sizeof *size);
    for (size_t i = 0; reached && i < p->steps.count; i++) reached[p->steps.at[i].value] = true;
    for (size_t n = nodes; reached && n-- > 1;)
        for (uint32_t k = 0; reached[n] && k < node_count(g, (node_id)n); k++)
            reached[node_operand(g, (node_id)n, k)] = true;
    for (node_id n = 1; reached && size && n < nodes; n++) {
        if (!reached[n]) continue;
        size[n] = is_operation(g, n);
        x->report->operations += is_operation(g, n);
        for (uint32_t k = 0; k < node_count(g, n); k++) size[n] += size[node_operand(g, n, k)];
    }
    for (size_t i = 0; reached && size && i < p->steps.count; i++)
        x->report->unshared += size[p->steps.at[i].value];
    bool good = reached && size;
    free(reached);
    free(size);
    return good;
}

/* ---- The code ---- */

static bool choose_lanes(struct reporting *x) {
    const struct kernel_options *options = &x->r->options;
    if (!x->r->kernel || options->arithmetic == ARITHMETIC_STRICT) return true;
    x->lane_count = options->lanes ? options->lanes : vector_math_width();
    if (x->lane_count == 1) return true;
    x->has_lanes = true;
    return lanes_choose(&x->lanes, &x->code, &x->plan, &x->r->binding, false);
}

static bool count_code(struct reporting *x) {
    const struct program *p = program_that_runs(x->r);
    struct diag_list *diags = &x->e->owner->model->diags;
    if (!program_expand(&x->expanded, p) || !schedule_program(&x->code, &x->expanded, diags)) return false;
    x->has_plan = true;
    if (!plan_make(&x->plan, &x->code, &kernel_limits) || !choose_lanes(x)) return false;
    return code_count(&x->counts, &x->code, binding_that_runs(x->r), x->has_lanes ? &x->lanes : NULL,
                      x->lane_count);
}

static bool copy_calls(struct reporting *x) {
    struct gradc_report *report = x->report;
    report->calls = calloc(OP_COUNT, sizeof *report->calls);
    for (int op = 0; report->calls && op < OP_COUNT; op++)
        if (x->counts.calls[op] > 0)
            report->calls[report->call_count++] =
                (struct gradc_call_count){op_info((enum op)op)->name, x->counts.calls[op]};
    return report->calls != NULL;
}

static bool copy_loops(struct reporting *x) {
    struct gradc_report *report = x->report;
    struct arena *arena = &x->e->owner->model->arena;
    report->loops = calloc(x->counts.loops.count + 1, sizeof *report->loops);
    for (size_t k = 0; report->loops && k < x->counts.loops.count; k++) {
        const struct code_loop *loop = &x->counts.loops.at[k];
        const char *name = x->code.program->indices.at[loop->index].name;
        report->loops[report->loop_count++] =
            (struct gradc_loop_count){.index = name ? arena_format(arena, "%s", name) : "",
                                      .depth = loop->depth,
                                      .times = loop->times,
                                      .ordered = loop->ordered,
                                      .threads = !loop->shared ? 0
                                                 : x->r->team  ? x->r->threads
                                                               : 1,
                                      .lanes = loop->in_lanes ? x->lane_count : 1};
    }
    return report->loops != NULL;
}

static bool copy_counts(struct reporting *x) {
    struct gradc_report *report = x->report;
    const struct code_counts *counts = &x->counts;
    report->additions = counts->additions;
    report->multiplications = counts->multiplications;
    report->divisions = counts->divisions;
    report->others = counts->others;
    report->bytes = sizeof(double) * counts->accesses;
    double all =
        counts->additions + counts->multiplications + counts->divisions + counts->others + counts->accesses;
    report->predicted = x->r->kernel ? counts->seconds : all * (x->r->has_tape ? tape_time : walk_time);
    return copy_calls(x) && copy_loops(x);
}

/* ---- Time ---- */

static double seconds_of(struct runner *r, size_t times) {
    struct timespec began, ended;
    clock_gettime(CLOCK_MONOTONIC, &began);
    for (size_t k = 0; k < times; k++) runner_run(r);
    clock_gettime(CLOCK_MONOTONIC, &ended);
    return (double)(ended.tv_sec - began.tv_sec) + 1e-9 * (double)(ended.tv_nsec - began.tv_nsec);
}

static double measure(struct runner *r) {
    double patience = r->patience, best = INFINITY;
    size_t times = 1;
    r->patience = INFINITY; /* measuring changes nothing */
    while (times < 1000000 && seconds_of(r, times) < measured_seconds / 5) times *= 2;
    for (int k = 0; k < 5; k++) best = fmin(best, seconds_of(r, times) / (double)times);
    r->patience = patience;
    return best;
}

static enum gradc_way way_of(const struct runner *r) {
    if (r->kernel) return r->options.level > 1 ? GRADC_OPTIMISED : GRADC_COMPILED;
    return r->has_tape ? GRADC_TAPE : GRADC_INTERPRETED;
}

/* ---- The whole ---- */

static void release(struct reporting *x) {
    code_counts_release(&x->counts);
    if (x->has_lanes) lanes_release(&x->lanes);
    if (x->has_plan) plan_release(&x->plan);
    code_release(&x->code);
    program_release(&x->expanded);
}

enum gradc_outcome gradc_report(struct gradc_evaluator *e, bool gradient, const double *point,
                                struct gradc_report *report) {
    *report = (struct gradc_report){0};
    enum gradc_outcome outcome = gradient ? evaluator_prepare_gradient(e) : evaluator_prepare_value(e);
    if (outcome != GRADC_DONE) return outcome;
    struct reporting x = {
        .e = e, .r = gradient ? &e->gradient : &e->value, .report = report, .lane_count = 1};
    evaluator_set_point(e, point);
    outcome = runner_run(x.r);
    if (outcome == GRADC_DONE && !(count_operations(&x) && count_code(&x) && copy_counts(&x)))
        outcome = GRADC_EXHAUSTED;
    if (outcome == GRADC_DONE) {
        report->way = way_of(x.r);
        report->measured = measure(x.r);
    }
    release(&x);
    return outcome;
}

void gradc_report_free(struct gradc_report *report) {
    free(report->calls);
    free(report->loops);
    *report = (struct gradc_report){0};
}

const char *gradc_way_name(enum gradc_way way) {
    static const char *const names[] = {[GRADC_INTERPRETED] = "interpreted",
                                        [GRADC_TAPE] = "tape",
                                        [GRADC_COMPILED] = "compiled",
                                        [GRADC_OPTIMISED] = "optimised"};
    return names[way];
}
