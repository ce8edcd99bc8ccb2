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
    struct definitions *definitions; /* so far; NULL: reads stay */
    VEC(node_id) images;             /* by node; 0: none yet */
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

/* The conditions under which a term counts; 0 where it is no plain term. */
static node_id conditions_of(struct graph *g, const struct term *term) {
    node_id all = mk_bool(g, true);
    for (uint32_t k = 0; k < term->count; k++) {
        if (term->wrappers[k].index) return 0;
        all = mk_and(g, all, term->wrappers[k].condition);
    }
    return all;
}

/* A count that is asked only whether it is 0: the conditions of its terms. 0 where these are not plain. */
static node_id counted_value(struct graph *g, const struct definition *def) {
    node_id any = mk_bool(g, false);
    for (size_t k = 0; k < def->terms.count; k++) {
        node_id condition = conditions_of(g, &def->terms.at[k]);
        if (!condition) return 0;
        any = mk_or(g, any, condition);
    }
    return mk_select(g, any, mk_one(g), mk_zero(g));
}

/* A choice of a few operations: read through, it may meet the condition it asks for. */
static bool is_short_choice(const struct graph *g, node_id n) {
    enum { SHORT = 12 };
    node_id open[SHORT];
    size_t count = 0, seen = 0;
    if (node_op(g, n) != OP_SELECT) return false;
    open[count++] = n;
    while (count > 0) {
        node_id at = open[--count];
        if (++seen + count + node_count(g, at) > SHORT) return false;
        for (uint32_t k = 0; k < node_count(g, at); k++) open[count++] = node_operand(g, at, k);
    }
    return true;
}

/* What a read stands for, where that is short: a constant, or whether something was read. */
static node_id read_through(struct rewriting *w, const struct definition *def, node_id read) {
    struct program *p = w->p;
    struct graph *g = p->graph;
    bool mask = p->arrays.at[def->array].role == ROLE_MASK;
    /* Without dimensions, what is read has been written: there is no other term to come. */
    bool complete = p->arrays.at[def->array].rank == 0 || def->pending == 0;
    const struct term *only = complete && def->terms.count == 1 ? &def->terms.at[0] : NULL;
    node_id condition = only && !mask ? conditions_of(g, only) : 0, value = 0;
    bool whole =
        only && (only->op == UPDATE_SET || (only->op == UPDATE_ADD && p->arrays.at[def->array].rank == 0));
    if (whole && condition) value = mk_select(g, condition, only->value, mk_zero(g));
    if (value && node_op(g, value) == OP_CONST) return value;
    if (mask) value = def->recurrent || !complete ? 0 : counted_value(g, def);
    if (mask && !value && w->definitions->element.for_eyes) return mk_one(g);
    bool named = p->arrays.at[def->array].role == ROLE_LET;
    if (!value || named || (!mask && !is_short_choice(g, value))) return read;
    size_t count = p->indices.count;
    node_id *replacements = calloc(count, sizeof *replacements);
    for (uint32_t k = 0; replacements && k < def->rank; k++)
        replacements[def->indices[k]] = node_operand(g, read, k);
    if (replacements) value = definition_replace(p, value, replacements, count);
    free(replacements);
    return replacements ? value : read;
}

static node_id image_of_read(struct rewriting *w, node_id n, const node_id *operands, uint32_t count) {
    array_id array = node_payload(w->p->graph, n);
    bool owned = w->owners && w->owners[array];
    node_id read = owned ? read_with_owners(w, n, operands, count) : mk_again(w->p->graph, n, operands);
    const struct definition *def = w->definitions ? &w->definitions->of[array] : NULL;
    if (def && !def->written && !role_is_input(w->p->arrays.at[array].role) &&
        node_type(w->p->graph, n) == TYPE_REAL)
        return mk_zero(w->p->graph);
    return def && def->array ? read_through(w, def, read) : read;
}

/* max(n, 0) is n where n is a size. */
static node_id image_of_bound(struct rewriting *w, node_id n, const node_id *operands) {
    struct graph *g = w->p->graph;
    node_id image = mk_again(g, n, operands);
    if (node_op(g, image) != OP_IMAX || !w->definitions) return image;
    node_id a = node_operand(g, image, 0), b = node_operand(g, image, 1);
    struct known *known = &w->definitions->known;
    known->ranges.count = 0;
    if (known_not_negative(known, mk_isub(g, a, b))) return a;
    return known_not_negative(known, mk_isub(g, b, a)) ? b : image;
}

