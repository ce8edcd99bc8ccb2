#include "formula/product.h"

#include "ir/build.h"

void product_init(struct product *p) {
    *p = (struct product){.above = {0}};
    mpq_init(p->coefficient);
    mpq_set_ui(p->coefficient, 1, 1);
}

void product_release(struct product *p) {
    mpq_clear(p->coefficient);
    VEC_FREE(&p->above);
    VEC_FREE(&p->below);
}

/* A node still to be taken apart, above or below the line. */
struct part {
    node_id node;
    bool below;
};

static void take_power(struct graph *g, struct product *p, struct part part) {
    node_id exponent = node_operand(g, part.node, 1);
    struct factor factor = {node_operand(g, part.node, 0), exponent};
    bool below = part.below;
    if (node_op(g, exponent) == OP_INT && node_integer(g, exponent) < 0) {
        factor.exponent = mk_isub(g, mk_int(g, 0), exponent);
        below = !below;
    }
    if (node_is_int(g, factor.exponent, 1)) factor.exponent = 0;
    if (below)
        VEC_PUSH(&p->below, factor);
    else
        VEC_PUSH(&p->above, factor);
}

static void take_constant(const struct graph *g, struct product *p, struct part part) {
    mpq_srcptr value = node_rational(g, part.node);
    if (part.below)
        mpq_div(p->coefficient, p->coefficient, value);
    else
        mpq_mul(p->coefficient, p->coefficient, value);
}

bool product_take(struct graph *g, struct product *p, node_id n) {
    VEC(struct part) open = {0};
    VEC_PUSH(&open, ((struct part){n, false}));
    while (open.count > 0) {
        struct part part = VEC_POP(&open);
        enum op op = node_op(g, part.node);
        if (op == OP_MUL) {
            for (uint32_t k = node_count(g, part.node); k > 0; k--)
                VEC_PUSH(&open, ((struct part){node_operand(g, part.node, k - 1), part.below}));
        } else if (op == OP_DIV) {
            VEC_PUSH(&open, ((struct part){node_operand(g, part.node, 1), !part.below}));
            VEC_PUSH(&open, ((struct part){node_operand(g, part.node, 0), part.below}));
        } else if (op == OP_CONST && !(part.below && mpq_sgn(node_rational(g, part.node)) == 0)) {
            take_constant(g, p, part);
        } else if (op == OP_POWI) {
            take_power(g, p, part);
        } else if (part.below) {
            VEC_PUSH(&p->below, ((struct factor){part.node, 0}));
        } else {
            VEC_PUSH(&p->above, ((struct factor){part.node, 0}));
        }
    }
    bool good = !open.failed && !p->above.failed && !p->below.failed;
    VEC_FREE(&open);
    return good;
}
