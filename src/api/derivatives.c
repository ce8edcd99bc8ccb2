#include "api/derivatives.h"

#include <stdlib.h>
#include <string.h>

#include "diff/gradient.h"
#include "diff/tangent.h"
#include "ir/prune.h"

struct raising {
    struct derivatives *d;
    const struct derivative_request *request;
    VEC(struct derivative_group) next; /* of the next order */
    struct diag_list *diags;
};

/* The array of a role that a differentiation has added; 0: none. */
static array_id added(const struct program *p, size_t before, enum array_role role, array_id of) {
    for (array_id a = (array_id)before; a < p->arrays.count; a++)
        if (p->arrays.at[a].role == role && p->arrays.at[a].of == of) return a;
    return 0;
}

static bool has_choice(const struct graph *g, node_id root) {
    VEC(node_id) open = {0};
    bool *seen = calloc((size_t)root + 1, sizeof *seen), found = false;
    bool good = seen && VEC_PUSH(&open, root);
    while (good && open.count > 0 && !found) {
        node_id n = VEC_POP(&open);
        if (seen[n]) continue;
        seen[n] = true;
        found = node_op(g, n) == OP_SELECT;
        for (uint32_t k = 0; good && k < node_count(g, n); k++) good = VEC_PUSH(&open, node_operand(g, n, k));
    }
    VEC_FREE(&open);
    free(seen);
    return found;
}

/* Whether a function is one expression of scalars with choices in it. */
static bool is_choice_of_scalars(const struct program *function, const struct derivative_request *q) {
    if (q->seeded || function->steps.count != 1 || function->steps.at[0].kind != STEP_UPDATE) return false;
    for (size_t k = 0; k < q->wrt_count; k++)
        if (function->arrays.at[q->wrt[k]].rank > 0) return false;
    return has_choice(function->graph, function->steps.at[0].value);
}

/* Adds the derivative by one variable; `kept` are those that have been made. */
static bool begin_along(struct raising *r, size_t variable, const array_id *kept, size_t kept_count,
                        array_id *array, array_id *direction) {
    const struct derivative_request *q = r->request;
    struct program *p = &r->d->program, next = {0};
    size_t before = p->arrays.count;
    struct tangent_request along = {.outputs = &q->output,
                                    .output_count = 1,
                                    .wrt = &q->wrt[variable],
                                    .wrt_count = 1,
                                    .keep_outputs = true};
    if (!differentiate_further(&next, p, &along, kept, kept_count, r->diags)) {
        program_release(&next);
        return false;
    }
    *array = added(&next, before, ROLE_TANGENT, q->output);
    *direction = added(&next, before, ROLE_DIRECTION, q->wrt[variable]);
    program_release(p);
    *p = next;
    return true;
}

static bool begin_with_choices(struct raising *r, const struct program *function) {
    size_t count = r->request->wrt_count, kept_count = 0;
    array_id *arrays = ARENA_ARRAY(function->arena, array_id, count + 1);
    array_id *last = ARENA_ARRAY(function->arena, array_id, count + 1);
    array_id *kept = ARENA_ARRAY(function->arena, array_id, count + 1);
    bool good = arrays && last && kept && program_prune(&r->d->program, function, &r->request->output, 1);
    for (size_t k = 0; good && k < count; k++) {
        good = begin_along(r, k, kept, kept_count, &arrays[k], &last[k]);
        if (good && arrays[k]) kept[kept_count++] = arrays[k];
    }
    r->d->last = last;
    return good && VEC_PUSH(&r->d->groups, ((struct derivative_group){.arrays = arrays}));
}

static bool begin(struct raising *r, const struct program *function) {
    const struct derivative_request *q = r->request;
    struct derivatives *d = r->d;
    struct gradient_request gradient = {q->output, q->wrt, q->wrt_count, q->seeded};
    if (!differentiate(&d->program, function, &gradient, r->diags)) return false;
    array_id *arrays = ARENA_ARRAY(function->arena, array_id, q->wrt_count + 1);
    if (!arrays) return false;
    for (size_t k = 0; k < q->wrt_count; k++) arrays[k] = gradient_array(&d->program, q->wrt[k]);
    if (q->seeded) d->seed = gradient_seed(&d->program, q->output);
    return VEC_PUSH(&d->groups, ((struct derivative_group){.arrays = arrays}));
}

