#include "jit/object.h"

#include <stdlib.h>
#include <string.h>

#include "ir/expand.h"
#include "jit/generate.h"
#include "jit/guard.h"
#include "jit/kernel.h"
#include "jit/object_matrix.h"
#include "schedule/plan.h"
#include "schedule/schedule.h"

struct maker {
    const struct object_request *request;
    struct diag_list *diags;
    struct text *out;
    struct object_result *result;
    size_t *used; /* by function: how much workspace it takes */
    struct modules modules;
    LLVMTargetMachineRef machine;
    LLVMBuilderRef builder;
    LLVMTypeRef real, integer, pointer, nothing, size;
    unsigned size_bits;
    bool troubled;
};

static bool fail(struct maker *m, const char *what, const char *why) {
    diag_error(m->diags, "llvm", (struct span){0}, "%s: %s", what, why ? why : "no reason given");
    return false;
}

static bool out_of_memory(struct maker *m) {
    diag_error(m->diags, "too-large", (struct span){0}, "memory is exhausted");
    return false;
}

/* ---- The machine ---- */

static bool find_machine(struct maker *m) {
    const struct object_request *q = m->request;
    char *triple = LLVMGetDefaultTargetTriple(), *message = NULL;
    char *cpu = q->triple ? NULL : LLVMGetHostCPUName(),
         *features = q->triple ? NULL : LLVMGetHostCPUFeatures();
    char *whole = q->triple ? LLVMNormalizeTargetTriple(q->triple) : NULL;
    const char *wanted = whole ? whole : triple, *name = q->cpu ? q->cpu : cpu ? cpu : "";
    LLVMTargetRef target = NULL;
    if (!LLVMGetTargetFromTriple(wanted, &target, &message))
        m->machine = LLVMCreateTargetMachine(target, wanted, name, features && !q->cpu ? features : "",
                                             LLVMCodeGenLevelAggressive, LLVMRelocPIC, LLVMCodeModelDefault);
    if (!m->machine)
        diag_error(m->diags, "bad-value", (struct span){0}, "no code can be made for `%s`: %s", wanted,
                   message ? message : "LLVM does not know this machine");
    if (message) LLVMDisposeMessage(message);
    if (cpu) LLVMDisposeMessage(cpu);
    if (features) LLVMDisposeMessage(features);
    if (whole) LLVMDisposeMessage(whole);
    LLVMDisposeMessage(triple);
    return m->machine != NULL;
}

static void note_diagnostic(LLVMDiagnosticInfoRef info, void *context) {
    struct maker *m = context;
    if (LLVMGetDiagInfoSeverity(info) != LLVMDSError) return;
    char *message = LLVMGetDiagInfoDescription(info);
    m->troubled = true;
    fail(m, "generating code failed", message);
    LLVMDisposeMessage(message);
}

static void open_module(struct maker *m) {
    modules_open(&m->modules);
    LLVMContextRef context = m->modules.context;
    LLVMContextSetDiagnosticHandler(context, note_diagnostic, m);
    LLVMTargetDataRef layout = LLVMCreateTargetDataLayout(m->machine);
    char *triple = LLVMGetTargetMachineTriple(m->machine);
    LLVMSetModuleDataLayout(m->modules.straight, layout);
    LLVMSetTarget(m->modules.straight, triple);
    m->size_bits = 8 * LLVMPointerSize(layout);
    m->size = LLVMIntTypeInContext(context, m->size_bits);
    LLVMDisposeMessage(triple);
    LLVMDisposeTargetData(layout);
    m->builder = LLVMCreateBuilderInContext(context);
    m->real = LLVMDoubleTypeInContext(context);
    m->integer = LLVMInt64TypeInContext(context);
    m->pointer = LLVMPointerTypeInContext(context, 0);
    m->nothing = LLVMVoidTypeInContext(context);
}

/* ---- Functions ---- */

/* A function while it is being written. */
struct call {
    const struct object_function *f;
    LLVMValueRef function, slots;
    size_t used; /* of the workspace */
    size_t scratch;
};

static LLVMValueRef number(const struct maker *m, size_t value) {
    return LLVMConstInt(m->integer, value, 0);
}

static LLVMValueRef place_in(struct maker *m, LLVMValueRef vector, size_t offset) {
    LLVMValueRef at = number(m, offset);
    return offset ? LLVMBuildInBoundsGEP2(m->builder, m->real, vector, &at, 1, "") : vector;
}

static void set_slot(struct maker *m, const struct call *c, size_t slot, LLVMValueRef base) {
    LLVMValueRef at = number(m, slot);
    LLVMBuildStore(m->builder, base, LLVMBuildInBoundsGEP2(m->builder, m->pointer, c->slots, &at, 1, ""));
}

