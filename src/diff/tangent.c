#include "diff/tangent.h"

#include <stdlib.h>

#include "diff/active.h"
#include "diff/extrema.h"
#include "diff/tidy.h"
#include "ir/build.h"
#include "ir/prune.h"

struct forward {
    const struct tangent_request *request;
    const array_id *kept; /* arrays of the function that the result computes too */
    size_t kept_count;
    const struct program *p; /* the function, with counts of ties */
    struct program *out;
    struct activity activity;
    array_id *tangent_of; /* per array of p; of an extremum: the sum over its ties; 0: none */
    array_id *ties_of, *extremum_of;
    node_id *tangents; /* per node of the graph as it was; 0: it does not vary */
    bool *wanted;      /* per node: an active value depends on it */
    struct diag_list *diags;
};

static struct graph *graph_of(const struct forward *f) {
    return f->p->graph;
}

/* ---- Tangents of nodes ---- */

static node_id tangent_of_node(const struct forward *f, node_id n) {
    return f->tangents[n] ? f->tangents[n] : mk_zero(graph_of(f));
}

static node_id read_like(const struct forward *f, array_id array, node_id read) {
    return mk_read(graph_of(f), array, TYPE_REAL, node_operands(graph_of(f), read),
                   node_count(graph_of(f), read));
}

/* An extremum changes as the mean of the elements that are equal to it. */
static node_id tangent_of_read(const struct forward *f, node_id n) {
    array_id array = node_payload(graph_of(f), n);
    node_id tangent = read_like(f, f->tangent_of[array], n);
    if (!f->ties_of[array]) return tangent;
    return mk_div(graph_of(f), tangent, read_like(f, f->ties_of[array], n));
}

static node_id tangent_of_product(const struct forward *f, node_id a, node_id b) {
    struct graph *g = graph_of(f);
    return mk_add(g, mk_mul(g, tangent_of_node(f, a), b), mk_mul(g, a, tangent_of_node(f, b)));
}

/* (a/b)' is (a' - (a/b)*b')/b. */
static node_id tangent_of_quotient(const struct forward *f, node_id n, node_id a, node_id b) {
    struct graph *g = graph_of(f);
    return mk_div(g, mk_sub(g, tangent_of_node(f, a), mk_mul(g, n, tangent_of_node(f, b))), b);
}

static node_id tangent_of_function(struct forward *f, node_id n) {
    struct graph *g = graph_of(f);
    uint32_t count = node_count(g, n);
    node_id sum = mk_zero(g), *operands = malloc((count + 1) * sizeof *operands);
    if (!operands) {
        f->out->failed = true;
        return sum;
    }
    for (uint32_t k = 0; k < count; k++) operands[k] = node_operand(g, n, k);
    for (uint32_t k = 0; k < count; k++) {
        if (!node_varies(&f->activity, operands[k])) continue;
        node_id partial = op_info(node_op(g, n))->partial(g, operands, count, n, k);
        if (partial)
            sum = mk_add(g, sum, mk_mul(g, partial, tangent_of_node(f, operands[k])));
        else
            diag_error(f->diags, "no-derivative", node_span(g, n), "the derivative of %s is not available",
                       op_info(node_op(g, n))->name);
    }
    free(operands);
    return sum;
}

static node_id tangent_by_rule(struct forward *f, node_id n) {
    struct graph *g = graph_of(f);
    uint32_t count = node_count(g, n);
    node_id a = count > 0 ? node_operand(g, n, 0) : 0, b = count > 1 ? node_operand(g, n, 1) : 0;
    switch ((int)node_op(g, n)) {
    case OP_READ: return tangent_of_read(f, n);
    case OP_ADD: return mk_add(g, tangent_of_node(f, a), tangent_of_node(f, b));
    case OP_MUL: return tangent_of_product(f, a, b);
    case OP_DIV: return tangent_of_quotient(f, n, a, b);
    case OP_POWI: return mk_mul(g, mk_powi_partial(g, a, b), tangent_of_node(f, a));
    case OP_SELECT: {
        node_id no = node_operand(g, n, 2);
        return mk_select(g, a, tangent_of_node(f, b), tangent_of_node(f, no));
    }
    default: return tangent_of_function(f, n);
    }
}

