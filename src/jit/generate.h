/* From linear code to LLVM modules.
 *
 * Input: code (schedule/code.h) and its plan (schedule/plan.h). Output: two modules in one context. Straight
 * pieces and the kernel itself, which is called as include/gradc/kernel.h says, stand in one; loops that are
 * worth optimising stand in the other. A piece is a function of the scratch memory, which the kernel keeps on
 * its stack or takes from its caller, and of the bases of the arrays that it uses: no two of them overlap,
 * and LLVM is told so. */
#ifndef GRADC_JIT_GENERATE_H
#define GRADC_JIT_GENERATE_H

#include "jit/llvm.h"
#include "schedule/plan.h"
#include "support/diag.h"

#define KERNEL_NAME "gradc_kernel"

struct modules {
    LLVMContextRef context;
    LLVMModuleRef straight, loops; /* loops: NULL where there are none */
    size_t functions, instructions;
};

/* How many doubles of scratch memory the caller of the kernel has to give in slot 0. */
size_t generate_scratch(const struct plan *plan);
/* False, with an error "too-large", where memory is exhausted. */
bool generate(struct modules *m, const struct code *code, const struct plan *plan, struct diag_list *diags);
void modules_release(struct modules *m);

#endif
