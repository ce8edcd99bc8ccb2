#include "api/runner.h"

#include <math.h>
#include <stdlib.h>

#include "api/handle.h"
#include "eval/size.h"
#include "lower/checksum.h"
#include "lower/chunk.h"
#include "lower/lower.h"
#include "lower/regroup.h"
#include "support/number.h"

static enum gradc_outcome outcome_of(enum evaluation evaluation) {
    switch (evaluation) {
    case EVALUATED: return GRADC_DONE;
    case EVALUATION_ERROR: return GRADC_REFUSED;
    case EVALUATION_MEMORY: break;
    }
    return GRADC_EXHAUSTED;
}

/* What a failed step means: an error that was reported, or exhausted memory. */
static enum gradc_outcome failure(const struct model *model) {
    return diag_has_errors(&model->diags) ? GRADC_REFUSED : GRADC_EXHAUSTED;
}

static bool bind(struct runner *r, struct model *model) {
    r->has_binding = binding_init(&r->binding, &r->program);
    if (r->has_binding) binding_share_inputs(&r->binding, &model->binding);
    return r->has_binding;
}

/* Notes the arrays of derivatives by unknown: there may be many of both. */
static bool find_gradients(struct runner *r, const struct model *model) {
    const struct program *p = &r->program;
    array_id *by_array = calloc(p->arrays.count, sizeof *by_array);
    r->gradients = calloc(model->unknowns.count + 1, sizeof *r->gradients);
    bool room = by_array && r->gradients;
    for (array_id a = 1; room && a < p->arrays.count; a++)
        if (p->arrays.at[a].role == ROLE_GRADIENT) by_array[p->arrays.at[a].of] = a;
    for (size_t k = 0; room && k < model->unknowns.count; k++)
        r->gradients[k] = by_array[model->unknowns.at[k].shape.array];
    free(by_array);
    return room;
}

static bool find_loans(struct runner *r, const struct model *model) {
    r->loan_count = model->unknowns.count;
    r->fills_gradient = true;
    r->loans = calloc(r->loan_count + 1, sizeof *r->loans);
    for (size_t k = 0; r->loans && k < r->loan_count; k++) {
        const struct model_unknown *unknown = &model->unknowns.at[k];
        r->loans[k] = (struct loan){unknown->shape.array, r->gradients[k], unknown->offset};
        r->fills_gradient &= r->gradients[k] != 0;
    }
    return r->loans != NULL;
}

static void bind_point(struct runner *r, const struct model *model, double *point) {
    for (size_t k = 0; k < model->unknowns.count; k++) {
        const struct model_unknown *unknown = &model->unknowns.at[k];
        binding_set_real(&r->binding, unknown->shape.array, point + unknown->offset, unknown->shape.count);
    }
}

/* ---- Code ---- */

/* About how many nodes a run computes: all of them once, and some for every element there is. */
static double work_of_run(const struct runner *r, double nodes) {
    double elements = 1;
    for (size_t a = 1; a < r->binding.array_count; a++)
        if (!r->program.arrays.at[a].unused) elements += (double)r->binding.arrays[a].count;
    return elements + nodes;
}

/* What compiling costs, and what optimising loops costs beside it, in nodes computed by the interpreter. That
 * of programs without loops takes a tenth of the time for each. */
static const double cost_of_native_code = 2e5, cost_by_node = 150, cost_of_optimising = 2e6;
static const double times_faster_without_loops = 10;

static double cost_of_compiling(const struct runner *r, double nodes) {
    return (cost_of_native_code + cost_by_node * nodes) *
           (tape_may_fit(&r->program) ? times_faster_without_loops : 1);
}

static enum arithmetic arithmetic_of(enum gradc_arithmetic arithmetic) {
    switch (arithmetic) {
    case GRADC_STRICT: return ARITHMETIC_STRICT;
    case GRADC_FAST: return ARITHMETIC_FAST;
    case GRADC_LANES: break;
    }
    return ARITHMETIC_LANES;
}

/* How a program is run. */
struct way {
    bool native;
    struct kernel_options kernel;
    double patience; /* after how many runs it is compiled all the same; infinite: never */
};

