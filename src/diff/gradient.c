#include "diff/gradient.h"

#include <stdlib.h>

#include "diff/adjoint.h"
#include "diff/extrema.h"
#include "diff/mask.h"
#include "diff/tidy.h"
#include "ir/prune.h"

#define NOWHERE UINT32_MAX

struct reversal {
    const struct gradient_request *request;
    const struct program *p; /* the function, with counts of ties */
    struct program *out;
    struct activity activity;
    array_id *adjoint_of, *mask_of, *ties_of; /* per array of p */
    const bool *repeated;                     /* per step of p: it only counts ties */
    bool *needs_mask;
    bool *reverses;   /* per step of p: the step, or one inside it, has a reverse */
    bool *in_place;   /* per step: a top-level loop that is differentiated where it stands */
    uint32_t *around; /* per step: the loop or condition around it; NOWHERE: none */
    struct adjoint_pass pass;
};

/* Adjoints. */

static array_id make_companion(struct reversal *r, array_id of, enum array_role role, const char *suffix) {
    struct array companion = r->p->arrays.at[of];
    companion.name = arena_format(r->p->arena, "%s%s", companion.name, suffix);
    companion.role = role;
    companion.type = TYPE_REAL;
    companion.of = of;
    companion.unused = companion.constant_in_derivatives = false;
    return program_array(r->out, companion);
}

static void make_adjoints(struct reversal *r) {
    const struct gradient_request *q = r->request;
    for (size_t i = 0; i < q->wrt_count; i++)
        r->adjoint_of[q->wrt[i]] = make_companion(r, q->wrt[i], ROLE_GRADIENT, "_gradient");
    if (q->seeded) r->adjoint_of[q->output] = make_companion(r, q->output, ROLE_SEED, "_seed");
    for (array_id a = 1; a < r->p->arrays.count; a++) {
        if (!r->activity.active[a] || r->adjoint_of[a] || a == q->output) continue;
        r->adjoint_of[a] = make_companion(r, a, ROLE_ADJOINT, "_adjoint");
        if (r->needs_mask[a]) r->mask_of[a] = make_companion(r, a, ROLE_MASK, "_reads");
    }
}

/* Clears the adjoints and masks of the arrays that live in the body of a loop (0: throughout). */
static void clear_adjoints(struct reversal *r, index_id owner, struct span span) {
    struct graph *g = r->p->graph;
    for (array_id a = 1; a < r->p->arrays.count; a++) {
        if (r->p->arrays.at[a].owner != owner) continue;
        bool is_seed = r->adjoint_of[a] && r->out->arrays.at[r->adjoint_of[a]].role == ROLE_SEED;
        if (r->adjoint_of[a] && !is_seed) program_clear(r->out, r->adjoint_of[a], mk_zero(g), span);
        if (r->mask_of[a]) program_clear(r->out, r->mask_of[a], mk_zero(g), span);
    }
}

/* One update. */

static node_id read_like(const struct reversal *r, array_id array, const struct step *step) {
    return mk_read(r->p->graph, array, TYPE_REAL, step_subscripts(r->p, step),
                   r->p->arrays.at[step->array].rank);
}

static node_id seed_of(const struct reversal *r, const struct step *step) {
    array_id bar = r->adjoint_of[step->array];
    return bar ? read_like(r, bar, step) : mk_one(r->p->graph);
}

static void reverse_update(struct reversal *r, const struct step *step) {
    struct graph *g = r->p->graph;
    if (!r->activity.active[step->array] || !node_varies(&r->activity, step->value)) return;
    node_id seed = seed_of(r, step), condition = mk_bool(g, true), same = 0;
    if (r->mask_of[step->array])
        condition = mk_ne(g, read_like(r, r->mask_of[step->array], step), mk_zero(g));
    bool is_output = step->array == r->request->output;
    if (step->op == UPDATE_SET && !is_output) same = read_like(r, step->array, step);
    if (step->op == UPDATE_MAX || step->op == UPDATE_MIN) {
        seed = mk_div(g, seed, read_like(r, r->ties_of[step->array], step));
        condition = mk_and(g, condition, mk_eq(g, step->value, read_like(r, step->array, step)));
    }
    adjoint_of_value(&r->pass, step->value, seed, condition, same, step->span);
}

/* Loops. */

static node_id last_of(struct graph *g, const struct step *loop) {
    if (node_is_int(g, loop->by, 1) || node_is_int(g, loop->by, -1)) return loop->upper;
    node_id steps = mk_ifloor(g, mk_isub(g, loop->upper, loop->lower), loop->by);
    return mk_iadd(g, loop->lower, mk_imul(g, loop->by, steps));
}

