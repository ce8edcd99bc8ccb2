#include "jit/generate.h"

#include <stdlib.h>
#include <string.h>

#include "jit/function.h"
#include "jit/lane.h"
#include "jit/vector_math.h"
#include "schedule/trips.h"
#include "support/text.h"

enum {
    MOST_STACK_SLOTS = 1 << 14, /* 128 KiB: threads may have small stacks */
    PIECES_IN_A_MODULE = 16,    /* what LLVM makes of a module is let go before the next one */
    LARGEST_CONSTANT = 32,      /* sizes beyond it stay as they are: no loop over them is worth writing out */
    LARGEST_ON_STACK = 64,      /* elements of an array, */
    MOST_ON_STACK = 1024,       /* of all that stand there */
    DEEPEST = 6                 /* expressions within each other that are looked into */
};

size_t generate_scratch(const struct plan *plan) {
    return plan->slots > MOST_STACK_SLOTS ? plan->slots : 0;
}

/* ---- Values ---- */

LLVMTypeRef function_type_of(const struct generator *g, enum value_type type) {
    return type == TYPE_REAL ? g->real : type == TYPE_INT ? g->integer : g->truth;
}

LLVMValueRef function_scratch(struct generator *g, uint32_t slot) {
    LLVMValueRef place = LLVMConstInt(g->integer, slot - 1, 0);
    return LLVMBuildInBoundsGEP2(g->builder, g->real, g->scratch, &place, 1, "");
}

/* A small size that is known. */
static LLVMValueRef size_of(struct generator *g, const struct instruction *load) {
    int64_t value;
    bool known = trips_input(g->code->program, g->sizes, load->source, &value) &&
                 program_array_at(g->code->program, load->source)->role == ROLE_PARAM &&
                 value <= LARGEST_CONSTANT;
    return known ? LLVMConstInt(g->integer, (unsigned long long)value, 1) : NULL;
}

/* The whole number of another piece, where it is made of constants and small sizes; else NULL. */
static LLVMValueRef constant_of(struct generator *g, code_register r, unsigned depth) {
    const struct instruction *in = &g->code->instructions.at[r];
    if (in->kind == CODE_INTEGER) return function_use(g, r);
    if (in->type != TYPE_INT || depth == 0) return NULL;
    if (in->kind == CODE_LOAD) return size_of(g, in);
    if (in->kind != CODE_VALUE || in->count != 2) return NULL;
    LLVMValueRef operands[3] = {constant_of(g, in->a, depth - 1), NULL, NULL};
    if (operands[0]) operands[1] = constant_of(g, in->b, depth - 1);
    LLVMValueRef value = operands[1] ? operation_write(g, r, operands) : NULL;
    return value && LLVMIsAConstantInt(value) ? value : NULL;
}

LLVMValueRef function_use(struct generator *g, code_register r) {
    const struct instruction *in = &g->code->instructions.at[r];
    switch ((int)in->kind) {
    case CODE_REAL: return LLVMConstReal(g->real, in->constant.real);
    case CODE_INTEGER: return LLVMConstInt(g->integer, (unsigned long long)in->constant.integer, 1);
    case CODE_TRUTH: return LLVMConstInt(g->truth, in->constant.integer != 0, 0);
    default: break;
    }
    if (g->plan->home[r] == g->piece) return g->registers[r];
    LLVMValueRef constant = constant_of(g, r, DEEPEST);
    if (constant) return constant;
    LLVMTypeRef type = function_type_of(g, in->kind == CODE_LOOP ? TYPE_INT : (enum value_type)in->type);
    return LLVMBuildLoad2(g->builder, type, function_scratch(g, g->plan->slot[r]), "");
}

void function_set(struct generator *g, uint32_t i, LLVMValueRef value) {
    g->registers[i] = value;
    if (g->plan->slot[i]) LLVMBuildStore(g->builder, value, function_scratch(g, g->plan->slot[i]));
}

LLVMValueRef function_alloca(struct generator *g, LLVMTypeRef type) {
    LLVMBasicBlockRef here = LLVMGetInsertBlock(g->builder);
    LLVMValueRef first = LLVMGetFirstInstruction(g->entry);
    if (first)
        LLVMPositionBuilderBefore(g->builder, first);
    else
        LLVMPositionBuilderAtEnd(g->builder, g->entry);
    LLVMValueRef memory = LLVMBuildAlloca(g->builder, type, "");
    LLVMPositionBuilderAtEnd(g->builder, here);
    return memory;
}

