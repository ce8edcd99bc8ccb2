/* The program: an ordered list of steps over arrays and one expression graph. Every pass reads and makes this
 * form.
 *
 * Steps stand in one flat list in which loops and conditions bracket their bodies (BEGIN .. END, each knowing
 * its partner), so that passes walk forwards or backwards without recursion:
 *
 *     UPDATE array[subscripts] op value    op: set, add, max, min
 *     CLEAR array                          the whole array becomes `value`, the neutral element
 *     LOOP index in lo..hi by step (order) bounds inclusive; empty where the range runs against its step
 *     WHEN condition                       the body runs where it holds
 *     END [condition]                      a loop in a stated order ends early, behind the iteration at whose
 *                                          end it holds: only in what diff/iterate.h makes, which is not
 *                                          lowered or differentiated any more
 *
 * Discipline (checked by program_verify): an element is set once, or cleared once and then only accumulated,
 * by one kind of update; it is read only after its last write, except that a loop of order `up` or `down` may
 * read elements which its earlier iterations have set; a local array is used only inside the loop that owns
 * it and made anew in each iteration. No forward value is ever overwritten while it is needed: that is why
 * there is no tape. Subscripts and loop bounds are integer nodes in the numbering of the language (from
 * `lower`, usually 1). */
#ifndef GRADC_IR_PROGRAM_H
#define GRADC_IR_PROGRAM_H

#include "ir/array_names.h"
#include "ir/graph.h"
#include "support/arena.h"

enum array_role {
    ROLE_UNKNOWN,   /* input: the point */
    ROLE_PARAM,     /* input: params, real or integer */
    ROLE_COLUMN,    /* input: table columns, real or integer */
    ROLE_SIZE,      /* input: an integer scalar: rows of a table */
    ROLE_SEED,      /* input: the adjoint of an output, for products with the Jacobian */
    ROLE_DIRECTION, /* input: how the array `of` changes, for derivatives along a direction */
    ROLE_OBJECTIVE, /* output: a scalar */
    ROLE_OUTPUT,    /* output: a named function, or residuals */
    ROLE_GRADIENT,  /* output: the derivative of the objective by `of` */
    ROLE_TANGENT,   /* output: the derivative of `of` along the directions */
    ROLE_LET,       /* stored: a let array of the file */
    ROLE_TEMPORARY, /* stored or in registers: accumulators */
    ROLE_ADJOINT,   /* of the array `of` */
    ROLE_MASK,      /* counts the guarded reads of `of` that were taken */
    ROLE_SCAN       /* prefix products of a product, over the positions of its loop */
};

typedef uint32_t array_id; /* from 1; 0: none */
typedef uint32_t index_id; /* from 1; 0: none */

struct dimension {
    /* Integer nodes, inclusive. Those of a local array may use the indices of the loops around it: an
     * element's place is counted from the lower bound of the current iteration, and the storage is sized when
     * data are bound, by the largest extent (see eval/interval.h). All others use integer params and sizes
     * only. */
    node_id lower, upper;
};

struct array {
    const char *name; /* unique in the program; columns are TABLE.COLUMN */
    enum array_role role;
    enum value_type type;
    struct dimension *dims;
    uint32_t rank;
    index_id owner;     /* the loop in whose body a local array lives; 0: lives throughout */
    array_id of;        /* ADJOINT, GRADIENT, TANGENT, MASK, SEED, DIRECTION: the array it belongs to */
    array_id companion; /* the last array added that belongs to this one; 0: none */
    array_id sibling;   /* the one added before it that belongs to the same array; 0: none */
    bool constant_in_derivatives; /* a stabilising shift: no derivative passes */
    bool unused;                  /* no step touches it: it needs no storage */
    struct span span;
};

enum loop_order {
    ORDER_FREE,
    ORDER_APART, /* free, and no iteration writes what another one writes: threads may share them */
    ORDER_UP,
    ORDER_DOWN /* iterations run as written; both are sequential */
};
static inline bool order_is_sequential(enum loop_order order) {
    return order == ORDER_UP || order == ORDER_DOWN;
}
enum step_kind { STEP_UPDATE, STEP_CLEAR, STEP_LOOP, STEP_WHEN, STEP_END };
enum update_op { UPDATE_SET, UPDATE_ADD, UPDATE_MAX, UPDATE_MIN };

struct step {
    enum step_kind kind;
    struct span span;
    uint32_t partner; /* LOOP, WHEN: its END; END: its opening */
    /* UPDATE, CLEAR */
    array_id array;
    enum update_op op;
    uint32_t subscripts; /* first of rank subscripts in program.subscripts */
    node_id value;
    /* LOOP */
    index_id index;
    node_id lower, upper, by;
    enum loop_order order;
    /* WHEN; END of a loop: where it ends early, or 0 */
    node_id condition;
};

struct loop_index {
    const char *name;
    struct span span;
};

struct program {
    struct graph *graph;            /* shared by the programs derived from one file; not owned */
    struct arena *arena;            /* names and dimensions; not owned */
    VEC(struct array) arrays;       /* [0] unused */
    VEC(struct loop_index) indices; /* [0] unused; unique numbers, never reused */
    VEC(struct step) steps;
    VEC(node_id) subscripts;
    struct array_names names; /* made when the first array is added */
    bool failed;              /* memory was exhausted */
};

void program_init(struct program *p, struct graph *graph, struct arena *arena);
void program_release(struct program *p);
/* A program with the same arrays and indices, and no steps: where a pass writes its result. */
void program_like(struct program *p, const struct program *like);

/* Adds an array; dims are copied, companions found. The name is made unique by a suffix where it is taken. */
array_id program_array(struct program *p, struct array array);
/* The first array with a role that belongs to another one; 0: none. */
array_id program_companion(const struct program *p, enum array_role role, array_id of);
index_id program_index(struct program *p, const char *name, struct span span);

/* Append a step; each returns its place in the list. A loop or condition is closed by program_end. */
uint32_t program_update(struct program *p, array_id array, const node_id *subscripts, enum update_op op,
                        node_id value, struct span span);
uint32_t program_clear(struct program *p, array_id array, node_id value, struct span span);
uint32_t program_loop(struct program *p, index_id index, node_id lower, node_id upper, node_id by,
                      enum loop_order order, struct span span);
uint32_t program_when(struct program *p, node_id condition, struct span span);
/* Appends a step of another program over the same arrays as it is; one that ends a body closes the innermost.
 */
uint32_t program_copy_step(struct program *p, const struct program *from, const struct step *step);
/* Closes the innermost open loop or condition. */
uint32_t program_end(struct program *p);
/* Closes the innermost loop, which ends behind the iteration at whose end the condition holds. */
uint32_t program_end_when(struct program *p, node_id condition);

static inline const struct array *program_array_at(const struct program *p, array_id a) {
    return &p->arrays.at[a];
}
static inline const node_id *step_subscripts(const struct program *p, const struct step *s) {
    return p->subscripts.at + s->subscripts;
}
/* Whether the role is an input, given before the program runs. */
bool role_is_input(enum array_role role);
/* Whether the role is a result, kept after it. */
bool role_is_output(enum array_role role);

/* A listing for people and tests: one line a step, expressions in infix. */
struct text;
void program_dump(const struct program *p, struct text *out);
/* One expression of the program in infix form with all brackets needed. */
void program_dump_node(const struct program *p, node_id n, struct text *out);

#endif
