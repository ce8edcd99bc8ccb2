#include "jit/lane.h"

enum { ALIGNMENT = 8 /* of a number; vectors may begin at any */ };

static const struct instruction *at(const struct generator *g, uint32_t i) {
    return &g->code->instructions.at[i];
}

static LLVMValueRef lane_number(const struct generator *g, unsigned lane) {
    return LLVMConstInt(LLVMInt32TypeInContext(g->context), lane, 0);
}

static LLVMTypeRef element_type(const struct generator *g, const struct instruction *in) {
    return function_type_of(g, program_array_at(g->code->program, in->source)->type);
}

static LLVMTypeRef vector_type(const struct generator *g, const struct instruction *in) {
    return lane_type_of(g, program_array_at(g->code->program, in->source)->type);
}

static bool varies_in_place(const struct generator *g, const struct instruction *in) {
    return affine_of(&g->lanes->affine, g->lane->loop, in->a).kind != VARIATION_NONE;
}

static bool is_private(const struct generator *g, const struct instruction *in) {
    return affine_is_private(&g->lanes->affine, g->lane->loop, in->source);
}

/* Arrays that are made anew: each element has one for each lane, one behind the other. */
static LLVMValueRef private_address(struct generator *g, const struct instruction *in, LLVMValueRef place) {
    if (program_array_at(g->code->program, in->source)->rank > 0)
        return LLVMBuildInBoundsGEP2(g->builder, vector_type(g, in), g->bases[in->source], &place, 1, "");
    return function_local(g, in->source, g->lane->loop + 1, vector_type(g, in));
}

static LLVMValueRef private_load(struct generator *g, const struct instruction *in, LLVMValueRef address) {
    LLVMValueRef value = LLVMBuildLoad2(g->builder, vector_type(g, in), address, "");
    LLVMSetAlignment(value, ALIGNMENT);
    return value;
}

static void private_store(struct generator *g, LLVMValueRef value, LLVMValueRef address) {
    LLVMSetAlignment(LLVMBuildStore(g->builder, value, address), ALIGNMENT);
}

/* ---- Addresses ---- */

/* Where the lane's element is whose place in the first lane is a scalar. */
static LLVMValueRef address_behind(struct generator *g, const struct instruction *in, int64_t elements) {
    LLVMValueRef offset = LLVMConstInt(g->integer, (unsigned long long)elements, 1);
    LLVMValueRef first = function_element(g, in->source, in->a);
    return LLVMBuildInBoundsGEP2(g->builder, element_type(g, in), first, &offset, 1, "");
}

static LLVMValueRef address_of_row(struct generator *g, const struct instruction *in,
                                   const struct variation *v, unsigned lane) {
    int64_t rows = (int64_t)((uint64_t)v->slope * lane);
    if (!v->row[0]) return address_behind(g, in, rows);
    LLVMValueRef count = LLVMConstInt(g->integer, (unsigned long long)rows, 1);
    LLVMValueRef offset = LLVMBuildMul(g->builder, count, lane_row(g, v), "");
    LLVMValueRef first = function_element(g, in->source, in->a);
    return LLVMBuildInBoundsGEP2(g->builder, element_type(g, in), first, &offset, 1, "");
}

/* Of an array that is made anew, at places that differ between lanes. */
static LLVMValueRef private_in_lane(struct generator *g, const struct instruction *in, unsigned lane) {
    LLVMValueRef place = LLVMBuildExtractElement(g->builder, lane_use(g, in->a), lane_number(g, lane), "");
    LLVMValueRef offset = LLVMConstInt(g->integer, lane, 0);
    LLVMValueRef address = private_address(g, in, place);
    return LLVMBuildInBoundsGEP2(g->builder, element_type(g, in), address, &offset, 1, "");
}

static LLVMValueRef address_in_lane(struct generator *g, const struct instruction *in, unsigned lane) {
    if (is_private(g, in)) return private_in_lane(g, in, lane);
    struct variation v = affine_of(&g->lanes->affine, g->lane->loop, in->a);
    if (v.kind != VARIATION_ANY) return address_of_row(g, in, &v, lane);
    LLVMValueRef place =
        LLVMBuildExtractElement(g->builder, function_use(g, in->a), lane_number(g, lane), "");
    return LLVMBuildInBoundsGEP2(g->builder, element_type(g, in), g->bases[in->source], &place, 1, "");
}

LLVMValueRef lane_address(struct generator *g, uint32_t i, unsigned lane) {
    return address_in_lane(g, at(g, i), lane);
}

/* The lowest address of neighbours. */
static LLVMValueRef lowest_address(struct generator *g, const struct instruction *in,
                                   enum lane_access access) {
    return address_behind(g, in, access == ACCESS_PREVIOUS ? 1 - (int64_t)g->lane_count : 0);
}

/* ---- LLVM's masked access ---- */

