#include "formula/chosen.h"

#include <stdlib.h>
#include <string.h>

#include "ir/rewrite.h"
#include "ir/build.h"

/* ---- Sets of elements ---- */

static uint32_t set_of_operands(struct chosen *c, node_id n) {
    const struct graph *g = c->p->graph;
    uint32_t set = node_op(g, n) == OP_READ ? c->set_of[node_payload(g, n)] : 0;
    for (uint32_t k = 0; k < node_count(g, n); k++)
        set = number_set_unite(&c->sets, set, node_map_get(&c->set_of_node, node_operand(g, n, k)) - 1);
    return set;
}

/* The set of elements that a node depends on. */
static uint32_t set_of_node(struct chosen *c, node_id root) {
    const struct graph *g = c->p->graph;
    size_t floor = c->stack.count;
    VEC_PUSH(&c->stack, root);
    while (c->stack.count > floor && !c->stack.failed && !c->set_of_node.failed) {
        node_id n = VEC_LAST(&c->stack);
        size_t before = c->stack.count;
        for (uint32_t k = 0; !node_map_get(&c->set_of_node, n) && k < node_count(g, n); k++)
            if (!node_map_get(&c->set_of_node, node_operand(g, n, k)))
                VEC_PUSH(&c->stack, node_operand(g, n, k));
        if (c->stack.count > before) continue;
        if (!node_map_get(&c->set_of_node, n)) node_map_set(&c->set_of_node, n, set_of_operands(c, n) + 1);
        c->stack.count--;
    }
    uint32_t found = node_map_get(&c->set_of_node, root);
    return found ? found - 1 : 0;
}

/* ---- Arrays ---- */

/* One round; whether something was found. */
static bool spread(struct chosen *c) {
    bool changed = false;
    node_map_clear(&c->set_of_node);
    for (size_t k = 0; k < c->p->steps.count; k++) {
        const struct step *step = &c->p->steps.at[k];
        if (step->kind != STEP_UPDATE) continue;
        uint32_t old = c->set_of[step->array],
                 set = number_set_unite(&c->sets, old, set_of_node(c, step->value));
        c->set_of[step->array] = set;
        changed |= set != old;
    }
    return changed;
}

static bool make_indices(struct chosen *c) {
    for (size_t e = 0; e < c->count; e++) {
        struct chosen_element *element = &c->elements[e];
        element->indices = ARENA_ARRAY(c->p->arena, index_id, element->rank + 1);
        if (!element->indices) return false;
        for (uint32_t k = 0; k < element->rank; k++)
            element->indices[k] = program_index(c->p, "k", (struct span){0});
        c->element_of[element->seed] = (uint32_t)e + 1;
        if (element->rank) c->set_of[element->seed] = number_set_of(&c->sets, (uint32_t)e);
    }
    return true;
}

bool chosen_make(struct chosen *c, struct program *p, const struct chosen_element *elements, size_t count) {
    *c = (struct chosen){.p = p, .count = count};
    if (!number_sets_init(&c->sets, p->arena)) return false;
    if (count == 0) return true;
    c->elements = malloc(count * sizeof *c->elements);
    c->element_of = calloc(p->arrays.count, sizeof *c->element_of);
    c->set_of = calloc(p->arrays.count, sizeof *c->set_of);
    if (!c->elements || !c->element_of || !c->set_of) return false;
    memcpy(c->elements, elements, count * sizeof *elements);
    if (!make_indices(c)) return false;
    while (c->sets.all.count > 1 && spread(c)) continue;
    return !number_sets_failed(&c->sets) && !c->set_of_node.failed && !c->stack.failed;
}

void chosen_release(struct chosen *c) {
    free(c->elements);
    free(c->element_of);
    free(c->set_of);
    number_sets_release(&c->sets);
    VEC_FREE(&c->stack);
    node_map_release(&c->set_of_node);
}

bool chosen_is_one(const struct chosen *c, array_id array) {
    return c->count > 0 && c->element_of[array] && c->elements[c->element_of[array] - 1].rank == 0;
}

struct number_set chosen_of_array(const struct chosen *c, array_id array) {
    return c->sets.all.at[c->count > 0 ? c->set_of[array] : 0];
}

/* ---- Values, which are linear in each seed ---- */

