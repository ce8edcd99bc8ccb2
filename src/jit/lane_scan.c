#include <stdlib.h>

#include "jit/lane.h"

/* Factors of ordinary size, from 2^-63 on and below 2^65: whatever products of up to eight of them are
 * formed, they are ordinary numbers, and regrouping them costs digits only. Added to the bits of a double,
 * the first leaves 0 in those of the second where it has such a size. */
static const uint64_t size_offset = UINT64_C(0x440) << 52, size_bits = UINT64_C(0x780) << 52;

static const struct instruction *at(const struct generator *g, uint32_t i) {
    return &g->code->instructions.at[i];
}

static LLVMBasicBlockRef new_block(struct generator *g) {
    return LLVMAppendBasicBlockInContext(g->context, g->function, "");
}

static LLVMValueRef number(struct generator *g, double value) {
    return lane_splat(g, LLVMConstReal(g->real, value), g->lane_count);
}

static LLVMValueRef lane_number(const struct generator *g, unsigned lane) {
    return LLVMConstInt(LLVMInt32TypeInContext(g->context), lane, 0);
}

/* The lane of an iteration of the vector. */
static unsigned lane_of(const struct generator *g, unsigned iteration) {
    return g->lane->turned ? g->lane_count - 1 - iteration : iteration;
}

/* Each iteration has what stands `by` iterations before it; the first ones have what is in all lanes of
 * `before`. */
static LLVMValueRef shifted(struct generator *g, LLVMValueRef vector, unsigned by, LLVMValueRef before) {
    LLVMValueRef numbers[MOST_LANES];
    for (unsigned k = 0; k < g->lane_count; k++)
        numbers[lane_of(g, k)] = lane_number(g, k < by ? g->lane_count : lane_of(g, k - by));
    return LLVMBuildShuffleVector(g->builder, vector, before, LLVMConstVector(numbers, g->lane_count), "");
}

/* ---- Around the loop ---- */

bool lane_scan_init(struct generator *g) {
    struct lane_loop *lane = g->lane;
    if (at(g, lane->loop)->order == ORDER_FREE) return true;
    lane->is_scan = scan_find(&g->lanes->affine, &g->lanes->compared, lane->loop, &lane->scan.found);
    lane->scan.early = calloc(g->code->instructions.count, sizeof *lane->scan.early);
    if (!lane->is_scan || !lane->scan.early) return false;
    lane->scan.readers = lanes_scan_readers(g->lanes, lane->loop, &lane->scan.found);
    lane->turned = lane->scan.found.falls;
    if (lane->turned) affine_find_turned(&g->lanes->affine, lane->loop);
    lane->scan.early[lane->scan.found.factor] = true;
    lane->scan.early[at(g, lane->scan.found.load)->a] = true;
    lane->scan.early[at(g, lane->scan.found.store)->a] = true;
    scan_mark_operands(g->code, lane->loop, lane->scan.early);
    return true;
}

/* The places of one iteration, whose index is given. */
static void write_places(struct generator *g, LLVMValueRef index) {
    g->registers[g->lane->loop] = index;
    for (uint32_t i = g->lane->loop + 1; i < g->lane->end; i++)
        if (g->lane->scan.early[i] && at(g, i)->type == TYPE_INT) lane_write(g, i);
}

/* The element before the first one is read once. */
void lane_scan_begin(struct generator *g, LLVMValueRef from) {
    struct lane_scan *scan = &g->lane->scan;
    if (!g->lane->is_scan) return;
    write_places(g, from);
    scan->carry = function_alloca(g, g->lane->real);
    const struct instruction *load = at(g, scan->found.load);
    LLVMValueRef address = function_element(g, load->source, load->a);
    LLVMValueRef first = LLVMBuildLoad2(g->builder, g->real, address, "");
    LLVMBuildStore(g->builder, lane_splat(g, first, g->lane_count), scan->carry);
}

void lane_scan_end(struct generator *g, LLVMValueRef last) {
    const struct lane_scan *scan = &g->lane->scan;
    if (!g->lane->is_scan || scan->readers != READERS_OF_LAST) return;
    write_places(g, last);
    const struct instruction *store = at(g, scan->found.store);
    LLVMValueRef carry = LLVMBuildLoad2(g->builder, g->lane->real, scan->carry, "");
    LLVMValueRef element = LLVMBuildExtractElement(g->builder, carry, lane_number(g, 0), "");
    LLVMBuildStore(g->builder, element, function_element(g, store->source, store->a));
}

/* ---- One vector ---- */

/* The products of all factors up to each lane's. */
static LLVMValueRef running_products(struct generator *g, LLVMValueRef factors) {
    LLVMValueRef ones = number(g, 1);
    for (unsigned by = 1; by < g->lane_count; by *= 2)
        factors = LLVMBuildFMul(g->builder, factors, shifted(g, factors, by, ones), "");
    return factors;
}

/* Whether some lane forbids that products are regrouped: they might leave the range of numbers, or there is
 * something to add to. */
static LLVMValueRef is_delicate(struct generator *g, LLVMValueRef factors, LLVMValueRef old) {
    LLVMBuilderRef b = g->builder;
    LLVMValueRef bits = LLVMBuildBitCast(b, factors, g->lane->integer, "");
    LLVMValueRef offset = lane_splat(g, LLVMConstInt(g->integer, size_offset, 0), g->lane_count);
    LLVMValueRef mask = lane_splat(g, LLVMConstInt(g->integer, size_bits, 0), g->lane_count);
    LLVMValueRef outside = LLVMBuildAnd(b, LLVMBuildAdd(b, bits, offset, ""), mask, "");
    LLVMValueRef delicate = LLVMBuildICmp(b, LLVMIntNE, outside, LLVMConstNull(g->lane->integer), "");
    if (old) delicate = LLVMBuildOr(b, delicate, LLVMBuildFCmp(b, LLVMRealUNE, old, number(g, 0), ""), "");
    return lane_any(g, delicate);
}

