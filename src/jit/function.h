/* A piece of code while its function is being written. */
#ifndef GRADC_JIT_FUNCTION_H
#define GRADC_JIT_FUNCTION_H

#include "jit/generate.h"

enum {
    MOST_BASES = 64, /* parameters for bases; a piece with more loads them from the slots */
    MOST_LANES = BINDING_LANES,
    LANE_PLACES = 4096 /* vectors of memory for the sums of a loop in lanes */
};

struct lane_loop;

/* An open loop or branch. */
struct bracket {
    LLVMBasicBlockRef body, otherwise, after; /* of a loop: body and after */
    LLVMBasicBlockRef from, then_end, else_end;
    LLVMValueRef index, last, by;
    bool has_else;
};

struct generator {
    const struct code *code;
    const struct plan *plan;
    struct modules *modules;
    struct lanes *lanes;         /* NULL: none */
    const bool *compared;        /* by register; NULL only where there are no lanes and nothing is relaxed */
    const struct binding *sizes; /* NULL, or where small sizes are constants of the code */
    unsigned lane_count, width;  /* width: of the vectors that functions take */
    bool fast;
    bool here;   /* the code runs in this process */
    bool failed; /* memory was exhausted */
    const char *kernel_name;
    LLVMContextRef context;
    LLVMBuilderRef builder;
    LLVMTypeRef real, integer, truth, pointer, nothing;
    LLVMValueRef *registers;   /* by instruction: its value in the current function */
    LLVMValueRef *then_values; /* by CHOICE */
    LLVMValueRef *else_values;
    VEC(struct bracket) brackets;
    /* The current function. */
    uint32_t piece;
    LLVMModuleRef module;
    LLVMValueRef function, slots, scratch;
    LLVMValueRef *bases;   /* by array; NULL: not used here */
    LLVMValueRef *locals;  /* by array: local scalars on the stack */
    uint32_t *local_loops; /* by array: whose they are, as function_local has it */
    LLVMBasicBlockRef entry;
    uint32_t *cleared;        /* by array: the first CODE_CLEAR outside of loops and branches; 0: none */
    LLVMValueRef lane_memory; /* for LANE_PLACES vectors; NULL: none */
    struct lane_loop *lane;   /* NULL: outside of such loops */
};

/* The value of a register at the current place. */
LLVMValueRef function_use(struct generator *g, code_register r);
/* Notes the value of an instruction, and keeps it for other pieces where they use it. */
void function_set(struct generator *g, uint32_t i, LLVMValueRef value);
/* A scalar on the stack that is made anew in each iteration: of vectors of a loop in lanes, by its number
 * from 1, for loops have vectors of different lengths; 0: of none. */
LLVMValueRef function_local(struct generator *g, array_id array, uint32_t loop, LLVMTypeRef type);
/* The address of an element. */
LLVMValueRef function_element(struct generator *g, array_id array, code_register place);
/* What a CODE_LOAD reads from one element; a small size that is known is a constant. */
LLVMValueRef function_load(struct generator *g, uint32_t i);
LLVMTypeRef function_type_of(const struct generator *g, enum value_type type);
/* What a slot of the kernel points to. */
LLVMValueRef function_slot(struct generator *g, array_id array);
/* Begins a function of (slots, ...) in a module. */
void function_begin(struct generator *g, LLVMModuleRef module, LLVMValueRef function);
/* Ends it, where its code ends. */
void function_end(struct generator *g);
/* Memory beyond the end of the stack is not to be reached by a step over its guard. */
void function_touch_every_page(struct generator *g);
/* Calls the function of a piece with the slots and the scratch memory that are in use here. */
void function_call_piece(struct generator *g, uint32_t piece);
/* The address of a slot of the scratch memory, from 1. */
LLVMValueRef function_scratch(struct generator *g, uint32_t slot);
/* Memory on the stack, made where the function begins. */
LLVMValueRef function_alloca(struct generator *g, LLVMTypeRef type);

/* Writes one operation on scalars or vectors (jit/operation.c). */
LLVMValueRef operation_write(struct generator *g, uint32_t i, LLVMValueRef *operands);
/* The value after the update of a STORE: a sum, a maximum, a minimum, or the new one. */
LLVMValueRef operation_update(struct generator *g, uint32_t i, LLVMValueRef old, LLVMValueRef value);
/* Writes a call of a function (jit/call.c). */
LLVMValueRef call_write(struct generator *g, uint32_t i, LLVMValueRef *operands);
/* An intrinsic of LLVM: its name, the type of its result, and the types it is overloaded by, if any. */
struct intrinsic {
    const char *name;
    LLVMTypeRef result, overloads[2];
};
enum { MOST_OPERANDS = 5 };
LLVMValueRef call_intrinsic(struct generator *g, const struct intrinsic *intrinsic, LLVMValueRef *operands,
                            unsigned count);
/* Sine and cosine of a vector in one call; false where there is no such function. */
bool call_sine_and_cosine(struct generator *g, LLVMValueRef argument, LLVMValueRef values[2]);
/* For a loop that threads share (jit/share.c): the function that runs some of its iterations, and the place
 * where all of them are run. */
void share_write_function(struct generator *g, uint32_t piece);
void share_write_call(struct generator *g, uint32_t piece);
/* Writes a loop or a branch (jit/bracket.c). */
void bracket_write(struct generator *g, uint32_t i);

/* The iterations of a loop. */
struct range {
    LLVMValueRef from, last, by; /* last: the index of the last one */
    LLVMValueRef any;            /* whether there are some */
};
struct range bracket_range(struct generator *g, const struct instruction *loop);

#endif
