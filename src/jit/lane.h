/* A loop in vector lanes while it is being written.
 *
 * Lane k of a vector belongs to iteration k of those that run side by side, or, if the lanes are turned, to
 * the one that has k behind it: running products that go down through their arrays take elements as they
 * stand. A register that is the same in all lanes, or that grows by a constant from one to the next, is kept
 * as a scalar: its value in the first lane. All others are vectors. Conditions that differ between lanes
 * become masks: both sides are computed, and what is read, stored and added is limited to the lanes that take
 * the side.
 *
 * Where sums stand in tables, a vector has twice as many lanes as the processor's: two of its vectors are
 * added up before they go to a table, which is then read and written half as often.
 *
 * The loop is written twice, for full vectors and for the rest, whose last lanes are masked off, so that no
 * result depends on where in a vector it stands. Sums over the lanes have one accumulator per lane; they are
 * added up behind the loop in a fixed order. */
#ifndef GRADC_JIT_LANE_H
#define GRADC_JIT_LANE_H

#include "jit/function.h"
#include "schedule/scan.h"

/* Accumulated in the lanes, and added to an element behind the loop. */
struct lane_sum {
    uint32_t store; /* the first instruction that updates the element */
    LLVMValueRef vector;
    LLVMValueRef touched; /* NULL: always; else whether any of these instructions ran */
};

/* The sums of an array's elements, each with one accumulator per lane, one behind the other: where the
 * element that is added to is the same in all lanes, but not in all iterations of the loops in the body. */
struct lane_table {
    uint32_t store; /* the first instruction that adds to the array */
    LLVMValueRef memory, count;
    LLVMValueRef
        used; /* whether there is room, and it is worth it; else each update puts the lanes together */
};

/* An open condition that differs between lanes. */
struct lane_branch {
    LLVMValueRef condition;
    LLVMValueRef mask;               /* around it */
    LLVMBasicBlockRef before, after; /* of a side that is jumped over where no lane takes it; else NULL */
    uint32_t begin;                  /* of the side */
};

/* A value that has been computed together with another one, for an instruction further on. */
struct lane_pair {
    uint32_t second;
    LLVMValueRef value;
};

/* An inner loop that is being written out, iteration by iteration. */
struct lane_copies {
    uint32_t loop;
    uint32_t round; /* which of the times that a loop is written out */
    int64_t index, last;
};

/* What several iterations of a loop that is written out read of each lane's row. */
struct lane_tile {
    uint32_t load, round;
    int64_t first; /* index of the first one */
    unsigned width;
    LLVMValueRef columns[MOST_LANES];
};

/* A running product (schedule/scan.h). */
struct lane_scan {
    struct scan found;
    bool *early;               /* by register: needed for the factors */
    enum scan_readers readers; /* elements that nobody else reads are not stored */
    LLVMValueRef carry;        /* where the element that the last lane has set is kept, in all lanes */
    LLVMValueRef elements;
};

struct lane_loop {
    uint32_t loop, end;
    LLVMTypeRef real, integer, truth; /* of vectors */
    LLVMTypeRef table_real;           /* of the vectors in tables, which may have fewer lanes */
    unsigned on_stack;                /* places of tables */
    LLVMValueRef mask;                /* the lanes that are active; NULL: all */
    VEC(struct lane_sum) sums;
    VEC(struct lane_table) tables;
    VEC(struct lane_branch) branches;
    VEC(struct lane_pair) pairs;
    VEC(struct lane_copies) copies;
    VEC(struct lane_tile) tiles;
    uint32_t rounds;
    bool is_scan;
    bool turned; /* lane k belongs to the iteration that has k behind it among those side by side */
    struct lane_scan scan;
    bool full;     /* the body for full vectors is being written */
    double copied; /* instructions of inner loops that are written out */
};

/* Writes a whole loop (jit/lane_loop.c). */
void lane_loop_write(struct generator *g, uint32_t loop);

/* Writes one instruction of the body. */
void lane_write(struct generator *g, uint32_t i);

/* Running products (jit/lane_scan.c): what a loop that is one needs, false where memory is exhausted; before
 * the loop, whose first index is given; its body. Products of a vector's factors are formed by twos where
 * they stay in the range of numbers, else one after the other. */
