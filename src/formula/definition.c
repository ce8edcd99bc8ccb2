#include "formula/definition.h"

#include <stdlib.h>
#include <string.h>

#include "ir/rewrite.h"
#include "ir/build.h"

/* ---- Nodes ---- */

struct collector {
    struct definitions *d;
    struct program *p;
    VEC(uint32_t) open;
    uint32_t *region;  /* by array: the loop whose body is its first, plus 1 */
    index_id **owners; /* by array: indices that reads of it gain; NULL: none */
    uint32_t *owner_counts;
    struct chosen_parts parts;
    struct rewriting rewriting;
};

/* Shown derivatives have the indices of chosen elements first, others last: elements that come about one from
 * the other do so by their first index. */
static bool chosen_stand_first(const struct collector *c, array_id array) {
    enum array_role role = c->p->arrays.at[array].role;
    return role == ROLE_GRADIENT || role == ROLE_TANGENT;
}

/* Puts the indices of the elements that an array depends on. */
static uint32_t put_chosen(const struct collector *c, array_id array, index_id *indices,
                           struct dimension *ranges) {
    const struct chosen *chosen = &c->d->chosen;
    struct number_set set = chosen_of_array(chosen, array);
    uint32_t count = 0;
    for (uint32_t s = 0; s < set.count; s++) {
        const struct chosen_element *element = &chosen->elements[set.members[s]];
        for (uint32_t k = 0; k < element->rank; k++, count++) {
            if (indices) indices[count] = element->indices[k];
            if (ranges) ranges[count] = element->dims[k];
        }
    }
    return count;
}

