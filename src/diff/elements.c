#include "diff/elements.h"

#include <stdlib.h>

#include "diff/adjoint.h"
#include "diff/skeleton.h"
#include "ir/build.h"
#include "ir/prune.h"
#include "ir/rewrite.h"

/* What the program of places computes for a kind. */
struct place_nodes {
    node_id row, column;
    bool cleared; /* the values are added up, from 0; their places may be none, and are -1 at first */
};

struct maker {
    const struct program *p; /* the gradient, or the function of a Jacobian */
    struct program body;
    bool symmetric;
    bool *is_row; /* by array */
    const array_id *wrt;
    size_t wrt_count;
    struct activity activity;
    struct adjoint_pass pass;
    array_id *is_unknown;          /* per array: 1 where it is one */
    VEC(uint32_t) open;            /* steps around the current one */
    const struct step *step;       /* the update being differentiated */
    VEC(struct place_nodes) nodes; /* by kind */
    struct element_matrix *h;
};

static struct graph *graph_of(const struct maker *m) {
    return m->p->graph;
}

/* ---- Places ---- */

static size_t order_of(const struct maker *m, array_id unknown) {
    size_t k = 0;
    while (k < m->wrt_count && m->wrt[k] != unknown) k++;
    return k;
}

/* Whether an entry surely lies above the diagonal: its mirror image is another. Elements stand row by row, so
 * the first subscript that differs decides. */
static bool is_above(const struct maker *m, array_id row_of, const node_id *row, array_id column_of,
                     const node_id *column) {
    struct graph *g = graph_of(m);
    if (row_of != column_of) return order_of(m, row_of) < order_of(m, column_of);
    for (uint32_t k = 0; k < m->p->arrays.at[row_of].rank; k++) {
        node_id difference = mk_isub(g, row[k], column[k]);
        if (node_op(g, difference) != OP_INT) return false;
        if (node_integer(g, difference) != 0) return node_integer(g, difference) < 0;
    }
    return false;
}

/* Where an element stands in its array, from 0. */
static node_id place_of(const struct maker *m, array_id array, const node_id *subscripts) {
    struct graph *g = graph_of(m);
    node_id place = mk_int(g, 0);
    for (uint32_t k = 0; k < m->p->arrays.at[array].rank; k++) {
        const struct dimension d = m->p->arrays.at[array].dims[k];
        node_id extent = mk_iadd(g, mk_isub(g, d.upper, d.lower), mk_int(g, 1));
        place = mk_iadd(g, mk_imul(g, place, extent), mk_isub(g, subscripts[k], d.lower));
    }
    return place;
}

/* ---- Entries ---- */

/* The loops that the place of an entry depends on. */
struct extent {
    struct dimension dims[8];
    node_id subscripts[8];
    uint32_t rank;
    bool whole; /* all loops around are among them, none skips an element */
};

static bool is_rectangular(const struct maker *m, const struct step *loop) {
    const struct graph *g = graph_of(m);
    if (node_op(g, loop->by) != OP_INT) return false;
    for (size_t k = 0; k < m->open.count; k++) {
        const struct step *around = &m->p->steps.at[m->open.at[k]];
        if (around->kind != STEP_LOOP || around == loop) continue;
        if (uses_index(g, loop->lower, around->index) || uses_index(g, loop->upper, around->index))
            return false;
    }
    return true;
}

static bool find_extent(const struct maker *m, const struct place_nodes *nodes, struct extent *e) {
    struct graph *g = graph_of(m);
    *e = (struct extent){.whole = true};
    for (size_t k = 0; k < m->open.count; k++) {
        const struct step *loop = &m->p->steps.at[m->open.at[k]];
        if (loop->kind == STEP_WHEN) e->whole = false;
        if (loop->kind != STEP_LOOP) continue;
        if (!uses_index(g, nodes->row, loop->index) && !uses_index(g, nodes->column, loop->index)) {
            e->whole = false;
            continue;
        }
        if (!is_rectangular(m, loop) || e->rank == 8) return false;
        int64_t by = node_integer(g, loop->by);
        if (by != 1 && by != -1) e->whole = false;
        e->subscripts[e->rank] = mk_index(g, loop->index);
        e->dims[e->rank++] = by > 0 ? (struct dimension){loop->lower, loop->upper}
                                    : (struct dimension){loop->upper, loop->lower};
    }
    return true;
}

static array_id make_array(struct maker *m, const struct extent *e, enum value_type type, array_id of,
                           const char *name) {
    struct array array = {.name = name, .role = type == TYPE_REAL ? ROLE_TANGENT : ROLE_OUTPUT};
    array.type = type;
    array.dims = (struct dimension *)e->dims;
    array.rank = e->rank;
    array.of = of;
    return program_array(&m->body, array);
}