static size_t collect_arrays(const struct raising *r, array_id *all) {
    size_t count = 0;
    for (size_t k = 0; k < r->d->groups.count + r->next.count; k++) {
        const struct derivative_group *group =
            k < r->d->groups.count ? &r->d->groups.at[k] : &r->next.at[k - r->d->groups.count];
        for (size_t i = group->first; i < r->request->wrt_count; i++)
            if (group->arrays[i]) all[count++] = group->arrays[i];
    }
    return count;
}

/* Differentiates the arrays of a group along a direction of one variable. */
static bool go_along(struct raising *r, const struct derivative_group *group, uint32_t variable,
                     struct derivative_group *result) {
    const struct derivative_request *q = r->request;
    struct derivatives *d = r->d;
    size_t before = d->program.arrays.count, room = (d->groups.count + r->next.count) * q->wrt_count;
    array_id *outputs = calloc(q->wrt_count + room + 1, sizeof *outputs), *kept = outputs + q->wrt_count;
    array_id *arrays = ARENA_ARRAY(d->program.arena, array_id, q->wrt_count + 1);
    array_id *directions = ARENA_ARRAY(d->program.arena, array_id, d->order);
    uint32_t *variables = ARENA_ARRAY(d->program.arena, uint32_t, d->order);
    struct tangent_request along = {.outputs = outputs, .wrt = &q->wrt[variable], .wrt_count = 1};
    struct program higher = {0};
    size_t kept_count = 0;
    bool good = outputs && arrays && directions && variables;
    for (size_t k = variable; good && k < q->wrt_count; k++)
        if (group->arrays[k]) outputs[along.output_count++] = group->arrays[k];
    if (good) kept_count = collect_arrays(r, kept);
    good = good && differentiate_further(&higher, &d->program, &along, kept, kept_count, r->diags);
    for (size_t k = variable; good && k < q->wrt_count; k++)
        if (group->arrays[k]) arrays[k] = added(&higher, before, ROLE_TANGENT, group->arrays[k]);
    if (good) {
        for (uint32_t k = 0; k + 1 < d->order; k++) {
            variables[k] = group->variables[k];
            directions[k] = group->directions[k];
        }
        variables[d->order - 1] = variable;
        directions[d->order - 1] = added(&higher, before, ROLE_DIRECTION, q->wrt[variable]);
        *result = (struct derivative_group){variables, directions, arrays, variable};
        program_release(&d->program);
        d->program = higher;
    } else {
        program_release(&higher);
    }
    free(outputs);
    return good;
}

/* From one order to the next. */
static bool raise(struct raising *r) {
    struct derivatives *d = r->d;
    r->next.count = 0;
    for (size_t k = 0; k < d->groups.count; k++) {
        for (uint32_t v = d->groups.at[k].first; v < r->request->wrt_count; v++) {
            struct derivative_group group;
            if (!go_along(r, &d->groups.at[k], v, &group) || !VEC_PUSH(&r->next, group)) return false;
        }
    }
    if (!VEC_RESERVE(&d->groups, r->next.count)) return false;
    memcpy(d->groups.at, r->next.at, r->next.count * sizeof *d->groups.at);
    d->groups.count = r->next.count;
    d->order++;
    return true;
}

bool derivatives_make(struct derivatives *d, const struct program *function,
                      const struct derivative_request *request, struct diag_list *diags) {
    struct raising r = {.d = d, .request = request, .diags = diags};
    *d = (struct derivatives){.order = 1};
    bool good =
        is_choice_of_scalars(function, request) ? begin_with_choices(&r, function) : begin(&r, function);
    while (good && d->order < request->order) good = raise(&r);
    VEC_FREE(&r.next);
    return good;
}

void derivatives_release(struct derivatives *d) {
    program_release(&d->program);
    VEC_FREE(&d->groups);
}