/* A param, a column or a size, as a constant of the file. */
static LLVMValueRef constant_input(struct maker *m, const struct call *c, array_id a) {
    const struct bound_array *bound = &c->f->binding->arrays[a];
    bool integer = c->f->program->arrays.at[a].type == TYPE_INT;
    LLVMTypeRef type = integer ? m->integer : m->real;
    LLVMValueRef *elements = calloc(bound->count + 1, sizeof *elements);
    if (!elements) return NULL;
    for (size_t k = 0; k < bound->count; k++)
        elements[k] = integer ? LLVMConstInt(type, (unsigned long long)bound->at.integer[k], 1)
                              : LLVMConstReal(type, bound->at.real[k]);
    LLVMTypeRef whole = LLVMArrayType(type, (unsigned)bound->count);
    LLVMValueRef table = LLVMAddGlobal(m->modules.straight, whole, "input");
    LLVMSetInitializer(table, LLVMConstArray(type, elements, (unsigned)bound->count));
    LLVMSetGlobalConstant(table, 1);
    LLVMSetLinkage(table, LLVMPrivateLinkage);
    free(elements);
    return table;
}

static bool is_given(const struct program *p, array_id a) {
    enum array_role role = p->arrays.at[a].role;
    return role == ROLE_PARAM || role == ROLE_COLUMN || role == ROLE_SIZE;
}

/* Slots of vectors; zeros where a result has no array. */
static void bind_vectors(struct maker *m, const struct call *c, bool *bound) {
    for (unsigned v = 0; v < c->f->vector_count; v++) {
        const struct object_vector *vector = &c->f->vectors[v];
        LLVMValueRef base = LLVMGetParam(c->function, v);
        size_t offset = 0;
        for (size_t k = 0; k < vector->count; k++) {
            const struct object_part *part = &vector->parts[k];
            LLVMValueRef at = place_in(m, base, offset);
            bool made = part->array && !c->f->program->arrays.at[part->array].unused;
            if (made) set_slot(m, c, part->array, at);
            if (made) bound[part->array] = true;
            if (!made && vector->is_result)
                LLVMBuildMemSet(m->builder, at, LLVMConstInt(LLVMInt8TypeInContext(m->modules.context), 0, 0),
                                number(m, part->count * sizeof(double)), sizeof(double));
            offset += part->count;
        }
    }
}

static bool bind_rest(struct maker *m, struct call *c, const bool *bound) {
    const struct program *p = c->f->program;
    LLVMValueRef workspace = LLVMGetParam(c->function, (unsigned)c->f->vector_count);
    for (array_id a = 1; a < p->arrays.count; a++) {
        const struct array *array = &p->arrays.at[a];
        bool given = is_given(p, a); /* bounds of loops and arrays read some that no step touches */
        if (bound[a] || (array->unused && !given) || a == c->f->returned || code_is_local(p, a)) continue;
        if (given) {
            LLVMValueRef table = constant_input(m, c, a);
            if (!table) return out_of_memory(m);
            set_slot(m, c, a, table);
        } else if (!role_is_input(array->role)) {
            set_slot(m, c, a, place_in(m, workspace, c->used));
            c->used += c->f->binding->arrays[a].count;
        }
    }
    if (c->scratch) set_slot(m, c, 0, place_in(m, workspace, c->used));
    c->used += c->scratch;
    return true;
}

static LLVMTypeRef begin_function(struct maker *m, struct call *c) {
    LLVMTypeRef parameters[OBJECT_VECTORS + 1];
    for (unsigned k = 0; k <= c->f->vector_count; k++) parameters[k] = m->pointer;
    LLVMTypeRef type = LLVMFunctionType(c->f->returned ? m->real : m->nothing, parameters,
                                        (unsigned)c->f->vector_count + 1, 0);
    c->function = LLVMAddFunction(m->modules.straight, c->f->name, type);
    LLVMPositionBuilderAtEnd(m->builder, LLVMAppendBasicBlockInContext(m->modules.context, c->function, ""));
    return type;
}

