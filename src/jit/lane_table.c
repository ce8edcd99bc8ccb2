#include "jit/lane.h"

enum {
    MOST_PLACES = LANE_PLACES, /* of vectors, for all tables of a loop together */
    MOST_ON_STACK = 64,        /* of those whose number is known: LLVM may then keep them in registers */
    FEWEST_VECTORS = 16        /* of iterations that are worth a table */
};

static const struct instruction *at(const struct generator *g, uint32_t i) {
    return &g->code->instructions.at[i];
}

static LLVMBasicBlockRef new_block(struct generator *g) {
    return LLVMAppendBasicBlockInContext(g->context, g->function, "");
}

static LLVMValueRef integer(const struct generator *g, uint64_t value) {
    return LLVMConstInt(g->integer, value, 0);
}

static LLVMValueRef place_address(struct generator *g, const struct lane_table *table, LLVMValueRef place) {
    return LLVMBuildInBoundsGEP2(g->builder, g->lane->table_real, table->memory, &place, 1, "");
}

static LLVMValueRef load_place(struct generator *g, LLVMValueRef address) {
    LLVMValueRef value = LLVMBuildLoad2(g->builder, g->lane->table_real, address, "");
    LLVMSetAlignment(value, sizeof(double));
    return value;
}

static void store_place(struct generator *g, LLVMValueRef value, LLVMValueRef address) {
    LLVMSetAlignment(LLVMBuildStore(g->builder, value, address), sizeof(double));
}

/* ---- All places ---- */

/* A loop over the places of a table that is in use. */
struct places {
    LLVMBasicBlockRef before, body, after;
    LLVMValueRef place;
};

static struct places open_places(struct generator *g, const struct lane_table *table) {
    struct places p = {.body = new_block(g), .after = new_block(g), .before = LLVMGetInsertBlock(g->builder)};
    LLVMValueRef zero = integer(g, 0);
    LLVMBuildCondBr(g->builder, table->used, p.body, p.after);
    LLVMPositionBuilderAtEnd(g->builder, p.body);
    p.place = LLVMBuildPhi(g->builder, g->integer, "");
    LLVMAddIncoming(p.place, &zero, &p.before, 1);
    return p;
}

static void close_places(struct generator *g, const struct lane_table *table, struct places p) {
    LLVMBuilderRef b = g->builder;
    LLVMValueRef next = LLVMBuildAdd(b, p.place, integer(g, 1), "");
    LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntEQ, next, table->count, ""), p.after, p.body);
    LLVMAddIncoming(p.place, &next, &p.body, 1);
    LLVMPositionBuilderAtEnd(b, p.after);
}

/* ---- Before, in and behind the loop ---- */

static struct lane_table *find(struct generator *g, array_id array) {
    for (size_t k = 0; k < g->lane->tables.count; k++)
        if (at(g, g->lane->tables.at[k].store)->source == array) return &g->lane->tables.at[k];
    return NULL;
}

/* Whether a register may be used here, of which the plan does not know that it is. */
static bool is_at_hand(const struct generator *g, code_register r) {
    return at(g, r)->kind == CODE_INTEGER || g->plan->home[r] == g->piece;
}

/* How many elements a clear has is at hand too where the clear itself is of this piece. */
static bool has_count(const struct generator *g, uint32_t clear) {
    return g->plan->home[clear] == g->piece || is_at_hand(g, at(g, clear)->a);
}

static bool is_for_table(const struct generator *g, uint32_t i) {
    const struct instruction *in = at(g, i);
    bool sum = in->kind == CODE_STORE && in->update == UPDATE_ADD && in->type == TYPE_REAL;
    uint32_t clear = sum ? g->cleared[in->source] : 0;
    if (!clear || clear > g->lane->loop || !has_count(g, clear)) return false;
    return lanes_access(g->lanes, g->lane->loop, i) == ACCESS_SHARED;
}

/* Few sums get a place on the stack, where nothing else can reach them. */
static bool takes_stack(struct generator *g, struct lane_table *table) {
    if (!LLVMIsAConstantInt(table->count)) return false;
    int64_t count = LLVMConstIntGetSExtValue(table->count);
    if (count <= 0 || count > (int64_t)MOST_ON_STACK - g->lane->on_stack) return false;
    g->lane->on_stack += (unsigned)count;
    table->memory = function_alloca(g, LLVMArrayType(g->lane->table_real, (unsigned)count));
    return true;
}

/* As long as there is room, and there are iterations enough. */
static struct lane_table make_table(struct generator *g, uint32_t store, LLVMValueRef many,
                                    LLVMValueRef *taken) {
    LLVMBuilderRef b = g->builder;
    struct lane_table table = {.store = store};
    table.count = function_use(g, at(g, g->cleared[at(g, store)->source])->a);
    if (takes_stack(g, &table)) {
        table.used = many;
        return table;
    }
    LLVMValueRef room = LLVMBuildSub(b, integer(g, MOST_PLACES), *taken, "");
    LLVMValueRef some = LLVMBuildICmp(b, LLVMIntSGT, table.count, integer(g, 0), "");
    LLVMValueRef fits = LLVMBuildAnd(b, LLVMBuildICmp(b, LLVMIntSLE, table.count, room, ""), some, "");
    table.used = LLVMBuildAnd(b, fits, many, "");
    table.memory = LLVMBuildInBoundsGEP2(b, g->lane->table_real, g->lane_memory, taken, 1, "");
    LLVMValueRef more = LLVMBuildAdd(b, *taken, table.count, "");
    *taken = LLVMBuildSelect(b, table.used, more, *taken, "");
    return table;
}

