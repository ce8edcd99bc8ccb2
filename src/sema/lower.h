/* From expressions of the syntax tree to nodes and steps.
 *
 * The translation is a machine with a stack of its own, for trees may be deep. Each frame translates one tree
 * node into a value on the value stack; reductions open and close bodies meanwhile. */
#ifndef GRADC_SEMA_LOWER_H
#define GRADC_SEMA_LOWER_H

#include "ir/program.h"
#include "syntax/ast.h"

struct checker;
struct reduction;
struct function;

enum want {
    WANT_REAL,
    WANT_INTEGER,   /* an index, a bound, a dimension */
    WANT_CONDITION, /* a comparison */
    WANT_ADDED      /* nothing: the value is added to an accumulator, sum by sum */
};

/* A term of a sum: the tree below signs and constant factors. */
struct term {
    const struct ast *ast;
    bool negative, is_sum;
};

struct frame {
    const struct ast *ast;
    enum want want;
    uint32_t stage;
    uint32_t base;   /* values of this frame stand above */
    uint32_t body;   /* current when it began */
    uint32_t hidden; /* of the scope, likewise */
    uint32_t locals;
    struct reduction *reduction;
    struct table_source *fit; /* in scope when it began */
    const char *fixed;        /* likewise, of a call */
    /* WANT_ADDED */
    array_id target;
    const node_id *subscripts;
    node_id factor, rest;
    struct term *terms;
    uint32_t term_count;
};

/* An expanded call, which gives the same node again. */
struct function_call {
    uint32_t function, count;
    size_t arguments; /* the first in lowering.arguments */
    node_id result;
    bool depends;
    uint32_t next; /* with the same hash, plus 1 */
};

enum { CALL_BUCKETS = 4096 };

struct lowering {
    LARGE(struct frame) frames;
    LARGE(node_id) values;
    VEC(struct function_call) calls;
    VEC(node_id) arguments;
    uint32_t buckets[CALL_BUCKETS]; /* the latest call with a hash, plus 1 */
};

/* The value of an expression; steps that it needs are added to the current body. After an error any value. */
node_id lower(struct checker *c, const struct ast *ast, enum want want);
/* Adds factor times the expression to an element; sums are added term by term, where they run. The element
 * has been cleared. */
void lower_added(struct checker *c, const struct ast *ast, array_id target, const node_id *subscripts,
                 node_id factor);
/* Whether the expression is a sum over a range, perhaps with a sign or constant factors. */
bool lower_is_sum(const struct checker *c, const struct ast *ast);
/* Whether some of its terms are. */
bool lower_adds(const struct checker *c, const struct ast *ast);
void lowering_release(struct lowering *l);

/* ---- Among the parts of the machine ---- */

struct frame *frame_top(struct checker *c);
/* Starts the translation of a part; the frame's value is on top of the value stack once it is done. */
void frame_push(struct checker *c, const struct ast *ast, enum want want);
/* Ends the top frame with its value. */
void frame_finish(struct checker *c, node_id value);
/* Ends the top frame after an error, with a value that does no further harm. */
void frame_give_up(struct checker *c);
/* The k-th value of the frame. */
node_id frame_value(const struct checker *c, const struct frame *f, uint32_t k);

void lower_name(struct checker *c, struct frame *f);
void lower_element(struct checker *c, struct frame *f);
void lower_call(struct checker *c, struct frame *f);
void lower_generator(struct checker *c, struct frame *f);
/* A reduction of whole arrays. */
void lower_whole(struct checker *c, struct frame *f);
void lower_sum_terms(struct checker *c, struct frame *f);
/* Whether a tree is the number of rows or columns of a table. */
bool is_table_size(const struct ast *ast);
/* Whether a call is a reduction of whole arrays. */
bool is_whole_reduction(const struct checker *c, const struct ast *call);
/* The innermost of the open bodies that an expression's names belong to. */
uint32_t body_of_names(struct checker *c, const struct ast *ast);
/* x for norm(x)^2, hypot(x, y)^2, abs(x)^2, which are sums of squares; NULL for anything else. */
const struct ast *lower_squared_root(const struct checker *c, const struct ast *power);
/* The same as an integer where the real node is one by its form; 0 where it is not. */
node_id integer_of(struct graph *g, node_id n);
/* Reports that a value depends on unknowns where it must not. */
void refuse_unknown(struct checker *c, struct span span, const char *name, struct span declared);

#endif