/* An array may be larger than its loops where these are empty; a dimension has no negative size. */
static void allow_empty(struct graph *g, struct extent *e) {
    for (uint32_t k = 0; k < e->rank; k++)
        e->dims[k].upper = mk_imax(g, e->dims[k].upper, mk_isub(g, e->dims[k].lower, mk_int(g, 1)));
}

static void deliver(void *context, node_id read, node_id adjoint, bool conditional) {
    struct maker *m = context;
    struct graph *g = graph_of(m);
    array_id rows = m->step->array, row_of = m->symmetric ? m->p->arrays.at[rows].of : rows,
             column_of = node_payload(g, read);
    uint32_t rank = node_count(g, read);
    const node_id *row = step_subscripts(m->p, m->step);
    node_id *column = ARENA_ARRAY(m->p->arena, node_id, rank + 1); /* operands move when nodes are made */
    if (!column) {
        m->body.failed = true;
        return;
    }
    for (uint32_t k = 0; k < rank; k++) column[k] = node_operand(g, read, k);
    if (m->symmetric && is_above(m, row_of, row, column_of, column)) return;
    struct place_nodes nodes = {.row = place_of(m, row_of, row), .column = place_of(m, column_of, column)};
    struct extent e;
    if (!find_extent(m, &nodes, &e)) {
        m->h->suits = false;
        return;
    }
    allow_empty(g, &e);
    nodes.cleared = conditional || !e.whole;
    struct element_kind kind = {.row_of = row_of, .column_of = column_of};
    kind.value = make_array(m, &e, TYPE_REAL, rows, "entry");
    kind.row = make_array(m, &e, TYPE_INT, 0, "row");
    kind.column = make_array(m, &e, TYPE_INT, 0, "column");
    program_update(&m->body, kind.value, e.subscripts, nodes.cleared ? UPDATE_ADD : UPDATE_SET, adjoint,
                   m->step->span);
    if (!VEC_PUSH(&m->h->kinds, kind) || !VEC_PUSH(&m->nodes, nodes)) m->body.failed = true;
}

/* ---- The walk over the rows ---- */

/* Whether everything that varies in a value are unknowns, read directly. */
static bool reads_unknowns_only(struct maker *m, node_id root) {
    const struct graph *g = graph_of(m);
    VEC(node_id) stack = {0};
    bool *seen = calloc(graph_count(g), sizeof *seen), good = seen != NULL;
    VEC_PUSH(&stack, root);
    while (good && stack.count > 0) {
        node_id n = VEC_POP(&stack);
        if (seen[n] || !node_varies(&m->activity, n)) continue;
        seen[n] = true;
        if (node_op(g, n) == OP_READ) good = m->is_unknown[node_payload(g, n)] != 0;
        for (uint32_t k = 0; k < node_count(g, n); k++)
            if (operand_passes(g, n, k)) VEC_PUSH(&stack, node_operand(g, n, k));
    }
    good = good && !stack.failed;
    free(seen);
    VEC_FREE(&stack);
    return good;
}

static void differentiate_update(struct maker *m, const struct step *step) {
    if (!node_varies(&m->activity, step->value)) return;
    bool plain = step->op == UPDATE_ADD || step->op == UPDATE_SET;
    if (!plain || !reads_unknowns_only(m, step->value)) {
        m->h->suits = false;
        return;
    }
    m->step = step;
    adjoint_of_value(&m->pass, step->value, mk_one(graph_of(m)), mk_bool(graph_of(m), true), 0, step->span);
}

static void take_step(struct maker *m, uint32_t i) {
    const struct step *step = &m->p->steps.at[i];
    bool write = step->kind == STEP_UPDATE || step->kind == STEP_CLEAR;
    bool row = write && m->is_row[step->array];
    if (!row)
        program_copy_step(&m->body, m->p, step);
    else if (step->kind == STEP_UPDATE)
        differentiate_update(m, step);
    if (step->kind == STEP_END) m->open.count--;
    if (step->kind == STEP_LOOP || step->kind == STEP_WHEN) VEC_PUSH(&m->open, i);
}

/* ---- The two programs ---- */

static bool make_values(struct maker *m) {
    struct program whole;
    size_t count = m->h->kinds.count;
    array_id *wanted = malloc((count + 1) * sizeof *wanted);
    if (!wanted) return false;
    program_like(&whole, &m->body);
    for (size_t k = 0; k < count; k++) {
        wanted[k] = m->h->kinds.at[k].value;
        if (m->nodes.at[k].cleared) program_clear(&whole, wanted[k], mk_zero(graph_of(m)), (struct span){0});
    }
    for (size_t i = 0; i < m->body.steps.count; i++)
        program_copy_step(&whole, &m->body, &m->body.steps.at[i]);
    bool good = program_prune(&m->h->values, &whole, wanted, count);
    program_release(&whole);
    free(wanted);
    return good;
}