LLVMValueRef function_local(struct generator *g, array_id array, uint32_t loop, LLVMTypeRef type) {
    if (!g->locals[array] || g->local_loops[array] != loop) {
        g->locals[array] = function_alloca(g, type);
        g->local_loops[array] = loop;
    }
    return g->locals[array];
}

static LLVMValueRef local_address(struct generator *g, array_id array) {
    if (g->plan->local_slot[array]) return function_scratch(g, g->plan->local_slot[array]);
    enum value_type type = program_array_at(g->code->program, array)->type;
    return function_local(g, array, 0, function_type_of(g, type));
}

LLVMValueRef function_element(struct generator *g, array_id array, code_register place) {
    if (code_is_local(g->code->program, array)) return local_address(g, array);
    LLVMTypeRef type = function_type_of(g, program_array_at(g->code->program, array)->type);
    LLVMValueRef at = function_use(g, place);
    return LLVMBuildInBoundsGEP2(g->builder, type, g->bases[array], &at, 1, "");
}

/* ---- Instructions ---- */

LLVMValueRef function_load(struct generator *g, uint32_t i) {
    const struct instruction *in = &g->code->instructions.at[i];
    LLVMValueRef size = size_of(g, in);
    if (size) return size;
    LLVMTypeRef type = function_type_of(g, program_array_at(g->code->program, in->source)->type);
    return LLVMBuildLoad2(g->builder, type, function_element(g, in->source, in->a), "");
}

static LLVMValueRef write_value(struct generator *g, uint32_t i) {
    const struct instruction *in = &g->code->instructions.at[i];
    LLVMValueRef operands[3] = {in->count > 0 ? function_use(g, in->a) : NULL,
                                in->count > 1 ? function_use(g, in->b) : NULL,
                                in->count > 2 ? function_use(g, in->c) : NULL};
    return operation_write(g, i, operands);
}

static void write_store(struct generator *g, uint32_t i) {
    const struct instruction *in = &g->code->instructions.at[i];
    LLVMValueRef address = function_element(g, in->source, in->a), value = function_use(g, in->b);
    if (in->update != UPDATE_SET) {
        LLVMTypeRef type = function_type_of(g, (enum value_type)in->type);
        value = operation_update(g, i, LLVMBuildLoad2(g->builder, type, address, ""), value);
    }
    LLVMBuildStore(g->builder, value, address);
}

/* Elements 0 .. a-1 one after the other. */
static void write_clear_loop(struct generator *g, const struct instruction *in) {
    LLVMBuilderRef b = g->builder;
    LLVMBasicBlockRef body = LLVMAppendBasicBlockInContext(g->context, g->function, "");
    LLVMBasicBlockRef after = LLVMAppendBasicBlockInContext(g->context, g->function, "");
    LLVMBasicBlockRef before = LLVMGetInsertBlock(b);
    LLVMValueRef count = function_use(g, in->a), value = function_use(g, in->b);
    LLVMValueRef zero = LLVMConstInt(g->integer, 0, 0), one = LLVMConstInt(g->integer, 1, 0);
    LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntSGT, count, zero, ""), body, after);
    LLVMPositionBuilderAtEnd(b, body);
    LLVMValueRef at = LLVMBuildPhi(b, g->integer, "");
    LLVMTypeRef type = function_type_of(g, (enum value_type)in->type);
    LLVMBuildStore(b, value, LLVMBuildInBoundsGEP2(b, type, g->bases[in->source], &at, 1, ""));
    LLVMValueRef next = LLVMBuildNSWAdd(b, at, one, "");
    LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntSLT, next, count, ""), body, after);
    LLVMAddIncoming(at, &zero, &before, 1);
    LLVMAddIncoming(at, &next, &body, 1);
    LLVMPositionBuilderAtEnd(b, after);
}

static void write_clear(struct generator *g, const struct instruction *in) {
    if (code_is_local(g->code->program, in->source))
        LLVMBuildStore(g->builder, function_use(g, in->b), local_address(g, in->source));
    else
        write_clear_loop(g, in);
}

