#include "jit/kernel.h"

#include <stdlib.h>

#include "eval/size.h"
#include "ir/expand.h"
#include "jit/fingerprint.h"
#include "jit/generate.h"
#include "jit/keep.h"
#include "jit/machine.h"
#include "schedule/lanes.h"
#include "schedule/plan.h"
#include "schedule/schedule.h"

/* Loops are what LLVM's passes are for: those that stand in a stretch to be cut become functions of their
 * own, which are optimised. */
const struct plan_limits kernel_limits = {
    .longest_sequence = 1536, .piece_length = 1024, .loops_apart = true};

/* A compilation from the program to the kernel. */
struct compilation {
    const struct kernel_options *options;
    struct kernel_report *report;
    struct diag_list *diags;
    struct program expanded;
    struct code code;
    struct plan plan;
    struct lanes lanes;
    size_t scratch;
    struct modules modules;
    struct generate_request request;
    struct generation *generation;
    bool has_plan, has_lanes;
};

static bool out_of_memory(struct compilation *c) {
    diag_error(c->diags, "too-large", (struct span){0}, "memory is exhausted");
    return false;
}

static bool schedule(struct compilation *c, const struct program *p) {
    double began = machine_seconds();
    if (!program_expand(&c->expanded, p)) return out_of_memory(c);
    if (!schedule_program(&c->code, &c->expanded, c->diags)) return false;
    c->has_plan = true;
    if (!plan_make(&c->plan, &c->code, &kernel_limits)) return out_of_memory(c);
    c->report->schedule_seconds = machine_seconds() - began;
    c->report->steps = c->expanded.steps.count;
    c->report->nodes = program_node_count(&c->expanded);
    c->report->instructions = c->code.instructions.count;
    return true;
}

static void add_listing(LLVMModuleRef module, struct text *out) {
    char *listing = module ? LLVMPrintModuleToString(module) : NULL;
    if (!listing) return;
    text_add(out, listing);
    LLVMDisposeMessage(listing);
}

static bool has_loop(const struct code *code) {
    for (size_t i = 1; i < code->instructions.count; i++)
        if (code->instructions.at[i].kind == CODE_LOOP) return true;
    return false;
}

/* Which loops run in lanes, and what must not depend on it. */
static bool choose_lanes(struct compilation *c, struct generate_request *request) {
    const struct kernel_options *options = c->options;
    request->sizes = options ? options->inputs : NULL;
    if (!options || options->arithmetic == ARITHMETIC_STRICT) return true;
    request->fast = options->arithmetic == ARITHMETIC_FAST;
    request->lane_count = options->lanes ? options->lanes : vector_math_width();
    bool lanes = request->lane_count > 1 && has_loop(&c->code);
    if (!lanes && !request->fast) return true;
    c->has_lanes = true;
    if (!lanes_choose(&c->lanes, &c->code, &c->plan, options->inputs, options->all_loops))
        return out_of_memory(c);
    request->compared = c->lanes.compared.of;
    if (lanes && c->lanes.any) request->lanes = &c->lanes;
    return true;
}

/* The first modules. */
static bool write_modules(struct compilation *c) {
    double began = machine_seconds();
    bool written;
    c->request = (struct generate_request){.code = &c->code, .plan = &c->plan, .here = true};
    if (!choose_lanes(c, &c->request)) return false;
    c->generation = generate_begin(&c->modules, &c->request, c->diags);
    if (!c->generation || !generate_next(c->generation, &written, c->diags)) return false;
    c->scratch = generate_scratch(&c->plan) + c->modules.lane_memory;
    c->report->ir_seconds = machine_seconds() - began;
    c->report->modules = c->modules.loops ? 2 : 1;
    if (!c->options || !c->options->llvm) return true;
    add_listing(c->modules.loops, c->options->llvm);
    add_listing(c->modules.straight, c->options->llvm);
    return true;
}

static struct kernel_machine *compile(struct compilation *c, const struct program *p, struct text *objects) {
    if (!llvm_load()) {
        diag_error(c->diags, "llvm", (struct span){0},
                   "LLVM could not be loaded, or has no code for this machine");
        return NULL;
    }
    if (!schedule(c, p) || !write_modules(c)) return NULL;
    int level = c->options && c->options->level ? c->options->level : 3;
    bool whole = c->plan.pieces.count == 1;
    struct machine_request request = {.modules = &c->modules,
                                      .generation = c->generation,
                                      .optimise_straight = whole,
                                      .level = level,
                                      .objects = objects};
    struct kernel_machine *machine = machine_link(&request, c->report, c->diags);
    c->report->llvm_instructions = c->modules.instructions;
    c->report->functions = c->modules.functions;
    return machine;
}

/* From the cache, or into it. */
static struct kernel_machine *find_or_compile(struct compilation *c, const struct program *p) {
    unsigned char key[DIGEST_BYTES];
    struct text objects = {0};
    const char *folder = c->options && !c->options->llvm ? c->options->cache : NULL;
    if (!folder || !fingerprint(p, c->options, key)) return compile(c, p, NULL);
    struct kernel_machine *machine = keep_find(folder, key, &c->scratch);
    c->report->cached = machine != NULL;
    if (!machine && (machine = compile(c, p, &objects)) != NULL) keep_code(folder, key, c->scratch, &objects);
    text_free(&objects);
    return machine;
}

static void release(struct compilation *c) {
    generate_end(c->generation);
    modules_release(&c->modules);
    if (c->has_plan) plan_release(&c->plan);
    if (c->has_lanes) lanes_release(&c->lanes);
    code_release(&c->code);
    program_release(&c->expanded);
}

struct kernel *kernel_compile(const struct program *p, const struct kernel_options *options,
                              struct kernel_report *report, struct diag_list *diags) {
    struct kernel_report unwanted;
    struct compilation c = {.options = options, .report = report ? report : &unwanted, .diags = diags};
    *c.report = (struct kernel_report){0};
    struct kernel_machine *machine = find_or_compile(&c, p);
    release(&c);
    struct kernel *kernel = machine ? calloc(1, sizeof *kernel) : NULL;
    if (machine && !kernel) {
        machine_release(machine);
        out_of_memory(&c);
    }
    if (kernel) *kernel = (struct kernel){machine_function(machine), c.scratch, machine};
    return kernel;
}

void kernel_free(struct kernel *kernel) {
    if (!kernel) return;
    machine_release(kernel->machine);
    free(kernel);
}