static void open_reversed(struct reversal *r, const struct step *loop) {
    struct graph *g = r->p->graph;
    if (loop->order == ORDER_FREE) {
        program_copy_step(r->out, r->p, loop);
        return;
    }
    enum loop_order order = loop->order == ORDER_UP ? ORDER_DOWN : ORDER_UP;
    program_loop(r->out, loop->index, last_of(g, loop), loop->lower, mk_isub(g, mk_int(g, 0), loop->by),
                 order, loop->span);
}

/* Whether an array lives in a body of its own at the loop at `begin`, or within: not throughout, and not in a
 * loop around. Several loops may share an index. */
static bool lives_inside(const struct reversal *r, array_id array, uint32_t begin) {
    index_id owner = r->p->arrays.at[array].owner;
    for (uint32_t at = r->around[begin]; at != NOWHERE; at = r->around[at]) {
        const struct step *step = &r->p->steps.at[at];
        if (step->kind == STEP_LOOP && step->index == owner) return false;
    }
    return owner != 0;
}

/* The values that live in the body only, formed again; with everything also what it adds to results. Those
 * that live in a body around it have been formed there. */
static void form_again(struct reversal *r, uint32_t begin, bool everything) {
    for (uint32_t i = begin + 1; i < r->p->steps.at[begin].partner; i++) {
        const struct step *step = &r->p->steps.at[i];
        bool writes = step->kind == STEP_UPDATE || step->kind == STEP_CLEAR;
        if (everything || !writes || lives_inside(r, step->array, begin))
            program_copy_step(r->out, r->p, step);
    }
}

/* Appends the reverse of the steps begin..end, from the last to the first. */
static void reverse_range(struct reversal *r, uint32_t begin, uint32_t end, bool in_place) {
    for (uint32_t i = end + 1; i-- > begin;) {
        const struct step *step = &r->p->steps.at[i];
        uint32_t opening = step->kind == STEP_END ? step->partner : i;
        if (!r->reverses[opening] || (!in_place && r->in_place[opening])) {
            i = opening;
            continue;
        }
        if (step->kind == STEP_UPDATE) {
            reverse_update(r, step);
        } else if (step->kind == STEP_LOOP || step->kind == STEP_WHEN) {
            program_end(r->out);
        } else if (step->kind == STEP_END && r->p->steps.at[opening].kind == STEP_WHEN) {
            program_copy_step(r->out, r->p, &r->p->steps.at[opening]);
        } else if (step->kind == STEP_END) {
            const struct step *loop = &r->p->steps.at[opening];
            open_reversed(r, loop);
            form_again(r, opening, in_place && opening == begin);
            clear_adjoints(r, loop->index, loop->span);
        }
    }
}

/* Forward steps, with the loops among them that are differentiated in place. */
static void go_forward(struct reversal *r) {
    for (uint32_t i = 0; i < r->p->steps.count; i++) {
        const struct step *step = &r->p->steps.at[i];
        if (r->in_place[i]) {
            reverse_range(r, i, step->partner, true);
            i = step->partner;
        } else {
            program_copy_step(r->out, r->p, step);
        }
    }
}

/* What is reversed, and where. */

static bool adds_only_to_output(const struct reversal *r, uint32_t begin) {
    for (uint32_t i = begin; i < r->p->steps.at[begin].partner; i++) {
        const struct step *step = &r->p->steps.at[i];
        if (step->kind != STEP_UPDATE && step->kind != STEP_CLEAR) continue;
        bool local = r->p->arrays.at[step->array].owner != 0;
        bool adds = step->array == r->request->output && step->kind == STEP_UPDATE && step->op == UPDATE_ADD;
        if (!local && !adds) return false;
    }
    return true;
}

static void plan(struct reversal *r) {
    uint32_t depth = 0;
    for (size_t i = r->p->steps.count; i-- > 0;) {
        const struct step *step = &r->p->steps.at[i];
        if (step->kind == STEP_UPDATE) r->reverses[i] = r->activity.active[step->array] && !r->repeated[i];
        depth += step->kind == STEP_END;
        if (step->kind != STEP_LOOP && step->kind != STEP_WHEN) continue;
        depth--;
        for (uint32_t k = (uint32_t)i + 1; k < step->partner && !r->reverses[i]; k++) {
            r->reverses[i] = r->reverses[k];
            if (r->p->steps.at[k].kind == STEP_LOOP || r->p->steps.at[k].kind == STEP_WHEN)
                k = r->p->steps.at[k].partner;
        }
        r->in_place[i] = depth == 0 && r->reverses[i] && step->kind == STEP_LOOP &&
                         step->order == ORDER_FREE && !r->request->seeded &&
                         adds_only_to_output(r, (uint32_t)i);
    }
}