/* Marks what the active values depend on. */
static bool find_wanted(struct forward *f) {
    const struct graph *g = graph_of(f);
    VEC(node_id) stack = {0};
    for (size_t i = 0; i < f->p->steps.count; i++) {
        const struct step *step = &f->p->steps.at[i];
        if (step->kind == STEP_UPDATE && f->activity.active[step->array]) VEC_PUSH(&stack, step->value);
        while (stack.count > 0) {
            node_id n = VEC_POP(&stack);
            if (!node_varies(&f->activity, n) || f->wanted[n]) continue;
            f->wanted[n] = true;
            for (uint32_t k = 0; k < node_count(g, n); k++)
                if (operand_passes(g, n, k)) VEC_PUSH(&stack, node_operand(g, n, k));
        }
    }
    bool enough = !stack.failed;
    VEC_FREE(&stack);
    return enough;
}

/* Operands come before users. */
static void make_tangents(struct forward *f) {
    struct graph *g = graph_of(f);
    struct span before = g->here;
    for (node_id n = 1; n < f->activity.node_count; n++) {
        if (!f->wanted[n]) continue;
        g->here = node_span(g, n);
        f->tangents[n] = tangent_by_rule(f, n);
    }
    g->here = before;
}

/* ---- Arrays ---- */

static array_id make_companion(struct forward *f, array_id of, enum array_role role, const char *suffix) {
    struct array companion = f->p->arrays.at[of];
    companion.name = arena_format(f->p->arena, "%s%s", companion.name, suffix);
    companion.role = role;
    companion.of = of;
    companion.unused = companion.constant_in_derivatives = false;
    return program_array(f->out, companion);
}

static bool is_output(const struct forward *f, array_id a) {
    for (size_t i = 0; i < f->request->output_count; i++)
        if (f->request->outputs[i] == a) return true;
    return false;
}

static void make_companions(struct forward *f) {
    const struct tangent_request *q = f->request;
    for (size_t i = 0; i < q->wrt_count; i++)
        f->tangent_of[q->wrt[i]] = make_companion(f, q->wrt[i], ROLE_DIRECTION, "_direction");
    for (array_id a = 1; a < f->p->arrays.count; a++) {
        if (f->ties_of[a]) f->extremum_of[f->ties_of[a]] = a;
        if (!f->activity.active[a] || f->tangent_of[a]) continue;
        f->tangent_of[a] = make_companion(f, a, is_output(f, a) ? ROLE_TANGENT : ROLE_TEMPORARY, "_tangent");
    }
}

/* ---- Steps ---- */

/* Where an element is counted as equal to the extremum, its tangent belongs to the mean. */
static void add_tie(struct forward *f, const struct step *step) {
    struct graph *g = graph_of(f);
    array_id extremum = f->extremum_of[step->array];
    if (!f->activity.active[extremum] || node_op(g, step->value) != OP_SELECT) return;
    node_id equal = node_operand(g, step->value, 0), element = node_operand(g, equal, 0);
    if (node_op(g, element) == OP_READ && node_payload(g, element) == extremum)
        element = node_operand(g, equal, 1);
    program_when(f->out, equal, step->span);
    program_update(f->out, f->tangent_of[extremum], step_subscripts(f->p, step), UPDATE_ADD,
                   tangent_of_node(f, element), step->span);
    program_end(f->out);
}

static void update(struct forward *f, const struct step *step) {
    array_id tangent = f->tangent_of[step->array];
    program_update(f->out, step->array, step_subscripts(f->p, step), step->op, step->value, step->span);
    if (f->extremum_of[step->array]) add_tie(f, step);
    if (!f->activity.active[step->array] || step->op == UPDATE_MAX || step->op == UPDATE_MIN) return;
    if (step->op == UPDATE_ADD && !f->tangents[step->value]) return;
    program_update(f->out, tangent, step_subscripts(f->p, step), step->op, tangent_of_node(f, step->value),
                   step->span);
}

static void clear(struct forward *f, const struct step *step) {
    array_id extremum = f->extremum_of[step->array];
    program_clear(f->out, step->array, step->value, step->span);
    if (extremum && f->activity.active[extremum])
        program_clear(f->out, f->tangent_of[extremum], mk_zero(graph_of(f)), step->span);
    if (f->activity.active[step->array] && !f->ties_of[step->array])
        program_clear(f->out, f->tangent_of[step->array], mk_zero(graph_of(f)), step->span);
}