static void write_instruction(struct generator *g, uint32_t i) {
    const struct instruction *in = &g->code->instructions.at[i];
    switch ((enum code_kind)in->kind) {
    case CODE_NONE:
    case CODE_REAL:
    case CODE_INTEGER:
    case CODE_TRUTH:
    case CODE_CHOICE: break;
    case CODE_VALUE: function_set(g, i, write_value(g, i)); break;
    case CODE_LOAD: function_set(g, i, function_load(g, i)); break;
    case CODE_STORE: write_store(g, i); break;
    case CODE_CLEAR: write_clear(g, in); break;
    case CODE_LOOP:
    case CODE_LOOP_END:
    case CODE_IF:
    case CODE_ELSE:
    case CODE_IF_END: bracket_write(g, i); break;
    }
}

/* ---- Pieces ---- */

static bool takes_bases(const struct generator *g, uint32_t piece) {
    return g->plan->pieces.at[piece].array_count <= MOST_BASES;
}

static LLVMModuleRef module_of(const struct generator *g, uint32_t piece) {
    bool loop = g->plan->pieces.at[piece].is_loop && g->modules->loops;
    return loop ? g->modules->loops : g->modules->straight;
}

/* Holds only where the piece calls no other: that would reach the array by another way. */
static void add_no_alias(struct generator *g, LLVMValueRef function, uint32_t parameter) {
    unsigned kind = LLVMGetEnumAttributeKindForName("noalias", 7);
    LLVMAddAttributeAtIndex(function, parameter + 1, LLVMCreateEnumAttribute(g->context, kind, 0));
}

/* (slots, scratch, bases...) */
static LLVMTypeRef type_of_piece(struct generator *g, uint32_t piece) {
    LLVMTypeRef types[MOST_BASES + 2];
    uint32_t bases = takes_bases(g, piece) ? g->plan->pieces.at[piece].array_count : 0;
    for (uint32_t k = 0; k < bases + 2; k++) types[k] = g->pointer;
    return LLVMFunctionType(g->nothing, types, bases + 2, 0);
}

/* The function of a piece, as it is seen in a module: pieces of others are declared there. */
static LLVMValueRef piece_in(struct generator *g, LLVMModuleRef module, uint32_t piece) {
    struct text name = {0};
    text_addf(&name, "%s_piece_%u", g->kernel_name, piece);
    g->failed |= name.failed;
    LLVMValueRef known = LLVMGetNamedFunction(module, text_string(&name));
    if (!known) known = LLVMAddFunction(module, text_string(&name), type_of_piece(g, piece));
    text_free(&name);
    return known;
}

static LLVMValueRef define_piece(struct generator *g, uint32_t piece) {
    const struct piece *p = &g->plan->pieces.at[piece];
    LLVMValueRef function = piece_in(g, module_of(g, piece), piece);
    uint32_t bases = takes_bases(g, piece) ? p->array_count : 0;
    for (uint32_t k = 1; p->is_loop && k < bases + 2; k++) add_no_alias(g, function, k);
    return function;
}

LLVMValueRef function_slot(struct generator *g, array_id array) {
    LLVMValueRef place = LLVMConstInt(g->integer, array, 0);
    LLVMValueRef address = LLVMBuildInBoundsGEP2(g->builder, g->pointer, g->slots, &place, 1, "");
    return LLVMBuildLoad2(g->builder, g->pointer, address, "");
}

void function_call_piece(struct generator *g, uint32_t piece) {
    LLVMValueRef arguments[MOST_BASES + 2] = {g->slots, g->scratch};
    const struct piece *p = &g->plan->pieces.at[piece];
    uint32_t bases = takes_bases(g, piece) ? p->array_count : 0;
    for (uint32_t k = 0; k < bases; k++) arguments[k + 2] = function_slot(g, p->arrays[k]);
    LLVMValueRef function = piece_in(g, g->module, piece);
    LLVMBuildCall2(g->builder, type_of_piece(g, piece), function, arguments, bases + 2, "");
}