/* The function that others call: puts the table of arrays together and calls the kernel. */
static bool write_function(struct maker *m, struct call *c, LLVMValueRef kernel) {
    size_t arrays = c->f->program->arrays.count;
    bool *bound = calloc(arrays, sizeof *bound);
    if (!bound) return out_of_memory(m);
    begin_function(m, c);
    c->slots = LLVMBuildArrayAlloca(m->builder, m->pointer, number(m, arrays), "");
    LLVMValueRef result = NULL;
    if (c->f->returned) {
        result = LLVMBuildAlloca(m->builder, m->real, "");
        set_slot(m, c, c->f->returned, result);
    }
    bind_vectors(m, c, bound);
    bool good = bind_rest(m, c, bound);
    free(bound);
    LLVMTypeRef type = LLVMFunctionType(m->nothing, &m->pointer, 1, 0);
    LLVMBuildCall2(m->builder, type, kernel, &c->slots, 1, "");
    if (result)
        LLVMBuildRet(m->builder, LLVMBuildLoad2(m->builder, m->real, result, ""));
    else
        LLVMBuildRetVoid(m->builder);
    return good;
}

static bool write_kernel(struct maker *m, const struct object_function *f, const char *name,
                         size_t *scratch) {
    struct program expanded = {0};
    struct code code = {0};
    struct plan plan = {0};
    bool good = program_expand(&expanded, f->program) || out_of_memory(m);
    good = good && schedule_program(&code, &expanded, m->diags);
    if (good && !plan_make(&plan, &code, &kernel_limits)) good = out_of_memory(m);
    struct generate_request request = {.code = &code, .plan = &plan, .name = name, .joins = true};
    good = good && generate(&m->modules, &request, m->diags);
    *scratch = good ? generate_scratch(&plan) : 0;
    plan_release(&plan);
    code_release(&code);
    program_release(&expanded);
    return good;
}

static bool add_function(struct maker *m, size_t k) {
    const struct object_function *f = &m->request->functions[k];
    struct call c = {.f = f};
    struct text name = {0};
    text_addf(&name, "%s_kernel", f->name);
    bool good = !name.failed && write_kernel(m, f, text_string(&name), &c.scratch);
    good = good && write_function(m, &c, LLVMGetNamedFunction(m->modules.straight, text_string(&name)));
    text_free(&name);
    m->used[k] = c.used;
    return good;
}

/* ---- Counts and matrices ---- */

static void add_count(struct maker *m, const char *name, size_t count) {
    LLVMValueRef function = LLVMAddFunction(m->modules.straight, name, LLVMFunctionType(m->size, NULL, 0, 0));
    LLVMPositionBuilderAtEnd(m->builder, LLVMAppendBasicBlockInContext(m->modules.context, function, ""));
    LLVMBuildRet(m->builder, LLVMConstInt(m->size, count, 0));
}

static size_t used_by(const struct maker *m, const char *function) {
    for (size_t k = 0; function && k < m->request->function_count; k++)
        if (strcmp(m->request->functions[k].name, function) == 0) return m->used[k];
    return 0;
}

/* A matrix keeps its terms, or a direction and a product, before the workspace of the function that it calls.
 */
static size_t workspace_of(const struct maker *m) {
    size_t most = 0;
    for (size_t k = 0; k < m->request->function_count; k++)
        if (m->used[k] > most) most = m->used[k];
    for (size_t k = 0; k < m->request->matrix_count; k++) {
        const struct object_matrix *matrix = &m->request->matrices[k];
        size_t own = matrix->places ? matrix->terms : matrix->columns + matrix->rows;
        if (own + used_by(m, matrix->values) > most) most = own + used_by(m, matrix->values);
    }
    return most;
}

static bool add_counts(struct maker *m) {
    const struct object_request *q = m->request;
    struct text name = {0};
    text_addf(&name, "%s_workspace", q->prefix);
    m->result->workspace = workspace_of(m);
    if (!name.failed) add_count(m, text_string(&name), m->result->workspace);
    for (size_t k = 0; k < q->count_count; k++) add_count(m, q->counts[k].name, q->counts[k].count);
    bool good = !name.failed;
    text_free(&name);
    return good || out_of_memory(m);
}

static bool add_matrices(struct maker *m) {
    char *message;
    if (object_matrices_add(m->modules.straight, m->request, m->size_bits, &message)) return true;
    if (!m->troubled) fail(m, "the matrices are wrong", message);
    if (message) LLVMDisposeMessage(message);
    return false;
}

/* ---- Output ---- */

static void hide(struct maker *m, const char *name) {
    LLVMValueRef function = LLVMGetNamedFunction(m->modules.straight, name);
    if (function) LLVMSetLinkage(function, LLVMInternalLinkage);
}

/* Before anything else stands in the module: kernels and their pieces are nobody else's. */
static void hide_kernels(struct maker *m) {
    LLVMModuleRef module = m->modules.straight;
    for (LLVMValueRef f = LLVMGetFirstFunction(module); f; f = LLVMGetNextFunction(f)) {
        bool is_asked_for = false;
        for (size_t k = 0; k < m->request->function_count; k++)
            is_asked_for |= strcmp(LLVMGetValueName(f), m->request->functions[k].name) == 0;
        if (LLVMGetFirstBasicBlock(f) && !is_asked_for) LLVMSetLinkage(f, LLVMInternalLinkage);
    }
}