/* Whether the sizes tell that there are many iterations, as they do where chunks of them are shared. */
static bool is_known_to_be_long(const struct generator *g) {
    if (g->sizes && g->plan->pieces.at[g->piece].is_shared) return true;
    int64_t trips = trips_at_most(g->code, g->lane->loop, g->sizes);
    return g->sizes && trips >= TRIPS_LARGE && trips < INT64_MAX;
}

/* Where the caller gives no memory there are no tables; with sizes it gives what the kernel asks for. */
static LLVMValueRef are_worth_it(struct generator *g, LLVMValueRef full) {
    LLVMBuilderRef b = g->builder;
    if (is_known_to_be_long(g)) return LLVMConstInt(g->truth, 1, 0);
    LLVMValueRef fewest =
        integer(g, g->lanes->short_too ? 0 : FEWEST_VECTORS * LLVMGetVectorSize(g->lane->table_real));
    LLVMValueRef none = LLVMConstNull(g->pointer);
    LLVMValueRef given = LLVMBuildICmp(b, LLVMIntNE, function_slot(g, 0), none, "");
    return LLVMBuildAnd(b, LLVMBuildICmp(b, LLVMIntSGE, full, fewest, ""), given, "");
}

bool lane_tables_wanted(struct generator *g) {
    if (!g->modules->lane_memory) return false;
    for (uint32_t i = g->lane->loop + 1; i < g->lane->end; i++)
        if (is_for_table(g, i)) return true;
    return false;
}

void lane_tables_begin(struct generator *g, LLVMValueRef full) {
    if (!g->modules->lane_memory) return;
    LLVMValueRef taken = integer(g, 0), many = are_worth_it(g, full);
    for (uint32_t i = g->lane->loop + 1; i < g->lane->end; i++) {
        if (!is_for_table(g, i) || find(g, at(g, i)->source)) continue;
        struct lane_table table = make_table(g, i, many, &taken);
        VEC_PUSH(&g->lane->tables, table);
    }
    for (size_t k = 0; k < g->lane->tables.count; k++) {
        const struct lane_table *table = &g->lane->tables.at[k];
        struct places p = open_places(g, table);
        LLVMValueRef none = lane_neutral(g, at(g, table->store), LLVMGetVectorSize(g->lane->table_real));
        store_place(g, none, place_address(g, table, p.place));
        close_places(g, table, p);
    }
}

static void add_in_table(struct generator *g, const struct lane_table *table, uint32_t store) {
    LLVMValueRef address = place_address(g, table, function_use(g, at(g, store)->a));
    LLVMValueRef old = load_place(g, address), value = lane_use(g, at(g, store)->b);
    value = lane_masked(g, value, lane_neutral(g, at(g, store), g->lane_count));
    for (unsigned count = g->lane_count / 2; count >= LLVMGetVectorSize(g->lane->table_real); count /= 2)
        value = operation_update(g, store, lane_part(g, value, 0, count), lane_part(g, value, count, count));
    store_place(g, operation_update(g, store, old, value), address);
}

static bool is_certain(LLVMValueRef truth) {
    return LLVMIsAConstantInt(truth) && LLVMConstIntGetSExtValue(truth) != 0;
}

bool lane_table_add(struct generator *g, uint32_t store, void (*otherwise)(struct generator *, uint32_t)) {
    const struct lane_table *table = is_for_table(g, store) ? find(g, at(g, store)->source) : NULL;
    if (!table) return false;
    if (is_certain(table->used)) {
        add_in_table(g, table, store);
        return true;
    }
    LLVMBuilderRef b = g->builder;
    LLVMBasicBlockRef here = new_block(g), there = new_block(g), after = new_block(g);
    LLVMBuildCondBr(b, table->used, here, there);
    LLVMPositionBuilderAtEnd(b, here);
    add_in_table(g, table, store);
    LLVMBuildBr(b, after);
    LLVMPositionBuilderAtEnd(b, there);
    otherwise(g, store);
    LLVMBuildBr(b, after);
    LLVMPositionBuilderAtEnd(b, after);
    return true;
}

void lane_tables_end(struct generator *g) {
    LLVMBuilderRef b = g->builder;
    for (size_t k = 0; k < g->lane->tables.count; k++) {
        const struct lane_table *table = &g->lane->tables.at[k];
        LLVMValueRef base = g->bases[at(g, table->store)->source];
        struct places p = open_places(g, table);
        LLVMValueRef vector = load_place(g, place_address(g, table, p.place));
        LLVMValueRef address = LLVMBuildInBoundsGEP2(b, g->real, base, &p.place, 1, "");
        LLVMValueRef old = LLVMBuildLoad2(b, g->real, address, "");
        LLVMValueRef sum = operation_update(g, table->store, old, lane_reduce(g, table->store, vector));
        LLVMBuildStore(b, sum, address);
        close_places(g, table, p);
    }
}
