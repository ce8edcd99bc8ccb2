/* From linear code to LLVM modules.
 *
 * Input: code (schedule/code.h) and its plan (schedule/plan.h). Output: two modules in one context. Straight
 * pieces and the kernel itself, which is called as include/gradc/kernel.h says, stand in one; loops that are
 * worth optimising stand in the other. A piece is a function of the scratch memory, which the kernel keeps on
 * its stack or takes from its caller, and of the bases of the arrays that it uses: no two of them overlap,
 * and LLVM is told so. */
#ifndef GRADC_JIT_GENERATE_H
#define GRADC_JIT_GENERATE_H

#include "eval/binding.h"
#include "jit/llvm.h"
#include "jit/vector_math.h"
#include "schedule/lanes.h"
#include "support/diag.h"

#define KERNEL_NAME "gradc_kernel"

struct modules {
    LLVMContextRef context;
    LLVMModuleRef straight, loops;       /* NULL where there are none */
    VEC(struct vector_function) symbols; /* functions to be found by address */
    size_t
        lane_memory; /* doubles that the caller of the kernel may give in slot 0 behind the scratch memory */
    size_t functions, instructions;
};

/* What is to be written. */
struct generate_request {
    const struct code *code;
    const struct plan *plan;
    struct lanes *lanes;  /* NULL: scalar code only */
    const bool *compared; /* schedule/compared.h; may be NULL where there are no lanes and nothing is fast */
    /* NULL, or the values that params have whenever the kernel runs: small whole ones become constants. */
    const struct binding *sizes;
    unsigned lane_count; /* with lanes: 2, 4 or 8 */
    bool fast;           /* contracted and regrouped arithmetic, and functions that are off by some ulp */
    bool here;           /* the code runs in this process */
    const char *name;    /* of the kernel; NULL: KERNEL_NAME */
    bool joins;          /* the modules are open, and everything goes into the straight one */
};

/* How many doubles of scratch memory the caller of the kernel has to give in slot 0, beside the lanes'
 * memory. */
size_t generate_scratch(const struct plan *plan);
/* How many elements an array has, where code may keep it on its stack: nobody sees it, and the sizes (NULL:
 * none are known) tell that there are few; else 0. */
size_t generate_stack_elements(const struct program *p, const struct binding *sizes, array_id array);
/* Opens them for code that joins; generate opens those for other code. */
void modules_open(struct modules *m);
/* All of it at once. False, with an error "too-large", where memory is exhausted. */
bool generate(struct modules *m, const struct generate_request *request, struct diag_list *diags);
/* Modules come one after the other: long code in several straight ones, of which there is one at a time, so
 * that memory does not grow with all of it. The request's parts outlive the work. NULL, or false, with an
 * error "too-large", where memory is exhausted. */
struct generation;
struct generation *generate_begin(struct modules *m, const struct generate_request *request,
                                  struct diag_list *diags);
/* The next straight module, where the former one, if any, is gone; *written: there was one. Its context may
 * be another. The module of loops is whole behind the last. */
bool generate_next(struct generation *generation, bool *written, struct diag_list *diags);
/* Before the modules are released. NULL is allowed. */
void generate_end(struct generation *generation);
void modules_release(struct modules *m);

#endif