static void add_text_attribute(struct generator *g, const char *name, const char *value) {
    LLVMAttributeRef attribute =
        LLVMCreateStringAttribute(g->context, name, (unsigned)strlen(name), value, (unsigned)strlen(value));
    LLVMAddAttributeAtIndex(g->function, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, attribute);
}

void function_begin(struct generator *g, LLVMModuleRef module, LLVMValueRef function) {
    g->module = module;
    g->function = function;
    g->entry = LLVMAppendBasicBlockInContext(g->context, function, "");
    LLVMPositionBuilderAtEnd(g->builder, g->entry);
    g->slots = LLVMGetParam(function, 0);
    /* Vectors that wait on the stack are slow where they cross the lines of the cache. */
    if (g->lanes) add_text_attribute(g, "stackrealign", "");
    memset(g->locals, 0, g->code->program->arrays.count * sizeof *g->locals);
    g->modules->functions++;
}

/* Its instructions are counted while they are still in the caches. */
void function_end(struct generator *g) {
    LLVMBuildRetVoid(g->builder);
    for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(g->function); b; b = LLVMGetNextBasicBlock(b))
        for (LLVMValueRef i = LLVMGetFirstInstruction(b); i; i = LLVMGetNextInstruction(i))
            g->modules->instructions++;
}

/* Behind the scratch memory, where that comes from the caller. */
static LLVMValueRef lane_memory(struct generator *g) {
    LLVMValueRef offset = LLVMConstInt(g->integer, generate_scratch(g->plan), 0);
    return LLVMBuildGEP2(g->builder, g->real, function_slot(g, 0), &offset, 1, "");
}

size_t generate_stack_elements(const struct program *p, const struct binding *sizes, array_id array) {
    const struct array *a = program_array_at(p, array);
    bool known = sizes && array < sizes->array_count && a->rank > 0 && !a->owner;
    if (!known || role_is_input(a->role) || role_is_output(a->role)) return 0;
    size_t count = sizes->arrays[array].count;
    return count <= LARGEST_ON_STACK ? count : 0;
}

/* Arrays of few elements stand on the stack of a function that is the whole code: LLVM keeps them in
 * registers where the loops over them are written out, and stores nothing that is not read. */
static void find_bases(struct generator *g, const struct piece *p) {
    bool parameters = takes_bases(g, g->piece), whole = g->plan->pieces.count == 1;
    size_t room = MOST_ON_STACK;
    for (uint32_t k = 0; k < p->array_count; k++) {
        array_id array = p->arrays[k];
        size_t count = whole ? generate_stack_elements(g->code->program, g->sizes, array) : 0;
        if (count > 0 && count <= room) {
            enum value_type type = program_array_at(g->code->program, array)->type;
            g->bases[array] = function_alloca(g, LLVMArrayType(function_type_of(g, type), (unsigned)count));
            room -= count;
        } else {
            g->bases[array] = parameters ? LLVMGetParam(g->function, k + 2) : function_slot(g, array);
        }
    }
}

static void write_piece(struct generator *g, uint32_t piece) {
    const struct piece *p = &g->plan->pieces.at[piece];
    g->piece = piece;
    function_begin(g, module_of(g, piece), define_piece(g, piece));
    g->scratch = LLVMGetParam(g->function, 1);
    if (g->modules->lane_memory) g->lane_memory = lane_memory(g);
    find_bases(g, p);
    for (uint32_t i = p->begin; i < p->end;) {
        uint32_t inner = plan_piece_at(g->plan, piece, i);
        if (inner != piece) {
            (g->plan->pieces.at[inner].is_shared ? share_write_call : function_call_piece)(g, inner);
            i = g->plan->pieces.at[inner].end;
        } else if (g->lanes && g->lanes->chosen[i]) {
            lane_loop_write(g, i);
            i = g->code->instructions.at[i].partner + 1;
        } else {
            write_instruction(g, i++);
        }
    }
    function_end(g);
}

void function_touch_every_page(struct generator *g) {
    add_text_attribute(g, "probe-stack", "inline-asm");
}

/* The scratch memory: on the stack, or where it is large, from the caller. */
static LLVMValueRef scratch_memory(struct generator *g) {
    if (generate_scratch(g->plan)) return function_slot(g, 0);
    LLVMValueRef count = LLVMConstInt(g->integer, g->plan->slots ? g->plan->slots : 1, 0);
    return LLVMBuildArrayAlloca(g->builder, g->real, count, "");
}