static struct way choose_way(const struct runner *r, const struct gradc_evaluator_options *options) {
    double nodes = (double)program_node_count(&r->program);
    double once = work_of_run(r, nodes), cost = cost_of_compiling(r, nodes);
    double work = (double)options->evaluations * once;
    struct way way = {.native = options->native || (!options->interpret && work > cost)};
    way.kernel.level = options->native || work > cost_of_optimising ? 3 : 1;
    /* Where optimising does not pay lanes do not, unless their number was asked for. */
    bool plain = way.kernel.level == 1 && options->lanes == 0;
    way.kernel.arithmetic = plain ? ARITHMETIC_STRICT : arithmetic_of(options->arithmetic);
    way.kernel.lanes = options->lanes;
    way.kernel.cache = options->cache;
    /* Without loops and contraction, code gives the same bits as the interpreter. */
    bool same = tape_may_fit(&r->program) && options->arithmetic != GRADC_FAST;
    way.patience = same && !options->interpret ? cost / once : INFINITY;
    return way;
}

static bool interpret(struct runner *r, struct model *model) {
    enum tape_fit fit = tape_make(&r->tape, &r->program, &r->binding);
    r->has_tape = fit == TAPE_FITS;
    if (fit != TAPE_UNFIT) return r->has_tape;
    r->has_doubles = true;
    return doubles_init(&r->doubles, &r->program, &r->binding, &model->diags);
}

/* Elements stand where those of the program do; only arrays that lowering has made are added. */
static bool bind_lowered(struct runner *r) {
    if (!binding_init(&r->at_lowered, &r->lowered)) return false;
    for (array_id a = 1; a < r->binding.array_count; a++) {
        struct bound_array *bound = &r->binding.arrays[a];
        if (!bound->at.real) continue; /* sizes too: extents are made of them */
        if (r->lowered.arrays.at[a].type == TYPE_INT)
            binding_set_integer(&r->at_lowered, a, bound->at.integer, bound->count);
        else
            binding_set_real(&r->at_lowered, a, bound->at.real, bound->count);
    }
    return binding_allocate(&r->at_lowered, NULL);
}

static void release_lowered(struct runner *r) {
    if (!r->has_lowered) return;
    binding_release(&r->at_lowered);
    program_release(&r->lowered);
    r->has_lowered = false;
    r->checksum = 0;
}

static bool add_checksum(struct runner *r, const array_id *checked, size_t count) {
    struct program summed;
    bool done = program_add_checksum(&summed, &r->lowered, checked, count, &r->checksum);
    program_release(done ? &r->lowered : &summed);
    if (done) r->lowered = summed;
    return done;
}

/* Loops that are long enough are cut into chunks, whether or not threads will share them. */
static bool chunk(struct runner *r) {
    struct program chunked;
    bool changed;
    if (!lower_chunk(&chunked, &r->lowered, &r->binding, 0, &changed)) return false;
    if (!changed) return true;
    program_release(&r->lowered);
    r->lowered = chunked;
    return true;
}

static bool regroup_and_lower(struct runner *r) {
    struct program regrouped;
    bool done = program_regroup(&regrouped, &r->program) && lower_program(&r->lowered, &regrouped);
    program_release(&regrouped);
    return done;
}

static void lower_strictly(struct runner *r) {
    if (!lower_applies(&r->program)) return;
    r->has_lowered = true;
    if (!lower_exactly(&r->lowered, &r->program) || !bind_lowered(r)) release_lowered(r);
}

/* Where there is no memory for it, the program runs as it is. */
static void lower(struct runner *r, bool fast) {
    if (!lower_applies(&r->program) && !fast) return;
    r->has_lowered = true;
    bool done = fast ? regroup_and_lower(r) : lower_program(&r->lowered, &r->program);
    if (done && r->checked)
        done = add_checksum(r, &r->checked, 1);
    else if (done && r->checks && r->fills_gradient)
        done = add_checksum(r, r->gradients, r->loan_count);
    if (!done || !chunk(r) || !bind_lowered(r)) release_lowered(r);
}