bool lane_scan_init(struct generator *g);
void lane_scan_begin(struct generator *g, LLVMValueRef from);
void lane_scan_body(struct generator *g);
/* Behind the loop, whose last index is given. */
void lane_scan_end(struct generator *g, LLVMValueRef last);

/* Vectors (jit/lane_vector.c). */
LLVMValueRef lane_splat(struct generator *g, LLVMValueRef scalar, unsigned count);
LLVMValueRef lane_part(struct generator *g, LLVMValueRef vector, unsigned first, unsigned count);
/* Two of one size. */
LLVMValueRef lane_join(struct generator *g, LLVMValueRef low, LLVMValueRef high);
LLVMValueRef lane_reverse(struct generator *g, LLVMValueRef vector);
/* Lane k: k*slope. */
LLVMValueRef lane_steps(struct generator *g, int64_t slope);
LLVMTypeRef lane_type_of(const struct generator *g, enum value_type type);
/* The size of the rows that a register grows by multiples of. */
LLVMValueRef lane_row(struct generator *g, const struct variation *v);
/* A register in all lanes. */
LLVMValueRef lane_use(struct generator *g, code_register r);
/* Whether a register is a vector. */
bool lane_varies(const struct generator *g, code_register r);
/* What a CHOICE takes from a side, as it needs it. */
LLVMValueRef lane_take(struct generator *g, uint32_t choice, code_register r);
/* The value where the lane is active, else the other. */
LLVMValueRef lane_masked(struct generator *g, LLVMValueRef value, LLVMValueRef otherwise);
/* Whether the mask has a lane; NULL: it has all. */
LLVMValueRef lane_any(struct generator *g, LLVMValueRef mask);
/* All lanes in one number, by the update of a STORE, in a fixed order; and of two vectors of one size, which
 * takes as many instructions and has the same bits. */
LLVMValueRef lane_reduce(struct generator *g, uint32_t store, LLVMValueRef vector);
void lane_reduce_two(struct generator *g, uint32_t store, const LLVMValueRef vectors[2],
                     LLVMValueRef numbers[2]);
/* What changes nothing in an update, in so many lanes. */
LLVMValueRef lane_neutral(struct generator *g, const struct instruction *store, unsigned count);

/* Memory (jit/lane_memory.c). */
void lane_load(struct generator *g, uint32_t i);
/* The elements of a LOAD or STORE that lie next to each other. */
LLVMValueRef lane_read_neighbours(struct generator *g, uint32_t i);
void lane_write_neighbours(struct generator *g, uint32_t i, LLVMValueRef value);
/* Where the element of a LOAD or STORE stands in a lane. */
LLVMValueRef lane_address(struct generator *g, uint32_t i, unsigned lane);
/* A LOAD of elements that lie apart, from rows of which neighbours are read by a loop that is written out
 * (jit/lane_tile.c): they are read row by row, and turned over. NULL: that cannot be done here. */
LLVMValueRef lane_tile_load(struct generator *g, uint32_t i);
void lane_store(struct generator *g, uint32_t i);
void lane_clear(struct generator *g, uint32_t i);

/* Sums (jit/lane_sum.c): before the loop, in it, behind it. */
void lane_sums_begin(struct generator *g);
void lane_sums_add(struct generator *g, uint32_t store);
void lane_sums_end(struct generator *g);

/* Tables of sums (jit/lane_table.c): whether the loop has some; before the loop, which has so many iterations
 * in full vectors; in it, or otherwise where there is no table, or none in use; behind it. */
bool lane_tables_wanted(struct generator *g);
void lane_tables_begin(struct generator *g, LLVMValueRef full);
bool lane_table_add(struct generator *g, uint32_t store, void (*otherwise)(struct generator *, uint32_t));
void lane_tables_end(struct generator *g);

/* Sine and cosine of one argument in one call (jit/lane_pair.c); false where that cannot be done. */
bool lane_pair_write(struct generator *g, uint32_t i);

/* Inner loops with few iterations, whose number is a constant (jit/lane_unroll.c), are written out in the
 * body for full vectors, within limits: at the beginning and at the end of such a loop these set the next
 * instruction. False: it is an ordinary loop. */
bool lane_unroll_open(struct generator *g, uint32_t *i);
bool lane_unroll_close(struct generator *g, uint32_t *i);

/* Conditions that differ between lanes (jit/lane_branch.c). */
void lane_branch_write(struct generator *g, uint32_t i);

#endif
