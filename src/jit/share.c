#include "jit/function.h"
#include "support/text.h"

static LLVMTypeRef type_of_chunks(struct generator *g) {
    LLVMTypeRef types[4] = {g->pointer, g->pointer, g->integer, g->integer};
    return LLVMFunctionType(g->nothing, types, 4, 0);
}

/* The function of type kernel_chunks (jit/kernel.h), as it is seen in a module. */
static LLVMValueRef chunks_in(struct generator *g, LLVMModuleRef module, uint32_t piece) {
    struct text name = {0};
    text_addf(&name, "%s_chunks_%u", g->kernel_name, piece);
    g->failed |= name.failed;
    LLVMValueRef known = LLVMGetNamedFunction(module, text_string(&name));
    if (!known) known = LLVMAddFunction(module, text_string(&name), type_of_chunks(g));
    text_free(&name);
    return known;
}

/* Scratch memory of the thread's own, with what the kernel has put into its. */
static LLVMValueRef own_scratch(struct generator *g) {
    LLVMBuilderRef b = g->builder;
    LLVMValueRef count = LLVMConstInt(g->integer, g->plan->slots, 0);
    LLVMValueRef size = LLVMConstInt(g->integer, g->plan->slots * sizeof(double), 0);
    LLVMValueRef own =
        generate_scratch(g->plan) ? function_slot(g, 0) : LLVMBuildArrayAlloca(b, g->real, count, "");
    LLVMBuildMemMove(b, own, sizeof(double), LLVMGetParam(g->function, 1), sizeof(double), size);
    return own;
}

void share_write_function(struct generator *g, uint32_t piece) {
    LLVMModuleRef module = g->modules->straight;
    uint32_t slot = g->plan->pieces.at[piece].range_slot;
    function_begin(g, module, chunks_in(g, module, piece));
    function_touch_every_page(g);
    g->scratch = own_scratch(g);
    LLVMBuildStore(g->builder, LLVMGetParam(g->function, 2), function_scratch(g, slot));
    LLVMBuildStore(g->builder, LLVMGetParam(g->function, 3), function_scratch(g, slot + 1));
    function_call_piece(g, piece);
    function_end(g);
}

/* Calls the team, as struct kernel_team (jit/kernel.h) is laid out. */
static void call_team(struct generator *g, LLVMValueRef team, LLVMValueRef *arguments) {
    LLVMTypeRef types[6] = {g->pointer, g->pointer, g->pointer, g->pointer, g->integer, g->integer};
    LLVMTypeRef type = LLVMFunctionType(g->nothing, types, 6, 0);
    LLVMValueRef run = LLVMBuildLoad2(g->builder, g->pointer, team, "");
    LLVMValueRef all[6] = {team, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4]};
    LLVMBuildCall2(g->builder, type, run, all, 6, "");
}

void share_write_call(struct generator *g, uint32_t piece) {
    LLVMBuilderRef b = g->builder;
    const struct instruction *loop = &g->code->instructions.at[g->plan->pieces.at[piece].begin];
    LLVMValueRef chunks = chunks_in(g, g->module, piece);
    LLVMValueRef arguments[5] = {chunks, g->slots, g->scratch, function_use(g, loop->a),
                                 function_use(g, loop->b)};
    LLVMValueRef team = function_slot(g, (array_id)g->code->program->arrays.count);
    LLVMBasicBlockRef together = LLVMAppendBasicBlockInContext(g->context, g->function, "");
    LLVMBasicBlockRef alone = LLVMAppendBasicBlockInContext(g->context, g->function, "");
    LLVMBasicBlockRef after = LLVMAppendBasicBlockInContext(g->context, g->function, "");
    LLVMValueRef some = LLVMBuildICmp(b, LLVMIntNE, team, LLVMConstNull(g->pointer), "");
    LLVMBuildCondBr(b, some, together, alone);
    LLVMPositionBuilderAtEnd(b, together);
    call_team(g, team, arguments);
    LLVMBuildBr(b, after);
    LLVMPositionBuilderAtEnd(b, alone);
    LLVMBuildCall2(b, type_of_chunks(g), chunks, arguments + 1, 4, "");
    LLVMBuildBr(b, after);
    LLVMPositionBuilderAtEnd(b, after);
}
