#include "diff/lagrangian.h"

#include <stdlib.h>

#include "ir/build.h"
#include "ir/prune.h"

struct maker {
    const struct program *p;
    const struct lagrangian_request *request;
    struct lagrangian *l;
    struct program body;
    array_id *weight_of; /* by array of the function: its weights; 0: it is no constraint */
};

static struct graph *graph_of(const struct maker *m) {
    return m->p->graph;
}

static array_id add_seed(struct maker *m, array_id of, const char *name) {
    const struct array *like = &m->p->arrays.at[of];
    return program_array(&m->body, (struct array){.name = name,
                                                  .role = ROLE_SEED,
                                                  .type = TYPE_REAL,
                                                  .dims = like->dims,
                                                  .rank = like->rank,
                                                  .of = of,
                                                  .span = like->span});
}

static bool add_arrays(struct maker *m) {
    size_t count = m->request->constraint_count;
    m->weight_of = calloc(m->p->arrays.count + 1, sizeof *m->weight_of);
    m->l->weights = calloc(count + 1, sizeof *m->l->weights);
    if (!m->weight_of || !m->l->weights) return false;
    m->l->value = program_array(
        &m->body, (struct array){.name = "lagrangian", .role = ROLE_OBJECTIVE, .type = TYPE_REAL});
    if (m->request->objective) m->l->factor = add_seed(m, m->request->objective, "factor");
    for (size_t k = 0; k < count; k++) {
        array_id constraint = m->request->constraints[k];
        m->l->weights[k] = m->weight_of[constraint] = add_seed(m, constraint, "multiplier");
    }
    return !m->body.failed;
}

static void add_term(struct maker *m, array_id seed, const node_id *subscripts, node_id value,
                     struct span span) {
    node_id weight = mk_read(graph_of(m), seed, TYPE_REAL, subscripts, m->body.arrays.at[seed].rank);
    program_update(&m->body, m->l->value, NULL, UPDATE_ADD, mk_mul(graph_of(m), weight, value), span);
}

static void follow(struct maker *m, const struct step *step) {
    if (step->kind != STEP_UPDATE) return;
    graph_of(m)->here = step->span;
    if (step->array == m->request->objective)
        add_term(m, m->l->factor, NULL, step->value, step->span);
    else if (m->weight_of[step->array])
        add_term(m, m->weight_of[step->array], step_subscripts(m->p, step), step->value, step->span);
}

static void write_steps(struct maker *m) {
    program_clear(&m->body, m->l->value, mk_zero(graph_of(m)), (struct span){0});
    for (uint32_t s = 0; s < m->p->steps.count; s++) {
        program_copy_step(&m->body, m->p, &m->p->steps.at[s]);
        follow(m, &m->p->steps.at[s]);
    }
}

bool lagrangian_make(struct lagrangian *l, const struct program *function,
                     const struct lagrangian_request *request) {
    struct maker m = {.p = function, .request = request, .l = l};
    *l = (struct lagrangian){.value = 0};
    program_like(&m.body, function);
    bool good = add_arrays(&m);
    if (good) write_steps(&m);
    good = good && !m.body.failed && program_prune(&l->program, &m.body, &l->value, 1);
    program_release(&m.body);
    free(m.weight_of);
    return good;
}

void lagrangian_release(struct lagrangian *l) {
    program_release(&l->program);
    free(l->weights);
    *l = (struct lagrangian){.value = 0};
}