/* What stands around a part of a value. */
struct surrounding {
    size_t outer; /* the next one, plus 1; 0: none */
    enum op op;   /* MUL, DIV, SELECT */
    node_id other;
    bool second; /* of SELECT: the branch is that of `else` */
};

struct place {
    node_id node;
    size_t around; /* plus 1; 0: none */
};

struct splitting {
    struct chosen *c;
    uint32_t element;
    VEC(struct surrounding) surroundings;
    VEC(struct place) open;
    VEC(struct place) found; /* reads of the seed */
    struct node_map seen;
    bool shared; /* a node was reached twice, or is not linear: places do not tell everything */
};

static bool depends(const struct splitting *s, node_id n) {
    return number_set_contains(&s->c->sets, set_of_node(s->c, n), s->element);
}

static bool is_seed(const struct splitting *s, node_id n) {
    const struct graph *g = s->c->p->graph;
    return node_op(g, n) == OP_READ && s->c->element_of[node_payload(g, n)] == s->element + 1;
}

static void enter(struct splitting *s, node_id n, size_t around) {
    if (!depends(s, n)) {
        s->shared |= !node_is_number(s->c->p->graph, n, 0);
        return;
    }
    if (!node_map_mark(&s->seen, n)) s->shared = true;
    VEC_PUSH(&s->open, ((struct place){n, around}));
}

static size_t surround(struct splitting *s, size_t outer, enum op op, node_id other, bool second) {
    VEC_PUSH(&s->surroundings, ((struct surrounding){outer, op, other, second}));
    return s->surroundings.count;
}

static void look_into(struct splitting *s, struct place at) {
    const struct graph *g = s->c->p->graph;
    enum op op = node_op(g, at.node);
    if (op == OP_READ) {
        if (is_seed(s, at.node)) VEC_PUSH(&s->found, at);
        return;
    }
    node_id a = node_operand(g, at.node, 0), b = node_operand(g, at.node, 1);
    if (op == OP_ADD) {
        enter(s, a, at.around);
        enter(s, b, at.around);
    } else if (op == OP_MUL) {
        bool left = depends(s, a);
        s->shared |= left && depends(s, b);
        enter(s, left ? a : b, surround(s, at.around, op, left ? b : a, false));
    } else if (op == OP_DIV) {
        enter(s, a, surround(s, at.around, op, b, false));
    } else if (op == OP_SELECT) {
        enter(s, b, surround(s, at.around, op, a, false));
        enter(s, node_operand(g, at.node, 2), surround(s, at.around, op, a, true));
    } else {
        s->shared = true;
    }
}

/* What a read is multiplied with, from the inside out. */
static node_id factor_at(const struct splitting *s, size_t around) {
    struct graph *g = s->c->p->graph;
    node_id value = mk_one(g);
    for (size_t k = around; k; k = s->surroundings.at[k - 1].outer) {
        const struct surrounding *a = &s->surroundings.at[k - 1];
        if (a->op == OP_MUL) value = mk_mul(g, value, a->other);
        if (a->op == OP_DIV) value = mk_div(g, value, a->other);
        if (a->op == OP_SELECT)
            value = a->second ? mk_select(g, a->other, mk_zero(g), value)
                              : mk_select(g, a->other, value, mk_zero(g));
    }
    return value;
}

static node_id image_without(struct rewriting *w, node_id n, const node_id *operands, bool same) {
    struct splitting *s = w->context;
    if (node_op(w->p->graph, n) == OP_READ && depends(s, n)) return mk_zero(w->p->graph);
    return same ? n : mk_again(w->p->graph, n, operands);
}

/* What a read is multiplied with, where its places do not tell: the read is 1, and others are 0. */
static node_id factor_of(struct splitting *s, node_id value, node_id read) {
    struct program *p = s->c->p;
    struct rewriting w = {.p = p, .image = image_without, .context = s};
    node_id factor = node_map_set(&w.images, read, mk_one(p->graph)) ? rewrite(&w, value) : value;
    rewriting_release(&w);
    return factor;
}

static node_id image_indirect(struct rewriting *w, node_id n, const node_id *operands, bool same) {
    if (is_seed(w->context, n)) return mk_zero(w->p->graph);
    return same ? n : mk_again(w->p->graph, n, operands);
}

