/* Kernels: programs as native code of this machine.
 *
 * Input: a program (composite functions are expanded here). Output: a function over the slots of a binding
 * (eval/binding.h) that gives the bits of the double interpreter: no contraction, no reassociation, libm as
 * it is linked here. Failures are diagnostics with the code "llvm" (or "too-large"); a kernel may run in
 * several threads at once, and so may the compiler. */
#ifndef GRADC_JIT_KERNEL_H
#define GRADC_JIT_KERNEL_H

#include "eval/binding.h"
#include "ir/program.h"
#include "support/diag.h"
#include "support/text.h"

enum arithmetic {
    ARITHMETIC_STRICT, /* in program order, the bits of the double interpreter */
    ARITHMETIC_LANES,  /* parallel loops in vector lanes, in a fixed order for a given number of them */
    ARITHMETIC_FAST    /* contracted and regrouped as well */
};

/* How much code is kept in a folder, in bytes. */
#define KERNEL_CACHE_LIMIT ((uint64_t)256 << 20)

struct kernel_options {
    int level; /* 0: chosen by size; 1: compile fast; 2, 3: optimise more */
    enum arithmetic arithmetic;
    unsigned lanes; /* 1, 2, 4 or 8; 0: as suits the processor */
    bool all_loops; /* in lanes: those that are known to be short too */
    /* NULL, or the inputs of all runs: sizes tell which loops are worth lanes, small whole params are
     * constants of the code, and small arrays stand on its stack. */
    const struct binding *inputs;
    struct text *llvm; /* NULL, or where the LLVM text goes, as it is before LLVM's passes */
    const char *cache; /* NULL, or the folder in which code is kept for other processes (support/store.h) */
};

/* How code is cut. */
struct plan_limits;
extern const struct plan_limits kernel_limits;

/* What a compilation took. */
struct kernel_report {
    size_t steps, nodes;      /* of the program after expansion */
    size_t instructions;      /* of the linear code */
    size_t llvm_instructions; /* before LLVM's passes */
    size_t functions, modules;
    size_t object_bytes;
    bool cached; /* the code was there already: the other figures are 0 */
    double schedule_seconds, ir_seconds, passes_seconds, codegen_seconds, link_seconds;
};

/* Iterations first .. last of a loop that several threads may share (ORDER_APART), as a function of its own.
 * Threads that run it at the same time have slots of their own, which differ from those that the kernel was
 * called with in arrays that belong to a loop, and in the memory of slot 0. */
typedef void (*kernel_chunks)(void *const *slots, const double *scratch, int64_t first, int64_t last);

/* Who runs such loops: the slot behind those of the arrays points to one, or is NULL, where the kernel runs
 * them itself. Code knows where `run` stands. */
struct kernel_team {
    void (*run)(struct kernel_team *team, kernel_chunks chunks, void *const *slots, const double *scratch,
                int64_t first, int64_t last);
};

typedef void (*kernel_function)(void *const *slots);

struct kernel {
    kernel_function run;
    size_t scratch;                 /* above 0: slot 0 points to memory for that many doubles when it runs */
    struct kernel_machine *machine; /* owns the code */
};

/* Options and report may be NULL. NULL, with errors, where it fails. */
struct kernel *kernel_compile(const struct program *p, const struct kernel_options *options,
                              struct kernel_report *report, struct diag_list *diags);
void kernel_free(struct kernel *kernel);

#endif
