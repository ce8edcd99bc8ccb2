#include "check/effort.h"

#include "eval/doubles.h"

enum { FUNCTION_WORK = 40 };

struct counting {
    struct doubles doubles; /* first: the interpreter takes this for its own */
    double work;
};

static bool operation(void *context, node_id n) {
    struct counting *c = context;
    enum op op = node_op(c->doubles.walk.graph, n);
    bool cheap = !op_info(op)->is_function || op == OP_ABS || op == OP_SQRT;
    c->work += cheap ? 1 : FUNCTION_WORK;
    return doubles_operation(&c->doubles, n);
}

static void update(void *context, const struct step *step, size_t element) {
    struct counting *c = context;
    c->work++;
    doubles_update(&c->doubles, step, element);
}

enum evaluation effort_measure(const struct subject *s, const struct program *p, double *additions) {
    struct counting c = {.work = 0};
    struct binding b;
    enum evaluation done = EVALUATION_MEMORY;
    if (subject_bind(s, &b, p) && doubles_init(&c.doubles, p, &b, s->diags)) {
        struct walk_reals reals = *c.doubles.walk.reals;
        reals.operation = operation;
        reals.update = update;
        c.doubles.walk.reals = &reals;
        c.doubles.walk.context = &c;
        done = doubles_evaluate(&c.doubles);
        doubles_release(&c.doubles);
    }
    binding_release(&b);
    *additions = c.work;
    return done;
}
