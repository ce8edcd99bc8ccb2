#include "formula/definition.h"

#include <stdlib.h>
#include <string.h>

#include "ir/build.h"

/* ---- Nodes ---- */

struct rewriting {
    struct program *p;
    const node_id *replacements; /* by index */
    size_t count;
    index_id **owners; /* by array: indices that reads of it gain; NULL: none */
    const uint32_t *owner_counts;
    VEC(node_id) images; /* by node; 0: none yet */
    VEC(node_id) stack;
};

static bool make_room(struct rewriting *w) {
    size_t count = graph_count(w->p->graph), old = w->images.count;
    if (count <= old) return true;
    if (!VEC_RESERVE(&w->images, count)) return false;
    memset(w->images.at + old, 0, (count - old) * sizeof *w->images.at);
    w->images.count = count;
    return true;
}

static node_id read_with_owners(struct rewriting *w, node_id n, const node_id *operands, uint32_t count) {
    array_id array = node_payload(w->p->graph, n);
    uint32_t owners = w->owner_counts[array];
    node_id *subscripts = ARENA_ARRAY(w->p->arena, node_id, owners + count + 1);
    if (!subscripts) return n;
    for (uint32_t k = 0; k < owners; k++) subscripts[k] = mk_index(w->p->graph, w->owners[array][k]);
    if (count) memcpy(subscripts + owners, operands, count * sizeof *operands);
    return mk_read(w->p->graph, array, node_type(w->p->graph, n), subscripts, owners + count);
}

static node_id image_of(struct rewriting *w, node_id n) {
    struct graph *g = w->p->graph;
    uint32_t count = node_count(g, n);
    if (node_op(g, n) == OP_INDEX) {
        index_id index = node_payload(g, n);
        return index < w->count && w->replacements[index] ? w->replacements[index] : n;
    }
    bool owned = node_op(g, n) == OP_READ && w->owners && w->owners[node_payload(g, n)];
    if (count == 0 && !owned) return n;
    node_id *operands = ARENA_ARRAY(w->p->arena, node_id, count + 1);
    if (!operands) return n;
    bool same = true;
    for (uint32_t k = 0; k < count; k++) {
        operands[k] = w->images.at[node_operand(g, n, k)];
        same &= operands[k] == node_operand(g, n, k);
    }
    if (owned) return read_with_owners(w, n, operands, count);
    return same ? n : mk_again(g, n, operands);
}

static node_id rewrite(struct rewriting *w, node_id root) {
    if (!root || !make_room(w)) return root;
    w->stack.count = 0;
    VEC_PUSH(&w->stack, root);
    while (w->stack.count > 0) {
        node_id n = VEC_LAST(&w->stack);
        bool waiting = false;
        for (uint32_t k = 0; !w->images.at[n] && k < node_count(w->p->graph, n); k++) {
            node_id operand = node_operand(w->p->graph, n, k);
            if (w->images.at[operand]) continue;
            VEC_PUSH(&w->stack, operand);
            waiting = true;
        }
        if (waiting) continue;
        if (!w->images.at[n]) {
            node_id image = image_of(w, n);
            w->images.at[n] = image;
        }
        w->stack.count--;
    }
    return w->images.at[root];
}

static void rewriting_release(struct rewriting *w) {
    VEC_FREE(&w->images);
    VEC_FREE(&w->stack);
}

node_id definition_replace(struct program *p, node_id root, const node_id *replacements, size_t count) {
    struct rewriting w = {.p = p, .replacements = replacements, .count = count};
    node_id result = rewrite(&w, root);
    rewriting_release(&w);
    return result;
}

bool definition_uses(const struct graph *g, node_id root, index_id index) {
    VEC(node_id) stack = {0};
    VEC(bool) seen = {0};
    bool found = !root || !VEC_PUSH(&stack, root) || !VEC_RESERVE(&seen, (size_t)root + 1) ? false : true;
    if (!found) {
        VEC_FREE(&stack);
        VEC_FREE(&seen);
        return false;
    }
    memset(seen.at, 0, (size_t)root + 1);
    found = false;
    while (stack.count > 0 && !found) {
        node_id n = VEC_POP(&stack);
        if (seen.at[n]) continue;
        seen.at[n] = true;
        found = node_op(g, n) == OP_INDEX && node_payload(g, n) == index;
        for (uint32_t k = 0; k < node_count(g, n); k++) VEC_PUSH(&stack, node_operand(g, n, k));
    }
    VEC_FREE(&stack);
    VEC_FREE(&seen);
    return found;
}

/* ---- Collecting updates ---- */

struct collector {
    struct definitions *d;
    struct program *p;
    VEC(uint32_t) open;
    uint32_t *region; /* by array: the loop whose body is its first, plus 1 */
    index_id **owners;
    uint32_t *owner_counts;
    struct rewriting rewriting;
};

/* How many of the open steps lie outside of the body that owns an array. */
static size_t outside(const struct collector *c, array_id array) {
    index_id owner = c->p->arrays.at[array].owner;
    for (size_t k = c->open.count; owner && k > 0; k--) {
        const struct step *step = &c->p->steps.at[c->open.at[k - 1]];
        if (step->kind == STEP_LOOP && step->index == owner) return k;
    }
    return 0;
}