static LLVMValueRef alignment(const struct generator *g) {
    return LLVMConstInt(LLVMInt32TypeInContext(g->context), ALIGNMENT, 0);
}

static LLVMValueRef masked_read(struct generator *g, const char *name, LLVMTypeRef type, LLVMValueRef address,
                                LLVMValueRef mask) {
    LLVMValueRef operands[4] = {address, alignment(g), mask, LLVMConstNull(type)};
    struct intrinsic read = {name, type, {type, LLVMTypeOf(address)}};
    return call_intrinsic(g, &read, operands, 4);
}

/* ---- Neighbours ---- */

static LLVMValueRef read_neighbours(struct generator *g, const struct instruction *in,
                                    enum lane_access access) {
    LLVMTypeRef type = vector_type(g, in);
    LLVMValueRef address = lowest_address(g, in, access), mask = g->lane->mask, value;
    bool turned = access == ACCESS_PREVIOUS;
    if (mask) {
        if (turned) mask = lane_reverse(g, mask);
        value = masked_read(g, "llvm.masked.load", type, address, mask);
    } else {
        value = LLVMBuildLoad2(g->builder, type, address, "");
        LLVMSetAlignment(value, ALIGNMENT);
    }
    return turned ? lane_reverse(g, value) : value;
}

static void write_neighbours(struct generator *g, const struct instruction *in, enum lane_access access,
                             LLVMValueRef value) {
    LLVMValueRef address = lowest_address(g, in, access), mask = g->lane->mask;
    bool turned = access == ACCESS_PREVIOUS;
    if (turned) value = lane_reverse(g, value);
    if (!mask) {
        LLVMSetAlignment(LLVMBuildStore(g->builder, value, address), ALIGNMENT);
        return;
    }
    LLVMValueRef operands[4] = {value, address, alignment(g), turned ? lane_reverse(g, mask) : mask};
    struct intrinsic store = {"llvm.masked.store", g->nothing, {LLVMTypeOf(value), g->pointer}};
    call_intrinsic(g, &store, operands, 4);
}

LLVMValueRef lane_read_neighbours(struct generator *g, uint32_t i) {
    return read_neighbours(g, at(g, i), lanes_access(g->lanes, g->lane->loop, i));
}

void lane_write_neighbours(struct generator *g, uint32_t i, LLVMValueRef value) {
    write_neighbours(g, at(g, i), lanes_access(g->lanes, g->lane->loop, i), value);
}

/* ---- Elements anywhere ---- */

static LLVMValueRef addresses(struct generator *g, const struct instruction *in) {
    LLVMValueRef places = lane_use(g, in->a);
    if (is_private(g, in)) {
        LLVMValueRef count = lane_splat(g, LLVMConstInt(g->integer, g->lane_count, 0), g->lane_count);
        LLVMValueRef first = LLVMBuildMul(g->builder, places, count, "");
        places = LLVMBuildAdd(g->builder, first, lane_steps(g, 1), "");
    }
    return LLVMBuildGEP2(g->builder, element_type(g, in), g->bases[in->source], &places, 1, "");
}

static LLVMValueRef gather(struct generator *g, const struct instruction *in) {
    LLVMTypeRef type = vector_type(g, in);
    if (g->lane->mask) return masked_read(g, "llvm.masked.gather", type, addresses(g, in), g->lane->mask);
    LLVMValueRef result = LLVMGetUndef(type);
    for (unsigned lane = 0; lane < g->lane_count; lane++) {
        LLVMValueRef one = LLVMBuildLoad2(g->builder, element_type(g, in), address_in_lane(g, in, lane), "");
        result = LLVMBuildInsertElement(g->builder, result, one, lane_number(g, lane), "");
    }
    return result;
}

static void update_element(struct generator *g, uint32_t i, LLVMValueRef address, LLVMValueRef value) {
    const struct instruction *in = at(g, i);
    if (in->update != UPDATE_SET) {
        LLVMValueRef old = LLVMBuildLoad2(g->builder, element_type(g, in), address, "");
        value = operation_update(g, i, old, value);
    }
    LLVMBuildStore(g->builder, value, address);
}

/* One lane after the other: two may meet. */
static void scatter(struct generator *g, uint32_t i) {
    const struct instruction *in = at(g, i);
    LLVMBuilderRef b = g->builder;
    LLVMValueRef values = lane_use(g, in->b), mask = g->lane->mask;
    for (unsigned lane = 0; lane < g->lane_count; lane++) {
        LLVMBasicBlockRef after = NULL;
        if (mask) {
            LLVMBasicBlockRef here = LLVMAppendBasicBlockInContext(g->context, g->function, "");
            after = LLVMAppendBasicBlockInContext(g->context, g->function, "");
            LLVMBuildCondBr(b, LLVMBuildExtractElement(b, mask, lane_number(g, lane), ""), here, after);
            LLVMPositionBuilderAtEnd(b, here);
        }
        LLVMValueRef value = LLVMBuildExtractElement(b, values, lane_number(g, lane), "");
        update_element(g, i, address_in_lane(g, in, lane), value);
        if (!after) continue;
        LLVMBuildBr(b, after);
        LLVMPositionBuilderAtEnd(b, after);
    }
}