static void go_forward(struct forward *f) {
    for (size_t i = 0; i < f->p->steps.count; i++) {
        const struct step *step = &f->p->steps.at[i];
        if (step->kind == STEP_UPDATE)
            update(f, step);
        else if (step->kind == STEP_CLEAR)
            clear(f, step);
        else
            program_copy_step(f->out, f->p, step);
    }
}

/* ---- The whole ---- */

static bool allocate(struct forward *f) {
    size_t arrays = f->p->arrays.count;
    f->tangent_of = calloc(arrays, sizeof *f->tangent_of);
    f->extremum_of = calloc(arrays, sizeof *f->extremum_of);
    f->tangents = calloc(f->activity.node_count + 1, sizeof *f->tangents);
    f->wanted = calloc(f->activity.node_count + 1, sizeof *f->wanted);
    return f->tangent_of && f->extremum_of && f->tangents && f->wanted;
}

static bool make(struct forward *f) {
    const struct tangent_request *q = f->request;
    program_like(f->out, f->p);
    if (!activity_find(&f->activity, f->p, q->outputs, q->output_count, q->wrt, q->wrt_count)) return false;
    if (!allocate(f) || !find_wanted(f)) return false;
    make_companions(f);
    make_tangents(f);
    go_forward(f);
    return !f->out->failed && !graph_of(f)->failed;
}

/* Keeps what the tangents need. */
static bool finish(struct program *tangent, const struct forward *f) {
    const struct tangent_request *q = f->request;
    struct program pruned;
    size_t count = 0;
    array_id *wanted = malloc((2 * q->output_count + f->kept_count + 1) * sizeof *wanted);
    if (!wanted) return false;
    for (size_t i = 0; i < f->kept_count; i++) wanted[count++] = f->kept[i];
    for (size_t i = 0; i < q->output_count; i++) {
        if (q->keep_outputs) wanted[count++] = q->outputs[i];
        if (f->activity.active[q->outputs[i]]) wanted[count++] = f->tangent_of[q->outputs[i]];
    }
    bool done = program_prune(&pruned, f->out, wanted, count) && program_tidy(tangent, &pruned);
    program_release(&pruned);
    free(wanted);
    return done;
}

static void release(struct forward *f) {
    activity_release(&f->activity);
    free(f->tangent_of);
    free(f->extremum_of);
    free(f->tangents);
    free(f->wanted);
}

bool differentiate_further(struct program *tangent, const struct program *function,
                           const struct tangent_request *request, const array_id *kept, size_t kept_count,
                           struct diag_list *diags) {
    struct program counted, whole;
    unsigned errors = diags->errors;
    bool *repeated = NULL;
    *tangent = (struct program){0};
    array_id *ties_of = calloc(function->arrays.count + 1, sizeof *ties_of);
    bool done = ties_of && extrema_count_ties(&counted, function, ties_of, &repeated);
    if (done) {
        array_id *longer = calloc(counted.arrays.count, sizeof *longer);
        for (array_id a = 1; longer && a < function->arrays.count; a++) longer[a] = ties_of[a];
        struct forward f = {.request = request,
                            .kept = kept,
                            .kept_count = kept_count,
                            .p = &counted,
                            .out = &whole,
                            .ties_of = longer,
                            .diags = diags};
        done = longer && make(&f) && finish(tangent, &f);
        release(&f);
        free(longer);
        program_release(&whole);
    }
    if (ties_of) program_release(&counted);
    free(ties_of);
    free(repeated);
    if (!done) diag_error(diags, "out-of-memory", (struct span){0}, "out of memory while differentiating");
    return done && diags->errors == errors;
}

bool differentiate_along(struct program *tangent, const struct program *function,
                         const struct tangent_request *request, struct diag_list *diags) {
    return differentiate_further(tangent, function, request, NULL, 0, diags);
}

array_id tangent_array(const struct program *tangent, array_id output) {
    return program_companion(tangent, ROLE_TANGENT, output);
}

array_id tangent_direction(const struct program *tangent, array_id unknown) {
    return program_companion(tangent, ROLE_DIRECTION, unknown);
}