/* Functions of gradc get names of the file, so that those of two files do not meet. */
static bool name_special(struct maker *m) {
    bool good = true;
    for (int op = 0; op < OP_COUNT; op++) {
        if (!op_is_own((enum op)op)) continue;
        struct text name = {0};
        const char *symbol = op_symbol((enum op)op);
        LLVMValueRef function = LLVMGetNamedFunction(m->modules.straight, symbol);
        m->result->called[op] = function != NULL;
        text_addf(&name, "%s_%s", m->request->prefix, symbol + sizeof "gradc_" - 1);
        good &= !name.failed;
        if (function) LLVMSetValueName2(function, text_string(&name), name.length);
        text_free(&name);
    }
    return good || out_of_memory(m);
}

static bool optimise(struct maker *m) {
    char *message = NULL;
    LLVMPassBuilderOptionsRef options;
    bool broken = LLVMVerifyModule(m->modules.straight, LLVMReturnStatusAction, &message);
    if (broken) fail(m, "the generated code is wrong", message);
    LLVMDisposeMessage(message);
    if (broken) return false;
    options = LLVMCreatePassBuilderOptions();
    LLVMErrorRef error = LLVMRunPasses(m->modules.straight, "default<O2>", m->machine, options);
    LLVMDisposePassBuilderOptions(options);
    if (!error) return true;
    message = LLVMGetErrorMessage(error);
    fail(m, "optimising failed", message);
    LLVMDisposeErrorMessage(message);
    return false;
}

static bool write_listing(struct maker *m) {
    char *listing = LLVMPrintModuleToString(m->modules.straight);
    bool calls = false;
    for (int op = 0; op < OP_COUNT; op++) {
        if (!m->result->called[op]) continue;
        text_add(m->out, calls ? ", " : "; Link it with the C file that comes along, which has ");
        text_addf(m->out, "%s_%s", m->request->prefix, op_symbol((enum op)op) + sizeof "gradc_" - 1);
        calls = true;
    }
    if (calls) text_add(m->out, ".\n");
    text_add(m->out, listing);
    LLVMDisposeMessage(listing);
    return true;
}

static bool write_file(struct maker *m) {
    char *message = NULL;
    LLVMMemoryBufferRef file = NULL;
    LLVMCodeGenFileType type = m->request->format == OBJECT_CODE ? LLVMObjectFile : LLVMAssemblyFile;
    if (m->request->format == OBJECT_LLVM) return write_listing(m);
    if (LLVMTargetMachineEmitToMemoryBuffer(m->machine, m->modules.straight, type, &message, &file)) {
        fail(m, "generating code failed", message);
        LLVMDisposeMessage(message);
        return false;
    }
    text_add_bytes(m->out, LLVMGetBufferStart(file), LLVMGetBufferSize(file));
    LLVMDisposeMemoryBuffer(file);
    return !m->troubled;
}

static bool work(void *context) {
    struct maker *m = context;
    const struct object_request *q = m->request;
    bool good = find_machine(m);
    if (good) open_module(m);
    for (size_t k = 0; good && k < q->function_count; k++) good = add_function(m, k);
    if (!good) return false;
    hide_kernels(m);
    if (!name_special(m) || !add_matrices(m) || !add_counts(m)) return false;
    for (size_t k = 0; k < q->function_count; k++)
        if (q->functions[k].is_hidden) hide(m, q->functions[k].name);
    return optimise(m) && write_file(m);
}

static bool make(struct maker *m) {
    char reason[300];
    if (!llvm_load_targets()) return fail(m, "no code can be made", "LLVM could not be loaded");
    enum guarded done = guard_run(work, m, reason, sizeof reason);
    if (done == GUARDED_LOST) return fail(m, "LLVM gave up", reason);
    if (m->builder) LLVMDisposeBuilder(m->builder);
    modules_release(&m->modules);
    if (m->machine) LLVMDisposeTargetMachine(m->machine);
    if (done == GUARDED_DONE && m->out->failed) return out_of_memory(m);
    return done == GUARDED_DONE;
}

bool object_make(const struct object_request *request, struct text *out, struct object_result *result,
                 struct diag_list *diags) {
    struct maker m = {.request = request, .diags = diags, .out = out, .result = result};
    *result = (struct object_result){.workspace = 0};
    m.used = calloc(request->function_count + 1, sizeof *m.used);
    if (!m.used) return out_of_memory(&m);
    bool good = make(&m);
    free(m.used);
    return good;
}