/* Where no code can be made the interpreter gives the same results, later. */
static struct kernel *compile(struct runner *r, struct model *model, const struct kernel_options *options,
                              struct kernel_report *report) {
    struct diag_list reasons;
    diag_init(&reasons, &model->arena, &model->sources);
    if (options->arithmetic == ARITHMETIC_STRICT && !r->is_lowered)
        lower_strictly(r);
    else if (!r->is_lowered)
        lower(r, options->arithmetic == ARITHMETIC_FAST);
    struct kernel_options with_inputs = *options;
    with_inputs.inputs = &r->binding;
    struct kernel *kernel =
        kernel_compile(r->has_lowered ? &r->lowered : &r->program, &with_inputs, report, &reasons);
    if (!kernel)
        diag_add(&model->diags, SEVERITY_WARNING, "interpreted", (struct span){0},
                 "evaluation is interpreted, for no native code could be made: %s",
                 reasons.items.count ? reasons.items.at[0].message : "memory is exhausted");
    diag_release(&reasons);
    return kernel;
}

/* Threads for the loops that they can share. */
static void give_team(struct runner *r) {
    if (r->threads < 2 || !r->has_lowered || !team_is_wanted(&r->lowered)) return;
    r->team = team_new(pools_get(&r->owner->progress->pools, r->threads), &r->at_lowered, r->kernel);
}

/* Takes a kernel over; false where there is none, or no memory for what it needs: then the program runs as it
 * is. */
static bool take_kernel(struct runner *r, struct kernel *kernel) {
    double *scratch = kernel && kernel->scratch ? numbers_allocate(kernel->scratch) : NULL;
    if (!kernel || (kernel->scratch && !scratch)) {
        kernel_free(kernel);
        release_lowered(r);
        return false;
    }
    r->kernel = kernel;
    (r->has_lowered ? &r->at_lowered : &r->binding)->slots[0] = r->scratch = scratch;
    give_team(r);
    return true;
}

static bool make_code(struct runner *r, struct model *model, const struct way *way,
                      struct kernel_report *report) {
    *report = (struct kernel_report){0};
    r->patience = INFINITY;
    r->options = way->kernel;
    if (way->native && take_kernel(r, compile(r, model, &way->kernel, report))) return true;
    if (!way->native) r->patience = way->patience;
    return interpret(r, model);
}

/* A program that was expected to run less often: from here on natively, where that can be. */
static void change_to_code(struct runner *r) {
    struct kernel_report report;
    struct stopwatch watch = stopwatch_start();
    r->patience = INFINITY;
    if (!take_kernel(r, compile(r, r->owner->model, &r->options, &report))) return;
    phase_add(r->owner, "compile", watch);
    tape_release(&r->tape);
    r->has_tape = false;
}

/* ---- Runners ---- */

enum gradc_outcome runner_prepare_input(struct runner *r, struct model *model, struct model_input *input) {
    static const struct gradc_evaluator_options once = {.evaluations = 1, .arithmetic = GRADC_STRICT};
    struct kernel_report report;
    r->program = input->program;
    r->has_program = true;
    input->program = (struct program){0};
    if (!bind(r, model)) return failure(model);
    binding_set_real(&r->binding, input->result, input->values, input->count);
    if (!binding_allocate(&r->binding, &model->diags)) return failure(model);
    struct way way = choose_way(r, &once);
    r->ready = make_code(r, model, &way, &report);
    return r->ready ? GRADC_DONE : failure(model);
}

enum gradc_outcome runner_bind(struct runner *r, struct gradc_model *owner, double *point) {
    struct model *model = owner->model;
    r->has_program = true;
    if (!model_inputs(owner) || !bind(r, model) || !find_gradients(r, model) || !find_loans(r, model))
        return failure(model);
    bind_point(r, model, point);
    return binding_allocate(&r->binding, &model->diags) ? GRADC_DONE : failure(model);
}

enum gradc_outcome runner_compile(struct runner *r, struct gradc_model *owner,
                                  const struct gradc_evaluator_options *options) {
    struct model *model = owner->model;
    struct stopwatch watch = stopwatch_start();
    r->owner = owner;
    r->threads = options->threads < POOL_MOST_WORKERS ? options->threads : POOL_MOST_WORKERS;
    struct way way = choose_way(r, options);
    struct kernel_report report;
    if (!make_code(r, model, &way, &report)) return failure(model);
    struct gradc_phase *phase = phase_add(owner, "compile", watch);
    if (phase && r->kernel) {
        phase->steps += report.steps;
        phase->nodes += report.nodes;
        phase->instructions += report.llvm_instructions;
    }
    r->ready = true;
    return GRADC_DONE;
}

enum gradc_outcome runner_prepare(struct runner *r, struct gradc_model *owner, double *point,
                                  const struct gradc_evaluator_options *options) {
    enum gradc_outcome bound = runner_bind(r, owner, point);
    return bound == GRADC_DONE ? runner_compile(r, owner, options) : bound;
}