static bool allocate(struct reversal *r) {
    size_t arrays = r->p->arrays.count, steps = r->p->steps.count + 1;
    r->adjoint_of = calloc(arrays, sizeof *r->adjoint_of);
    r->mask_of = calloc(arrays, sizeof *r->mask_of);
    r->needs_mask = calloc(arrays, sizeof *r->needs_mask);
    r->reverses = calloc(steps, sizeof *r->reverses);
    r->in_place = calloc(steps, sizeof *r->in_place);
    r->around = calloc(steps, sizeof *r->around);
    if (!r->adjoint_of || !r->mask_of || !r->needs_mask || !r->reverses || !r->in_place || !r->around)
        return false;
    uint32_t open = NOWHERE;
    for (uint32_t i = 0; i < r->p->steps.count; i++) {
        const struct step *step = &r->p->steps.at[i];
        if (step->kind == STEP_END) open = r->around[step->partner];
        r->around[i] = open;
        if (step->kind == STEP_LOOP || step->kind == STEP_WHEN) open = i;
    }
    return true;
}

static void release(struct reversal *r) {
    activity_release(&r->activity);
    adjoint_pass_release(&r->pass);
    free(r->adjoint_of);
    free(r->mask_of);
    free(r->needs_mask);
    free(r->reverses);
    free(r->in_place);
    free(r->around);
}

static bool reverse_program(struct reversal *r, struct diag_list *diags) {
    const struct gradient_request *q = r->request;
    program_like(r->out, r->p);
    if (!allocate(r) || !activity_find(&r->activity, r->p, &q->output, 1, q->wrt, q->wrt_count) ||
        !masks_find(r->needs_mask, r->p, &r->activity))
        return false;
    make_adjoints(r);
    if (!adjoint_pass_init(&r->pass, r->out, &r->activity, r->adjoint_of, r->mask_of, diags)) return false;
    plan(r);
    struct span nowhere = {0};
    clear_adjoints(r, 0, nowhere);
    go_forward(r);
    if (r->p->steps.count) reverse_range(r, 0, (uint32_t)r->p->steps.count - 1, false);
    return !r->pass.failed && !r->out->failed && !r->p->graph->failed;
}

/* Keeps what the output and the derivatives need. */
static bool finish(struct program *gradient, const struct program *whole, const struct reversal *r) {
    const struct gradient_request *q = r->request;
    struct program pruned;
    array_id *wanted = malloc((q->wrt_count + 1) * sizeof *wanted);
    if (!wanted) return false;
    wanted[0] = q->output;
    for (size_t i = 0; i < q->wrt_count; i++) wanted[i + 1] = r->adjoint_of[q->wrt[i]];
    bool done = program_prune(&pruned, whole, wanted, q->wrt_count + 1) && program_tidy(gradient, &pruned);
    program_release(&pruned);
    free(wanted);
    return done;
}

bool differentiate(struct program *gradient, const struct program *function,
                   const struct gradient_request *request, struct diag_list *diags) {
    struct program counted, whole;
    unsigned errors = diags->errors;
    *gradient = (struct program){0};
    array_id *ties_of = calloc(function->arrays.count, sizeof *ties_of);
    bool *repeated = NULL;
    bool done = ties_of && extrema_count_ties(&counted, function, ties_of, &repeated);
    if (done) {
        struct reversal r = {
            .request = request, .p = &counted, .out = &whole, .ties_of = ties_of, .repeated = repeated};
        done = reverse_program(&r, diags) && finish(gradient, &whole, &r);
        release(&r);
        program_release(&whole);
    }
    if (ties_of) program_release(&counted);
    free(ties_of);
    free(repeated);
    struct span nowhere = {0};
    if (!done) diag_error(diags, "out-of-memory", nowhere, "out of memory while differentiating");
    return done && diags->errors == errors;
}

array_id gradient_array(const struct program *gradient, array_id unknown) {
    return program_companion(gradient, ROLE_GRADIENT, unknown);
}

array_id gradient_seed(const struct program *gradient, array_id output) {
    return program_companion(gradient, ROLE_SEED, output);
}