/* The kernel: makes the scratch memory and calls the last piece, which is the whole. */
static void write_kernel(struct generator *g) {
    LLVMTypeRef type = LLVMFunctionType(g->nothing, &g->pointer, 1, 0);
    function_begin(g, g->modules->straight, LLVMAddFunction(g->modules->straight, g->kernel_name, type));
    function_touch_every_page(g);
    g->scratch = scratch_memory(g);
    function_call_piece(g, (uint32_t)g->plan->pieces.count - 1);
    function_end(g);
}

/* ---- Modules ---- */

static bool has_mixture(const struct plan *plan) {
    bool straight = false, loops = false;
    for (size_t k = 0; k < plan->pieces.count; k++) {
        straight |= !plan->pieces.at[k].is_loop;
        loops |= plan->pieces.at[k].is_loop;
    }
    return straight && loops;
}

/* The first clear of each array that stands outside of branches and loops, but for those of threads. */
static void find_clears(struct generator *g) {
    uint32_t depth = 0;
    for (uint32_t i = 1; i < g->code->instructions.count; i++) {
        const struct instruction *in = &g->code->instructions.at[i];
        bool shared = in->order == ORDER_APART && in->kind == CODE_LOOP;
        if ((in->kind == CODE_LOOP && !shared) || in->kind == CODE_IF) depth++;
        if (in->kind == CODE_LOOP_END && g->code->instructions.at[in->partner].order != ORDER_APART) depth--;
        if (in->kind == CODE_IF_END) depth--;
        if (in->kind == CODE_CLEAR && depth == 0 && !g->cleared[in->source]) g->cleared[in->source] = i;
    }
}

/* Whether a loop in lanes has loops in it: then sums may want tables. */
static bool wants_lane_memory(const struct generator *g) {
    for (uint32_t i = 1; g->lanes && i < g->code->instructions.count; i++) {
        if (!g->lanes->chosen[i]) continue;
        uint32_t end = g->code->instructions.at[i].partner;
        while (++i < end)
            if (g->code->instructions.at[i].kind == CODE_LOOP) return true;
    }
    return false;
}

static bool make_tables(struct generator *g) {
    size_t count = g->code->instructions.count;
    size_t arrays = g->code->program->arrays.count;
    g->registers = calloc(count, sizeof *g->registers);
    g->then_values = calloc(count, sizeof *g->then_values);
    g->else_values = calloc(count, sizeof *g->else_values);
    g->bases = calloc(arrays, sizeof *g->bases);
    g->locals = calloc(arrays, sizeof *g->locals);
    g->local_loops = calloc(arrays, sizeof *g->local_loops);
    g->cleared = calloc(arrays, sizeof *g->cleared);
    return g->registers && g->then_values && g->else_values && g->bases && g->locals && g->local_loops &&
           g->cleared;
}

static void release_tables(struct generator *g) {
    free(g->registers);
    free(g->then_values);
    free(g->else_values);
    free(g->bases);
    free(g->locals);
    free(g->local_loops);
    free(g->cleared);
    VEC_FREE(&g->brackets);
}

static void open_straight(struct modules *m) {
    m->context = LLVMContextCreate();
    LLVMContextSetDiscardValueNames(m->context, 0);
    m->straight = LLVMModuleCreateWithNameInContext("gradc", m->context);
}

void modules_open(struct modules *m) {
    *m = (struct modules){.context = NULL};
    open_straight(m);
}

static void enter_context(struct generator *g) {
    g->context = g->modules->context;
    g->builder = LLVMCreateBuilderInContext(g->context);
    g->real = LLVMDoubleTypeInContext(g->context);
    g->integer = LLVMInt64TypeInContext(g->context);
    g->truth = LLVMInt1TypeInContext(g->context);
    g->pointer = LLVMPointerTypeInContext(g->context, 0);
    g->nothing = LLVMVoidTypeInContext(g->context);
}

static void open_modules(struct generator *g, bool joins) {
    if (!joins) modules_open(g->modules);
    enter_context(g);
    if (!joins && has_mixture(g->plan))
        g->modules->loops = LLVMModuleCreateWithNameInContext("gradc_loops", g->context);
}