/* ---- Instructions ---- */

void lane_load(struct generator *g, uint32_t i) {
    const struct instruction *in = at(g, i);
    enum lane_access access = lanes_access(g->lanes, g->lane->loop, i);
    LLVMValueRef value = NULL;
    switch (access) {
    case ACCESS_PRIVATE:
        value = varies_in_place(g, in) ? gather(g, in)
                                       : private_load(g, in, private_address(g, in, function_use(g, in->a)));
        break;
    case ACCESS_FIXED:
    case ACCESS_SHARED: value = function_load(g, i); break;
    case ACCESS_NEXT:
    case ACCESS_PREVIOUS: value = read_neighbours(g, in, access); break;
    case ACCESS_STRIDED: value = lane_tile_load(g, i); break;
    case ACCESS_SCATTERED: break;
    }
    g->registers[i] = value ? value : gather(g, in);
}

static void store_private(struct generator *g, uint32_t i) {
    const struct instruction *in = at(g, i);
    LLVMValueRef address = private_address(g, in, function_use(g, in->a)), value = lane_use(g, in->b);
    if (in->update != UPDATE_SET || g->lane->mask) {
        LLVMValueRef old = private_load(g, in, address);
        value = lane_masked(g, operation_update(g, i, old, value), old);
    }
    private_store(g, value, address);
}

/* The lanes are put together first. */
static void store_shared(struct generator *g, uint32_t i) {
    const struct instruction *in = at(g, i);
    LLVMValueRef value = lane_masked(g, lane_use(g, in->b), lane_neutral(g, in, g->lane_count));
    update_element(g, i, function_element(g, in->source, in->a), lane_reduce(g, i, value));
}

static void store_neighbours(struct generator *g, uint32_t i, enum lane_access access) {
    const struct instruction *in = at(g, i);
    LLVMValueRef value = lane_use(g, in->b);
    if (in->update != UPDATE_SET) value = operation_update(g, i, read_neighbours(g, in, access), value);
    write_neighbours(g, in, access, value);
}

void lane_store(struct generator *g, uint32_t i) {
    enum lane_access access = lanes_access(g->lanes, g->lane->loop, i);
    bool set = at(g, i)->update == UPDATE_SET;
    switch (access) {
    case ACCESS_PRIVATE: (varies_in_place(g, at(g, i)) ? scatter : store_private)(g, i); break;
    case ACCESS_FIXED: (set ? scatter : lane_sums_add)(g, i); break;
    case ACCESS_SHARED:
        if (!lane_table_add(g, i, store_shared)) (set ? scatter : store_shared)(g, i);
        break;
    case ACCESS_NEXT:
    case ACCESS_PREVIOUS: store_neighbours(g, i, access); break;
    case ACCESS_STRIDED:
    case ACCESS_SCATTERED: scatter(g, i); break;
    }
}

/* In all lanes: those which are not active here have nothing in it that is read before. */
static void clear_elements(struct generator *g, const struct instruction *in, LLVMValueRef value) {
    LLVMBuilderRef b = g->builder;
    LLVMBasicBlockRef body = LLVMAppendBasicBlockInContext(g->context, g->function, "");
    LLVMBasicBlockRef after = LLVMAppendBasicBlockInContext(g->context, g->function, "");
    LLVMBasicBlockRef before = LLVMGetInsertBlock(b);
    LLVMValueRef count = function_use(g, in->a);
    LLVMValueRef zero = LLVMConstInt(g->integer, 0, 0), one = LLVMConstInt(g->integer, 1, 0);
    LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntSGT, count, zero, ""), body, after);
    LLVMPositionBuilderAtEnd(b, body);
    LLVMValueRef place = LLVMBuildPhi(b, g->integer, "");
    private_store(g, value, private_address(g, in, place));
    LLVMValueRef next = LLVMBuildAdd(b, place, one, "");
    LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntSLT, next, count, ""), body, after);
    LLVMAddIncoming(place, &zero, &before, 1);
    LLVMAddIncoming(place, &next, &body, 1);
    LLVMPositionBuilderAtEnd(b, after);
}

void lane_clear(struct generator *g, uint32_t i) {
    const struct instruction *in = at(g, i);
    LLVMValueRef value = lane_use(g, in->b);
    if (program_array_at(g->code->program, in->source)->rank > 0)
        clear_elements(g, in, value);
    else
        private_store(g, value, private_address(g, in, NULL));
}
