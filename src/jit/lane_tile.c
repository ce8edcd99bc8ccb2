#include "jit/lane.h"

enum { ALIGNMENT = 8 };

static const struct instruction *at(const struct generator *g, uint32_t i) {
    return &g->code->instructions.at[i];
}

/* ---- What may be read ahead ---- */

/* Whether an instruction stands in the body of the innermost loop that is written out, and nowhere deeper. */
static bool is_in_body(const struct generator *g, const struct lane_copies *copies, uint32_t i) {
    uint32_t depth = 0;
    if (i < copies->loop || i > at(g, copies->loop)->partner) return false;
    for (uint32_t k = copies->loop + 1; k < i; k++) {
        const struct instruction *in = at(g, k);
        depth += in->kind == CODE_LOOP || in->kind == CODE_IF;
        depth -= in->kind == CODE_LOOP_END || in->kind == CODE_IF_END;
    }
    return depth == 0;
}

/* A real input, whose next element the next iteration reads. */
static bool suits(struct generator *g, const struct lane_copies *copies, uint32_t i) {
    const struct instruction *in = at(g, i);
    const struct array *array = program_array_at(g->code->program, in->source);
    if (array->type != TYPE_REAL || !role_is_input(array->role)) return false;
    struct variation v = affine_of(&g->lanes->inner, copies->loop, in->a);
    return variation_is_constant(&v) && v.slope == 1 && is_in_body(g, copies, i);
}

/* ---- Tiles ---- */

/* Number k of every lane's row, behind each other: those of lanes k, k + width, ... */
static LLVMValueRef join_rows(struct generator *g, LLVMValueRef *rows, unsigned k, unsigned width) {
    LLVMValueRef parts[MOST_LANES];
    unsigned count = g->lane_count / width;
    for (unsigned p = 0; p < count; p++) parts[p] = rows[k + p * width];
    for (; count > 1; count /= 2)
        for (unsigned p = 0; p < count / 2; p++) parts[p] = lane_join(g, parts[2 * p], parts[2 * p + 1]);
    return parts[0];
}

/* Where bit `bit` of a place is not that of the vector's number, the element comes from the other vector, at
 * the place that differs in that bit. */
static LLVMValueRef exchange(struct generator *g, LLVMValueRef one, LLVMValueRef other, unsigned bit,
                             bool upper) {
    LLVMValueRef numbers[MOST_LANES];
    LLVMTypeRef type = LLVMInt32TypeInContext(g->context);
    for (unsigned place = 0; place < g->lane_count; place++) {
        bool stays = ((place & bit) != 0) == upper;
        unsigned from = stays ? place : g->lane_count + (place ^ bit);
        numbers[place] = LLVMConstInt(type, from, 0);
    }
    LLVMValueRef mask = LLVMConstVector(numbers, g->lane_count);
    return LLVMBuildShuffleVector(g->builder, one, other, mask, "");
}

/* Squares of width by width, next to each other, are turned over bit by bit. */
static void transpose(struct generator *g, LLVMValueRef *vectors, unsigned width) {
    for (unsigned bit = 1; bit < width; bit *= 2) {
        for (unsigned k = 0; k < width; k++) {
            if (k & bit) continue;
            LLVMValueRef low = vectors[k], high = vectors[k | bit];
            vectors[k] = exchange(g, low, high, bit, false);
            vectors[k | bit] = exchange(g, high, low, bit, true);
        }
    }
}

static void read_tile(struct generator *g, struct lane_tile *tile) {
    LLVMValueRef rows[MOST_LANES];
    LLVMTypeRef type = LLVMVectorType(g->real, tile->width);
    for (unsigned lane = 0; lane < g->lane_count; lane++) {
        rows[lane] = LLVMBuildLoad2(g->builder, type, lane_address(g, tile->load, lane), "");
        LLVMSetAlignment(rows[lane], ALIGNMENT);
    }
    for (unsigned k = 0; k < tile->width; k++) tile->columns[k] = join_rows(g, rows, k, tile->width);
    transpose(g, tile->columns, tile->width);
}

static LLVMValueRef find(const struct generator *g, const struct lane_copies *copies, uint32_t i) {
    for (size_t k = g->lane->tiles.count; k-- > 0;) {
        const struct lane_tile *tile = &g->lane->tiles.at[k];
        int64_t column = copies->index - tile->first;
        if (tile->load == i && tile->round == copies->round && column >= 0 && column < tile->width)
            return tile->columns[column];
    }
    return NULL;
}

LLVMValueRef lane_tile_load(struct generator *g, uint32_t i) {
    if (g->lane->mask || g->lane->copies.count == 0) return NULL;
    const struct lane_copies *copies = &VEC_LAST(&g->lane->copies);
    if (!suits(g, copies, i)) return NULL;
    LLVMValueRef known = find(g, copies, i);
    if (known) return known;
    int64_t left = copies->last - copies->index + 1;
    struct lane_tile tile = {.load = i, .round = copies->round, .first = copies->index};
    tile.width = g->width;
    while (tile.width > left) tile.width /= 2;
    if (tile.width < 2) return NULL;
    read_tile(g, &tile);
    VEC_PUSH(&g->lane->tiles, tile);
    return tile.columns[0];
}