static void add_places(struct maker *m, struct program *whole, const struct step *s) {
    for (size_t k = 0; k < m->h->kinds.count; k++) {
        const struct element_kind *kind = &m->h->kinds.at[k];
        if (kind->value != s->array) continue;
        const node_id *subscripts = step_subscripts(&m->body, s);
        enum update_op op = m->nodes.at[k].cleared ? UPDATE_MAX : UPDATE_SET;
        program_update(whole, kind->row, subscripts, op, m->nodes.at[k].row, s->span);
        program_update(whole, kind->column, subscripts, op, m->nodes.at[k].column, s->span);
    }
}

static void copy_for_places(struct maker *m, struct program *whole, const struct step *s) {
    bool write = s->kind == STEP_UPDATE || s->kind == STEP_CLEAR;
    bool integer = write && m->body.arrays.at[s->array].type == TYPE_INT;
    if (s->kind == STEP_WHEN) {
        node_id holds = skeleton_condition(&m->body, s->condition);
        if (!holds) m->body.failed = true;
        program_when(whole, holds, s->span);
    } else if (!write || integer) {
        program_copy_step(whole, &m->body, s);
    } else if (s->kind == STEP_UPDATE) {
        add_places(m, whole, s);
    }
}

static bool make_places(struct maker *m) {
    struct program whole;
    size_t count = m->h->kinds.count;
    array_id *wanted = malloc((2 * count + 1) * sizeof *wanted);
    if (!wanted) return false;
    program_like(&whole, &m->body);
    for (size_t k = 0; k < count; k++) {
        wanted[2 * k] = m->h->kinds.at[k].row;
        wanted[2 * k + 1] = m->h->kinds.at[k].column;
        for (size_t i = 2 * k; i < 2 * k + 2 && m->nodes.at[k].cleared; i++)
            program_clear(&whole, wanted[i], mk_int(graph_of(m), -1), (struct span){0});
    }
    for (size_t i = 0; i < m->body.steps.count; i++) copy_for_places(m, &whole, &m->body.steps.at[i]);
    bool good = program_prune(&m->h->places, &whole, wanted, 2 * count);
    program_release(&whole);
    free(wanted);
    return good && !m->body.failed;
}

/* ---- The whole ---- */

static bool prepare(struct maker *m, const array_id *rows, size_t row_count, struct diag_list *diags) {
    size_t arrays = m->p->arrays.count;
    m->is_unknown = calloc(arrays, sizeof *m->is_unknown);
    m->is_row = calloc(arrays, sizeof *m->is_row);
    if (!m->is_unknown || !m->is_row) return false;
    for (size_t k = 0; k < row_count; k++) m->is_row[rows[k]] = true;
    for (size_t k = 0; k < m->wrt_count; k++) m->is_unknown[m->wrt[k]] = 1;
    bool good = activity_find(&m->activity, m->p, rows, row_count, m->wrt, m->wrt_count) &&
                adjoint_pass_init(&m->pass, &m->body, &m->activity, m->is_unknown, NULL, diags);
    m->pass.deliver = deliver;
    m->pass.context = m;
    return good;
}

static bool make(struct maker *m, const array_id *rows, size_t row_count, struct diag_list *diags) {
    unsigned errors = diags->errors;
    *m->h = (struct element_matrix){.suits = true};
    program_like(&m->body, m->p);
    bool good = prepare(m, rows, row_count, diags);
    for (uint32_t i = 0; good && m->h->suits && i < m->p->steps.count; i++) take_step(m, i);
    good = good && !m->pass.failed && !m->body.failed && !m->p->graph->failed;
    if (good && m->h->suits) good = make_values(m) && make_places(m);
    activity_release(&m->activity);
    adjoint_pass_release(&m->pass);
    program_release(&m->body);
    free(m->is_unknown);
    free(m->is_row);
    VEC_FREE(&m->open);
    VEC_FREE(&m->nodes);
    return good && diags->errors == errors;
}

bool elements_of_hessian(struct element_matrix *h, const struct program *gradient, const array_id *wrt,
                         size_t wrt_count, struct diag_list *diags) {
    struct maker m = {.p = gradient, .symmetric = true, .wrt = wrt, .wrt_count = wrt_count, .h = h};
    array_id *rows = malloc(gradient->arrays.count * sizeof *rows);
    size_t count = 0;
    for (array_id a = 1; rows && a < gradient->arrays.count; a++)
        if (gradient->arrays.at[a].role == ROLE_GRADIENT) rows[count++] = a;
    bool good = rows && make(&m, rows, count, diags);
    free(rows);
    return good;
}

bool elements_of_jacobian(struct element_matrix *h, const struct program *function, const array_id *outputs,
                          size_t output_count, const array_id *wrt, size_t wrt_count,
                          struct diag_list *diags) {
    struct maker m = {.p = function, .wrt = wrt, .wrt_count = wrt_count, .h = h};
    return make(&m, outputs, output_count, diags);
}

void elements_release(struct element_matrix *h) {
    program_release(&h->values);
    program_release(&h->places);
    VEC_FREE(&h->kinds);
    *h = (struct element_matrix){.suits = false};
}
