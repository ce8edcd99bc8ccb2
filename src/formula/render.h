/* Expressions as text, as a mathematician would write them: terms by falling degree, coefficients first, no
 * more brackets than needed. Nodes are rendered from their operands up, without recursion. */
#ifndef GRADC_FORMULA_RENDER_H
#define GRADC_FORMULA_RENDER_H

#include "ir/program.h"
#include "support/text.h"

/* How tightly an expression binds, loosest first. */
enum binding_strength {
    BINDS_IF,
    BINDS_OR,
    BINDS_AND,
    BINDS_NOT,
    BINDS_COMPARISON,
    BINDS_SUM,
    BINDS_PRODUCT,
    BINDS_SIGN,
    BINDS_POWER,
    BINDS_ATOM
};

struct rendered {
    const char *text; /* NULL: not rendered yet */
    enum binding_strength strength;
    bool negative; /* a sum's term: the text is without its sign */
    int degree;
};

struct renderer {
    struct program *program;
    const char **index_names;           /* by index_id */
    index_id first_element;             /* indices from here on are those of elements, not of loops */
    VEC(const char *) names;            /* by node: a name given to it, or NULL */
    VEC(struct rendered) nodes;         /* by node */
    VEC(node_id) stack, pieces, others; /* working memory */
    /* The text of a read of an array that has no name; NULL: it has one. */
    const char *(*inlined)(void *context, array_id array, const node_id *subscripts, uint32_t rank,
                           enum binding_strength *strength);
    void *context;
    bool failed; /* memory was exhausted */
};

/* The text of an expression, in brackets where it binds less tightly than asked for. From the program's
 * arena. */
const char *render(struct renderer *r, node_id n, enum binding_strength least);
/* A node's text with how tightly it binds. */
struct rendered render_node(struct renderer *r, node_id n);
void renderer_release(struct renderer *r);
/* "x[k,1]", or the name alone where there are no subscripts. */
const char *render_element(struct renderer *r, array_id array, const node_id *subscripts, uint32_t rank);

#endif