/* What depends on the seed through others. */
static node_id without_seed(struct splitting *s, node_id value) {
    struct rewriting w = {.p = s->c->p, .image = image_indirect, .context = s};
    node_id rest = rewrite(&w, value);
    rewriting_release(&w);
    return rest;
}

/* That the element which a read of the seed is about is the chosen one. */
static node_id is_chosen(struct splitting *s, node_id read) {
    struct graph *g = s->c->p->graph;
    const struct chosen_element *element = &s->c->elements[s->element];
    node_id all = mk_bool(g, true);
    for (uint32_t k = 0; k < element->rank; k++)
        all = mk_and(g, all, mk_ieq(g, node_operand(g, read, k), mk_index(g, element->indices[k])));
    return all;
}

static void add_parts(struct splitting *s, struct chosen_part whole, struct chosen_parts *parts) {
    struct graph *g = s->c->p->graph;
    struct node_map part_of = {0};
    size_t first = parts->all.count;
    for (size_t k = 0; k < s->found.count; k++) {
        node_id read = s->found.at[k].node;
        size_t part = node_map_get(&part_of, read);
        if (part && s->shared) continue;
        node_id value = s->shared ? factor_of(s, whole.value, read) : factor_at(s, s->found.at[k].around);
        if (part) {
            parts->all.at[part - 1].value = mk_add(g, parts->all.at[part - 1].value, value);
            continue;
        }
        node_id condition = mk_and(g, whole.condition, is_chosen(s, read));
        VEC_PUSH(&parts->all, ((struct chosen_part){value, condition}));
        node_map_set(&part_of, read, (uint32_t)parts->all.count);
    }
    node_id rest = parts->all.count > first ? without_seed(s, whole.value) : whole.value;
    if (!node_is_number(g, rest, 0)) VEC_PUSH(&parts->all, ((struct chosen_part){rest, whole.condition}));
    node_map_release(&part_of);
}

/* All reads of the seed, where places do not tell. */
static void find_reads(struct splitting *s, node_id value) {
    const struct graph *g = s->c->p->graph;
    VEC(node_id) open = {0};
    s->found.count = 0;
    node_map_clear(&s->seen);
    VEC_PUSH(&open, value);
    while (open.count > 0) {
        node_id n = VEC_POP(&open);
        if (!node_map_mark(&s->seen, n)) continue;
        if (is_seed(s, n)) VEC_PUSH(&s->found, ((struct place){n, 0}));
        for (uint32_t k = 0; k < node_count(g, n); k++) VEC_PUSH(&open, node_operand(g, n, k));
    }
    s->found.failed |= open.failed;
    VEC_FREE(&open);
}

static bool split_by(struct chosen *c, uint32_t element, struct chosen_part whole,
                     struct chosen_parts *parts) {
    struct splitting s = {.c = c, .element = element};
    enter(&s, whole.value, 0);
    while (s.open.count > 0 && !s.shared) look_into(&s, VEC_POP(&s.open));
    if (s.shared) find_reads(&s, whole.value);
    add_parts(&s, whole, parts);
    bool good = !s.surroundings.failed && !s.open.failed && !s.found.failed && !s.seen.failed;
    VEC_FREE(&s.surroundings);
    VEC_FREE(&s.open);
    VEC_FREE(&s.found);
    node_map_release(&s.seen);
    return good && !parts->all.failed;
}

bool chosen_split(struct chosen *c, node_id value, struct chosen_parts *parts) {
    struct chosen_parts before = {0};
    parts->all.count = 0;
    bool good = VEC_PUSH(&parts->all, ((struct chosen_part){value, mk_bool(c->p->graph, true)}));
    struct number_set set = c->sets.all.at[c->count > 0 ? set_of_node(c, value) : 0];
    for (uint32_t k = 0; good && k < set.count; k++) {
        struct chosen_parts swap = before;
        before = *parts;
        *parts = swap;
        parts->all.count = 0;
        for (size_t i = 0; good && i < before.all.count; i++)
            good = number_set_contains(&c->sets, set_of_node(c, before.all.at[i].value), set.members[k])
                       ? split_by(c, set.members[k], before.all.at[i], parts)
                       : VEC_PUSH(&parts->all, before.all.at[i]);
    }
    VEC_FREE(&before.all);
    return good;
}
