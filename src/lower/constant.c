#include "lower/constant.h"

#include <stdlib.h>

#include "lower/rewrite.h"

struct finder {
    struct tree *t;
    node_id *value;    /* by array: the constant; 0: none */
    uint32_t *updates; /* by array */
};

static bool is_constant(const struct graph *g, node_id n) {
    enum op op = node_op(g, n);
    return op == OP_CONST || op == OP_INT;
}

static node_id replace_read(void *context, node_id read, const node_id *subscripts) {
    const struct finder *f = context;
    array_id a = node_payload(f->t->graph, read);
    (void)subscripts;
    return f->updates[a] == 1 ? f->value[a] : 0;
}

/* Local scalars that one update sets, and nothing else. */
static bool find(struct finder *f) {
    struct tree *t = f->t;
    bool any = false;
    for (item_id i = ROOT; i; i = tree_next(t, i, ROOT)) {
        const struct step *s = tree_step(t, i);
        if (s->kind == STEP_CLEAR) f->updates[s->array] = 2;
        if (s->kind != STEP_UPDATE) continue;
        f->updates[s->array]++;
        const struct array *array = &t->p.arrays.at[s->array];
        bool sets = s->op == UPDATE_SET || tree_item(t, i)->opens;
        /* Not under a condition, where it may not be set. */
        bool local = array->owner && tree_is_loop(t, tree_item(t, i)->parent) &&
                     tree_step(t, tree_item(t, i)->parent)->index == array->owner;
        if (array->rank || !local || !sets || !is_constant(t->graph, s->value)) continue;
        f->value[s->array] = s->value;
        any = true;
    }
    return any;
}

static void replace(struct finder *f) {
    struct tree *t = f->t;
    rewrite_reads(t, replace_read, f);
    tree_take_decided(t, ROOT);
}

bool lower_constant(struct tree *t) {
    struct finder f = {.t = t};
    f.value = calloc(t->p.arrays.count, sizeof *f.value);
    f.updates = calloc(t->p.arrays.count, sizeof *f.updates);
    if (!f.value || !f.updates)
        t->failed = true;
    else if (find(&f))
        replace(&f);
    free(f.value);
    free(f.updates);
    return !t->failed;
}