/* The arrays that lowering has made are its own, the others those of the program. */
static bool share_lowered(struct runner *r, const struct runner *from) {
    if (!from->has_lowered) return true;
    r->has_lowered = binding_like(&r->at_lowered, &from->at_lowered);
    for (array_id a = 1; r->has_lowered && a < r->binding.array_count; a++) {
        if (!r->binding.arrays[a].at.real) continue;
        r->at_lowered.arrays[a].at = r->binding.arrays[a].at;
        r->at_lowered.slots[a] = r->binding.slots[a];
    }
    return r->has_lowered;
}

bool runner_share(struct runner *r, const struct runner *from, double *point) {
    *r = (struct runner){.kernel = from->kernel,
                         .owner = from->owner,
                         .gradients = from->gradients,
                         .loans = from->loans,
                         .loan_count = from->loan_count,
                         .fills_gradient = from->fills_gradient,
                         .checksum = from->checksum,
                         .patience = from->patience,
                         .is_shared = true};
    r->has_binding = binding_like(&r->binding, &from->binding);
    if (!r->has_binding) return false;
    bind_point(r, from->owner->model, point);
    if (!share_lowered(r, from)) return false;
    r->scratch = numbers_allocate(r->kernel->scratch);
    runner_native(r)->slots[0] = r->scratch;
    if (from->team) r->team = team_new(team_pool(from->team), &r->at_lowered, r->kernel);
    r->ready = r->scratch != NULL;
    return r->ready;
}

struct binding *runner_native(struct runner *r) {
    if (!r->kernel) return NULL;
    return r->has_lowered ? &r->at_lowered : &r->binding;
}

/* Lets the kernel read and write memory of the caller, or again the runner's own where that is NULL. It stays
 * so, for callers come back with the same memory. */
static void lend(struct runner *r, const double *point, double *gradient) {
    struct binding *b = runner_native(r);
    if (r->lent_point == point && r->lent_gradient == gradient) return;
    for (size_t k = 0; k < r->loan_count; k++) {
        const struct loan *loan = &r->loans[k];
        const struct bound_array *input = &b->arrays[loan->input], *output = &b->arrays[loan->output];
        b->slots[loan->input] = point ? (double *)point + loan->offset : input->at.real;
        if (loan->output) b->slots[loan->output] = gradient ? gradient + loan->offset : output->at.real;
    }
    r->lent_point = point;
    r->lent_gradient = gradient;
    r->rerun.run = NULL;
}

void runner_note_rerun(struct runner *r, array_id value) {
    static const double unknown = NAN;
    const double *at = runner_values(r, value), *sum = r->lent_gradient ? &unknown : at;
    if (r->checksum) sum = r->at_lowered.arrays[r->checksum].at.real;
    r->rerun =
        (struct rerun){.run = r->kernel->run, .slots = runner_native(r)->slots, .value = at, .sum = sum};
}

enum gradc_outcome runner_run(struct runner *r) {
    if (r->has_tape && (r->patience -= 1) < 0) change_to_code(r);
    if (r->has_tape) {
        tape_run(&r->tape, &r->binding);
        return GRADC_DONE;
    }
    if (!r->kernel) return outcome_of(doubles_evaluate(&r->doubles));
    runner_run_at(r, NULL, NULL);
    return GRADC_DONE;
}

void runner_run_at(struct runner *r, const double *point, double *gradient) {
    lend(r, point, gradient);
    r->kernel->run(runner_native(r)->slots);
}

void runner_release(struct runner *r) {
    if (r->kernel && !r->is_shared) kernel_free(r->kernel);
    team_free(r->team);
    free(r->scratch);
    if (!r->is_shared) free(r->gradients);
    if (!r->is_shared) free(r->loans);
    if (r->has_tape) tape_release(&r->tape);
    if (r->has_doubles) doubles_release(&r->doubles);
    release_lowered(r);
    if (r->has_binding) binding_release(&r->binding);
    if (r->has_program) program_release(&r->program);
    *r = (struct runner){0};
}

bool runner_is_finite(const struct runner *r, array_id array) {
    const struct bound_array *bound = &r->binding.arrays[array];
    return numbers_are_finite(bound->at.real, bound->count);
}