static node_id read_with_owners(struct collector *c, node_id n, const node_id *operands, uint32_t count) {
    struct graph *g = c->p->graph;
    array_id array = node_payload(g, n);
    uint32_t owners = c->owner_counts[array], total = owners + count;
    uint32_t chosen = put_chosen(c, array, NULL, NULL);
    node_id *subscripts = ARENA_ARRAY(c->p->arena, node_id, total + chosen + 1);
    index_id *indices = ARENA_ARRAY(c->p->arena, index_id, chosen + 1);
    if (!subscripts || !indices) return n;
    put_chosen(c, array, indices, NULL);
    for (uint32_t k = 0; k < owners; k++) subscripts[k] = mk_index(g, c->owners[array][k]);
    if (count) memcpy(subscripts + owners, operands, count * sizeof *operands);
    for (uint32_t k = 0; k < chosen; k++) subscripts[total + k] = mk_index(g, indices[k]);
    return mk_read(g, array, node_type(g, n), subscripts, total + chosen);
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
static node_id read_through(struct collector *c, const struct definition *def, node_id read) {
    struct program *p = c->p;
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
    if (mask && !value && c->d->for_eyes) return mk_one(g);
    bool named = p->arrays.at[def->array].role == ROLE_LET;
    if (!value || named || (!mask && !is_short_choice(g, value))) return read;
    size_t count = p->indices.count;
    node_id *replacements = calloc(count, sizeof *replacements);
    for (uint32_t k = 0; replacements && k < def->rank; k++)
        replacements[def->indices[k]] = node_operand(g, read, k);
    if (replacements) value = replace_indices(p, value, replacements, count);
    free(replacements);
    return replacements ? value : read;
}

static node_id image_of_read(struct collector *c, node_id n, const node_id *operands, uint32_t count) {
    struct graph *g = c->p->graph;
    array_id array = node_payload(g, n);
    if (chosen_is_one(&c->d->chosen, array)) return mk_one(g);
    bool gains = c->owners[array] || chosen_of_array(&c->d->chosen, array).count > 0;
    node_id read = gains ? read_with_owners(c, n, operands, count) : mk_again(g, n, operands);
    const struct definition *def = &c->d->of[array];
    if (!def->written && !role_is_input(c->p->arrays.at[array].role) && node_type(g, n) == TYPE_REAL)
        return mk_zero(g);
    return def->array ? read_through(c, def, read) : read;
}

/* max(n, 0) is n where n is a size. */
static node_id image_of_bound(struct collector *c, node_id n, const node_id *operands) {
    struct graph *g = c->p->graph;
    node_id image = mk_again(g, n, operands);
    if (node_op(g, image) != OP_IMAX) return image;
    node_id a = node_operand(g, image, 0), b = node_operand(g, image, 1);
    struct known *known = &c->d->known;
    known->ranges.count = 0;
    if (known_not_negative(known, mk_isub(g, a, b))) return a;
    return known_not_negative(known, mk_isub(g, b, a)) ? b : image;
}

static node_id image_of(struct rewriting *w, node_id n, const node_id *operands, bool same) {
    struct graph *g = w->p->graph;
    if (node_op(g, n) == OP_READ) return image_of_read(w->context, n, operands, node_count(g, n));
    if (node_op(g, n) == OP_IMAX) return image_of_bound(w->context, n, operands);
    return same ? n : mk_again(g, n, operands);
}

/* ---- Collecting updates ---- */

/* How many of the open steps lie outside of the body that owns an array. */
static size_t outside(const struct collector *c, array_id array) {
    index_id owner = c->p->arrays.at[array].owner;
    for (size_t k = c->open.count; owner && k > 0; k--) {
        const struct step *step = &c->p->steps.at[c->open.at[k - 1]];
        if (step->kind == STEP_LOOP && step->index == owner) return k;
    }
    return 0;
}

static bool add_owners(struct collector *c, array_id a, size_t around) {
    index_id *owners = ARENA_ARRAY(c->p->arena, index_id, around + 1);
    if (!owners) return false;
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

/* The indices of the loops around a local array. */
static void put_owners(const struct collector *c, struct definition *def, uint32_t at, uint32_t owners) {
    for (size_t k = 0; k < c->open.count && owners > 0; k++) {
        const struct step *step = &c->p->steps.at[c->open.at[k]];
        if (step->kind != STEP_LOOP) continue;
        bool down = runs_down(c->p->graph, step);
        def->indices[at] = step->index;
        def->down[at] = down && step->order != ORDER_FREE;
        def->ranges[at++] = down ? (struct dimension){step->upper, step->lower}
                                 : (struct dimension){step->lower, step->upper};
        owners--;
    }
}

/* The indices of an element: those of the loops around a local array, new ones, and those of the chosen
 * elements. */
static bool begin_definition(struct collector *c, struct definition *def, array_id array) {
    static const char *const names[] = {"k", "l", "m", "p", "q", "r"};
    const struct array a = c->p->arrays.at[array];
    uint32_t owners = c->owner_counts[array], chosen = put_chosen(c, array, NULL, NULL);
    bool first = chosen_stand_first(c, array);
    *def = (struct definition){.array = array,
                               .rank = owners + a.rank + chosen,
                               .own = owners + (first ? chosen : 0),
                               .pending = def->pending,
                               .written = true};
    def->indices = ARENA_ARRAY(c->p->arena, index_id, def->rank + 1);
    def->ranges = ARENA_ARRAY(c->p->arena, struct dimension, def->rank + 1);
    def->down = ARENA_ARRAY(c->p->arena, bool, def->rank + 1);
    if (!def->indices || !def->ranges || !def->down) return false;
    uint32_t behind = first ? 0 : owners + a.rank;
    put_chosen(c, array, def->indices + behind, def->ranges + behind);
    put_owners(c, def, first ? chosen : 0, owners);
    for (uint32_t k = 0; k < a.rank; k++) {
        def->indices[def->own + k] = program_index(c->p, names[k % 6], a.span);
        def->ranges[def->own + k] = (struct dimension){rewrite(&c->rewriting, a.dims[k].lower),
                                                       rewrite(&c->rewriting, a.dims[k].upper)};
    }
    return true;
}

/* One part of an update. */
static bool add_term(struct collector *c, const struct step *step, enum update_op op,
                     struct chosen_part part) {
    struct definition *def = &c->d->of[step->array];
    size_t around = outside(c, step->array);
    uint32_t rank = c->p->arrays.at[step->array].rank;
    struct term term = {.op = op, .value = rewrite(&c->rewriting, part.value)};
    term.wrappers = ARENA_ARRAY(c->p->arena, struct wrapper, c->open.count - around + rank + 2);
    node_id *subscripts = ARENA_ARRAY(c->p->arena, node_id, rank + 1);
    if (!term.wrappers || !subscripts) return false;
    for (size_t k = around; k < c->open.count; k++) {
        const struct step *open = &c->p->steps.at[c->open.at[k]];
        term.wrappers[term.count++] = wrap(c, open);
        def->recurrent |= open->kind == STEP_LOOP && open->order != ORDER_FREE;
    }
    if (node_op(c->p->graph, part.condition) != OP_BOOL)
        term.wrappers[term.count++] = (struct wrapper){.condition = rewrite(&c->rewriting, part.condition)};
    for (uint32_t k = 0; k < rank; k++)
        subscripts[k] = rewrite(&c->rewriting, step_subscripts(c->p, step)[k]);
    if (!definition_gather(c->d, def, &term, subscripts, rank)) return false;
    return !term.value || VEC_PUSH(&def->terms, term);
}

static bool add_update(struct collector *c, uint32_t at, const struct step *step) {
    struct definition *def = &c->d->of[step->array];
    if (!is_own_region(c, step->array)) return true;
    if (!def->array && !begin_definition(c, def, step->array)) return false;
    def->position = at;
    if (def->terms.count == 0 && c->open.count > 0) {
        const struct step *outermost = &c->p->steps.at[c->open.at[0]];
        def->loop = c->open.at[0] + 1;
        def->sequential = outermost->kind == STEP_LOOP && outermost->order != ORDER_FREE;
    }
    if (!chosen_split(&c->d->chosen, step->value, &c->parts)) return false;
    const struct chosen_part *parts = c->parts.all.at;
    bool split = c->parts.all.count > 1 || (c->parts.all.count == 1 && parts[0].value != step->value);
    for (size_t k = 0; k < c->parts.all.count; k++)
        if (!add_term(c, step, split ? UPDATE_ADD : step->op, parts[k])) return false;
    def->pending--;
    return true;
}

static bool collect(struct collector *c) {
    for (uint32_t i = 0; i < c->p->steps.count; i++) {
        struct step step = c->p->steps.at[i];
        if (step.kind == STEP_END) c->open.count--;
        if (step.kind == STEP_UPDATE && !add_update(c, i, &step)) return false;
        if ((step.kind == STEP_LOOP || step.kind == STEP_WHEN) && !VEC_PUSH(&c->open, i)) return false;
    }
    return true;
}

bool definitions_make(struct definitions *d, struct program *program, const struct chosen_element *elements,
                      size_t count, bool for_eyes) {
    size_t arrays = program->arrays.count;
    struct collector c = {.d = d, .p = program};
    *d = (struct definitions){.program = program, .count = arrays, .for_eyes = for_eyes};
    known_init(&d->known, program);
    d->of = calloc(arrays, sizeof *d->of);
    c.region = calloc(arrays, sizeof *c.region);
    c.owners = calloc(arrays, sizeof *c.owners);
    c.owner_counts = calloc(arrays, sizeof *c.owner_counts);
    c.rewriting = (struct rewriting){.p = program, .image = image_of, .context = &c};
    bool good = chosen_make(&d->chosen, program, elements, count) && d->of && c.region && c.owners &&
                c.owner_counts && find_owners(&c) && collect(&c);
    good = good && !program->failed && !program->graph->failed && !c.rewriting.stack.failed;
    free(c.region);
    free(c.owners);
    free(c.owner_counts);
    rewriting_release(&c.rewriting);
    VEC_FREE(&c.open);
    VEC_FREE(&c.parts.all);
    d->failed = !good;
    return good;
}

void definitions_release(struct definitions *d) {
    for (size_t a = 0; d->of && a < d->count; a++) VEC_FREE(&d->of[a].terms);
    free(d->of);
    chosen_release(&d->chosen);
    known_release(&d->known);
    *d = (struct definitions){.program = NULL};
}