/* The last iteration's number in all lanes. */
static LLVMValueRef last_of(struct generator *g, LLVMValueRef vector) {
    LLVMValueRef numbers[MOST_LANES];
    for (unsigned lane = 0; lane < g->lane_count; lane++)
        numbers[lane] = lane_number(g, lane_of(g, g->lane_count - 1));
    LLVMValueRef mask = LLVMConstVector(numbers, g->lane_count);
    return LLVMBuildShuffleVector(g->builder, vector, vector, mask, "");
}

/* What stands in the lanes: the products, the elements that they give, and the last of these in all lanes. */
struct scanned {
    LLVMValueRef products, elements, last;
};

static LLVMValueRef times_carry(struct generator *g, LLVMValueRef products, LLVMValueRef carry) {
    return LLVMBuildFMul(g->builder, products, carry, "");
}

static LLVMValueRef added(struct generator *g, LLVMValueRef old, LLVMValueRef products) {
    return old ? LLVMBuildFAdd(g->builder, old, products, "") : products;
}

/* The last element is formed apart, so that vectors wait for each other no longer than they have to. */
static struct scanned together(struct generator *g, LLVMValueRef products, LLVMValueRef old,
                               LLVMValueRef carry) {
    LLVMValueRef all = times_carry(g, products, carry);
    LLVMValueRef last = times_carry(g, last_of(g, products), carry);
    return (struct scanned){all, added(g, old, all), added(g, old ? last_of(g, old) : NULL, last)};
}

/* In the order of the program. */
static struct scanned one_by_one(struct generator *g, LLVMValueRef factors, LLVMValueRef old,
                                 LLVMValueRef carry) {
    LLVMBuilderRef b = g->builder;
    LLVMValueRef empty = LLVMGetUndef(LLVMTypeOf(factors));
    struct scanned s = {empty, empty, NULL};
    carry = LLVMBuildExtractElement(b, carry, lane_number(g, 0), "");
    for (unsigned k = 0; k < g->lane_count; k++) {
        LLVMValueRef place = lane_number(g, lane_of(g, k));
        LLVMValueRef product = LLVMBuildFMul(b, LLVMBuildExtractElement(b, factors, place, ""), carry, "");
        carry = added(g, old ? LLVMBuildExtractElement(b, old, place, "") : NULL, product);
        s.products = LLVMBuildInsertElement(b, s.products, product, place, "");
        s.elements = LLVMBuildInsertElement(b, s.elements, carry, place, "");
    }
    s.last = lane_splat(g, carry, g->lane_count);
    return s;
}

static LLVMValueRef join(struct generator *g, LLVMValueRef one, LLVMBasicBlockRef from_one,
                         LLVMValueRef other, LLVMBasicBlockRef from_other) {
    LLVMValueRef phi = LLVMBuildPhi(g->builder, LLVMTypeOf(one), "");
    LLVMAddIncoming(phi, &one, &from_one, 1);
    LLVMAddIncoming(phi, &other, &from_other, 1);
    return phi;
}

static struct scanned scan_vector(struct generator *g, LLVMValueRef factors, LLVMValueRef old,
                                  LLVMValueRef carry) {
    LLVMBuilderRef b = g->builder;
    LLVMBasicBlockRef quick = new_block(g), slow = new_block(g), after = new_block(g);
    LLVMValueRef products = running_products(g, factors);
    LLVMBuildCondBr(b, is_delicate(g, factors, old), slow, quick);
    LLVMPositionBuilderAtEnd(b, quick);
    struct scanned one = together(g, products, old, carry);
    LLVMBuildBr(b, after);
    LLVMPositionBuilderAtEnd(b, slow);
    struct scanned other = one_by_one(g, factors, old, carry);
    LLVMBuildBr(b, after);
    LLVMPositionBuilderAtEnd(b, after);
    return (struct scanned){join(g, one.products, quick, other.products, slow),
                            join(g, one.elements, quick, other.elements, slow),
                            join(g, one.last, quick, other.last, slow)};
}

/* Lanes that are not active have the factor 1, so that the last one carries on. */
static LLVMValueRef factors_of(struct generator *g) {
    return lane_masked(g, lane_use(g, g->lane->scan.found.factor), number(g, 1));
}

static void write_scan(struct generator *g) {
    struct lane_scan *scan = &g->lane->scan;
    LLVMBuilderRef b = g->builder;
    LLVMValueRef carry = LLVMBuildLoad2(b, g->lane->real, scan->carry, "");
    bool adds = at(g, scan->found.store)->update == UPDATE_ADD;
    LLVMValueRef old = adds ? lane_read_neighbours(g, scan->found.store) : NULL;
    struct scanned s = scan_vector(g, factors_of(g), old, carry);
    LLVMBuildStore(b, s.last, scan->carry);
    g->registers[scan->found.load] = shifted(g, s.elements, 1, carry);
    g->registers[scan->found.product] = s.products;
    scan->elements = s.elements;
}

void lane_scan_body(struct generator *g) {
    const struct lane_scan *scan = &g->lane->scan;
    for (uint32_t i = g->lane->loop + 1; i < g->lane->end; i++)
        if (scan->early[i]) lane_write(g, i);
    write_scan(g);
    for (uint32_t i = g->lane->loop + 1; i < g->lane->end; i++) {
        if (scan->early[i] || i == scan->found.load || i == scan->found.product) continue;
        if (i != scan->found.store)
            lane_write(g, i);
        else if (scan->readers == READERS_ANY)
            lane_write_neighbours(g, i, scan->elements);
    }
}
