#include "jit/fingerprint.h"

#include <stdlib.h>

#include "jit/generate.h"
#include "jit/host.h"
#include "jit/sources_digest.h"
#include "jit/vector_math.h"
#include "schedule/trips.h"

/* Nodes are told apart by their rank among those that the program needs: numbers of the graph depend on what
 * else was made. */
struct taking {
    struct digest d;
    const struct program *p;
    const struct graph *g;
    uint32_t *rank; /* by node; 0: not needed */
};

static void need(struct taking *t, node_id n) {
    t->rank[n] = 1;
}

static void need_roots(struct taking *t) {
    const struct program *p = t->p;
    for (size_t i = 0; i < p->steps.count; i++) {
        const struct step *s = &p->steps.at[i];
        need(t, s->value), need(t, s->lower), need(t, s->upper), need(t, s->by), need(t, s->condition);
    }
    for (size_t i = 0; i < p->subscripts.count; i++) need(t, p->subscripts.at[i]);
    for (array_id a = 1; a < p->arrays.count; a++)
        for (uint32_t k = 0; k < p->arrays.at[a].rank; k++)
            need(t, p->arrays.at[a].dims[k].lower), need(t, p->arrays.at[a].dims[k].upper);
}

/* Users stand behind their operands. */
static void rank_nodes(struct taking *t) {
    uint32_t rank = 0;
    need_roots(t);
    t->rank[0] = 0;
    for (size_t n = graph_count(t->g); n-- > 1;)
        for (uint32_t k = 0; t->rank[n] && k < node_count(t->g, (node_id)n); k++)
            need(t, node_operand(t->g, (node_id)n, k));
    for (size_t n = 1; n < graph_count(t->g); n++)
        if (t->rank[n]) t->rank[n] = ++rank;
    digest_add_number(&t->d, rank);
}

static void add_whole(struct taking *t, mpz_srcptr number) {
    digest_add_number(&t->d, (uint64_t)(mpz_sgn(number) + 1));
    digest_add_number(&t->d, mpz_size(number));
    for (size_t k = 0; k < mpz_size(number); k++)
        digest_add_number(&t->d, mpz_getlimbn(number, (mp_size_t)k));
}

static void add_node(struct taking *t, node_id n) {
    const struct graph *g = t->g;
    enum op op = node_op(g, n);
    digest_add_number(&t->d, (uint64_t)op << 40 | (uint64_t)node_type(g, n) << 32 | node_count(g, n));
    if (op == OP_CONST) {
        add_whole(t, mpq_numref(node_rational(g, n)));
        add_whole(t, mpq_denref(node_rational(g, n)));
    } else {
        digest_add_number(&t->d, op == OP_INT ? (uint64_t)node_integer(g, n) : node_payload(g, n));
    }
    for (uint32_t k = 0; k < node_count(g, n); k++) digest_add_number(&t->d, t->rank[node_operand(g, n, k)]);
}

static void add_array(struct taking *t, const struct array *a) {
    const uint64_t facts[] = {a->role,  a->type, a->rank, a->owner, a->of, a->constant_in_derivatives,
                              a->unused};
    for (size_t k = 0; k < sizeof facts / sizeof *facts; k++) digest_add_number(&t->d, facts[k]);
    for (uint32_t k = 0; k < a->rank; k++) {
        digest_add_number(&t->d, t->rank[a->dims[k].lower]);
        digest_add_number(&t->d, t->rank[a->dims[k].upper]);
    }
}

static void add_step(struct taking *t, const struct step *s) {
    const uint64_t facts[] = {s->kind,           s->partner,        s->array,       s->op,
                              s->subscripts,     s->index,          s->order,       t->rank[s->value],
                              t->rank[s->lower], t->rank[s->upper], t->rank[s->by], t->rank[s->condition]};
    for (size_t k = 0; k < sizeof facts / sizeof *facts; k++) digest_add_number(&t->d, facts[k]);
}

static void add_program(struct taking *t) {
    const struct program *p = t->p;
    rank_nodes(t);
    for (node_id n = 1; n < graph_count(t->g); n++)
        if (t->rank[n]) add_node(t, n);
    digest_add_number(&t->d, p->arrays.count);
    for (array_id a = 1; a < p->arrays.count; a++) add_array(t, &p->arrays.at[a]);
    digest_add_number(&t->d, p->indices.count);
    digest_add_number(&t->d, p->steps.count);
    for (size_t i = 0; i < p->steps.count; i++) add_step(t, &p->steps.at[i]);
    digest_add_number(&t->d, p->subscripts.count);
    for (size_t i = 0; i < p->subscripts.count; i++) digest_add_number(&t->d, t->rank[p->subscripts.at[i]]);
}

static void add_options(struct taking *t, const struct kernel_options *options) {
    digest_add_number(&t->d, (uint64_t)options->level);
    digest_add_number(&t->d, options->arithmetic);
    digest_add_number(&t->d, options->lanes);
    digest_add_number(&t->d, options->all_loops);
    if (options->arithmetic != ARITHMETIC_STRICT) digest_add_number(&t->d, vector_math_libraries());
    for (array_id a = 1; a < t->p->arrays.count; a++) {
        int64_t value;
        bool known = trips_input(t->p, options->inputs, a, &value);
        digest_add_number(&t->d, known ? (uint64_t)value : UINT64_MAX / 2);
        digest_add_number(&t->d, generate_stack_elements(t->p, options->inputs, a));
    }
}

bool fingerprint(const struct program *p, const struct kernel_options *options,
                 unsigned char key[DIGEST_BYTES]) {
    struct taking t = {.p = p, .g = p->graph, .rank = calloc(graph_count(p->graph), sizeof *t.rank)};
    if (!t.rank) return false;
    digest_begin(&t.d);
    digest_add_text(&t.d, GRADC_SOURCES_DIGEST);
    digest_add_text(&t.d, host_llvm_version());
    host_add_features(&t.d);
    add_options(&t, options);
    add_program(&t);
    digest_end(&t.d, key);
    free(t.rank);
    return true;
}