static node_id image_of(struct rewriting *w, node_id n) {
    struct graph *g = w->p->graph;
    uint32_t count = node_count(g, n);
    if (node_op(g, n) == OP_INDEX) {
        index_id index = node_payload(g, n);
        return index < w->count && w->replacements[index] ? w->replacements[index] : n;
    }
    bool read = node_op(g, n) == OP_READ;
    if (count == 0 && !read) return n;
    node_id *operands = ARENA_ARRAY(w->p->arena, node_id, count + 1);
    if (!operands) return n;
    bool same = true;
    for (uint32_t k = 0; k < count; k++) {
        operands[k] = w->images.at[node_operand(g, n, k)];
        same &= operands[k] == node_operand(g, n, k);
    }
    if (read) return image_of_read(w, n, operands, count);
    if (node_op(g, n) == OP_IMAX) return image_of_bound(w, n, operands);
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

node_id definition_exchange(struct program *p, node_id root, node_id node, node_id replacement) {
    struct rewriting w = {.p = p};
    node_id result = root;
    if (make_room(&w)) {
        w.images.at[node] = replacement;
        result = rewrite(&w, root);
    }
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
    bool *seeded; /* by array; NULL: there is no seed */
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

/* What depends on the seed has the indices of the chosen element. */
static bool own_seeded(struct collector *c) {
    const struct chosen_element *element = &c->d->element;
    for (array_id a = 1; c->seeded && a < c->p->arrays.count; a++) {
        if (!c->seeded[a]) continue;
        c->owners[a] = ARENA_ARRAY(c->p->arena, index_id, element->rank + 1);
        if (!c->owners[a]) return false;
        memcpy(c->owners[a], element->indices, element->rank * sizeof *element->indices);
        c->owner_counts[a] = element->rank;
    }
    return true;
}

static bool add_owners(struct collector *c, array_id a, size_t around) {
    index_id *owners = ARENA_ARRAY(c->p->arena, index_id, c->owner_counts[a] + around + 1);
    if (!owners) return false;
    if (c->owner_counts[a]) memcpy(owners, c->owners[a], c->owner_counts[a] * sizeof *owners);
    c->owners[a] = owners;
    for (size_t k = 0; k < around; k++) {
        const struct step *loop = &c->p->steps.at[c->open.at[k]];
        if (loop->kind == STEP_LOOP) owners[c->owner_counts[a]++] = loop->index;
    }
    return true;
}

/* Whether the place is in the body that an array's definition is taken from: the first, where several form
 * it. */
static bool is_own_region(const struct collector *c, array_id a) {
    size_t around = outside(c, a);
    return !c->region[a] || (around && c->open.at[around - 1] + 1 == c->region[a]);
}

/* Which loops own each local array, and how many updates make it. */
static bool find_owners(struct collector *c) {
    if (!own_seeded(c)) return false;
    for (uint32_t i = 0; i < c->p->steps.count; i++) {
        const struct step *step = &c->p->steps.at[i];
        if (step->kind == STEP_END) c->open.count--;
        array_id a = step->kind == STEP_UPDATE ? step->array : 0;
        if (a && c->p->arrays.at[a].owner && !c->region[a]) {
            size_t around = outside(c, a);
            c->region[a] = around ? c->open.at[around - 1] + 1 : UINT32_MAX;
            if (!add_owners(c, a, around)) return false;
        }
        if (a) c->d->of[a].written = true;
        if (a && is_own_region(c, a)) c->d->of[a].pending++;
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
                            .by = rewrite(&c->rewriting, step->by),
                            .sequential = step->order != ORDER_FREE};
}

static bool runs_down(const struct graph *g, const struct step *loop) {
    return node_op(g, loop->by) == OP_INT && node_integer(g, loop->by) < 0;
}

/* The indices of an element: those of the loops around a local array, and new ones. */
static bool begin_definition(struct collector *c, struct definition *def, array_id array) {
    static const char *const names[] = {"k", "l", "m", "p", "q", "r"};
    const struct array a = c->p->arrays.at[array];
    uint32_t owners = c->owner_counts[array];
    *def = (struct definition){
        .array = array, .rank = owners + a.rank, .pending = def->pending, .written = true};
    def->indices = ARENA_ARRAY(c->p->arena, index_id, def->rank + 1);
    def->ranges = ARENA_ARRAY(c->p->arena, struct dimension, def->rank + 1);
    def->down = ARENA_ARRAY(c->p->arena, bool, def->rank + 1);
    if (!def->indices || !def->ranges || !def->down) return false;
    memset(def->down, 0, def->rank * sizeof *def->down);
    size_t at = 0;
    for (; c->seeded && c->seeded[array] && at < c->d->element.rank; at++) {
        def->indices[at] = c->d->element.indices[at];
        def->ranges[at] = c->d->element.dims[at];
    }
    for (size_t k = 0; k < c->open.count && at < owners; k++) {
        const struct step *step = &c->p->steps.at[c->open.at[k]];
        if (step->kind != STEP_LOOP) continue;
        bool down = runs_down(c->p->graph, step);
        def->indices[at] = step->index;
        def->down[at] = down && step->order != ORDER_FREE;
        def->ranges[at++] = down ? (struct dimension){step->upper, step->lower}
                                 : (struct dimension){step->lower, step->upper};
    }
    for (uint32_t k = 0; k < a.rank; k++) {
        def->indices[owners + k] = program_index(c->p, names[k % 6], a.span);
        def->ranges[owners + k] = (struct dimension){rewrite(&c->rewriting, a.dims[k].lower),
                                                     rewrite(&c->rewriting, a.dims[k].upper)};
    }
    return true;
}

static bool add_term(struct collector *c, uint32_t at, const struct step *step) {
    struct definition *def = &c->d->of[step->array];
    size_t around = outside(c, step->array);
    if (!is_own_region(c, step->array)) return true;
    if (!def->array && !begin_definition(c, def, step->array)) return false;
    uint32_t rank = c->p->arrays.at[step->array].rank;
    node_id chosen = 0, value = step->value;
    if (c->seeded) value = definition_take_seed(c->p, &c->d->element, c->seeded, value, &chosen);
    struct term term = {.op = chosen ? UPDATE_ADD : step->op, .value = rewrite(&c->rewriting, value)};
    term.wrappers = ARENA_ARRAY(c->p->arena, struct wrapper, c->open.count - around + rank + 2);
    node_id *subscripts = ARENA_ARRAY(c->p->arena, node_id, rank + 1);
    if (!term.wrappers || !subscripts) return false;
    for (size_t k = around; k < c->open.count; k++) {
        const struct step *open = &c->p->steps.at[c->open.at[k]];
        term.wrappers[term.count++] = wrap(c, open);
        def->recurrent |= open->kind == STEP_LOOP && open->order != ORDER_FREE;
    }
    if (chosen) term.wrappers[term.count++] = (struct wrapper){.condition = rewrite(&c->rewriting, chosen)};
    for (uint32_t k = 0; k < rank; k++)
        subscripts[k] = rewrite(&c->rewriting, step_subscripts(c->p, step)[k]);
    def->position = at;
    def->pending--;
    if (def->terms.count == 0 && c->open.count > 0) {
        const struct step *outermost = &c->p->steps.at[c->open.at[0]];
        def->loop = c->open.at[0] + 1;
        def->sequential = outermost->kind == STEP_LOOP && outermost->order != ORDER_FREE;
    }
    if (!definition_gather(c->d, def, &term, subscripts, def->rank - rank)) return false;
    return !term.value || VEC_PUSH(&def->terms, term);
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

static bool choose_element(struct collector *c) {
    struct chosen_element *element = &c->d->element;
    if (!element->seed) return true;
    element->indices = ARENA_ARRAY(c->p->arena, index_id, element->rank + 1);
    for (uint32_t k = 0; element->indices && k < element->rank; k++)
        element->indices[k] = program_index(c->p, "k", (struct span){0});
    c->seeded = definition_seeded(c->p, element->seed);
    return element->indices && c->seeded;
}

bool definitions_make(struct definitions *d, struct program *program, struct chosen_element element) {
    size_t arrays = program->arrays.count;
    struct collector c = {.d = d, .p = program};
    *d = (struct definitions){.program = program, .count = arrays, .element = element};
    known_init(&d->known, program);
    d->of = calloc(arrays, sizeof *d->of);
    c.region = calloc(arrays, sizeof *c.region);
    c.owners = calloc(arrays, sizeof *c.owners);
    c.owner_counts = calloc(arrays, sizeof *c.owner_counts);
    c.rewriting = (struct rewriting){
        .p = program, .owners = c.owners, .owner_counts = c.owner_counts, .definitions = d};
    bool good = d->of && c.region && c.owners && c.owner_counts && choose_element(&c) && find_owners(&c) &&
                collect(&c);
    good = good && !program->failed && !program->graph->failed && !c.rewriting.stack.failed;
    free(c.region);
    free(c.owners);
    free(c.owner_counts);
    free(c.seeded);
    rewriting_release(&c.rewriting);
    VEC_FREE(&c.open);
    d->failed = !good;
    return good;
}

void definitions_release(struct definitions *d) {
    for (size_t a = 0; d->of && a < d->count; a++) VEC_FREE(&d->of[a].terms);
    free(d->of);
    known_release(&d->known);
    *d = (struct definitions){.program = NULL};
}
