#include <stdlib.h>

#include "formula/definition.h"
#include "ir/build.h"
#include "ir/prune.h"

/* Reads of the seed, and of what depends on it. */
struct search {
    const struct program *p;
    const bool *seeded;
    array_id seed;
    node_id found; /* a read of the seed */
    bool several;  /* of different elements of it */
    bool indirect; /* a read of something else that depends on it */
};

static void look(void *context, node_id n) {
    struct search *s = context;
    if (node_op(s->p->graph, n) != OP_READ) return;
    array_id array = node_payload(s->p->graph, n);
    if (array == s->seed) {
        s->several |= s->found && s->found != n;
        s->found = n;
    } else if (s->seeded && s->seeded[array]) {
        s->indirect = true;
    }
}

bool *definition_seeded(const struct program *p, array_id seed) {
    bool *seeded = calloc(p->arrays.count, sizeof *seeded), changed = seeded != NULL, good = changed;
    struct read_walk walk;
    read_walk_init(&walk, p->graph);
    /* The marks of the walk are numbered on through the rounds, so that each update is looked at anew. */
    for (uint32_t number = 1; changed && good;) {
        changed = false;
        for (size_t k = 0; good && k < p->steps.count; k++, number++) {
            const struct step *step = &p->steps.at[k];
            if (step->kind != STEP_UPDATE || seeded[step->array]) continue;
            struct search search = {.p = p, .seeded = seeded, .seed = seed};
            read_walk_enter(&walk, number);
            good = read_walk_add(&walk, step->value, look, &search);
            if (search.found || search.indirect) changed = seeded[step->array] = true;
        }
    }
    read_walk_release(&walk);
    if (good) return seeded;
    free(seeded);
    return NULL;
}

/* That the element which the seed is read for is the chosen one. */
static node_id is_chosen(struct program *p, const struct chosen_element *element, node_id read) {
    struct graph *g = p->graph;
    node_id all = mk_bool(g, true);
    for (uint32_t k = 0; k < element->rank; k++)
        all = mk_and(g, all, mk_ieq(g, node_operand(g, read, k), mk_index(g, element->indices[k])));
    return all;
}

node_id definition_take_seed(struct program *p, const struct chosen_element *element, const bool *seeded,
                             node_id value, node_id *condition) {
    struct search search = {.p = p, .seeded = seeded, .seed = element->seed};
    struct read_walk walk;
    *condition = 0;
    read_walk_init(&walk, p->graph);
    read_walk_enter(&walk, 1);
    bool good = read_walk_add(&walk, value, look, &search);
    read_walk_release(&walk);
    if (!good || !search.found) return value;
    node_id chosen = is_chosen(p, element, search.found), one = mk_one(p->graph);
    if (!search.several && !search.indirect) {
        /* Every term has the seed as a factor: what adds to an output is differentiated by itself. */
        *condition = chosen;
        return definition_exchange(p, value, search.found, one);
    }
    node_id choice = mk_select(p->graph, chosen, one, mk_zero(p->graph));
    return definition_take_seed(p, element, seeded, definition_exchange(p, value, search.found, choice),
                                condition);
}