/* Another module for straight code. Constants live as long as their context, and lie between what is given
 * back: in a new one memory is as orderly as for the first module, which saves a third of the time. */
static void open_next(struct generator *g) {
    struct modules *m = g->modules;
    if (m->loops) {
        m->straight = LLVMModuleCreateWithNameInContext("gradc", g->context);
        return;
    }
    LLVMDisposeBuilder(g->builder);
    LLVMContextDispose(m->context);
    open_straight(m);
    enter_context(g);
}

static struct generator begin(struct modules *m, const struct generate_request *request) {
    struct lanes *lanes = request->lanes && request->lanes->any ? request->lanes : NULL;
    struct generator g = {.code = request->code,
                          .plan = request->plan,
                          .modules = m,
                          .lanes = lanes,
                          .compared = request->compared,
                          .sizes = request->sizes,
                          .lane_count = request->lane_count,
                          .fast = request->fast,
                          .here = request->here,
                          .kernel_name = request->name ? request->name : KERNEL_NAME};
    unsigned widest = vector_math_width();
    g.width = g.lane_count < widest ? g.lane_count : widest;
    return g;
}

/* What has been written so far. */
struct generation {
    struct generator g;
    uint32_t piece;          /* the next one */
    uint32_t most_in_module; /* straight ones */
    bool ended;              /* the kernel has been written */
};

struct generation *generate_begin(struct modules *m, const struct generate_request *request,
                                  struct diag_list *diags) {
    struct generation *generation = calloc(1, sizeof *generation);
    if (!request->joins) *m = (struct modules){.context = NULL};
    if (generation) generation->g = begin(m, request);
    if (generation) generation->most_in_module = PIECES_IN_A_MODULE;
    if (generation && make_tables(&generation->g)) {
        open_modules(&generation->g, request->joins);
        bool sums = wants_lane_memory(&generation->g);
        m->lane_memory = sums ? (size_t)LANE_PLACES * generation->g.lane_count : 0;
        if (sums) find_clears(&generation->g);
        return generation;
    }
    diag_error(diags, "too-large", (struct span){0}, "memory is exhausted");
    generate_end(generation);
    return NULL;
}

/* Pieces, until the module of straight ones is full; behind the last one the kernel. */
static void write_pieces(struct generation *generation) {
    struct generator *g = &generation->g;
    uint32_t straight = 0;
    while (generation->piece < g->plan->pieces.count && straight < generation->most_in_module) {
        straight += module_of(g, generation->piece) == g->modules->straight;
        write_piece(g, generation->piece);
        if (g->plan->pieces.at[generation->piece].is_shared) share_write_function(g, generation->piece);
        generation->piece++;
    }
    if (generation->piece < g->plan->pieces.count) return;
    write_kernel(g);
    generation->ended = true;
}

bool generate_next(struct generation *generation, bool *written, struct diag_list *diags) {
    struct generator *g = &generation->g;
    struct modules *m = g->modules;
    *written = !generation->ended;
    if (generation->ended) return true;
    if (!m->straight) open_next(g);
    write_pieces(generation);
    if (!g->failed && !g->brackets.failed && !m->symbols.failed) return true;
    diag_error(diags, "too-large", (struct span){0}, "memory is exhausted");
    return false;
}

void generate_end(struct generation *generation) {
    if (!generation) return;
    if (generation->g.modules->context && generation->g.builder) LLVMDisposeBuilder(generation->g.builder);
    release_tables(&generation->g);
    free(generation);
}

bool generate(struct modules *m, const struct generate_request *request, struct diag_list *diags) {
    bool written;
    struct generation *generation = generate_begin(m, request, diags);
    if (generation) generation->most_in_module = UINT32_MAX;
    bool good = generation && generate_next(generation, &written, diags);
    generate_end(generation);
    if (!good) modules_release(m);
    return good;
}

void modules_release(struct modules *m) {
    if (m->straight) LLVMDisposeModule(m->straight);
    if (m->loops) LLVMDisposeModule(m->loops);
    if (m->context) LLVMContextDispose(m->context);
    VEC_FREE(&m->symbols);
    *m = (struct modules){.context = NULL};
}