/* Which loops own each local array. */
static bool find_owners(struct collector *c) {
    for (uint32_t i = 0; i < c->p->steps.count; i++) {
        const struct step *step = &c->p->steps.at[i];
        if (step->kind == STEP_END) c->open.count--;
        array_id a = step->kind == STEP_UPDATE ? step->array : 0;
        if (a && c->p->arrays.at[a].owner && !c->region[a]) {
            size_t around = outside(c, a);
            c->region[a] = around ? c->open.at[around - 1] + 1 : UINT32_MAX;
            c->owners[a] = ARENA_ARRAY(c->p->arena, index_id, around + 1);
            if (!c->owners[a]) return false;
            for (size_t k = 0; k < around; k++) {
                const struct step *loop = &c->p->steps.at[c->open.at[k]];
                if (loop->kind == STEP_LOOP) c->owners[a][c->owner_counts[a]++] = loop->index;
            }
        }
        if ((step->kind == STEP_LOOP || step->kind == STEP_WHEN) && !VEC_PUSH(&c->open, i)) return false;
    }
    c->open.count = 0;
    return true;
}

static struct wrapper wrap(struct collector *c, const struct step *step) {
    struct wrapper w = {.condition = rewrite(&c->rewriting, step->condition)};
    if (step->kind == STEP_WHEN) return w;
    return (struct wrapper){.index = step->index,
                            .lower = rewrite(&c->rewriting, step->lower),
                            .upper = rewrite(&c->rewriting, step->upper),
                            .by = rewrite(&c->rewriting, step->by)};
}

/* The indices of an element: those of the loops around a local array, and new ones. */
static bool begin_definition(struct collector *c, struct definition *def, array_id array) {
    static const char *const names[] = {"k", "l", "m", "p", "q", "r"};
    const struct array a = c->p->arrays.at[array];
    uint32_t owners = c->owner_counts[array];
    *def = (struct definition){.array = array, .rank = owners + a.rank};
    def->indices = ARENA_ARRAY(c->p->arena, index_id, def->rank + 1);
    def->ranges = ARENA_ARRAY(c->p->arena, struct dimension, def->rank + 1);
    if (!def->indices || !def->ranges) return false;
    size_t at = 0;
    for (size_t k = 0; k < c->open.count && at < owners; k++) {
        const struct step *step = &c->p->steps.at[c->open.at[k]];
        if (step->kind != STEP_LOOP) continue;
        def->indices[at] = step->index;
        def->ranges[at++] = (struct dimension){step->lower, step->upper};
    }
    for (uint32_t k = 0; k < a.rank; k++) {
        def->indices[owners + k] = program_index(c->p, names[k % 6], a.span);
        def->ranges[owners + k] = a.dims[k];
    }
    return true;
}

static bool add_term(struct collector *c, uint32_t at, const struct step *step) {
    struct definition *def = &c->d->of[step->array];
    size_t around = outside(c, step->array);
    if (c->region[step->array] && (!around || c->open.at[around - 1] + 1 != c->region[step->array]))
        return true;
    if (!def->array && !begin_definition(c, def, step->array)) return false;
    uint32_t rank = c->p->arrays.at[step->array].rank;
    struct term term = {.op = step->op, .value = rewrite(&c->rewriting, step->value)};
    term.wrappers = ARENA_ARRAY(c->p->arena, struct wrapper, c->open.count - around + rank + 1);
    node_id *subscripts = ARENA_ARRAY(c->p->arena, node_id, rank + 1);
    if (!term.wrappers || !subscripts) return false;
    for (size_t k = around; k < c->open.count; k++) {
        const struct step *open = &c->p->steps.at[c->open.at[k]];
        term.wrappers[term.count++] = wrap(c, open);
        if (open->kind == STEP_LOOP && open->order == ORDER_DOWN) def->down = true;
    }
    for (uint32_t k = 0; k < rank; k++)
        subscripts[k] = rewrite(&c->rewriting, step_subscripts(c->p, step)[k]);
    def->position = at;
    if (def->terms.count == 0 && c->open.count > 0) {
        const struct step *outermost = &c->p->steps.at[c->open.at[0]];
        def->loop = c->open.at[0] + 1;
        def->sequential = outermost->kind == STEP_LOOP && outermost->order != ORDER_FREE;
    }
    return definition_gather(c->d, def, &term, subscripts, def->rank - rank) && VEC_PUSH(&def->terms, term);
}

static bool collect(struct collector *c) {
    for (uint32_t i = 0; i < c->p->steps.count; i++) {
        struct step step = c->p->steps.at[i];
        if (step.kind == STEP_END) c->open.count--;
        if (step.kind == STEP_UPDATE && !add_term(c, i, &step)) return false;
        if ((step.kind == STEP_LOOP || step.kind == STEP_WHEN) && !VEC_PUSH(&c->open, i)) return false;
    }
    return true;
}

bool definitions_make(struct definitions *d, struct program *program) {
    size_t arrays = program->arrays.count;
    struct collector c = {.d = d, .p = program};
    *d = (struct definitions){.program = program, .count = arrays};
    d->of = calloc(arrays, sizeof *d->of);
    c.region = calloc(arrays, sizeof *c.region);
    c.owners = calloc(arrays, sizeof *c.owners);
    c.owner_counts = calloc(arrays, sizeof *c.owner_counts);
    c.rewriting = (struct rewriting){.p = program, .owners = c.owners, .owner_counts = c.owner_counts};
    bool good = d->of && c.region && c.owners && c.owner_counts && find_owners(&c) && collect(&c);
    good = good && !program->failed && !program->graph->failed && !c.rewriting.stack.failed;
    free(c.region);
    free(c.owners);
    free(c.owner_counts);
    rewriting_release(&c.rewriting);
    VEC_FREE(&c.open);
    d->failed = !good;
    return good;
}

void definitions_release(struct definitions *d) {
    for (size_t a = 0; d->of && a < d->count; a++) VEC_FREE(&d->of[a].terms);
    free(d->of);
    *d = (struct definitions){.program = NULL};
}
